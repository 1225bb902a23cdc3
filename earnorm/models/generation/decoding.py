"""Generates what makes an instance of a stored document.

A model's function gives the instance, an embedded model's a row: the instance, and the pictures of its
values. Both give None for a document that is not exactly as its fields would have it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.fields import (
    ABSENT,
    DYNAMIC,
    MISSING,
    Field,
    read_stored,
)
from earnorm.models.generation.source import Source
from earnorm.models.generation.stored_values import Decoding, add_instance, add_value
from earnorm.models.generation.values import (
    add_check,
    add_default,
    inner_of,
    is_folded,
    keeps_value,
)
from earnorm.models.rules import DISCRIMINATOR, REVISION
from earnorm.models.state import InstanceState

__all__ = ["generate_decode"]


def generate_decode(decoding: Decoding) -> Callable[..., Any]:
    """`decode(document)` for a document with all keys and no others; the rest goes to `loose`."""
    source = Source()
    with source.block("def decode(_document):"):
        _add_kind(source, decoding)
        give_up = f"return {source.bind(_Loose(decoding), 'loose')}(_document)"
        if decoding.rules.has_revision:
            source.add(give_up)
        else:
            _add_whole(source, decoding, give_up)
    return source.compile("decode", decoding.model, title="from_document")


def _add_kind(source: Source, decoding: Decoding) -> None:
    """Emits: a document of another class is left to the interpreted path, which finds the class."""
    if decoding.kind is not None:
        kind = source.bind(decoding.kind, "kind")
        source.add(f"if _document.get({DISCRIMINATOR!r}) != {kind}: return None")


class _Loose:
    """The function for documents that lack keys or have others, generated when the first one comes."""

    def __init__(self, decoding: Decoding) -> None:
        self._decoding = decoding
        self._decode: Callable[..., Any] | None = None

    def __call__(self, document: Mapping[str, Any]) -> Any:
        if self._decode is None:
            self._decode = _generate_loose(self._decoding)
        return self._decode(document)


def _add_whole(source: Source, decoding: Decoding, give_up: str) -> None:
    fields = decoding.fields.values()
    source.add(f"if _len(_document) != {len(decoding.stored_names)}: {give_up}")
    with source.block("try:"):
        source.add(*(f"_v{n} = _document[{f.stored_name!r}]" for n, f in enumerate(fields)))
    source.add(f"except _KeyError: {give_up}")
    for number, field in enumerate(fields):
        add_value(source, decoding, field, number, folds=not decoding.model.__embedded__)
    add_instance(source, decoding, {name: f"_v{n}" for n, name in enumerate(decoding.fields)})
    pictures = ", ".join(
        f"_p{n}" if field.is_mutable else f"_v{n}"
        for n, field in enumerate(fields)
        if n in decoding.pictured
    )
    if decoding.model.__embedded__:
        source.add(f"return _instance, {pictures}" if pictures else "return (_instance,)")
    else:
        _add_pictures(source, decoding, pictures)
        source.add("return _instance")


def _add_pictures(source: Source, decoding: Decoding, pictures: str) -> None:
    """Leaves the pictures with the instance: folded, while no embedded instance has extras."""
    fields = dict(enumerate(decoding.fields.values()))
    folded = [n for n in decoding.pictured if is_folded(fields[n])]
    nested = f"({pictures},)" if pictures else "()"
    if not folded:
        source.add(f"_kept['__trace__'] = {nested}")
        return
    sizes = {n: len(inner_of(fields[n])) for n in folded}
    flat = ", ".join(
        ", ".join(f"_row{n}[{m}]" for m in range(1, sizes[n] + 1)) if n in sizes else f"_p{n}"
        for n in decoding.pictured
    )
    is_plain = " and ".join(f"_len(_row{n}) == {size + 1}" for n, size in sizes.items())
    source.add(f"if {is_plain}: _kept['__trace__'] = ({flat},)")
    with source.block("else:"):
        source.add(*(f"_p{n} = _row{n}[1:]" for n in folded))
        source.add(f"_kept['__trace__'] = {nested}")


def _generate_loose(decoding: Decoding) -> Callable[..., Any]:
    source = Source()
    with source.block("def decode(_document):"):
        if decoding.may_be_of_child:
            source.add(f"if {DISCRIMINATOR!r} in _document: return None")
        source.add("_known, _changed = 0, {}")
        if decoding.kind is not None:
            source.add("_known += 1")
        for number, field in enumerate(decoding.fields.values()):
            _add_reading(source, decoding, field, number)
        _add_extras(source, decoding)
        missing = source.bind(MISSING, "MISSING")
        variables = {name: f"_v{n}" for n, name in enumerate(decoding.fields)}
        always = {
            name: variables.pop(name)
            for name, field in decoding.fields.items()
            if field.has_default or field.contributed_by is None
        }
        add_instance(source, decoding, always)
        for name, variable in variables.items():
            source.add(f"if {variable} is not {missing}: _kept[{name!r}] = {variable}")
        _add_trace(source, decoding)
    return source.compile(
        "decode", decoding.model, title="from_document, with keys missing or unknown"
    )


def _add_reading(source: Source, decoding: Decoding, field: Field[Any], number: int) -> None:
    """Reads one value, or fills in its default."""
    variable, missing = f"_v{number}", source.bind(MISSING, "MISSING")
    absent = source.bind(ABSENT, "ABSENT")
    pictured = number in decoding.pictured
    mark = f"_p{number} = {absent}" if pictured else f"_changed[{field.name!r}] = {absent}"
    source.add(f"{variable} = _document.get({field.stored_name!r}, {missing})")
    with source.block(f"if {variable} is {missing}:"):
        if field.has_default:
            add_default(source, field, variable)
            if not keeps_value(field):
                add_check(source, field, variable, "return None", copies=False)
            source.add(f"if {variable} is not None: {mark}")
            source.add(f"else: _p{number} = None" if pictured else "")
        else:
            source.add("return None" if field.contributed_by is None else mark)
    with source.block("else:"):
        source.add("_known += 1")
        add_value(source, decoding, field, number)
        if pictured and not field.is_mutable:
            source.add(f"_p{number} = {variable}")


def _add_extras(source: Source, decoding: Decoding) -> None:
    names = source.bind(decoding.stored_names, "names")
    read = source.bind(read_stored, "read_stored")
    source.add("_extras = None")
    with source.block("if _known != _len(_document):"):
        if decoding.rules.extra == "keep":
            inside = f"_k: {read}(_v) for _k, _v in _document.items() if _k not in {names}"
            source.add(f"_extras = {{{inside}}}")
        elif decoding.rules.extra == "forbid":
            with source.block("for _key in _document:"):
                source.add(f"if _key not in {names}: return None")
        else:
            source.add("pass")


def _add_trace(source: Source, decoding: Decoding) -> None:
    """What the instance knows of the stored document, when that is more than pictures alone."""
    state = source.bind(InstanceState, "InstanceState")
    pictures = "".join(f"_p{n}, " for n in decoding.pictured)
    if decoding.model.__embedded__:
        source.add(f"if not _extras: return (_instance, {pictures})")
        source.add(f"_kept['__trace__'] = {state}(_extras)")
        freeze = source.bind(DYNAMIC.freeze, "freeze")
        source.add(f"return (_instance, {pictures}{freeze}(_extras))")
        return
    revision = f"_document.get({REVISION!r})" if decoding.rules.has_revision else "None"
    known = "pictures=_pictures, changed=_changed, revision=_revision"
    source.add(f"_pictures, _revision = ({pictures}), {revision}")
    with source.block("if _extras or _changed or _revision is not None:"):
        source.add(f"_kept['__trace__'] = {state}(_extras, {known})")
    source.add("else: _kept['__trace__'] = _pictures", "return _instance")
