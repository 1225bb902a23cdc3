"""Generates what makes a document of an instance."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.fields import Field, copy_containers
from earnorm.models.generation.rules import type_tests
from earnorm.models.generation.source import Source
from earnorm.models.generation.values import is_plain_embedded, is_plain_list
from earnorm.models.rules import REVISION, DocumentRules
from earnorm.models.state import InstanceState

__all__ = ["generate_encode"]


def generate_encode(
    model: type, fields: Mapping[str, Field[Any]], rules: DocumentRules
) -> Callable[..., Any]:
    """`encode(instance)`: its document, or None when a field has no value."""
    source = Source()
    with source.block("def encode(_instance):"):
        source.add("_kept, _trace = _instance.__dict__, _instance.__trace__")
        with source.block("try:"):
            values = (f"{f.stored_name!r}: {_encoded(source, f, n)}" for n, f in fields.items())
            constants = (
                f"{name!r}: {source.bind(value, 'constant')}"
                for name, value in rules.constants.items()
            )
            source.add("_document = {", *(f"    {item}," for item in (*values, *constants)), "}")
        source.add("except _KeyError: return None")
        if any(field.stored_name == "_id" for field in fields.values()):
            source.add("if _document['_id'] is None: del _document['_id']")
        if rules.has_revision:
            source.add("_revision = _instance.__state__.revision")
            source.add(f"if _revision is not None: _document[{REVISION!r}] = _revision")
        state = source.bind(InstanceState, "InstanceState")
        with source.block(f"if _type(_trace) is {state} and _trace.extras:"):
            source.add(f"_document.update({source.bind(copy_containers, 'copied')}(_trace.extras))")
        source.add("return _document")
    return source.compile("encode", model, title="to_document")


def _encoded(source: Source, field: Field[Any], name: str) -> str:
    value = f"_kept[{name!r}]"
    if type_tests(field, value, source) is not None:
        return value
    if is_plain_list(field):
        return f"{value}[:]" if field.required else f"None if {value} is None else {value}[:]"
    known: Any = field
    encode = known.codec.encode if is_plain_embedded(field) else field.encode
    return f"None if {value} is None else {source.bind(encode, 'encode')}({value})"
