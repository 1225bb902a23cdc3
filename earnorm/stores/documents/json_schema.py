"""`$jsonSchema`: whether a document fits a schema, by the keywords of JSON Schema (draft 4) that MongoDB has.

Source: "$jsonSchema" in MongoDB's manual. A keyword asks only values of the type that it is about.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from earnorm.stores.documents.json_schema_values import VALUE_KEYWORDS, schema_key
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.stores.documents.regexes import compile_regex
from earnorm.stores.documents.schema_operands import count, flag, schema_error, strings
from earnorm.stores.documents.value_tests import ValueTest

__all__ = ["SCHEMA_KEYWORDS", "compile_schema"]


def compile_schema(schema: Any, keyword: str = "$jsonSchema") -> ValueTest:
    """Whether a value fits the schema that stands under `keyword`.

    Raises PyMongo's `OperationFailure`: 9 for a keyword that MongoDB does not know, 9, 14 or 2 for what a
    keyword cannot be.
    """
    document = as_document(schema)
    if document is None:
        raise schema_error(keyword, "is a document", schema, 14)
    tests: list[ValueTest] = []
    for name, operand in document.items():
        compiler = SCHEMA_KEYWORDS.get(name)
        if compiler is None:
            raise _unknown(name)
        test = compiler(operand, document)
        if test is not None:
            tests.append(test)
    return lambda value: all(test(value) for test in tests)


def _unknown(name: str) -> Exception:
    if name in _KNOWN_ELSEWHERE:
        return bad_value(f"$jsonSchema does not support the keyword {name!r}. Leave it out.", 9)
    if name.startswith("encrypt"):
        return unsupported(f"the keyword {name!r} of $jsonSchema")
    return bad_value(f"unknown $jsonSchema keyword: {name!r}.", 9)


# keywords of JSON Schema that MongoDB refuses as well
_KNOWN_ELSEWHERE: Final = frozenset({"$ref", "$schema", "default", "definitions", "format", "id"})

_Compiled = ValueTest | None
_Properties = Callable[[Mapping[str, Any]], bool]


def _of_objects(test: _Properties) -> ValueTest:
    def fits(value: Any) -> bool:
        document = as_document(value)
        return document is None or test(document)

    return fits


def _properties(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    tests = _schemas("properties", operand)
    return _of_objects(
        lambda document: all(
            test(document[name]) for name, test in tests.items() if name in document
        )
    )


def _pattern_properties(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    tests = [
        (compile_regex(pattern), test)
        for pattern, test in _schemas("patternProperties", operand).items()
    ]
    return _of_objects(
        lambda document: all(
            test(value)
            for name, value in document.items()
            for pattern, test in tests
            if pattern.matches(name)
        )
    )


def _additional_properties(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    allowed = _allowed("additionalProperties", operand)
    named = set(as_document(schema.get("properties")) or ())
    patterns = [compile_regex(one) for one in as_document(schema.get("patternProperties")) or ()]
    return _of_objects(
        lambda document: all(
            allowed(value)
            for name, value in document.items()
            if name not in named and not any(pattern.matches(name) for pattern in patterns)
        )
    )


def _required(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    names = strings("required", operand)
    return _of_objects(lambda document: all(name in document for name in names))


def _min_properties(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    least = count("minProperties", operand)
    return _of_objects(lambda document: len(document) >= least)


def _max_properties(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    most = count("maxProperties", operand)
    return _of_objects(lambda document: len(document) <= most)


def _dependencies(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    document = as_document(operand)
    if document is None:
        raise schema_error("dependencies", "is a document", operand, 14)
    tests = {name: _dependency(needed) for name, needed in document.items()}
    return _of_objects(
        lambda document: all(test(document) for name, test in tests.items() if name in document)
    )


def _dependency(needed: Any) -> ValueTest:
    if as_array(needed) is None:
        return compile_schema(needed, "dependencies")
    names = strings("dependencies", needed)
    return lambda document: all(name in document for name in names)


def _items(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    listed = as_array(operand)
    if listed is None:
        each = compile_schema(operand, "items")
        return _of_arrays(lambda elements: all(map(each, elements)))
    tests = [compile_schema(one, "items") for one in listed]
    return _of_arrays(
        lambda elements: all(test(element) for test, element in zip(tests, elements, strict=False))
    )


def _additional_items(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    allowed = _allowed("additionalItems", operand)
    listed = as_array(schema.get("items"))
    if listed is None:
        return lambda value: True
    return _of_arrays(lambda elements: all(map(allowed, elements[len(listed) :])))


def _min_items(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    least = count("minItems", operand)
    return _of_arrays(lambda elements: len(elements) >= least)


def _max_items(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    most = count("maxItems", operand)
    return _of_arrays(lambda elements: len(elements) <= most)


def _unique_items(operand: Any, schema: Mapping[str, Any]) -> _Compiled:
    if not flag("uniqueItems", operand):
        return None
    return _of_arrays(lambda elements: len(set(map(schema_key, elements))) == len(elements))


def _of_arrays(test: Callable[[Sequence[Any]], bool]) -> ValueTest:
    def fits(value: Any) -> bool:
        elements = as_array(value)
        return elements is None or test(elements)

    return fits


def _all_of(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    tests = _listed("allOf", operand)
    return lambda value: all(test(value) for test in tests)


def _any_of(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    tests = _listed("anyOf", operand)
    return lambda value: any(test(value) for test in tests)


def _one_of(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    tests = _listed("oneOf", operand)
    return lambda value: sum(test(value) for test in tests) == 1


def _not(operand: Any, schema: Mapping[str, Any]) -> ValueTest:
    test = compile_schema(operand, "not")
    return lambda value: not test(value)


def _listed(keyword: str, operand: Any) -> list[ValueTest]:
    schemas = as_array(operand)
    if schemas is None:
        raise schema_error(keyword, "is an array of schemas", operand, 14)
    if not schemas:
        raise schema_error(keyword, "has at least one schema", operand, 2)
    return [compile_schema(one, keyword) for one in schemas]


def _schemas(keyword: str, operand: Any) -> dict[str, ValueTest]:
    document = as_document(operand)
    if document is None:
        raise schema_error(keyword, "is a document of schemas", operand, 14)
    return {name: compile_schema(one, keyword) for name, one in document.items()}


def _allowed(keyword: str, operand: Any) -> ValueTest:
    if isinstance(operand, bool):
        return lambda value: operand
    return compile_schema(operand, keyword)


SCHEMA_KEYWORDS: Final[Mapping[str, Callable[[Any, Mapping[str, Any]], _Compiled]]] = {
    **VALUE_KEYWORDS,
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "required": _required,
    "minProperties": _min_properties,
    "maxProperties": _max_properties,
    "dependencies": _dependencies,
    "items": _items,
    "additionalItems": _additional_items,
    "minItems": _min_items,
    "maxItems": _max_items,
    "uniqueItems": _unique_items,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
}
"""What makes a test of the operand of a keyword, given the schema that it stands in; None where it asks for nothing."""
