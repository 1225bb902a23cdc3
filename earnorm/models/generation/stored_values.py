"""The parts of generated functions that take stored values: a document's, and those of what is embedded in it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bson import Int64, tz_util

from earnorm.clock import EPOCH, NAIVE_EPOCH
from earnorm.fields import DateTimeField, Field, IntegerField, ListField, decoder_of
from earnorm.models.generation.rules import stored_tests
from earnorm.models.generation.source import Source
from earnorm.models.generation.values import is_folded, is_plain_embedded, is_plain_list
from earnorm.models.rules import DISCRIMINATOR, DocumentRules

__all__ = ["Decoding", "add_instance", "add_value"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """What to generate for: a class, its fields and rules, and whether stored types are trusted.

    A document that is `owned` is nobody else's: its lists become the instance's own, without a copy.
    `fail` leaves it to slower paths.
    """

    model: Any
    fields: Mapping[str, Field[Any]]
    rules: DocumentRules
    trusted: bool = False
    owned: bool = False
    fail: str = "return None"

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


def add_instance(
    source: Source, decoding: Decoding, kept: Mapping[str, str], variable: str = "_instance"
) -> None:
    """Emits: a new instance that keeps the values of these variables, by field."""
    new, model = source.bind(object.__new__, "new"), source.bind(decoding.model, "model")
    source.add(f"{variable} = {new}({model})", f"_kept = {variable}.__dict__")
    source.add(*(f"_kept[{name!r}] = {value}" for name, value in kept.items()))


def add_value(
    source: Source, decoding: Decoding, field: Field[Any], key: object, *, folds: bool = False
) -> None:
    """Emits: `_v` becomes the value as the field keeps it and `_p` its picture, if it needs one; or None.

    With `folds`, the picture of an embedded instance that will be folded is left in its row.
    """
    value, picture = f"_v{key}", f"_p{key}"
    tests = stored_tests(field, value, source)
    if type(field) is DateTimeField:
        _add_moment(source, decoding, field, value)
    elif tests is not None:
        _add_conversion(source, field, value)
        if not decoding.trusted:
            guard = "" if field.required else f"{value} is not None and "
            source.add(f"if {guard}not ({' and '.join(tests)}): {decoding.fail}")
    elif is_plain_list(field) or is_plain_embedded(field) or _is_embedded_list(field):
        if not field.required:
            source.add(f"{picture} = None")
        with source.block("if True:" if field.required else f"if {value} is not None:"):
            _add_container(source, decoding, field, key, folds=folds)
    else:
        decode = source.bind(decoder_of(field), "decode")
        source.add("_faults = []")
        source.add(f"{value} = {decode}({value}, {field.stored_name!r}, _faults)")
        source.add(f"if _faults: {decoding.fail}")
        if field.is_mutable:
            freeze = source.bind(field.freeze, "freeze")
            source.add(f"{picture} = None if {value} is None else {freeze}({value})")


def _add_container(
    source: Source, decoding: Decoding, field: Any, key: object, *, folds: bool
) -> None:
    value, picture = f"_v{key}", f"_p{key}"
    if is_plain_embedded(field):
        source.add(f"if _type({value}) is not _dict: {decoding.fail}")
        row = f"_row{key}"
        source.add(f"{row} = {_decoder(source, decoding, field)}({value})")
        source.add(f"if {row} is None: {decoding.fail}", f"{value} = {row}[0]")
        source.add("" if folds and is_folded(field) else f"{picture} = {row}[1:]")
        return
    source.add(f"if _type({value}) is not _list: {decoding.fail}")
    if is_plain_list(field):
        _add_items(source, decoding, field.items, value)
        source.add(f"{picture} = _tuple({value})")
        return
    source.add("_items, _pictures = [], []")
    with source.block(f"for _item in {value}:"):
        source.add(f"if _type(_item) is not _dict: {decoding.fail}")
        source.add(f"_row = {_decoder(source, decoding, field.items)}(_item)")
        source.add(f"if _row is None: {decoding.fail}")
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
    elif not decoding.owned:
        source.add(f"{value} = {value}[:]")
    if not decoding.trusted:
        tests = stored_tests(items, "_item", source) or []
        guard = "" if items.required else "_item is not None and "
        with source.block(f"for _item in {value}:"):
            source.add(f"if {guard}not ({' and '.join(tests)}): {decoding.fail}")


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
        # Neither takes more than a quarter of the time that `replace` does.
        source.add(
            f"_zone = {value}.tzinfo",
            f"if _zone is None: {value} = {epoch} + ({value} - {naive_epoch})",
            f"elif _zone is {bson_utc}: {value} = {combine}({value}, {value}.time(), {utc})",
        )
        if not decoding.trusted:
            source.add(f"elif _zone is not {utc}: {decoding.fail}")
            # A naive one of a store's has been BSON, which keeps whole milliseconds.
            only = "_zone is not None and " if decoding.owned else ""
            source.add(f"if {only}{value}.microsecond % 1000: {decoding.fail}")
    if not decoding.trusted:
        otherwise = "else" if field.required else f"elif {value} is not None"
        source.add(f"{otherwise}: {decoding.fail}")
