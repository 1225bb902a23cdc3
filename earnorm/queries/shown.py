"""How the filters of a query are shown: without the secrets that they ask for."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from earnorm.errors import SECRET
from earnorm.fields import Field, is_secret_path

__all__ = ["show_filters"]

_CLAUSES = ("$and", "$or", "$nor")
_DEEPEST = 50


def show_filters(model: Any, filters: Sequence[Mapping[str, Any]]) -> str:
    """The filters in words, `'***'` in the place of what a secret field is compared with."""
    tables = list(_tables(model))
    return " and ".join(repr(_concealed(tables, filter, 0)) for filter in filters) or "all"


def _tables(model: Any) -> Iterator[Mapping[str, Field[Any]]]:
    """The fields of the model and of its children, which a filter may name as well."""
    yield model.__metadata__.fields
    for member in model.__tree__.all_members():
        if issubclass(member, model):
            yield member.__metadata__.fields


def _concealed(tables: Sequence[Mapping[str, Field[Any]]], filter: Any, depth: int) -> Any:
    if not isinstance(filter, Mapping) or depth > _DEEPEST:
        return SECRET if _have_secrets(tables) else filter
    shown: dict[Any, Any] = {}
    for name, condition in filter.items():
        if name in _CLAUSES and isinstance(condition, (list, tuple)):
            shown[name] = [_concealed(tables, clause, depth + 1) for clause in condition]
        elif isinstance(name, str) and not name.startswith("$"):
            is_secret = any(is_secret_path(fields, name) for fields in tables)
            shown[name] = SECRET if is_secret else condition
        else:
            shown[name] = SECRET if _have_secrets(tables) else condition
    return shown


def _have_secrets(tables: Sequence[Mapping[str, Field[Any]]]) -> bool:
    return any(field.holds_secrets for fields in tables for field in fields.values())
