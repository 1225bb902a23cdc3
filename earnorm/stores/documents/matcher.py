"""Compiles a filter into a function that says whether a document matches."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pymongo.errors import DocumentTooLarge, OperationFailure

from earnorm.errors import InvalidDocumentError
from earnorm.stores.documents.encoding import decode, encode
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.operators import compile_condition
from earnorm.stores.documents.paths import candidates, split_path
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.typing import Document

__all__ = ["Match", "compile_filter", "compile_normalized", "normalized_filter"]

Match = Callable[[Document], bool]
"""Says whether a document matches."""


def compile_filter(filter: Document) -> Match:
    """A function that says whether a document matches, by MongoDB's rules.

    The whole filter is checked here, whatever documents there will be: `UnsupportedError` names an
    operator that this release does not have, PyMongo's `OperationFailure` says what is malformed.
    """
    return compile_normalized(normalized_filter(filter))


def normalized_filter(filter: Document) -> dict[str, Any]:
    """The filter as MongoDB would receive it: in BSON's types only, no deeper than it allows."""
    if not isinstance(filter, Mapping):
        raise bad_value(f"a filter is a document, such as {{'name': 'Ada'}}, not {filter!r}.")
    try:
        # a document's _id is moved to the front when it is encoded; wrapped, the order stays
        normalized: dict[str, Any] = decode(encode({"filter": filter}))["filter"]
    except (InvalidDocumentError, DocumentTooLarge) as error:
        raise OperationFailure(f"the filter cannot be sent: {error}", 2) from error
    return normalized


def compile_normalized(filter: Mapping[str, Any]) -> Match:
    """As `compile_filter`, for a filter that is normalized already."""
    matches = [_compile_entry(name, condition) for name, condition in filter.items()]
    if not matches:
        return _matches_all
    return matches[0] if len(matches) == 1 else _and(matches)


def _matches_all(document: Document) -> bool:
    return True


def _compile_entry(name: str, condition: Any) -> Match:
    if not name.startswith("$"):
        return _compile_path(name, condition)
    if name not in _COMBINED:
        raise unsupported(f"the operator {name}")
    clauses = as_array(condition)
    if not clauses:
        raise bad_value(f"{name} needs an array of at least one filter, not {condition!r}.")
    return _COMBINED[name]([_compile_clause(name, clause) for clause in clauses])


def _compile_clause(name: str, clause: Any) -> Match:
    filter = as_document(clause)
    if filter is None:
        raise bad_value(f"{name} needs an array of filters, and {clause!r} is none.")
    return compile_normalized(filter)


def _compile_path(path: str, condition: Any) -> Match:
    test = compile_condition(condition)
    segments = split_path(path)
    return lambda document: test(candidates(document, segments))


def _and(matches: Sequence[Match]) -> Match:
    return lambda document: all(match(document) for match in matches)


def _or(matches: Sequence[Match]) -> Match:
    return lambda document: any(match(document) for match in matches)


_COMBINED: dict[str, Callable[[Sequence[Match]], Match]] = {"$and": _and, "$or": _or}
