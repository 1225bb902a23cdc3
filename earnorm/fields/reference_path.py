"""Where references lie in the documents of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from earnorm.fields.base import Field
from earnorm.fields.containers import DictField
from earnorm.fields.reference import ReferenceField

__all__ = ["ReferencePath", "find_references"]

Step = str | None
"""A stored name, or None for every item of a list and every value of a dictionary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePath:
    """The way to one reference: `path` under field names (`lines.product`), `steps` under stored names.

    `many` says that a list or dictionary is on the way. `container` is the one that holds the reference
    itself, if one does, so that it can be taken out. A filter can follow the first `searchable` steps: it
    knows no keys of dictionaries, and does not reach into lists of lists.
    """

    path: str
    field: ReferenceField[Any, Any]
    steps: tuple[Step, ...]
    searchable: int
    container: Field[Any] | None

    @property
    def many(self) -> bool:
        """Whether a document may hold several."""
        return None in self.steps

    @property
    def is_searchable(self) -> bool:
        """Whether a filter finds the ids."""
        return self.searchable == len(self.steps)

    @property
    def stored_path(self) -> str:
        """The path as a filter names it, as far as it can follow."""
        return ".".join(step for step in self.steps[: self.searchable] if step is not None)

    def values(self, document: Mapping[str, Any]) -> Iterator[Any]:
        """What a stored document has there: ids, unless it does not fit its model."""
        yield from _values(document, self.steps)

    def without(self, document: Mapping[str, Any], gone: frozenset[Any]) -> Any:
        """The stored value of the first step without the ids in `gone`.

        What a list or dictionary holds is taken out of it, another reference becomes None.
        """
        head, *rest = self.steps
        return _without(document[str(head)], rest, gone)


def find_references(fields: Mapping[str, Field[Any]]) -> Iterator[ReferencePath]:
    """Every reference that these fields hold, at any depth."""
    for name, field in fields.items():
        yield from _find(field, _Way((name,), (field.stored_name,)))


@dataclass(frozen=True, slots=True)
class _Way:
    names: tuple[str, ...]
    steps: tuple[Step, ...]
    searchable: int | None = None
    container: Field[Any] | None = None


def _find(field: Field[Any], way: _Way) -> Iterator[ReferencePath]:
    if isinstance(field, ReferenceField):
        searchable = len(way.steps) if way.searchable is None else way.searchable
        yield ReferencePath(
            path=".".join(way.names),
            field=field,
            steps=way.steps,
            searchable=searchable,
            container=way.container,
        )
    searchable_here = way.searchable
    if searchable_here is None and _ends_search(field, way.steps):
        searchable_here = len(way.steps)
    for name, inner in field.inner_fields():
        if name:
            names, step, container = (*way.names, name), inner.stored_name, None
        else:
            names, step, container = way.names, None, field
        yield from _find(inner, _Way(names, (*way.steps, step), searchable_here, container))


def _ends_search(field: Field[Any], steps: tuple[Step, ...]) -> bool:
    in_list = steps[-1] is None
    return isinstance(field, DictField) or (in_list and any(not n for n, _ in field.inner_fields()))


def _values(stored: Any, steps: tuple[Step, ...]) -> Iterator[Any]:
    if not steps:
        yield stored
        return
    step, rest = steps[0], steps[1:]
    if step is None:
        for item in _items(stored):
            yield from _values(item, rest)
    elif isinstance(stored, Mapping) and step in stored:
        yield from _values(stored[step], rest)


def _items(stored: Any) -> Iterator[Any]:
    if isinstance(stored, Mapping):
        yield from stored.values()
    elif isinstance(stored, list):
        yield from stored


def _without(stored: Any, steps: list[Step], gone: frozenset[Any]) -> Any:
    if not steps:
        return None if _is_in(stored, gone) else stored
    step, rest = steps[0], steps[1:]
    if step is None:
        taken: frozenset[Any] = frozenset() if rest else gone
        if isinstance(stored, Mapping):
            kept = {key: item for key, item in stored.items() if not _is_in(item, taken)}
            return {key: _without(item, rest, gone) for key, item in kept.items()}
        if isinstance(stored, list):
            return [_without(item, rest, gone) for item in stored if not _is_in(item, taken)]
    elif isinstance(stored, Mapping) and step in stored:
        return {**stored, step: _without(stored[step], rest, gone)}
    return stored


def _is_in(stored: Any, gone: frozenset[Any]) -> bool:
    # A document that does not fit its model may hold what has no hash.
    return isinstance(stored, ObjectId) and stored in gone
