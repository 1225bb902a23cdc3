"""The error for a second document with the same `_id` or the same key of a unique index."""

from collections.abc import Mapping
from typing import Any

from pymongo.errors import DuplicateKeyError

__all__ = ["duplicate_id", "duplicate_key"]


def duplicate_id(collection: str, document_id: object, position: int) -> DuplicateKeyError:
    """For an `_id` that is taken; `position` is the document's place in its batch."""
    return duplicate_key(collection, "_id_", {"_id": 1}, {"_id": document_id}, position)


def duplicate_key(
    collection: str,
    index: str,
    pattern: Mapping[str, int],
    values: Mapping[str, Any],
    position: int,
) -> DuplicateKeyError:
    """For a key of a unique index that is taken; message and details are in MongoDB's form."""
    shown = ", ".join(f"{path}: {_shown(value)}" for path, value in values.items())
    message = (
        f"E11000 duplicate key error collection: {collection} index: {index} dup key: {{ {shown} }}"
    )
    details = {
        "index": position,
        "code": 11000,
        "errmsg": message,
        "keyPattern": dict(pattern),
        "keyValue": dict(values),
    }
    return DuplicateKeyError(message, 11000, details)


def _shown(value: object) -> str:
    if isinstance(value, str):
        shown = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        shown = "null" if value is None else repr(value)
    return shown if len(shown) <= 200 else shown[:197] + "..."
