"""The operators over texts: `$concat`, `$split`, `$trim`, `$substrCP`."""

import string
from collections.abc import Callable, Mapping
from typing import Any, Final

from earnorm.stores.documents.computing.arguments import Named, null_for_null, taking
from earnorm.stores.documents.computing.array_operators import small_integer
from earnorm.stores.documents.computing.bounds import check_text
from earnorm.stores.documents.computing.expression import (
    Compiler,
    Evaluate,
    Scope,
    Variables,
    nullish,
)
from earnorm.stores.documents.computing.texts import as_text
from earnorm.stores.documents.computing.values import kind_of
from earnorm.stores.documents.refusals import bad_value
from earnorm.typing import Document

__all__ = ["TEXT_OPERATORS", "text_of"]


def text_of(value: Any, what: str, code: int) -> str:
    """The text; raises for what is none."""
    if type(value) is not str:
        raise bad_value(f"{what} has to be text, not {kind_of(value)}.", code)
    return value


def _concat(*values: Any) -> Any:
    texts = [text_of(value, "each argument of $concat", 16702) for value in values]
    check_text("$concat", sum(map(len, texts)))
    return "".join(texts)


def _lower(value: Any) -> str:
    return as_text(value).translate(_TO_LOWER)


def _upper(value: Any) -> str:
    return as_text(value).translate(_TO_UPPER)


# as in MongoDB: letters outside ASCII have no case for these two
_TO_LOWER: Final = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_TO_UPPER: Final = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)


def _substring(value: Any, start: Any, length: Any) -> str:
    text = as_text(value)
    first = small_integer(start, "the start of $substrCP", 34450, 34451)
    count = small_integer(length, "the length of $substrCP", 34452, 34453)
    if count < 0:
        raise bad_value(f"the length of $substrCP cannot be negative, as {count} is.", 34454)
    if first < 0:
        raise bad_value(f"the start of $substrCP cannot be negative, as {first} is.", 34455)
    return text[first : first + count]


def _length(value: Any) -> int:
    return len(text_of(value, "the argument of $strLenCP", 34471))


def _byte_length(value: Any) -> int:
    return len(text_of(value, "the argument of $strLenBytes", 34473).encode())


def _split(value: Any, separator: Any) -> Any:
    text = text_of(value, "the first argument of $split", 40085)
    between = text_of(separator, "the second argument of $split", 40086)
    if not between:
        raise bad_value("the second argument of $split cannot be empty.", 40087)
    return text.split(between)


def _index_of(value: Any, wanted: Any, *bounds: Any) -> Any:
    if nullish(value):
        return None
    text = text_of(value, "the first argument of $indexOfCP", 40093)
    part = text_of(wanted, "the second argument of $indexOfCP", 40094)
    start, end = [_bound(bound) for bound in bounds] + [0, len(text)][len(bounds) :]
    return -1 if start > len(text) or end < start else text.find(part, start, end)


def _bound(value: Any) -> int:
    number = small_integer(value, "a position of $indexOfCP", 40096, 40096)
    if number < 0:
        raise bad_value(f"a position of $indexOfCP cannot be negative, as {number} is.", 40097)
    return number


def _compare_ignoring_case(first: Any, second: Any) -> int:
    one, other = _upper(first).encode(), _upper(second).encode()
    return (one > other) - (one < other)


def _trimming(name: str, strip: Callable[[str, str], str]) -> tuple[str, Compiler]:
    named = Named(
        operator=name,
        required=("input",),
        optional=("chars",),
        no_document=50696,
        unknown=50694,
        missing=50695,
    )

    def compile(operand: Any, scope: Scope) -> Evaluate:
        arguments = named.compile(operand, scope)
        source, letters = arguments["input"], arguments.get("chars", _whitespace)

        def evaluate(document: Document, variables: Variables) -> Any:
            value, chars = source(document, variables), letters(document, variables)
            if nullish(value) or nullish(chars):
                return None
            text = text_of(value, f"the input of {name}", 50699)
            return strip(text, text_of(chars, f"the chars of {name}", 50700))

        return evaluate

    return name, compile


def _whitespace(document: Document, variables: Variables) -> str:
    return _WHITESPACE


# the manual's "Whitespace Characters" of $trim
_WHITESPACE: Final = "\x00\t\n\v\f\r \u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))


def _replacing(name: str, count: int) -> tuple[str, Compiler]:
    named = Named(
        operator=name,
        required=("input", "find", "replacement"),
        no_document=51751,
        unknown=51750,
        missing=51749,
    )

    def replace(value: Any, find: Any, replacement: Any) -> str:
        text = text_of(value, f"the input of {name}", 51746)
        wanted = text_of(find, f"the text that {name} finds", 51745)
        new = text_of(replacement, f"the replacement of {name}", 51744)
        check_text(name, len(text) + text.count(wanted) * len(new))
        return text.replace(wanted, new, count)

    applied = null_for_null(replace)

    def compile(operand: Any, scope: Scope) -> Evaluate:
        arguments = named.compile(operand, scope)
        ordered = [arguments[argument] for argument in named.required]
        return lambda document, variables: applied(
            *[argument(document, variables) for argument in ordered]
        )

    return name, compile


TEXT_OPERATORS: Mapping[str, Compiler] = dict(
    [
        taking("$concat", null_for_null(_concat), least=0, most=None),
        taking("$toLower", _lower),
        taking("$toUpper", _upper),
        taking("$substrCP", _substring, least=3, most=3),
        taking("$strLenCP", _length),
        taking("$strLenBytes", _byte_length),
        taking("$split", null_for_null(_split), least=2, most=2),
        taking("$indexOfCP", _index_of, least=2, most=4),
        taking("$strcasecmp", _compare_ignoring_case, least=2, most=2),
        _trimming("$trim", str.strip),
        _trimming("$ltrim", str.lstrip),
        _trimming("$rtrim", str.rstrip),
        _replacing("$replaceOne", 1),
        _replacing("$replaceAll", -1),
    ]
)
