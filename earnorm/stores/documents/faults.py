"""Finds what BSON cannot hold in a document, and says where it is and what to write instead."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import bson
from bson import Code, DBRef

from earnorm.stores.documents.bson_rules import CODEC_OPTIONS, MAX_DEPTH

__all__ = ["find_fault", "is_too_deep", "shown_value"]


def is_too_deep(document: object) -> bool:
    """Whether documents and arrays nest more than 100 deep, or without end."""
    level: dict[int, object] = {0: document}
    for _ in range(MAX_DEPTH + 1):
        # by identity, since a value that contains itself twice would double at every level
        level = {
            id(inner): inner
            for value in level.values()
            for inner in _inner(value)
            if type(inner) not in _PLAIN_TYPES
        }
        if not level:
            return False
    return True


def find_fault(value: object) -> str:
    """A sentence on the first thing that cannot be stored, or an empty string."""
    if not isinstance(value, Mapping):
        return f"{shown_value(value)} is not a document. Pass a mapping of names to values."
    if is_too_deep(value):
        return (
            f"the document nests more than {MAX_DEPTH} levels deep (or contains itself), and MongoDB "
            f"allows {MAX_DEPTH}. Flatten it, or split it into several documents."
        )
    return next(_faults(value, ""), "")


def shown_value(value: object) -> str:
    """The value as messages show it: what is long is cut."""
    shown = repr(value)
    return shown if len(shown) <= 80 else shown[:77] + "..."


_PLAIN_TYPES = frozenset({str, int, float, bool, type(None), bytes, datetime, bson.ObjectId})

_REMEDIES: dict[type, str] = {
    Decimal: "Wrap it: bson.Decimal128(value).",
    date: "Use a datetime.",
    time: "Store it as text, or as a datetime.",
    timedelta: "Store the number of seconds.",
    set: "Use a list.",
    frozenset: "Use a list.",
    complex: "Use a list of two numbers.",
}


def _inner(value: object) -> Iterator[Any]:
    if isinstance(value, Mapping):
        yield from value.values()
    elif isinstance(value, list | tuple):
        yield from value
    elif isinstance(value, DBRef):
        yield from value.as_doc().values()
    elif isinstance(value, Code) and value.scope:
        yield from value.scope.values()


def _faults(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _name_faults(name, path)
            yield from _faults(inner, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list | tuple):
        for position, inner in enumerate(value):
            yield from _faults(inner, f"{path}.{position}")
    elif fault := _value_fault(value):
        yield f"{path!r} cannot be written as BSON: {fault}"


def _name_faults(name: object, path: str) -> Iterator[str]:
    where = f"in {path!r}" if path else "at the top of the document"
    if not isinstance(name, str):
        yield (
            f"the name {shown_value(name)} {where} is of type {type(name).__name__}, and names in a document "
            "are text. Use str(name)."
        )
    elif "\x00" in name:
        yield f"the name {shown_value(name)} {where} contains a NUL character. Remove it."
    elif not _is_unicode(name):
        yield f"the name {shown_value(name)} {where} contains a lone surrogate. Remove it."


def _value_fault(value: object) -> str:
    if isinstance(value, str) and not _is_unicode(value):
        return f"{shown_value(value)} contains a lone surrogate. Store bytes, or replace the character."
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return "an integer has at most 64 bits. Use bson.Decimal128, or text."
    try:
        bson.encode({"": value}, codec_options=CODEC_OPTIONS)
    except Exception as error:  # noqa: BLE001  # whatever an encoder raises is the fault
        remedy = _REMEDIES.get(type(value), "Use a type that BSON has, or store text.")
        if type(value) in _REMEDIES or isinstance(error, bson.InvalidDocument):
            return f"{shown_value(value)} is of type {type(value).__name__}. {remedy}"
        return f"{shown_value(value)}: {error}. {remedy}"
    return ""


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
