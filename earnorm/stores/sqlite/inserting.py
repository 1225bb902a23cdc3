"""Inserts: one transaction and one job of the worker."""

from collections.abc import Sequence
from contextlib import suppress

from pymongo.errors import WriteError

from earnorm.errors import InvalidDocumentError
from earnorm.stores.operations import BulkResult
from earnorm.stores.sqlite.bulk_faults import bulk_fault, fault_at
from earnorm.stores.sqlite.placing import NewRow, new_row, place
from earnorm.stores.sqlite.session import Session
from earnorm.typing import Document

__all__ = ["insert", "insert_unordered"]


def insert(session: Session, name: str, documents: Sequence[Document]) -> None:
    """Stores all of the documents or none.

    Raises PyMongo's `DuplicateKeyError` with the position of the culprit, `DocumentTooLarge` and
    `WriteError`, and `InvalidDocumentError`.
    """
    rows: list[NewRow] = []
    try:
        for position, document in enumerate(documents):
            rows.append(new_row(document, position))
    except InvalidDocumentError as error:
        raise _located(error, len(rows), documents) from error
    if not rows:
        return
    with session.writing():
        place(session, session.catalog.create(name), rows)


def insert_unordered(session: Session, name: str, documents: Sequence[Document]) -> None:
    """Stores each document that can be; raises PyMongo's `BulkWriteError` with the faults of the others.

    What BSON cannot hold is refused before anything is stored.
    """
    rows: list[NewRow | WriteError] = []
    for position, document in enumerate(documents):
        try:
            rows.append(new_row(document, position))
        except InvalidDocumentError as error:
            raise _located(error, position, documents) from error
        except WriteError as error:
            rows.append(error)
    if not rows:
        return
    with session.writing():
        faults = _insert_each(session, name, rows)
    if faults:
        raise bulk_fault(faults, done=BulkResult(inserted=len(rows) - len(faults)))


def _located(
    error: InvalidDocumentError, position: int, documents: Sequence[Document]
) -> InvalidDocumentError:
    if len(documents) == 1:
        return error
    return InvalidDocumentError(f"document {position} of the batch: {error}")


def _insert_each(
    session: Session, name: str, rows: Sequence[NewRow | WriteError]
) -> list[WriteError]:
    faults: list[WriteError] = []
    good = [row for row in rows if not isinstance(row, WriteError)]
    if len(good) == len(rows):
        # faults are rare, and one step for all costs less than one for each
        with suppress(WriteError), session.step():
            place(session, session.catalog.create(name), good)
            return faults
    for position, row in enumerate(rows):
        if isinstance(row, WriteError):
            faults.append(row)
            continue
        try:
            with session.step():
                place(session, session.catalog.create(name), [row])
        except WriteError as error:
            faults.append(fault_at(error, position))
    return faults
