"""Compiles a filter into a function that says whether a document matches."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from pymongo.errors import DocumentTooLarge, OperationFailure

from earnorm.errors import InvalidDocumentError
from earnorm.stores.documents.encoding import decode, encode
from earnorm.stores.documents.expression_match import matches_expression, refuse_expression
from earnorm.stores.documents.json_schema import compile_schema
from earnorm.stores.documents.keys import KeyOf, key_bytes
from earnorm.stores.documents.kinds import as_array, as_document, is_operators
from earnorm.stores.documents.operators import OPERATORS, equals
from earnorm.stores.documents.paths import Reached, candidates, reached, split_path
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.stores.documents.regexes import is_regex
from earnorm.stores.documents.text_operators import matches_regex
from earnorm.stores.documents.value_tests import Test, ValueTest, all_of, negated
from earnorm.typing import Document

__all__ = [
    "CONDITIONS",
    "TOP",
    "Match",
    "compile_condition",
    "compile_element",
    "compile_filter",
    "compile_normalized",
    "normalized_filter",
]

Match = Callable[[Document], bool]
"""Says whether a document matches."""


def compile_filter(filter: Document, key_of: KeyOf = key_bytes) -> Match:
    """A function that says whether a document matches, by MongoDB's rules.

    The whole filter is checked here, whatever documents there will be: `UnsupportedError` names an
    operator that this release does not have, PyMongo's `OperationFailure` says what is malformed.
    Values are compared by the keys that `key_of` gives: `compile_collation` makes one.
    """
    return compile_normalized(normalized_filter(filter), key_of)


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


def compile_normalized(filter: Mapping[str, Any], key_of: KeyOf = key_bytes) -> Match:
    """As `compile_filter`, for a filter that is normalized already."""
    matches = [
        _compile_entry(name, condition, key_of)
        for name, condition in filter.items()
        if name != "$comment"
    ]
    if not matches:
        return _matches_all
    return matches[0] if len(matches) == 1 else _and(matches)


def compile_condition(condition: object, key_of: KeyOf = key_bytes) -> Test:
    """The test for what a filter says of one path: operators, a regular expression, or a value.

    Operators that look at whole arrays expect to be given `Reached` values.
    """
    if isinstance(condition, Mapping) and is_operators(condition):
        return all_of([_compile_operator(name, condition, key_of) for name in condition])
    if is_regex(condition):
        return matches_regex(condition, key_of)
    return equals(condition, key_of)


def _matches_all(document: Document) -> bool:
    return True


def _compile_entry(name: str, condition: Any, key_of: KeyOf) -> Match:
    if not name.startswith("$"):
        return _compile_path(name, condition, key_of)
    if name == "$expr":
        if key_of is not key_bytes:
            raise unsupported("$expr together with a collation", "Compare by $toLower.")
        return matches_expression(condition)
    if name == "$jsonSchema":
        return compile_schema(condition)
    if name not in _COMBINED:
        raise unsupported(
            f"the operator {name}", f"At the top of a filter it has {', '.join(TOP)}."
        )
    clauses = as_array(condition)
    if not clauses:
        raise bad_value(f"{name} needs an array of at least one filter, not {condition!r}.")
    return _COMBINED[name]([_compile_clause(name, clause, key_of) for clause in clauses])


def _compile_clause(name: str, clause: Any, key_of: KeyOf) -> Match:
    filter = as_document(clause)
    if filter is None:
        raise bad_value(f"{name} needs an array of filters, and {clause!r} is none.")
    return compile_normalized(filter, key_of)


def _compile_path(path: str, condition: Any, key_of: KeyOf) -> Match:
    test = compile_condition(condition, key_of)
    segments = split_path(path)
    if _looks_at_arrays(condition):
        return lambda document: test(reached(document, segments))
    return lambda document: test(candidates(document, segments))


def _looks_at_arrays(condition: Any) -> bool:
    if not isinstance(condition, Mapping) or not is_operators(condition):
        return False
    return not _WHOLE_ARRAYS.isdisjoint(condition) or _looks_at_arrays(condition.get("$not"))


_WHOLE_ARRAYS = frozenset({"$all", "$elemMatch", "$size"})


def _compile_operator(name: str, condition: Mapping[str, Any], key_of: KeyOf) -> Test:
    if not name.startswith("$"):
        raise bad_value(
            f"unknown operator: {name!r} stands among operators. Operators begin with '$'."
        )
    if name in _NESTING:
        return _NESTING[name](condition[name], key_of)
    compiler = OPERATORS.get(name)
    if compiler is None:
        raise unsupported(f"the operator {name}", f"It has {', '.join(CONDITIONS)}.")
    return compiler(condition[name], condition, key_of)


def _compile_not(operand: Any, key_of: KeyOf) -> Test:
    if not is_regex(operand) and not (operand and is_operators(operand)):
        raise bad_value(
            "$not needs operators or a regular expression, such as {'$not': {'$gt': 3}}."
        )
    return negated(compile_condition(operand, key_of))


def _compile_all(operand: Any, key_of: KeyOf) -> Test:
    wanted = as_array(operand)
    if wanted is None:
        raise bad_value(f"$all needs an array, not {operand!r}.")
    if not wanted:
        return lambda values: False
    nested = [as_document(one) for one in wanted if is_operators(one)]
    if not nested:
        return all_of([compile_condition({"$in": [one]}, key_of) for one in wanted])
    if len(nested) < len(wanted) or any(list(one or ()) != ["$elemMatch"] for one in nested):
        raise bad_value("$all takes values, or filters that are each one $elemMatch.")
    return all_of([compile_condition(one, key_of) for one in nested])


def _compile_elem_match(operand: Any, key_of: KeyOf) -> Test:
    """An element of the array that fits on its own; the arrays inside it are values."""
    fits = compile_element(operand, key_of)

    def holds(values: list[Any]) -> bool:
        ends = values.ends if isinstance(values, Reached) else values
        return any(fits(element) for end in ends for element in as_array(end) or ())

    return holds


def compile_element(operand: Any, key_of: KeyOf = key_bytes) -> ValueTest:
    """Whether an element of an array fits what `$elemMatch` says."""
    condition = as_document(operand)
    if condition is None:
        raise bad_value(f"$elemMatch needs a filter, not {operand!r}.")
    is_value = is_operators(condition) and next(iter(condition)) not in _COMBINED
    return _fits_value(condition, key_of) if is_value else _fits_document(condition, key_of)


def _fits_value(condition: Mapping[str, Any], key_of: KeyOf) -> ValueTest:
    test = compile_condition(condition, key_of)
    return lambda element: test(Reached([element], [element]))


def _fits_document(filter: Mapping[str, Any], key_of: KeyOf) -> ValueTest:
    refuse_expression(filter)
    match = compile_normalized(filter, key_of)

    def fits(element: Any) -> bool:
        inner = as_document(element)
        if inner is None and (elements := as_array(element)) is not None:
            # MongoDB reads an array inside an array as a document whose names are positions
            inner = {str(position): value for position, value in enumerate(elements)}
        return inner is not None and match(inner)

    return fits


_NESTING: dict[str, Callable[[Any, KeyOf], Test]] = {
    "$not": _compile_not,
    "$all": _compile_all,
    "$elemMatch": _compile_elem_match,
}


def _and(matches: Sequence[Match]) -> Match:
    return lambda document: all(match(document) for match in matches)


def _or(matches: Sequence[Match]) -> Match:
    return lambda document: any(match(document) for match in matches)


def _nor(matches: Sequence[Match]) -> Match:
    return lambda document: not any(match(document) for match in matches)


_COMBINED: dict[str, Callable[[Sequence[Match]], Match]] = {"$and": _and, "$or": _or, "$nor": _nor}

TOP: Final = (*_COMBINED, "$expr", "$jsonSchema", "$comment")
"""The operators that stand where a filter has its paths."""

CONDITIONS: Final = (*OPERATORS, *_NESTING)
"""The operators that stand under a path."""
