"""The filters for the elements that `$[name]` stands for."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.matcher import compile_normalized, normalized_filter
from earnorm.stores.documents.places import UpdatePath
from earnorm.stores.documents.refusals import write_error
from earnorm.stores.documents.update_paths import identifier
from earnorm.stores.documents.value_tests import ValueTest
from earnorm.typing import Document

__all__ = ["check_identifiers", "compile_array_filters"]


def compile_array_filters(
    array_filters: Sequence[Document], key_of: KeyOf
) -> Mapping[str, ValueTest]:
    """The test of each identifier, given an element.

    `{"item.count": {"$gt": 3}}` is a filter for the identifier `item`. Raises PyMongo's `WriteError` (9)
    for a filter that is not of exactly one identifier and for two of the same, and
    `OperationFailure` for what is no filter.
    """
    if isinstance(array_filters, Mapping) or as_array(array_filters) is None:
        raise write_error(
            f"arrayFilters is an array of filters, such as [{{'item.count': {{'$gt': 3}}}}], not {array_filters!r}.",
            14,
        )
    tests: dict[str, ValueTest] = {}
    for array_filter in array_filters:
        filter = normalized_filter(array_filter)
        name = _name(filter)
        if name in tests:
            raise write_error(
                f"two array filters are for the identifier {name!r}. Make one filter of them.", 9
            )
        tests[name] = _compile(name, filter, key_of)
    return tests


def check_identifiers(paths: Sequence[UpdatePath], array_filters: Mapping[str, ValueTest]) -> None:
    """Raises PyMongo's `WriteError` for an identifier without a filter (2) and for an unused filter (9)."""
    used = set()
    for path in paths:
        for name in filter(None, map(identifier, path)):
            if name not in array_filters:
                raise write_error(
                    f"no array filter found for the identifier {name!r} in the path {'.'.join(path)!r}. "
                    f"Add one to arrayFilters, such as {{{name!r}: {{'$gt': 3}}}}."
                )
            used.add(name)
    for name in array_filters:
        if name not in used:
            raise write_error(
                f"the array filter for the identifier {name!r} was not used in the update. Leave it out, "
                f"or use it: 'items.$[{name}]'.",
                9,
            )


def _compile(name: str, filter: Mapping[str, Any], key_of: KeyOf) -> ValueTest:
    match = compile_normalized(filter, key_of)
    return lambda element: match({name: element})


_IDENTIFIER: Final = re.compile("[a-z][a-zA-Z0-9]*", re.ASCII)


def _name(filter: Mapping[str, Any]) -> str:
    names = list(dict.fromkeys(_names(filter)))
    if not names:
        raise write_error(
            f"the array filter {filter!r} names no identifier. Begin its paths with one.", 9
        )
    if len(names) > 1:
        raise write_error(
            f"an array filter is of one identifier, and {filter!r} names {names[0]!r} and {names[1]!r}.",
            9,
        )
    if not _IDENTIFIER.fullmatch(names[0]):
        raise write_error(
            f"the identifier {names[0]!r} of an array filter has to begin with a lowercase letter and to "
            "consist of letters and digits."
        )
    return names[0]


def _names(filter: Mapping[str, Any]) -> Iterator[str]:
    """The first segments of the paths; clauses that are no filters are left to the compiler."""
    for path, condition in filter.items():
        if path in _COMBINING:
            for clause in as_array(condition) or ():
                yield from _names(as_document(clause) or {})
        elif path in _NOT_IN_CONTEXT:
            raise write_error(f"{path} is not allowed in an array filter.", 224)
        elif path != "$comment":
            yield path.split(".")[0]


_COMBINING: Final = frozenset({"$and", "$or", "$nor"})
_NOT_IN_CONTEXT: Final = frozenset({"$expr", "$where", "$text", "$jsonSchema"})
