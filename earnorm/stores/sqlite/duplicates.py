"""The error for a second document with the same `_id`, or the same key of a unique index."""

from collections.abc import Sequence
from typing import Any, Final

from pymongo.errors import DuplicateKeyError

from earnorm.typing import Index

__all__ = ["duplicate_id", "duplicate_key"]


def duplicate_id(collection: str, document_id: object, position: int) -> DuplicateKeyError:
    """For an `_id` that is taken; `position` is the document's place in its batch."""
    return duplicate_key(collection, _ID_INDEX, [document_id], position)


def duplicate_key(
    collection: str, index: Index, values: Sequence[Any], position: int
) -> DuplicateKeyError:
    """For a key of a unique index that is taken; message and details are in MongoDB's form."""
    key_value = {path: value for (path, _), value in zip(index.fields, values, strict=True)}
    shown = ", ".join(f"{path}: {_shown(value)}" for path, value in key_value.items())
    message = (
        f"E11000 duplicate key error collection: {collection} index: {index.name} "
        f"dup key: {{ {shown} }}"
    )
    details = {
        "index": position,
        "code": 11000,
        "errmsg": message,
        "keyPattern": dict(index.fields),
        "keyValue": key_value,
    }
    return DuplicateKeyError(message, 11000, details)


_ID_INDEX: Final = Index(fields=(("_id", 1),), unique=True, name="_id_")
_LONGEST_SHOWN: Final = 200


def _shown(value: object) -> str:
    if isinstance(value, str):
        escaped = value[: _LONGEST_SHOWN + 1].replace("\\", "\\\\").replace('"', '\\"')
        shown = f'"{escaped}"'
    else:
        shown = "null" if value is None else repr(value)
    return shown if len(shown) <= _LONGEST_SHOWN else shown[: _LONGEST_SHOWN - 3] + "..."
