"""The four functions that are generated for a class: initialise, validate, decode, encode.

Each takes the fast path or gives up, with False or None, before anything has changed; then the
interpreted path does the whole work.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bson import tz_util

from earnorm.fields import MISSING, DateTimeField, EmbeddedField, Field, ListField, copy_containers
from earnorm.models.generation.rules import constraint_tests, type_tests
from earnorm.models.generation.source import Source
from earnorm.models.state import InstanceState

__all__ = ["generate_decode", "generate_encode", "generate_initialise", "generate_validate"]

Fields = Mapping[str, Field[Any]]


def generate_initialise(
    fields: Fields, set_state: Callable[..., None], title: str
) -> Callable[..., bool]:
    """`initialise(instance, values)`: fills a new instance, if every value may be kept as it is."""
    source = Source()
    with source.block("def initialise(instance, values):"):
        kept = _read_values(source, fields)
        for name, variable in kept.items():
            _check(source, fields[name], variable, "return False", copies=True)
        _add_state(source, set_state, extras="{}", stored="False")
        source.add("kept = instance.__dict__")
        source.add(
            *(f"kept[{name!r}] = {variable}" for name, variable in kept.items()), "return True"
        )
    return source.compile("initialise", title=f"{title}.__init__")


def generate_validate(fields: Fields, title: str) -> Callable[..., bool]:
    """`validate(instance)`: whether every value is as it was checked when it was set."""
    source = Source()
    with source.block("def validate(instance):"):
        source.add("kept = instance.__dict__")
        with source.block("if instance.__state__.extras:"):
            source.add("return False")
        for number, (name, field) in enumerate(fields.items()):
            source.add(f"v{number} = kept.get({name!r}, {_missing(source)})")
            _check(source, field, f"v{number}", "return False", copies=False)
            if not _has_rule(field):
                source.add(f"kept[{name!r}] = v{number}")
        source.add("return True")
    return source.compile("validate", title=f"{title}.validate")


def generate_decode(
    model: Any, fields: Fields, set_state: Callable[..., None], title: str
) -> Callable[..., Any]:
    """`decode(document)`: a stored instance, or None when a value is not exactly of its field's type."""
    source = Source()
    with source.block("def decode(document):"):
        source.add("known = 0")
        for number, field in enumerate(fields.values()):
            _read_stored(source, field, f"v{number}")
        known = source.bind(frozenset(field.stored_name for field in fields.values()), "names")
        copied = source.bind(copy_containers, "copied")
        source.add("extras = {}")
        with source.block("if known != len(document):"):
            source.add(
                f"extras = {{k: {copied}(v) for k, v in document.items() if k not in {known}}}"
            )
        new = source.bind(object.__new__, "new")
        source.add(f"instance = {new}({source.bind(model, 'model')})")
        _add_state(source, set_state, extras="extras", stored="True")
        source.add("kept = instance.__dict__")
        for number, (name, field) in enumerate(fields.items()):
            keep = f"kept[{name!r}] = v{number}"
            source.add(
                keep
                if _always_has_value(field)
                else f"if v{number} is not {_missing(source)}: {keep}"
            )
        source.add("return instance")
    return source.compile("decode", title=f"{title}.from_document")


def generate_encode(fields: Fields, title: str) -> Callable[..., Any]:
    """`encode(instance)`: its document, or None when a field has no value."""
    source = Source()
    with source.block("def encode(instance):"):
        source.add("kept = instance.__dict__")
        with source.block("try:"):
            source.add("document = {")
            source.add(
                *(f"    {f.stored_name!r}: {_encoded(source, f, n)}," for n, f in fields.items()),
                "}",
            )
        with source.block("except KeyError:"):
            source.add("return None")
        if any(field.stored_name == "_id" for field in fields.values()):
            source.add("if document['_id'] is None: del document['_id']")
        source.add("extras = instance.__state__.extras")
        source.add(
            f"if extras: document.update({source.bind(copy_containers, 'copied')}(extras))",
            "return document",
        )
    return source.compile("encode", title=f"{title}.to_document")


def _add_state(source: Source, set_state: Callable[..., None], *, extras: str, stored: str) -> None:
    """Emits what `InstanceState(extras, stored=stored)` does, without the call."""
    new, kind = source.bind(object.__new__, "new"), source.bind(InstanceState, "InstanceState")
    source.add(f"state = {new}({kind})", f"state.extras = {extras}", f"state.stored = {stored}")
    source.add("state.hooks = 0", "state.inserting = None")
    source.add(f"{source.bind(set_state, 'set_state')}(instance, state)")


def _add_default(source: Source, field: Field[Any], variable: str) -> None:
    """Emits `variable = default`; a default that nobody can change is taken as it is."""
    made = None if field.default is MISSING else field.default
    if field.default_factory is None and (made is None or type(made) in _UNCHANGEABLE):
        source.add(f"{variable} = {source.bind(made, 'default')}")
    else:
        source.add(f"{variable} = {source.bind(field.make_default, 'make_default')}()")


_UNCHANGEABLE = (bool, int, float, str)


def _read_values(source: Source, fields: Fields) -> dict[str, str]:
    """Reads the constructor's arguments and defaults into variables; gives up for an unknown argument."""
    given = {
        name: f"v{number}"
        for number, (name, field) in enumerate(fields.items())
        if _always_has_value(field)
    }
    required = {n: v for n, v in given.items() if not fields[n].has_default}
    with source.block("try:"):
        source.add(*(f"{variable} = values[{name!r}]" for name, variable in required.items()))
        source.add(f"used = {len(required)}")
    with source.block("except KeyError:"):
        source.add("return False")
    for name, variable in given.items():
        field = fields[name]
        if not field.has_default:
            continue
        if field.contributed_by is not None:
            _add_default(source, field, variable)
            continue
        source.add(f"{variable} = values.get({name!r}, {_missing(source)})")
        with source.block(f"if {variable} is {_missing(source)}:"):
            _add_default(source, field, variable)
        source.add("else: used += 1")
    source.add("if used != len(values): return False")
    return given


def _read_stored(source: Source, field: Field[Any], variable: str) -> None:
    missing = _missing(source)
    source.add(f"{variable} = document.get({field.stored_name!r}, {missing})")
    with source.block(f"if {variable} is {missing}:"):
        if field.has_default:
            _add_default(source, field, variable)
            _check(source, field, variable, "return None", copies=False)
        elif field.contributed_by is not None:
            source.add("pass")
        else:
            source.add("return None")
    with source.block("else:"):
        source.add("known += 1")
        _decode_value(source, field, variable)


def _check(source: Source, field: Field[Any], variable: str, fail: str, *, copies: bool) -> None:
    """Emits: give up unless the field would keep the value (a list as a copy, where `copies`)."""
    condition = None if field.validators else _condition(source, field, variable)
    if condition is not None:
        guard = "" if field.required else f"{variable} is not None and "
        source.add(f"if {guard}not ({condition}): {fail}")
    elif _is_plain_list(field):
        _check_list(source, field, variable, fail, copies=copies)
    elif _is_plain_embedded(field):
        _check_embedded(source, field, variable, fail)
    else:
        method = source.bind(field.check if copies else field.recheck, "check")
        source.add(
            "faults = []",
            f"{variable} = {method}({variable}, {field.name!r}, faults)",
            f"if faults: {fail}",
        )


def _check_list(source: Source, field: Any, variable: str, fail: str, *, copies: bool) -> None:
    head = "if True:" if field.required else f"if {variable} is not None:"
    with source.block(head):
        source.add(f"if type({variable}) is not list: {fail}")
        with source.block(f"for item in {variable}:"):
            _check(source, field.items, "item", fail, copies=copies)
        if field.min_length is not None:
            source.add(f"if len({variable}) < {field.min_length!r}: {fail}")
        if field.max_length is not None:
            source.add(f"if len({variable}) > {field.max_length!r}: {fail}")
        if copies:
            source.add(f"{variable} = {variable}[:]")


def _check_embedded(source: Source, field: Any, variable: str, fail: str) -> None:
    codec = field.codec
    with source.block("if True:" if field.required else f"if {variable} is not None:"):
        with source.block(f"if type({variable}) is dict:"):
            source.add(
                f"{variable} = {source.bind(codec.construct_exact, 'construct')}({variable})"
            )
            source.add(f"if {variable} is None: {fail}")
        with source.block(
            f"elif type({variable}) is not {source.bind(field.model, 'embedded')} "
            f"or not {source.bind(codec.is_exact, 'is_exact')}({variable}):"
        ):
            source.add(fail)


def _decode_value(source: Source, field: Field[Any], variable: str) -> None:
    tests = type_tests(field, variable, source)
    if type(field) is DateTimeField:
        # BSON's codec gives its own zone for UTC; the field keeps Python's.
        utc, bson_utc = source.bind(UTC, "UTC"), source.bind(tz_util.utc, "bson_utc")
        moment = f"type({variable}) is {source.bind(datetime, 'datetime')}"
        with source.block(f"if {moment} and {variable}.tzinfo is {bson_utc}:"):
            source.add(f"{variable} = {variable}.replace(tzinfo={utc})")
    if tests is not None:
        guard = "" if field.required else f"{variable} is not None and "
        source.add(f"if {guard}not ({' and '.join(tests)}): return None")
    elif _is_plain_list(field):
        items: Any = field
        with source.block("if True:" if field.required else f"if {variable} is not None:"):
            source.add(f"if type({variable}) is not list: return None")
            with source.block(f"for item in {variable}:"):
                _decode_value(source, items.items, "item")
            source.add(f"{variable} = {variable}[:]")
    elif _is_plain_embedded(field):
        embedded: Any = field
        exact = source.bind(embedded.codec.decode_exact, "decode_exact")
        with source.block("if True:" if field.required else f"if {variable} is not None:"):
            source.add(f"if type({variable}) is not dict: return None")
            source.add(f"{variable} = {exact}({variable})", f"if {variable} is None: return None")
    else:
        source.add("faults = []")
        decode = source.bind(field.decode, "decode")
        source.add(
            f"{variable} = {decode}({variable}, {field.stored_name!r}, faults)",
            "if faults: return None",
        )


def _encoded(source: Source, field: Field[Any], name: str) -> str:
    value = f"kept[{name!r}]"
    if type_tests(field, value, source) is not None:
        return value
    if _is_plain_list(field):
        return f"{value}[:]" if field.required else f"None if {value} is None else {value}[:]"
    known: Any = field
    encode = known.codec.encode if type(field) is EmbeddedField else field.encode
    return f"None if {value} is None else {source.bind(encode, 'encode')}({value})"


def _condition(source: Source, field: Field[Any], variable: str) -> str | None:
    tests = type_tests(field, variable, source)
    if tests is None:
        return None
    return " and ".join([*tests, *constraint_tests(field, variable, source)])


def _is_plain_embedded(field: Any) -> bool:
    return type(field) is EmbeddedField and not field.validators and field.choices is None


def _has_rule(field: Field[Any]) -> bool:
    """Whether the value is kept as it is, and not put in order by the field's own method."""
    return _is_plain_list(field) or (
        not field.validators and type_tests(field, "value", Source()) is not None
    )


def _is_plain_list(field: Any) -> bool:
    """A list whose items have a rule of their own."""
    if type(field) is not ListField or field.validators or field.choices is not None:
        return False
    return type_tests(field.items, "item", Source()) is not None and not field.items.validators


def _always_has_value(field: Field[Any]) -> bool:
    """Whether an instance has a value under the field from its first moment on."""
    return field.has_default or field.contributed_by is None


def _missing(source: Source) -> str:
    return source.bind(MISSING, "MISSING")
