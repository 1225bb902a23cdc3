"""Gives the parts of a document that a projection asks for, as MongoDB's `find` does."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.clock import now
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.stores.documents.shaping import compile_project
from earnorm.typing import Document, MutableDocument

__all__ = ["Project", "compile_projection"]

Project = Callable[[Document], MutableDocument]
"""Gives the parts that are asked for; what they hold is shared with the document."""


def compile_projection(projection: Document) -> Project:
    """A function that gives the parts which a projection includes and computes, or all that it does not exclude.

    `{"name": 1, "address.city": 1}` includes, through arrays into each of their documents; `_id` comes along
    unless it is excluded; `{"total": {"$add": ["$price", "$tax"]}}` computes. Raises PyMongo's
    `OperationFailure` for what is no projection, and `UnsupportedError` for what only `find` of MongoDB has
    (`$elemMatch`, `$slice` of numbers, `$meta`, positional ones).
    """
    if not isinstance(projection, Mapping):
        raise bad_value(f"a projection is a document, such as {{'name': 1}}, not {projection!r}.")
    if not projection:
        return dict
    for name, value in projection.items():
        _check(name, value)
    shape = compile_project(projection)
    variables = {"NOW": now()}
    return lambda document: shape(document, variables)


def _check(name: object, value: Any) -> None:
    if not isinstance(name, str):
        raise bad_value(f"a projection names parts by their paths, and {name!r} is none.")
    operator, operand = next(iter((as_document(value) or {}).items()), ("", None))
    if operator == "$elemMatch" or (operator == "$slice" and not _is_expression(operand)):
        raise unsupported(
            f"the projection {value!r} of {name!r}", "Use the expression $filter or $slice."
        )


def _is_expression(operand: Any) -> bool:
    # {"$slice": ["$names", 2]} computes; of numbers it is the older form, which only find has
    elements = as_array(operand)
    return bool(elements) and not isinstance((elements or [0])[0], int | float)
