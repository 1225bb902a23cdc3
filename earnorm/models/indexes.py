"""Reads the indexes and validators that an author wrote in `Meta`, and holds them against the fields."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from earnorm.errors import ModelDefinitionError, PluginDefinitionError, suggestion
from earnorm.fields import Field, UniqueValidator
from earnorm.fields.awaitables import is_async
from earnorm.metadata import Validator
from earnorm.models.index_options import read_collation, read_expiry
from earnorm.models.index_paths import stored_path, unknown_field
from earnorm.models.partial_filters import read_partial
from earnorm.models.rules import DISCRIMINATOR
from earnorm.plugins import Plans
from earnorm.typing import Index, SortKey

__all__ = ["contributed_indexes", "limit_to_child", "read_indexes", "read_validators"]

_KNOWN = ("fields", "name", "unique", "sparse", "partial", "expire_after", "collation")
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


def contributed_indexes(model: Any, plans: Plans) -> list[Any]:
    """The indexes that the model's plugins bring, as they write them.

    Raises `PluginDefinitionError` for what is no list.
    """
    found: list[Any] = []
    for implementation, brought in plans.contribute_indexes.run_sync(model):
        if isinstance(brought, str | Mapping) or not isinstance(brought, Sequence):
            fault = f"contribute_indexes must return a list of indexes, not {brought!r}"
            raise PluginDefinitionError(
                fault, plugin=implementation.plugin, source=implementation.source
            )
        found += brought
    return found


def limit_to_child(
    indexes: Iterable[Index], inherited: Collection[Index], discriminator: str
) -> tuple[Index, ...]:
    """The indexes, with the unique and the expiring ones that the root lacks limited to the child's documents.

    In the documents of other classes the fields of a unique one are missing, and so all have the same value;
    and those with a date of the same name are not to expire.
    """
    return tuple(
        _limited(index, discriminator)
        if _decides(index) and index not in inherited and not _names_kind(index)
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
                    unknown_field("a UniqueValidator", name, fields, key)
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
    name = written.get("name", "")
    if not isinstance(name, str) or "\0" in name:
        raise ModelDefinitionError(
            f"an index has the name {name!r}, which must be a string", model=key
        )
    index = Index(fields=_read_keys(written.get("fields"), fields, key), name=name)
    what = f"the index {index.name!r}"
    index = replace(
        index,
        unique=_read_flag(written, "unique", "an index", key),
        sparse=_read_flag(written, "sparse", what, key),
        partial=read_partial(written.get("partial"), fields, what=what, key=key),
        expire_after=read_expiry(written.get("expire_after"), index.fields, fields, key=key),
        collation=read_collation(written.get("collation"), what=what, key=key),
    )
    if index.sparse and index.partial is not None:
        fault = f"{what} is both sparse and partial: say it in 'partial', with {{'$exists': True}}"
        raise ModelDefinitionError(fault, model=key)
    return index


def _read_flag(written: Mapping[str, Any], option: str, what: str, key: str) -> bool:
    value = written.get(option, False)
    if not isinstance(value, bool):
        fault = f"{what} has {option!r}: {value!r}, which must be True or False"
        raise ModelDefinitionError(fault, model=key)
    return value


def _read_keys(written: Any, fields: Mapping[str, Field[Any]], key: str) -> tuple[SortKey, ...]:
    if not isinstance(written, (list, tuple)) or not written:
        fault = f"an index needs 'fields': a list such as [('email', 1)], not {written!r}"
        raise ModelDefinitionError(fault, model=key)
    keys = []
    for entry in written:
        name, direction = (entry, 1) if isinstance(entry, str) else _pair(entry, key)
        keys.append((stored_path(name, "an index", fields, key), direction))
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


def _limited(index: Index, discriminator: str) -> Index:
    partial = dict(index.partial or {})
    if index.sparse:
        # MongoDB takes no index that is sparse and partial; this is what sparse means.
        some = [{path: {"$exists": True}} for path, _ in index.fields]
        partial |= some[0] if len(some) == 1 else {"$or": some}
    name = f"{index.name}_{discriminator}"
    return replace(
        index, partial={**partial, DISCRIMINATOR: discriminator}, sparse=False, name=name
    )


def _decides(index: Index) -> bool:
    """Whether the index decides what may be stored, or what stays."""
    return index.unique or index.expire_after is not None


def _names_kind(index: Index) -> bool:
    return DISCRIMINATOR in (index.partial or {}) or DISCRIMINATOR in dict(index.fields)
