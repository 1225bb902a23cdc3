"""Generates what makes an instance of a stored document.

A model's function gives the instance, an embedded model's a row: the instance, and the pictures of its
values. Both give None for a document that is not exactly as its fields would have it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import Int64, tz_util

from earnorm.clock import EPOCH, NAIVE_EPOCH
from earnorm.fields import (
    ABSENT,
    DYNAMIC,
    MISSING,
    DateTimeField,
    Field,
    IntegerField,
    ListField,
    decoder_of,
    read_stored,
)
from earnorm.models.generation.rules import stored_tests
from earnorm.models.generation.source import Source
from earnorm.models.generation.values import (
    add_check,
    add_default,
    inner_of,
    is_folded,
    is_plain_embedded,
    is_plain_list,
    keeps_value,
)
from earnorm.models.rules import DISCRIMINATOR, REVISION, DocumentRules
from earnorm.models.state import InstanceState

__all__ = ["Decoding", "generate_decode"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """What to generate for: a class, its fields and rules, and whether stored types are trusted."""

    model: Any
    fields: Mapping[str, Field[Any]]
    rules: DocumentRules
    trusted: bool = False

    @property
    def pictured(self) -> list[int]:
        """The positions of the fields whose pictures are kept."""
        if self.model.__embedded__:
            return list(range(len(self.fields)))
        return [n for n, field in enumerate(self.fields.values()) if field.is_mutable]

    @property
    def kind(self) -> str | None:
        """What the documents of the class, and of no other one, say."""
        kind: str | None = self.rules.constants.get(DISCRIMINATOR)
        return None if self.model.__embedded__ else kind

    @property
    def may_be_of_child(self) -> bool:
        """Whether a document without a discriminator is the class's, and one with it is of a class below."""
        is_value = DISCRIMINATOR in {field.stored_name for field in self.fields.values()}
        return self.kind is None and not self.model.__embedded__ and not is_value

    @property
    def stored_names(self) -> frozenset[str]:
        """Every key of a document that is no extra."""
        return self.rules.reserved.union(field.stored_name for field in self.fields.values())


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
        _add_value(source, decoding, field, number, folds=not decoding.model.__embedded__)
    _add_instance(source, decoding, list(range(len(decoding.fields))))
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
        always = [
            n
            for n, field in enumerate(decoding.fields.values())
            if field.has_default or field.contributed_by is None
        ]
        _add_instance(source, decoding, always)
        for number, name in enumerate(decoding.fields):
            if number not in always:
                source.add(f"if _v{number} is not {missing}: _kept[{name!r}] = _v{number}")
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
        _add_value(source, decoding, field, number)
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


def _add_instance(source: Source, decoding: Decoding, numbers: Sequence[int]) -> None:
    new, model = source.bind(object.__new__, "new"), source.bind(decoding.model, "model")
    names = list(decoding.fields)
    source.add(f"_instance = {new}({model})", "_kept = _instance.__dict__")
    source.add(*(f"_kept[{names[number]!r}] = _v{number}" for number in numbers))


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


def _add_value(
    source: Source, decoding: Decoding, field: Field[Any], number: int, *, folds: bool = False
) -> None:
    """Emits: `_v` becomes the value as the field keeps it and `_p` its picture, if it needs one; or None.

    With `folds`, the picture of an embedded instance that will be folded is left in its row.
    """
    value, picture = f"_v{number}", f"_p{number}"
    tests = stored_tests(field, value, source)
    if type(field) is DateTimeField:
        _add_moment(source, decoding, field, value)
    elif tests is not None:
        _add_conversion(source, field, value)
        guard = "" if field.required else f"{value} is not None and "
        if not decoding.trusted:
            source.add(f"if {guard}not ({' and '.join(tests)}): return None")
    elif is_plain_list(field) or is_plain_embedded(field) or _is_embedded_list(field):
        if not field.required:
            source.add(f"{picture} = None")
        with source.block("if True:" if field.required else f"if {value} is not None:"):
            _add_container(source, decoding, field, number, folds=folds)
    else:
        decode = source.bind(decoder_of(field), "decode")
        source.add("_faults = []")
        source.add(f"{value} = {decode}({value}, {field.stored_name!r}, _faults)")
        source.add("if _faults: return None")
        if number in decoding.pictured and field.is_mutable:
            freeze = source.bind(field.freeze, "freeze")
            source.add(f"{picture} = None if {value} is None else {freeze}({value})")


def _add_container(
    source: Source, decoding: Decoding, field: Any, number: int, *, folds: bool
) -> None:
    value, picture = f"_v{number}", f"_p{number}"
    if is_plain_embedded(field):
        source.add(f"if _type({value}) is not _dict: return None")
        row = f"_row{number}"
        source.add(f"{row} = {_decoder(source, decoding, field)}({value})")
        source.add(f"if {row} is None: return None", f"{value} = {row}[0]")
        source.add("" if folds and is_folded(field) else f"{picture} = {row}[1:]")
        return
    source.add(f"if _type({value}) is not _list: return None")
    if is_plain_list(field):
        _add_items(source, decoding, field.items, value)
        source.add(f"{picture} = _tuple({value})")
        return
    source.add("_items, _pictures = [], []")
    with source.block(f"for _item in {value}:"):
        source.add("if _type(_item) is not _dict: return None")
        source.add(f"_row = {_decoder(source, decoding, field.items)}(_item)")
        source.add("if _row is None: return None")
        source.add("_items.append(_row[0]); _pictures.append(_row[1:])")
    source.add(f"{value}, {picture} = _items, _tuple(_pictures)")


def _add_items(source: Source, decoding: Decoding, items: Field[Any], value: str) -> None:
    """Emits: the list is a fresh one whose items are as their field keeps them."""
    if type(items) is DateTimeField:
        source.add("_items = []")
        with source.block(f"for _item in {value}:"):
            _add_moment(source, decoding, items, "_item")
            source.add("_items.append(_item)")
        source.add(f"{value} = _items")
        return
    if type(items) is IntegerField:
        source.add("_items = []")
        with source.block(f"for _item in {value}:"):
            _add_conversion(source, items, "_item")
            source.add("_items.append(_item)")
        source.add(f"{value} = _items")
    else:
        source.add(f"{value} = {value}[:]")
    if not decoding.trusted:
        tests = stored_tests(items, "_item", source) or []
        guard = "" if items.required else "_item is not None and "
        with source.block(f"for _item in {value}:"):
            source.add(f"if {guard}not ({' and '.join(tests)}): return None")


def _decoder(source: Source, decoding: Decoding, field: Any) -> str:
    codec = field.codec
    return source.bind(codec.decode_row_trusted if decoding.trusted else codec.decode_row, "decode")


def _is_embedded_list(field: Any) -> bool:
    if type(field) is not ListField or field.validators or field.choices is not None:
        return False
    return is_plain_embedded(field.items) and bool(field.items.required)


def _add_conversion(source: Source, field: Field[Any], value: str) -> None:
    """Emits the step from a type of BSON's own to Python's, which the field would make of it."""
    if type(field) is IntegerField:
        source.add(f"if _type({value}) is {source.bind(Int64, 'Int64')}: {value} = _int({value})")


def _add_moment(source: Source, decoding: Decoding, field: Field[Any], value: str) -> None:
    """Emits: a moment in UTC, where the document has a naive one, one of PyMongo's, or one in UTC already."""
    utc, bson_utc = source.bind(UTC, "UTC"), source.bind(tz_util.utc, "bson_utc")
    epoch, naive_epoch = source.bind(EPOCH, "epoch"), source.bind(NAIVE_EPOCH, "naive_epoch")
    combine = source.bind(datetime.combine, "combine")
    with source.block(f"if _type({value}) is {source.bind(datetime, 'datetime')}:"):
        # Neither takes more than a sixth of the time that `replace` does.
        source.add(
            f"_zone = {value}.tzinfo",
            f"if _zone is None: {value} = {epoch} + ({value} - {naive_epoch})",
            f"elif _zone is {bson_utc}: {value} = {combine}({value}, {value}.time(), {utc})",
        )
        if not decoding.trusted:
            source.add(f"elif _zone is not {utc}: return None")
            source.add(f"if {value}.microsecond % 1000: return None")
    if not decoding.trusted:
        source.add(
            "else: return None" if field.required else f"elif {value} is not None: return None"
        )
