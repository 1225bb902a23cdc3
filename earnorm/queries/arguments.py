"""What the methods of a query are given, checked and as values."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypedDict

from earnorm.errors import FilterError, suggestion
from earnorm.expressions import Expression, Path, SortOrder
from earnorm.typing import Document, OperationOptions, ReadConcern, ReadPreference, SortKey

__all__ = [
    "QueryOptions",
    "field_name",
    "filter_documents",
    "operation_options",
    "plugin_names",
    "sort_key",
    "whole_number",
]


_DEEPEST = 200
_MOST = 2**63 - 1  # what a store can count to


def filter_documents(filters: Iterable[Expression | Document]) -> tuple[Document, ...]:
    """The filters as mappings, for a `Selection`."""
    return tuple(f.document if isinstance(f, Expression) else _copied(f) for f in filters)


def _copied(value: Any, depth: int = 0) -> Any:
    """The mapping as it is now: a query must not follow what its caller does with it later."""
    if depth > _DEEPEST:
        return value  # refused when the query runs
    if isinstance(value, dict):
        return {name: _copied(item, depth + 1) for name, item in value.items()}
    return [_copied(item, depth + 1) for item in value] if isinstance(value, list) else value


def sort_key(key: "str | Path[Any] | SortOrder") -> SortKey:
    """The name and direction of a key that `sort` takes; raises `FilterError`."""
    if isinstance(key, SortOrder):
        return key.name, key.direction
    name = key.__stored__ if isinstance(key, Path) else key
    descends = isinstance(name, str) and name.startswith("-")
    bare = name[1:] if descends else name
    if not isinstance(bare, str) or not bare or bare.startswith("-"):
        raise FilterError(
            f"sort() takes names of fields such as 'name' or '-created_at', not {key!r}"
        )
    return bare, -1 if descends else 1


def whole_number(what: str, count: int, *, least: int = 0) -> int:
    """The number; raises `FilterError` for anything else, and for what no store can count to."""
    if not isinstance(count, int) or isinstance(count, bool) or not least <= count <= _MOST:
        shown = repr(count) if not isinstance(count, int) else "a number outside these"
        raise FilterError(f"{what}() takes a whole number from {least} to 2**63 - 1, not {shown}")
    return count


def plugin_names(names: Collection[str]) -> frozenset[str]:
    """The names as a set; a bare string, which is a collection of letters, raises `TypeError`."""
    if isinstance(names, str):
        raise TypeError(f"skip_hooks takes a list of plugin names: skip_hooks=[{names!r}]")
    return frozenset(names)


class QueryOptions(TypedDict, total=False):
    """What `Query.options` takes: the fields of `OperationOptions`."""

    read_concern: ReadConcern
    write_concern: int | str | Document
    read_preference: ReadPreference
    collation: Document
    hint: str | tuple[SortKey, ...]
    comment: str
    max_time: float
    batch_size: int


def operation_options(options: Mapping[str, Any]) -> OperationOptions:
    """The options as a value; raises `FilterError` for an unknown one, and for a value that none has."""
    for name in options:
        if name not in QueryOptions.__annotations__:
            raise FilterError(
                f"options() does not know {name!r}.{suggestion(name, QueryOptions.__annotations__)}"
            )
    try:
        return OperationOptions(**options)
    except ValueError as error:
        raise FilterError(str(error)) from None


def field_name(what: str, path: "str | Path[Any]") -> str:
    """The name or path of a field, of an expression or written out; raises `FilterError` for neither."""
    name = path.__stored__ if isinstance(path, Path) else path
    if not isinstance(name, str) or not name or name.startswith("$"):
        raise FilterError(f"{what}() takes the name or the path of a field, not {path!r}")
    return name
