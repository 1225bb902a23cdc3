"""Inserts: one transaction and one job of the worker."""

from collections.abc import Sequence

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
    rows = [_row(documents, position) for position in range(len(documents))]
    if not rows:
        return
    with session.writing():
        place(session, session.catalog.create(name), rows)


def insert_unordered(session: Session, name: str, documents: Sequence[Document]) -> None:
    """Stores each document that can be; raises PyMongo's `BulkWriteError` with the faults of the others.

    What BSON cannot hold is refused before anything is stored.
    """
    rows: list[NewRow | WriteError] = []
    for position in range(len(documents)):
        try:
            rows.append(_row(documents, position))
        except WriteError as error:
            rows.append(error)
    if not rows:
        return
    with session.writing():
        faults = _insert_each(session, name, rows)
    if faults:
        raise bulk_fault(faults, done=BulkResult(inserted=len(rows) - len(faults)))


def _row(documents: Sequence[Document], position: int) -> NewRow:
    try:
        return new_row(documents[position], position)
    except InvalidDocumentError as error:
        if len(documents) == 1:
            raise
        raise InvalidDocumentError(f"document {position} of the batch: {error}") from error


def _insert_each(
    session: Session, name: str, rows: Sequence[NewRow | WriteError]
) -> list[WriteError]:
    faults = []
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
