"""From the field names that `Meta.indexes` and `Meta.validators` are written in to stored paths."""

from collections.abc import Mapping
from typing import Any, NoReturn

from earnorm.errors import ModelDefinitionError, suggestion
from earnorm.fields import DictField, EmbeddedField, Field, TupleField, resolve_path
from earnorm.fields.arrays import ArrayField
from earnorm.models.rules import DISCRIMINATOR

__all__ = ["innermost", "stored_path", "unknown_field"]


def stored_path(path: str, what: str, fields: Mapping[str, Field[Any]], key: str) -> str:
    """The stored path of a path of field names, which may lead into embedded models."""
    if path == DISCRIMINATOR:
        return path
    head = path.partition(".")[0]
    if head not in fields:
        unknown_field(what, head, fields, key)
    stored, field = resolve_path(fields, path)
    above, part = path, ""
    while field is None:
        above, _, part = above.rpartition(".")
        field = innermost(resolve_path(fields, above)[1])
        if isinstance(field, EmbeddedField):
            known = {f"{above}.{name}": inner for name, inner in field.codec.fields.items()}
            unknown_field(what, f"{above}.{part}", known, key)
        elif field is not None and not isinstance(field, DictField):
            fault = f"{what} names {path!r}, and {above!r} holds nothing below it: it is {field.expects}"
            raise ModelDefinitionError(fault, model=key)
    return stored


def innermost(field: Field[Any] | None) -> Field[Any] | None:
    """The field of the items of lists in lists, or the field itself."""
    while isinstance(field, ArrayField) or (isinstance(field, TupleField) and field.items):
        field = field.items
    return field


def unknown_field(what: str, name: str, fields: Mapping[str, Field[Any]], key: str) -> NoReturn:
    """Raises `ModelDefinitionError`, with near names."""
    hint = suggestion(name, fields) or f" The fields are: {', '.join(fields)}."
    raise ModelDefinitionError(f"{what} names the unknown field {name!r}.{hint}", model=key)
