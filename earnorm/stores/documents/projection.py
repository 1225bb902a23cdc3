"""Gives the parts of a document that a projection asks for, as MongoDB's `find` does."""

from collections.abc import Callable, Mapping
from typing import Any

from bson import Decimal128

from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.numbers import is_number
from earnorm.stores.documents.paths import split_path
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.typing import Document, MutableDocument

__all__ = ["Project", "compile_projection"]

Project = Callable[[Document], MutableDocument]
"""Gives the parts that are asked for; what they hold is shared with the document."""


def compile_projection(projection: Document) -> Project:
    """A function that gives the parts which a projection includes, or all that it does not exclude.

    `{"name": 1, "address.city": 1}` includes, through arrays into each of their documents; `_id` comes along
    unless it is excluded. Raises PyMongo's `OperationFailure` for what is no projection, and
    `UnsupportedError` for operators.
    """
    if not isinstance(projection, Mapping):
        raise bad_value(f"a projection is a document, such as {{'name': 1}}, not {projection!r}.")
    wanted = {name: _is_wanted(name, value) for name, value in projection.items()}
    others = {name: is_wanted for name, is_wanted in wanted.items() if name != "_id"}
    includes = next(iter(others.values()), wanted.get("_id", False))
    for name, is_wanted in others.items():
        if is_wanted is not includes:
            raise bad_value(
                f"a projection includes or excludes, and {name!r} does the other of what was begun with.",
                31253 if is_wanted else 31254,
            )
    if includes:
        tree = _tree([name for name in wanted if wanted[name]])
        if wanted.get("_id", True):
            tree.setdefault("_id", {})
        return lambda document: dict(_included(document, tree))
    tree = _tree([name for name in wanted if not wanted[name]])
    return lambda document: dict(_excluded(document, tree))


_Tree = dict[str, Any]
"""Names, each with the tree of what is meant below it; an empty one means all of it."""


def _is_wanted(name: object, value: Any) -> bool:
    if not isinstance(name, str) or "" in split_path(name):
        raise bad_value(f"a projection names parts by their paths, and {name!r} is none.")
    if any(part.startswith("$") for part in split_path(name)):
        raise unsupported(f"the projection of {name!r}")
    if not isinstance(value, bool) and not is_number(value):
        raise unsupported(f"the projection {value!r} of {name!r}", "It has 1 and 0.")
    return bool(value.to_decimal() if isinstance(value, Decimal128) else value)


def _tree(paths: list[str]) -> _Tree:
    tree: _Tree = {}
    # the shorter ones first, so that a path inside another is noticed
    for path in sorted(paths, key=lambda path: len(split_path(path))):
        *above, last = split_path(path)
        level = tree
        for name in above:
            if level.get(name) == {}:
                raise bad_value(f"a projection names {path!r} and what it lies in.", 31249)
            level = level.setdefault(name, {})
        level[last] = {}
    return tree


def _included(value: Any, tree: _Tree) -> Any:
    """The value, or the parts of it that the tree names; `_ABSENT` for a plain value, which has none."""
    if not tree:
        return value
    if (document := as_document(value)) is not None:
        return {
            name: kept
            for name, inner in document.items()
            if name in tree and (kept := _included(inner, tree[name])) is not _ABSENT
        }
    elements = as_array(value)
    if elements is None:
        return _ABSENT
    kept_elements = (_included(element, tree) for element in elements)
    return [element for element in kept_elements if element is not _ABSENT]


def _excluded(value: Any, tree: _Tree) -> Any:
    """The value without the parts that the tree names."""
    if (document := as_document(value)) is not None:
        return {
            name: _excluded(inner, tree[name]) if name in tree else inner
            for name, inner in document.items()
            if tree.get(name) != {}
        }
    elements = as_array(value)
    return value if elements is None else [_excluded(element, tree) for element in elements]


_ABSENT: Any = object()
