"""`$project`, and the projections of `find` that compute."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

from earnorm.stores.documents.computing import (
    Variables,
    compile_normalized_expression,
    is_true,
    normalized_value,
)
from earnorm.stores.documents.computing.field_paths import field_path
from earnorm.stores.documents.kinds import as_document
from earnorm.stores.documents.numbers import is_number
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.stores.documents.shaping.parts import added, excluded, included
from earnorm.stores.documents.shaping.tree import Tree
from earnorm.typing import Document, MutableDocument

__all__ = ["Shape", "compile_project"]

Shape = Callable[[Document, Variables], MutableDocument]
"""Gives the document in another shape; what it holds may be shared with the one that was passed."""


def compile_project(specification: Any, variables: Collection[str] = ()) -> Shape:
    """A function that gives the parts which are included and computed, or all that is not excluded.

    Raises PyMongo's `OperationFailure` with MongoDB's codes for what is no projection.
    """
    normalized = normalized_value(specification, "the projection")
    fields = as_document(normalized)
    if fields is None:
        raise bad_value(
            f"$project takes a document, such as {{'name': 1}}, not {normalized!r}.", 15969
        )
    if not fields:
        raise bad_value("$project needs at least one field.", 51272)
    return _Projection(variables).compile(fields)


Kind = Literal["include", "exclude"]


class _Projection:
    """A projection while it is read: it turns out with the first field whether it includes or excludes."""

    def __init__(self, variables: Collection[str]) -> None:
        self._variables = variables
        self._tree = Tree()
        self._kind: Kind | None = None
        self._id: Kind | None = None
        self._names_id = False

    def compile(self, fields: Mapping[str, Any]) -> Shape:
        for name, value in fields.items():
            self._read(name, value, ())
        kind = self._kind or self._id or "exclude"
        if kind == "exclude":
            return self._excluding()
        if self._id == "exclude":
            del self._tree.fields["_id"]
        elif not self._names_id:
            self._tree.put(("_id",), None)
        return self._including()

    def _including(self) -> Shape:
        tree = self._tree
        if not tree.computes:
            return lambda document, variables: included(document, tree)
        return lambda document, variables: added(
            included(document, tree), tree, document, variables
        )

    def _excluding(self) -> Shape:
        tree = self._tree
        if self._id == "include":
            del tree.fields["_id"]
        return lambda document, variables: excluded(document, tree)

    def _read(self, name: str, value: Any, above: tuple[str, ...]) -> None:
        path = above + _projected_path(name)
        self._names_id = self._names_id or path[0] == "_id"
        fields = as_document(value)
        if fields is not None and not next(iter(fields), "$").startswith("$"):
            for inner_name, inner in fields.items():
                self._read(inner_name, inner, path)
        elif fields == {}:
            raise bad_value(f"the projection of {name!r} is an empty document.", 51270)
        elif isinstance(value, bool) or is_number(value):
            self._name(path, "include" if is_true(value) else "exclude")
        else:
            self._compute(path, value, is_operator=fields is not None)

    def _name(self, path: tuple[str, ...], kind: Kind) -> None:
        self._tree.put(path, None)
        if path == ("_id",):
            self._id = kind
            return
        if self._kind not in (None, kind):
            code, other = (31253, "excludes") if kind == "include" else (31254, "includes")
            raise bad_value(
                f"a projection includes or excludes, and at {'.'.join(path)!r} this one, which {other}, "
                "does the other.",
                code,
            )
        self._kind = kind

    def _compute(self, path: tuple[str, ...], value: Any, *, is_operator: bool) -> None:
        if self._kind == "exclude":
            code = 31252 if is_operator else 31310
            raise bad_value(f"a projection that excludes cannot compute {'.'.join(path)!r}.", code)
        self._kind = "include"
        self._tree.put(path, compile_normalized_expression(value, self._variables))


def _projected_path(name: str) -> tuple[str, ...]:
    if name == "$" or name.endswith(".$") or ".$." in name:
        raise unsupported(f"the projection of {name!r} by position", "Use $filter or $slice.")
    return field_path(name)
