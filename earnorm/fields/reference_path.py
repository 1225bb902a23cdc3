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

    `many` says that a list or dictionary is on the way, `is_item` that one holds the reference itself, so
    that it can be taken out; `in_dictionary` that a dictionary is on the way, whose keys no filter names.
    """

    path: str
    field: ReferenceField[Any, Any]
    steps: tuple[Step, ...]
    in_dictionary: bool

    @property
    def many(self) -> bool:
        """Whether a document may hold several."""
        return None in self.steps

    @property
    def is_item(self) -> bool:
        """Whether a list or dictionary holds the reference itself."""
        return self.steps[-1] is None

    @property
    def stored_path(self) -> str:
        """The path as a filter names it; it reaches into lists, and never into a dictionary."""
        return ".".join(step for step in self.steps if step is not None)

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
        yield from _find(field, (name,), (field.stored_name,), in_dictionary=False)


def _find(
    field: Field[Any], names: tuple[str, ...], steps: tuple[Step, ...], *, in_dictionary: bool
) -> Iterator[ReferencePath]:
    if isinstance(field, ReferenceField):
        yield ReferencePath(
            path=".".join(names), field=field, steps=steps, in_dictionary=in_dictionary
        )
    inside = in_dictionary or isinstance(field, DictField)
    for name, inner in field.inner_fields():
        below: tuple[Step, ...] = (inner.stored_name,) if name else (None,)
        deeper = (*names, name) if name else names
        yield from _find(inner, deeper, (*steps, *below), in_dictionary=inside)


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
