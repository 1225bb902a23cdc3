"""One form for indexes that mean the same, however an author or a server writes them."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from earnorm.stores.documents import is_operators, key_bytes
from earnorm.typing import Document, Index

__all__ = ["plain_index", "same_definition"]


def plain_index(index: Index) -> Index:
    """The index without what goes without saying: defaults of its collation, `$eq` for an equality."""
    partial, collation = index.partial, index.collation
    return replace(
        index,
        partial=None if partial is None else _plain_filter(partial),
        collation=None if collation is None else _plain_collation(collation),
    )


def same_definition(one: Index, other: Index) -> bool:
    """Whether the two index the same documents by the same keys, whatever they are called."""
    return _definition(plain_index(one)) == _definition(plain_index(other))


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


def _definition(index: Index) -> tuple[object, ...]:
    partial, collation = index.partial, index.collation
    return (
        index.fields,
        index.unique,
        index.sparse,
        index.expire_after,
        None if partial is None else frozenset(_terms(partial)),
        None if collation is None else key_bytes(dict(sorted(collation.items()))),
    )


def _terms(partial: Document) -> Iterator[bytes]:
    """What has to hold, all of it, each in one form; in which order it was written says nothing.

    As MongoDB compares values: 1 is 1.0, and not True.
    """
    for path, condition in partial.items():
        if path == "$and":
            for clause in condition:
                yield from _terms(clause)
        elif path == "$or":
            clauses = {key_bytes(sorted(set(_terms(clause)))) for clause in condition}
            yield key_bytes([path, sorted(clauses)])
        else:
            operators = condition if is_operators(condition) else {"$eq": condition}
            for operator, value in operators.items():
                yield key_bytes([path, *_plain_condition(operator, value)])


def _plain_condition(operator: str, value: Any) -> tuple[str, Any]:
    if operator == "$exists":
        return operator, bool(value)
    if operator == "$type":
        return operator, sorted({str(one) for one in _listed(value)})
    if operator == "$in" and isinstance(value, list):
        values = {key_bytes(one): one for one in value}
        if len(values) == 1:
            return "$eq", next(iter(values.values()))
        return operator, sorted(values)
    return operator, value


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


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


def _plain_collation(collation: Document) -> dict[str, Any] | None:
    locale = collation.get("locale")
    if locale == "simple":
        return None
    defaults = {**_DEFAULTS, **_DEFAULTS_OF.get(str(locale), {})}
    return {
        name: value
        for name, value in collation.items()
        if name != "version" and not (name in defaults and defaults[name] == value)
    }
