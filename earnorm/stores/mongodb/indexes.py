"""Our indexes as MongoDB's, and MongoDB's as ours."""

from collections.abc import Mapping, Sequence
from typing import Any

from earnorm.errors import UnsupportedError
from earnorm.stores.index_forms import plain_index
from earnorm.typing import Index, SortKey

__all__ = ["index_arguments", "read_indexes"]


def index_arguments(index: Index) -> dict[str, Any]:
    """What PyMongo's `create_index` is given besides the keys.

    Raises `UnsupportedError` for a time of expiry that has parts of seconds.
    """
    arguments: dict[str, Any] = {"name": index.name}
    if index.unique:
        arguments["unique"] = True
    if index.sparse:
        arguments["sparse"] = True
    if index.partial is not None:
        arguments["partialFilterExpression"] = dict(index.partial)
    if index.expire_after is not None:
        arguments["expireAfterSeconds"] = _whole_seconds(index)
    if index.collation is not None:
        arguments["collation"] = dict(index.collation)
    return arguments


def read_indexes(listed: Sequence[Mapping[str, Any]]) -> list[Index]:
    """The indexes that the server lists, that of `_id` left out, without what the server filled in by itself."""
    # that of `_id` has the collation of its collection, always
    default = next((one.get("collation") for one in listed if _is_of_id(one)), None)
    return [_read(one, default) for one in listed if not _is_of_id(one)]


def _is_of_id(stored: Mapping[str, Any]) -> bool:
    return dict(stored["key"]) == {"_id": 1}


def _read(stored: Mapping[str, Any], default: Mapping[str, Any] | None) -> Index:
    collation = stored.get("collation")
    index = Index(
        fields=tuple(_key(path, kind) for path, kind in stored["key"].items()),
        unique=bool(stored.get("unique")),
        partial=stored.get("partialFilterExpression"),
        sparse=bool(stored.get("sparse")),
        expire_after=_number(stored.get("expireAfterSeconds")),
        collation=collation,
        name=stored["name"],
        inherits_collation=collation is not None and collation == default,
    )
    return plain_index(index)


def _whole_seconds(index: Index) -> int:
    seconds = index.expire_after or 0
    if seconds != int(seconds):
        raise UnsupportedError(
            f"the expiry of the index {index.name!r} after {seconds!r} seconds",
            where="MongoDB",
            remedy="It counts whole seconds.",
        )
    return int(seconds)


def _key(path: str, kind: Any) -> SortKey:
    # 1.0 is what other drivers send; "text", "2dsphere" and "hashed" stay what they are
    return path, int(kind) if isinstance(kind, float) else kind


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
