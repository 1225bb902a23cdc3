"""Errors of writes as every store gives them: with position, `keyPattern` and `keyValue`."""

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final

from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, WriteError

from earnorm.stores.mongodb.link import Collection
from earnorm.typing import Document

__all__ = ["batch_error", "complete", "is_incomplete"]


def batch_error(
    error: BulkWriteError, size: int, *, ordered: bool, is_undone: bool
) -> OperationFailure:
    """The error of a batch of that many documents: of one fault alone where nothing is stored."""
    details = error.details
    faults: Sequence[Mapping[str, Any]] = details.get("writeErrors", ())
    if not faults:
        return error
    if is_undone:
        return _single(faults[0])
    # a server that is not MongoDB's may count the faulty ones too
    stored = faults[0]["index"] if ordered else size - len(faults)
    return BulkWriteError({**details, "nInserted": stored})


def is_incomplete(error: OperationFailure) -> bool:
    """Whether some duplicate comes without `keyPattern`, as servers other than MongoDB's tell of it."""
    return any("keyPattern" not in fault for fault in _duplicates(error))


async def complete(
    error: OperationFailure, collection: Collection, documents: Sequence[Document] = ()
) -> None:
    """Adds `keyPattern` where it is missing, and `keyValue` where the document is known.

    The server's message names the index; it is asked for the index's keys.
    """
    patterns = {
        index["name"]: dict(index["key"]) async for index in await collection.list_indexes()
    }
    for fault in _duplicates(error):
        found = _INDEX.search(str(fault.get("errmsg", "")))
        pattern = patterns.get(found[1]) if found else None
        if pattern is not None and "keyPattern" not in fault:
            fault["keyPattern"] = pattern
            position = fault.get("index", 0)
            document = documents[position] if position < len(documents) else {}
            fault["keyValue"] = {path: document[path] for path in pattern if path in document}


def _single(fault: Mapping[str, Any]) -> OperationFailure:
    code, message = fault.get("code"), fault.get("errmsg", "")
    kind = DuplicateKeyError if code in _DUPLICATE else WriteError
    return kind(message, code, {name: value for name, value in fault.items() if name != "op"})


_DUPLICATE: Final = (11000, 11001, 12582)
_INDEX: Final = re.compile(r"index: (.+?)(?: dup key: |$)", re.DOTALL)


def _duplicates(error: OperationFailure) -> list[MutableMapping[str, Any]]:
    details: Any = error.details
    if not isinstance(details, MutableMapping):
        return []
    faults = details.get("writeErrors") if isinstance(error, BulkWriteError) else [details]
    return [fault for fault in faults or () if fault.get("code") in _DUPLICATE]
