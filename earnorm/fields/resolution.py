"""Follows a dotted path from field names to stored names."""

from collections.abc import Iterator, Mapping
from typing import Any

from earnorm.fields.arrays import ArrayField
from earnorm.fields.base import Field
from earnorm.fields.containers import DictField
from earnorm.fields.embedded import EmbeddedField
from earnorm.fields.tuples import TupleField

__all__ = ["is_secret_path", "item_fields", "resolve_path", "steps"]


def resolve_path(fields: Mapping[str, Field[Any]], path: str) -> tuple[str, Field[Any] | None]:
    """The path under stored names, and the field at its end.

    Each part may be a field's name or a stored name; it leads through embedded models, lists (with or
    without a position) and dictionaries. From the first part that no field declares on, the path stays
    as it is, and the field is None.
    """
    head, _, rest = path.partition(".")
    field = fields.get(head) or _stored_as(fields, head)
    if field is None or path.endswith("."):
        return path, None
    return _join(field.stored_name, field, rest)


def is_secret_path(fields: Mapping[str, Field[Any]], path: str) -> bool:
    """Whether the path leads to a secret, into one, or to something that holds one."""
    parts = path.split(".")
    for end in range(1, len(parts) + 1):
        _, field = resolve_path(fields, ".".join(parts[:end]))
        if field is not None and (field.secret or (end == len(parts) and field.holds_secrets)):
            return True
    return False


def steps(fields: Mapping[str, Field[Any]], path: str) -> Iterator[tuple[str, Field[Any] | None]]:
    """Every part of a stored path, with the field that the path up to there leads to."""
    parts = path.split(".")
    for end in range(1, len(parts) + 1):
        yield parts[end - 1], resolve_path(fields, ".".join(parts[:end]))[1]


def item_fields(field: Field[Any]) -> dict[str, Field[Any]]:
    """The fields of a list's items, by name, where the items are embedded models; else none."""
    items = field.item_field()
    names = items.part_names() if items is not None else ()
    return {name: part[1] for name in names if items and (part := items.find_part(name))}


def _stored_as(fields: Mapping[str, Field[Any]], stored_name: str) -> Field[Any] | None:
    return next((field for field in fields.values() if field.stored_name == stored_name), None)


def _join(head: str, field: Field[Any], rest: str) -> tuple[str, Field[Any] | None]:
    if not rest:
        return head, field
    below, inner = _resolve_below(field, rest)
    return f"{head}.{below}", inner


def _resolve_below(field: Field[Any], path: str) -> tuple[str, Field[Any] | None]:
    head, _, rest = path.partition(".")
    if isinstance(field, EmbeddedField):
        return resolve_path(field.codec.fields, path)
    if isinstance(field, TupleField):
        return _resolve_in_tuple(field, path)
    if isinstance(field, ArrayField):
        # Without a position a path leads into every item, as MongoDB reads it.
        return (
            _join(head, field.items, rest) if head.isdigit() else _resolve_below(field.items, path)
        )
    if isinstance(field, DictField) and field.values is not None:
        return _join(head, field.values, rest)
    return path, None


def _resolve_in_tuple(field: TupleField[Any], path: str) -> tuple[str, Field[Any] | None]:
    head, _, rest = path.partition(".")
    if head.isdecimal():
        place = field.field_at(int(head)) if len(head) <= _MOST_DIGITS else None
        return _join(head, place, rest) if place is not None else (path, None)
    # Without a position a path leads into every item; the first that has such a part knows its field.
    for _, place in field.inner_fields():
        below, inner = _resolve_below(place, path)
        if inner is not None:
            return below, inner
    return path, None


_MOST_DIGITS = 9  # of a position in an array; Python reads no number of thousands of them
