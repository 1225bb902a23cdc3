"""Generates what makes the instances of a whole batch of documents, in one function without calls.

The documents are nobody else's. Whatever does not fit exactly is left to what reads one document.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from earnorm.fields import Field
from earnorm.models.generation.source import Source
from earnorm.models.generation.stored_values import Decoding, add_instance, add_value
from earnorm.models.generation.values import is_folded
from earnorm.models.rules import DISCRIMINATOR

__all__ = ["generate_decode_all"]

_FAIL = "raise _GiveUp"


def generate_decode_all(
    decoding: Decoding, load: Callable[[Mapping[str, Any]], Any]
) -> Callable[[list[Any]], list[Any]]:
    """`decode_all(documents)`: the list with an instance in the place of each document; the rest goes to `load`.

    A document is let go of as soon as its instance is made.
    """
    decoding = replace(decoding, owned=True, fail=_FAIL)
    source = Source()
    slow = f"_documents[_at] = {source.bind(load, 'load')}(_document)"
    with source.block("def decode_all(_documents):"):
        with source.block("for _at, _document in _enumerate(_documents):"):
            if decoding.rules.has_revision:
                source.add(slow)
            else:
                source.add(f"if {_mismatch(source, decoding)}: {slow}; continue")
                with source.block("try:"):
                    pictures = _add_whole(source, decoding)
                    source.add(f"_kept['__trace__'] = ({pictures})")
                    source.add("_documents[_at] = _instance")
                source.add(f"except (_KeyError, _GiveUp): {slow}")
        source.add("return _documents")
    return source.compile("decode_all", decoding.model, title="from_documents")


def _mismatch(source: Source, decoding: Decoding) -> str:
    """The condition that a document has other keys, or is of another class."""
    tests = ["_type(_document) is not _dict", f"_len(_document) != {len(decoding.stored_names)}"]
    if decoding.kind is not None:
        kind = source.bind(decoding.kind, "kind")
        tests.append(f"_document.get({DISCRIMINATOR!r}) != {kind}")
    return " or ".join(tests)


def _add_whole(source: Source, decoding: Decoding) -> str:
    """Emits: an instance of the model in `_instance`, its values in `_kept`; gives the pictures, as source."""
    keys = {name: str(number) for number, name in enumerate(decoding.fields)}
    _add_reading(source, decoding, "_document", keys)
    pictures = []
    for name, field in decoding.fields.items():
        if is_folded(field):
            pictures += _add_embedded(source, decoding, field, keys[name])
        else:
            add_value(source, decoding, field, keys[name])
            pictures += [f"_p{keys[name]}"] if field.is_mutable else []
    add_instance(source, decoding, {name: f"_v{key}" for name, key in keys.items()})
    return "".join(f"{one}, " for one in pictures)


def _add_embedded(source: Source, decoding: Decoding, field: Any, key: str) -> list[str]:
    """Emits: the embedded instance takes the place of its document; gives the pictures of its values."""
    codec, value = field.codec, f"_v{key}"
    inner = replace(decoding, model=field.model, fields=codec.fields, rules=codec.rules)
    keys = {name: f"{key}_{number}" for number, name in enumerate(inner.fields)}
    size = len(inner.stored_names)
    source.add(f"if _type({value}) is not _dict or _len({value}) != {size}: {_FAIL}")
    _add_reading(source, inner, value, keys)
    for name, one in inner.fields.items():
        add_value(source, inner, one, keys[name])
    add_instance(source, inner, {name: f"_v{one}" for name, one in keys.items()}, value)
    return [
        f"_p{keys[name]}" if one.is_mutable else f"_v{keys[name]}"
        for name, one in inner.fields.items()
    ]


def _add_reading(
    source: Source, decoding: Decoding, document: str, keys: Mapping[str, str]
) -> None:
    fields: Mapping[str, Field[Any]] = decoding.fields
    source.add(
        *(f"_v{keys[name]} = {document}[{field.stored_name!r}]" for name, field in fields.items())
    )
