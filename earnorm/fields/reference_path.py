"""Where references lie in the documents of a model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bson import ObjectId

from earnorm.fields.base import Field
from earnorm.fields.containers import DictField
from earnorm.fields.embedded import EmbeddedField
from earnorm.fields.kinds import DISCRIMINATOR
from earnorm.fields.reference import ReferenceField

__all__ = ["Kind", "ReferencePath", "find_references"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A step that goes on only in embedded documents of the class that is stored under this name."""

    name: str


Step = str | Kind | None
"""A stored name or a place in a tuple; None for every item of a list and every value of a dictionary."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferencePath:
    """The way to one reference: `path` under field names (`lines.product`), `steps` under stored names.

    `many` says that a list, tuple or dictionary is on the way. `container` is the one that holds the
    reference itself, if one does, so that it can be taken out. A filter can follow the first `searchable`
    steps: it knows no keys of dictionaries, and does not reach into lists of lists. `is_secret` says that
    the ids are not to be shown.
    """

    path: str
    field: ReferenceField[Any, Any]
    steps: tuple[Step, ...]
    searchable: int
    container: Field[Any] | None
    is_secret: bool

    @property
    def many(self) -> bool:
        """Whether a document may hold several."""
        return any(
            step is None or (isinstance(step, str) and step.isdigit()) for step in self.steps
        )

    @property
    def is_settable(self) -> bool:
        """Whether an update by the path alone changes this reference and nothing else."""
        return not self.many and not any(isinstance(step, Kind) for step in self.steps)

    @property
    def is_searchable(self) -> bool:
        """Whether a filter finds the ids."""
        return self.searchable == len(self.steps)

    @property
    def stored_path(self) -> str:
        """The path as a filter names it, as far as it can follow."""
        steps = self.steps[: self.searchable]
        return ".".join(step for step in steps if isinstance(step, str))

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
    """Every reference that these fields hold, at any depth; of a class that holds itself, once round."""
    for name, field in fields.items():
        yield from _find(field, _Way((name,), (field.stored_name,)))


@dataclass(frozen=True, slots=True)
class _Way:
    names: tuple[str, ...]
    steps: tuple[Step, ...]
    searchable: int | None = None
    container: Field[Any] | None = None
    is_secret: bool = False
    above: tuple[int, ...] = ()


def _find(field: Field[Any], way: _Way) -> Iterator[ReferencePath]:
    if isinstance(field, ReferenceField):
        searchable = len(way.steps) if way.searchable is None else way.searchable
        yield ReferencePath(
            path=".".join(way.names),
            field=field,
            steps=way.steps,
            searchable=searchable,
            container=way.container,
            is_secret=way.is_secret or field.secret,
        )
    searchable_here = way.searchable
    if searchable_here is None and _ends_search(field, way.steps):
        searchable_here = len(way.steps)
    above = (*way.above, id(field))
    for below, inner in _below(field, way):
        if id(inner) in above:
            continue  # a union whose classes hold it again
        is_secret = way.is_secret or field.secret
        on = replace(below, searchable=searchable_here, is_secret=is_secret, above=above)
        yield from _find(inner, on)


def _below(field: Field[Any], way: _Way) -> Iterator[tuple[_Way, Field[Any]]]:
    """The ways on from a field: into each embedded model, each place of a tuple, each item."""
    if isinstance(field, EmbeddedField):
        for kind, model in field.variants():
            inside = replace(way, steps=(*way.steps, Kind(kind))) if kind is not None else way
            for name, inner in model.__codec__.fields.items():
                yield _named(inside, name, inner.stored_name), inner
        return
    for name, inner in field.inner_fields():
        if name:
            # A place in a tuple is called by its number, and its field by the tuple's name.
            yield _named(way, name, name if name.isdigit() else inner.stored_name), inner
        else:
            yield replace(way, steps=(*way.steps, None), container=field), inner


def _named(way: _Way, name: str, step: str) -> _Way:
    return _Way(names=(*way.names, name), steps=(*way.steps, step))


def _ends_search(field: Field[Any], steps: tuple[Step, ...]) -> bool:
    if isinstance(field, DictField):
        return True
    # In a list of lists a number means a place in the outer one.
    return steps[-1] is None and any(not n or n.isdigit() for n, _ in field.inner_fields())


def _values(stored: Any, steps: tuple[Step, ...]) -> Iterator[Any]:
    if not steps:
        yield stored
        return
    step, rest = steps[0], steps[1:]
    if step is None:
        for item in stored.values() if isinstance(stored, Mapping) else _listed(stored):
            yield from _values(item, rest)
    elif isinstance(step, Kind):
        if isinstance(stored, Mapping) and stored.get(DISCRIMINATOR) == step.name:
            yield from _values(stored, rest)
    elif isinstance(stored, Mapping):
        if step in stored:
            yield from _values(stored[step], rest)
    elif step.isdigit() and int(step) < len(_listed(stored)):
        yield from _values(stored[int(step)], rest)


def _listed(stored: Any) -> list[Any]:
    return stored if isinstance(stored, list) else []


def _without(stored: Any, steps: Sequence[Step], gone: frozenset[Any]) -> Any:
    if not steps:
        return None if _is_in(stored, gone) else stored
    step, rest = steps[0], steps[1:]
    if step is None:
        return _without_items(stored, rest, gone)
    if isinstance(step, Kind):
        is_it = isinstance(stored, Mapping) and stored.get(DISCRIMINATOR) == step.name
        return _without(stored, rest, gone) if is_it else stored
    if isinstance(stored, Mapping) and step in stored:
        return {**stored, step: _without(stored[step], rest, gone)}
    if isinstance(stored, list) and step.isdigit():
        places = enumerate(stored)
        return [_without(item, rest, gone) if n == int(step) else item for n, item in places]
    return stored


def _without_items(stored: Any, rest: Sequence[Step], gone: frozenset[Any]) -> Any:
    taken: frozenset[Any] = frozenset() if rest else gone
    if isinstance(stored, Mapping):
        kept = {key: item for key, item in stored.items() if not _is_in(item, taken)}
        return {key: _without(item, rest, gone) for key, item in kept.items()}
    if isinstance(stored, list):
        return [_without(item, rest, gone) for item in stored if not _is_in(item, taken)]
    return stored


def _is_in(stored: Any, gone: frozenset[Any]) -> bool:
    # A document that does not fit its model may hold what has no hash.
    return isinstance(stored, ObjectId) and stored in gone
