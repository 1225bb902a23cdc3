"""Reads the indexes and validators that an author wrote in `Meta`, and holds them against the fields."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from earnorm.errors import FieldFault, ModelDefinitionError, suggestion
from earnorm.fields import (
    DictField,
    EmbeddedField,
    Field,
    TupleField,
    UniqueValidator,
    encode_dynamic,
    resolve_path,
)
from earnorm.fields.arrays import ArrayField
from earnorm.fields.base import is_async
from earnorm.metadata import Validator
from earnorm.models.rules import DISCRIMINATOR
from earnorm.typing import Index, SortKey

__all__ = ["read_indexes", "read_validators"]

_KNOWN = ("fields", "name", "partial", "unique")
_DIRECTIONS = (1, -1)


def read_indexes(
    written: Sequence[Any], fields: Mapping[str, Field[Any]], *, key: str
) -> tuple[Index, ...]:
    """The indexes under stored names; raises `ModelDefinitionError` for a fault in any of them."""
    # Bases may spell one index in two ways.
    indexes = tuple(dict.fromkeys(_read_index(index, fields, key) for index in written))
    names = [index.name for index in indexes]
    for name in names:
        if names.count(name) > 1:
            fault = f"two indexes are called {name!r}. Give one of them a name of its own: 'name': '...'."
            raise ModelDefinitionError(fault, model=key)
    return indexes


def limit_to_child(
    indexes: Iterable[Index], inherited: Collection[Index], discriminator: str
) -> tuple[Index, ...]:
    """The indexes, with the unique ones that the root does not have limited to the child's documents.

    In those of the other classes the fields are missing, and so they all have the same value there.
    """
    return tuple(
        replace(
            index,
            partial={**(index.partial or {}), DISCRIMINATOR: discriminator},
            name=f"{index.name}_{discriminator}",
        )
        if index.unique and index not in inherited and not _names_kind(index)
        else index
        for index in indexes
    )


def read_validators(
    written: Sequence[Any], fields: Mapping[str, Field[Any]], *, key: str
) -> tuple[Validator, ...]:
    """The validators; raises `ModelDefinitionError` for one on an unknown field, or for what is none."""
    for validator in written:
        if isinstance(validator, UniqueValidator):
            for name in validator.fields:
                if name not in fields:
                    _unknown_field("a UniqueValidator", name, fields, key)
        elif isinstance(validator, type) or not callable(validator):
            fault = f"Meta.validators holds {validator!r}, which is no validator. Use UniqueValidator or a function."
            raise ModelDefinitionError(fault, model=key)
        elif is_async(validator):
            fault = (
                f"Meta.validators holds {validator!r}, which is 'async def', and validators are not awaited. "
                "Write it as 'def', or declare a UniqueValidator."
            )
            raise ModelDefinitionError(fault, model=key)
    return tuple(written)


def _read_index(written: Any, fields: Mapping[str, Field[Any]], key: str) -> Index:
    if not isinstance(written, Mapping):
        fault = f"an index must be a mapping such as {{'fields': [('email', 1)]}}, not {written!r}"
        raise ModelDefinitionError(fault, model=key)
    for option in written:
        if option not in _KNOWN:
            hint = suggestion(str(option), _KNOWN) or f" The options are: {', '.join(_KNOWN)}."
            raise ModelDefinitionError(
                f"an index has the unknown option {option!r}.{hint}", model=key
            )
    unique = written.get("unique", False)
    if not isinstance(unique, bool):
        raise ModelDefinitionError(
            f"an index has 'unique': {unique!r}, which must be True or False", model=key
        )
    name = written.get("name", "")
    if not isinstance(name, str) or "\0" in name:
        raise ModelDefinitionError(
            f"an index has the name {name!r}, which must be a string", model=key
        )
    return Index(
        fields=_read_keys(written.get("fields"), fields, key),
        unique=unique,
        partial=_read_partial(written.get("partial"), fields, key),
        name=name,
    )


def _read_keys(written: Any, fields: Mapping[str, Field[Any]], key: str) -> tuple[SortKey, ...]:
    if not isinstance(written, (list, tuple)) or not written:
        fault = f"an index needs 'fields': a list such as [('email', 1)], not {written!r}"
        raise ModelDefinitionError(fault, model=key)
    keys = []
    for entry in written:
        name, direction = (entry, 1) if isinstance(entry, str) else _pair(entry, key)
        keys.append((_stored(name, "an index", fields, key), direction))
    if len({name for name, _ in keys}) < len(keys):
        raise ModelDefinitionError(f"an index names a field twice: {written!r}", model=key)
    return tuple(keys)


def _pair(entry: Any, key: str) -> SortKey:
    if isinstance(entry, (list, tuple)) and len(entry) == len(_DIRECTIONS):
        name, direction = entry
        if isinstance(name, str) and direction in _DIRECTIONS and not isinstance(direction, bool):
            return name, direction
    fault = f"an index has {entry!r} among its fields; write ('name', 1) to ascend or ('name', -1) to descend"
    raise ModelDefinitionError(fault, model=key)


def _read_partial(
    written: Any, fields: Mapping[str, Field[Any]], key: str
) -> dict[str, Any] | None:
    if written is None:
        return None
    if not isinstance(written, Mapping) or not written:
        fault = f"'partial' must map fields to the values that they must equal, not be {written!r}"
        raise ModelDefinitionError(fault, model=key)
    partial = {}
    for name, value in written.items():
        if isinstance(value, Mapping) or str(name).startswith("$"):
            fault = (
                f"'partial' takes equalities only (None included), and {name!r} asks for {value!r}"
            )
            raise ModelDefinitionError(fault, model=key)
        faults: list[FieldFault] = []
        partial[_stored(name, "a partial index", fields, key)] = encode_dynamic(
            value, str(name), faults
        )
        if faults:
            raise ModelDefinitionError(f"'partial' cannot be stored: {faults[0]}", model=key)
    return partial


def _names_kind(index: Index) -> bool:
    return DISCRIMINATOR in (index.partial or {}) or DISCRIMINATOR in dict(index.fields)


def _stored(path: str, what: str, fields: Mapping[str, Field[Any]], key: str) -> str:
    """The stored path of a path of field names, which may lead into embedded models."""
    if path == DISCRIMINATOR:
        return path
    head = path.partition(".")[0]
    if head not in fields:
        _unknown_field(what, head, fields, key)
    stored, field = resolve_path(fields, path)
    above, part = path, ""
    while field is None:
        above, _, part = above.rpartition(".")
        field = _innermost(resolve_path(fields, above)[1])
        if isinstance(field, EmbeddedField):
            known = {f"{above}.{name}": inner for name, inner in field.codec.fields.items()}
            _unknown_field(what, f"{above}.{part}", known, key)
        elif field is not None and not isinstance(field, DictField):
            fault = f"{what} names {path!r}, and {above!r} holds nothing below it: it is {field.expects}"
            raise ModelDefinitionError(fault, model=key)
    return stored


def _innermost(field: Field[Any] | None) -> Field[Any] | None:
    while isinstance(field, ArrayField) or (isinstance(field, TupleField) and field.items):
        field = field.items
    return field


def _unknown_field(what: str, name: str, fields: Mapping[str, Field[Any]], key: str) -> NoReturn:
    hint = suggestion(name, fields) or f" The fields are: {', '.join(fields)}."
    raise ModelDefinitionError(f"{what} names the unknown field {name!r}.{hint}", model=key)
