"""Our indexes as MongoDB's, and MongoDB's as ours."""

from collections.abc import Mapping
from typing import Any, Final

from earnorm.errors import UnsupportedError
from earnorm.typing import Document, Index, SortKey

__all__ = ["index_arguments", "read_index"]


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


def read_index(stored: Mapping[str, Any]) -> Index:
    """An index as the server lists it, without what the server filled in by itself."""
    partial, collation = stored.get("partialFilterExpression"), stored.get("collation")
    return Index(
        fields=tuple(_key(path, kind) for path, kind in stored["key"].items()),
        unique=bool(stored.get("unique")),
        partial=None if partial is None else _plain_filter(partial),
        sparse=bool(stored.get("sparse")),
        expire_after=_number(stored.get("expireAfterSeconds")),
        collation=None if collation is None else _plain_collation(collation),
        name=stored["name"],
    )


_DEFAULTS: Final[Document] = {
    "caseLevel": False,
    "caseFirst": "off",
    "strength": 3,
    "numericOrdering": False,
    "alternate": "non-ignorable",
    "maxVariable": "punct",
    "normalization": False,
    "backwards": False,
}
"""MongoDB's manual, Collation: what is not said is this."""

_DEFAULTS_OF: Final[Mapping[str, Document]] = {
    "da": {"caseFirst": "upper"},
    "fr_CA": {"backwards": True},
    "mt": {"caseFirst": "upper"},
    "th": {"alternate": "shifted"},
}
"""The locales that differ (MongoDB's manual, Collation Locales and Default Parameters)."""


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


def _plain_filter(partial: Document) -> dict[str, Any]:
    """`{"a": {"$eq": 1}}` is `{"a": 1}`, unless its value would be read as operators."""
    return {
        path: condition["$eq"]
        if isinstance(condition, Mapping)
        and list(condition) == ["$eq"]
        and not isinstance(condition["$eq"], Mapping)
        else condition
        for path, condition in partial.items()
    }


def _plain_collation(collation: Document) -> dict[str, Any]:
    defaults = {**_DEFAULTS, **_DEFAULTS_OF.get(collation["locale"], {})}
    return {
        name: value
        for name, value in collation.items()
        if name != "version" and not (name in defaults and defaults[name] == value)
    }
