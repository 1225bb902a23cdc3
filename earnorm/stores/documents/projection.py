"""Gives the parts of a document that a projection asks for, as MongoDB's `find` does."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.clock import now
from earnorm.stores.documents.array_projections import (
    ArrayStep,
    compile_element_match,
    compile_positional,
    compile_slice,
    is_slice,
    split_positional,
)
from earnorm.stores.documents.computing import is_true
from earnorm.stores.documents.keys import KeyOf, key_bytes
from earnorm.stores.documents.kinds import as_document
from earnorm.stores.documents.matcher import normalized_filter
from earnorm.stores.documents.numbers import is_number
from earnorm.stores.documents.positions import compile_position
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.shaping import compile_project
from earnorm.typing import Document, MutableDocument

__all__ = ["Project", "compile_projection"]

Project = Callable[[Document], MutableDocument]
"""Gives the parts that are asked for; what they hold is shared with the document."""


def compile_projection(
    projection: Document, filter: Document | None = None, key_of: KeyOf = key_bytes
) -> Project:
    """A function that gives the parts which a projection includes and computes, or all that it does not exclude.

    `{"name": 1, "address.city": 1}` includes, through arrays into each of their documents; `_id` comes along
    unless it is excluded; `{"total": {"$add": ["$price", "$tax"]}}` computes. Of arrays `$slice` gives a
    piece, `$elemMatch` the first element that fits, and `items.$` the one by which `filter` matched. Raises PyMongo's
    `OperationFailure` for what is no projection, and `UnsupportedError` for `$meta`.
    """
    if not isinstance(projection, Mapping):
        raise bad_value(f"a projection is a document, such as {{'name': 1}}, not {projection!r}.")
    reader = _Reader(key_of)
    for name, value in projection.items():
        if not isinstance(name, str):
            raise bad_value(f"a projection names parts by their paths, and {name!r} is none.")
        reader.read(name, value)
    return reader.compiled(filter)


class _Reader:
    """A projection while it is read: what only `find` has stands apart from what `$project` has too."""

    def __init__(self, key_of: KeyOf) -> None:
        self._key_of = key_of
        self._plain: MutableDocument = {}
        self._slices: dict[str, ArrayStep] = {}
        self._elements: dict[str, ArrayStep] = {}
        self._positional: str | None = None

    def read(self, name: str, value: Any) -> None:
        positional = split_positional(name)
        if positional is not None:
            self._read_positional(positional, name, value)
            return
        condition = as_document(value)
        operator = next(iter(condition), "") if condition is not None else ""
        if condition is not None and operator == "$elemMatch":
            self._elements[name] = compile_element_match(name, condition, self._key_of)
        elif condition is not None and operator == "$slice" and is_slice(condition["$slice"]):
            self._slices[name] = compile_slice(name, condition["$slice"])
        else:
            self._name(name, value)

    def _name(self, path: str, value: Any) -> None:
        if path in self._plain:
            raise bad_value(f"a projection names {path!r} twice.", 31250)
        self._plain[path] = value

    def _read_positional(self, path: str, name: str, value: Any) -> None:
        if as_document(value) is not None:
            raise bad_value(f"the positional projection {name!r} cannot be a document.", 31271)
        if not isinstance(value, bool) and not is_number(value):
            raise bad_value(f"the positional projection {name!r} cannot be {value!r}.", 31308)
        if not is_true(value):
            raise bad_value(f"the positional projection {name!r} cannot exclude.", 16410)
        if self._positional is not None:
            raise bad_value("a projection has at most one positional '$'.", 31276)
        self._positional = path
        self._name(path, value)

    def compiled(self, filter: Document | None) -> Project:
        if self._positional is not None and self._elements:
            raise bad_value("a projection has a positional '$' or $elemMatch, not both.", 31256)
        self._refuse_nesting()
        steps = [*self._slices.values(), *self._elements.values()]
        if self._positional is not None:
            steps.append(self._compile_positional(self._positional, filter))
        shape = self._shape()
        if not steps:
            return shape

        def project(document: Document) -> MutableDocument:
            projected = shape(document)
            for step in steps:
                step(document, projected)
            return projected

        return project

    def _compile_positional(self, path: str, filter: Document | None) -> ArrayStep:
        if filter is None:
            raise bad_value(f"the positional projection '{path}.$' needs a filter.", 51050)
        position = compile_position(filter, self._key_of)
        return compile_positional(path, normalized_filter(filter), position)

    def _shape(self) -> Project:
        includes = self._includes()
        plain = dict(self._plain)
        if includes:
            plain |= dict.fromkeys(self._slices, True)
        if not plain:
            return _only_id if includes else dict
        if includes and plain.keys() == {"_id"} and not is_true(plain["_id"]):
            return lambda document: {}  # what $elemMatch finds comes into it
        shape = compile_project(plain)
        variables = {"NOW": now()}
        return lambda document: shape(document, variables)

    def _includes(self) -> bool:
        """Whether only what is named is given; with nothing but array projections it depends on which."""
        for name, value in self._plain.items():
            if name != "_id":
                return _includes(value)
        if self._slices:
            return is_true(self._plain.get("_id", False))
        return bool(self._elements) or is_true(self._plain.get("_id", False))

    def _refuse_nesting(self) -> None:
        names = [*self._plain, *self._slices, *self._elements]
        for name in (*self._slices, *self._elements):
            for other in names:
                if other.startswith(f"{name}.") or name.startswith(f"{other}."):
                    raise bad_value(
                        f"a projection names {name!r} and {other!r}, which lie in each other.",
                        31249,
                    )


def _includes(value: Any) -> bool:
    fields = as_document(value)
    if fields and not next(iter(fields)).startswith("$"):
        return _includes(next(iter(fields.values())))
    return is_true(value) if isinstance(value, bool) or is_number(value) else True


def _only_id(document: Document) -> MutableDocument:
    return {"_id": document["_id"]} if "_id" in document else {}
