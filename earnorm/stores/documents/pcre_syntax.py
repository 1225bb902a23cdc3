"""Writes a regular expression of MongoDB's kind, PCRE2, the way Python does where the two differ."""

import re
from collections.abc import Iterator
from typing import Final

from earnorm.stores.documents.refusals import bad_value, unsupported

__all__ = ["python_source"]


def python_source(source: str) -> str:
    r"""The expression in Python's syntax.

    Named groups, quotations (`\Q...\E`), POSIX classes, `\h`, `\N`, `\x{...}`, `\z` and `\Z` are written otherwise, and what
    a class of Python's would warn of is escaped. Raises `UnsupportedError` for what Python has not: properties (`\p{L}`),
    recursion, verbs, `\R`, `\K`, `\G`, `\X`.
    """
    return "".join(_pieces(source))


_TOKEN: Final = re.compile(
    r"(?P<quoted>\\Q.*?(?:\\E|\Z))"
    r"|(?P<hex>\\x\{[0-9a-fA-F]{1,6}\})"
    r"|(?P<named>\\[kg](?:<\w+>|'\w+'|\{\w+\}))"
    r"|(?P<escape>\\.)"
    r"|(?P<group>\(\?(?:<(?![=!])|'))"
    r"|(?P<refused>\(\*|\(\?(?:\||R\)|[+-]?\d+\)|&|P>|C\d*\)))"
    r"|(?P<start>\[\^?\]?)"
    r"|(?P<plain>.)",
    re.DOTALL,
)
_IN_CLASS: Final = re.compile(
    r"(?P<posix>\[:\^?\w+:\])|(?P<hex>\\x\{[0-9a-fA-F]{1,6}\})|(?P<escape>\\.)|(?P<end>\])|(?P<plain>.)",
    re.DOTALL,
)

_ESCAPES: Final = {
    "z": r"\Z",
    "Z": "(?-m:$)",
    "h": r"[ \t]",
    "H": r"[^ \t]",
    "N": r"[^\n]",
    "e": r"\x1b",
}
_REFUSED_ESCAPES: Final = frozenset("pPRKGXCov")
_POSIX: Final = {
    "alpha": "a-zA-Z",
    "digit": "0-9",
    "alnum": "a-zA-Z0-9",
    "upper": "A-Z",
    "lower": "a-z",
    "word": "a-zA-Z0-9_",
    "space": r" \t\n\r\f\v",
    "blank": r" \t",
    "xdigit": "0-9a-fA-F",
    "punct": r"!-/:-@\[-`{-~",
    "cntrl": r"\x00-\x1f\x7f",
    "print": " -~",
    "graph": "!-~",
}


def _pieces(source: str) -> Iterator[str]:
    at = 0
    while at < len(source):
        found = _TOKEN.match(source, at)
        if found is None:  # a backslash at the very end, of which Python will complain
            yield source[at:]
            return
        at = found.end()
        kind, text = str(found.lastgroup), found[0]
        if kind == "start":
            inner, at = _class(source, text, at)
            yield inner
        elif kind == "group":
            name, closing, _ = source[at:].partition(">" if text[-1] == "<" else "'")
            yield f"(?P<{name}>" if closing else text
            at += len(name) + len(closing)
        elif kind == "refused":
            raise unsupported(f"{text!r} in the regular expression {source!r}")
        else:
            yield _written(kind, text, source)


def _written(kind: str, text: str, source: str) -> str:
    if kind == "quoted":
        return re.escape(text[2:].removesuffix(r"\E"))
    if kind == "hex":
        return _character(text, source)
    if kind == "named":
        name = text[3:-1]
        return rf"(?:\{name})" if name.isdecimal() else f"(?P={name})"
    if kind == "escape":
        if text[1] in _REFUSED_ESCAPES:
            raise unsupported(f"{text!r} in the regular expression {source!r}")
        return "" if text == r"\E" else _ESCAPES.get(text[1], text)
    return text


def _class(source: str, start: str, at: int) -> tuple[str, int]:
    """The class that begins with `start`, written for Python, and where it ends."""
    # a bracket that stands first is one of the characters
    pieces = [start.replace("]", r"\]")]
    while found := _IN_CLASS.match(source, at):
        at = found.end()
        kind, text = found.lastgroup, found[0]
        if kind == "end":
            return "".join([*pieces, "]"]), at
        if kind == "posix":
            pieces.append(_posix(text, source))
        elif kind == "hex":
            pieces.append(_character(text, source))
        elif kind == "escape" and text[1] in "hHNR" + "".join(_REFUSED_ESCAPES):
            if text[1] != "h":
                raise unsupported(f"{text!r} in a class of the regular expression {source!r}")
            pieces.append(r" \t")
        else:
            pieces.append(_plain_in_class(text, pieces[-1]))
    raise bad_value(f"the regular expression {source!r} is invalid: a class has no end.", 51091)


def _plain_in_class(text: str, before: str) -> str:
    # Python reserves doubled signs and opening brackets for a syntax to come, and warns of them
    return rf"\{text}" if text == "[" or (text in "&|~-" and before.endswith(text)) else text


def _posix(text: str, source: str) -> str:
    name = text[2:-2]
    if name not in _POSIX:
        raise unsupported(f"{text!r} in the regular expression {source!r}", "Write the characters.")
    return _POSIX[name]


def _character(text: str, source: str) -> str:
    code = int(text[3:-1], 16)
    if code > 0x10FFFF or 0xD800 <= code < 0xE000:
        raise bad_value(
            f"the regular expression {source!r} is invalid: {text} is no character.", 51091
        )
    return rf"\U{code:08x}"
