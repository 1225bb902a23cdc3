"""Several writes in one transaction and one job of the worker."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pymongo.errors import OperationFailure, WriteError

from earnorm.errors import InvalidDocumentError
from earnorm.stores.operations import (
    BulkOperation,
    BulkResult,
    Delete,
    Insert,
    Replace,
    Update,
    UpdateResult,
)
from earnorm.stores.sqlite.alterations import Alteration, replacement, update
from earnorm.stores.sqlite.bulk_faults import as_write_error, bulk_fault, fault_at
from earnorm.stores.sqlite.changing import delete_matches
from earnorm.stores.sqlite.placing import new_row, place
from earnorm.stores.sqlite.selection import Selection
from earnorm.stores.sqlite.session import Session
from earnorm.typing import OperationOptions

__all__ = ["bulk"]


def bulk(
    session: Session,
    name: str,
    operations: Sequence[BulkOperation],
    *,
    ordered: bool,
    options: OperationOptions | None = None,
) -> BulkResult:
    """Does all of the operations or, if one of them fails, none; with `ordered=False` all that can be done.

    Raises PyMongo's `BulkWriteError`. What the store does not support, and what BSON cannot hold, is
    refused before anything is done.
    """
    steps = [_compile(operation, at, options) for at, operation in enumerate(operations)]
    with session.writing():
        faults, tally = _run(session, name, steps, ordered=ordered)
        if faults and ordered:
            raise bulk_fault(faults, done=BulkResult())
    if faults:
        raise bulk_fault(faults, done=tally.result())
    return tally.result()


class _Tally:
    """What was done so far; a frozen result for each operation would copy all upserts again and again."""

    __slots__ = ("deleted", "inserted", "matched", "modified", "upserted")

    def __init__(self) -> None:
        self.inserted = self.matched = self.modified = self.deleted = 0
        self.upserted: dict[int, Any] = {}

    def result(self) -> BulkResult:
        return BulkResult(
            inserted=self.inserted,
            matched=self.matched,
            modified=self.modified,
            deleted=self.deleted,
            upserted=self.upserted,
        )


_Step = Callable[[Session, str, int, _Tally], None]
"""Does one operation, whose position is given, and counts what it did."""


def _run(
    session: Session, name: str, steps: Sequence[_Step | WriteError], *, ordered: bool
) -> tuple[list[WriteError], _Tally]:
    faults: list[WriteError] = []
    tally = _Tally()
    for position, step in enumerate(steps):
        try:
            if isinstance(step, WriteError):
                raise step
            with session.step():
                step(session, name, position, tally)
        except OperationFailure as error:
            if not isinstance(error, WriteError) and error.code != _BAD_VALUE:
                raise  # it is about the whole write: a conflict, a time limit
            faults.append(fault_at(as_write_error(error), position))
            if ordered:
                break
    return faults, tally


_BAD_VALUE: Final = 2
"""What a hint ends in that names no index."""


def _compile(
    operation: BulkOperation, position: int, options: OperationOptions | None
) -> _Step | WriteError:
    try:
        return _COMPILERS[type(operation)](operation, options)
    except OperationFailure as error:
        if error.details is None:
            raise  # it could not be sent
        return as_write_error(error)  # a server finds it when the operation's turn comes
    except InvalidDocumentError as error:
        raise InvalidDocumentError(f"operation {position} of the bulk write: {error}") from error


def _insert(operation: Insert, options: OperationOptions | None) -> _Step:
    row = new_row(operation.document)

    def step(session: Session, name: str, position: int, tally: _Tally) -> None:
        place(session, session.catalog.create(name), [row])
        tally.inserted += 1

    return step


def _delete(operation: Delete, options: OperationOptions | None) -> _Step:
    selection = Selection(operation.filter, options=options)

    def step(session: Session, name: str, position: int, tally: _Tally) -> None:
        tally.deleted += delete_matches(session, name, selection, many=operation.many)

    return step


def _replace(operation: Replace, options: OperationOptions | None) -> _Step:
    alteration = replacement(
        operation.filter, operation.document, upsert=operation.upsert, options=options
    )
    return _altering(alteration, many=False)


def _update(operation: Update, options: OperationOptions | None) -> _Step:
    alteration = update(
        operation.filter,
        operation.update,
        upsert=operation.upsert,
        array_filters=operation.array_filters,
        options=options,
    )
    return _altering(alteration, many=operation.many)


def _altering(alteration: Alteration, *, many: bool) -> _Step:
    def step(session: Session, name: str, position: int, tally: _Tally) -> None:
        result: UpdateResult = (
            alteration.all(session, name) if many else alteration.first(session, name)[0]
        )
        tally.matched += result.matched
        tally.modified += result.modified
        if result.upserted:
            tally.upserted[position] = result.upserted_id

    return step


_COMPILERS: Mapping[type[BulkOperation], Callable[[Any, OperationOptions | None], _Step]] = {
    Insert: _insert,
    Replace: _replace,
    Update: _update,
    Delete: _delete,
}
