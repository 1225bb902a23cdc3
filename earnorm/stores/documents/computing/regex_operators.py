"""`$regexMatch`: whether a text fits a regular expression."""

from collections.abc import Mapping
from typing import Any

from earnorm.stores.documents.computing.arguments import Named
from earnorm.stores.documents.computing.expression import (
    Compiler,
    Evaluate,
    Scope,
    Variables,
    constant,
    nullish,
)
from earnorm.stores.documents.computing.text_operators import text_of
from earnorm.stores.documents.computing.values import kind_of
from earnorm.stores.documents.keys import key_bytes
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.documents.regexes import Expression, compile_options, compile_regex, is_regex
from earnorm.typing import Document

__all__ = ["REGEX_OPERATORS"]


def _compile_match(operand: Any, scope: Scope) -> Evaluate:
    arguments = _MATCH.compile(operand, scope)
    source, regex = arguments["input"], arguments["regex"]
    letters = arguments.get("options", constant(None))

    expressions = _Expressions()

    def evaluate(document: Document, variables: Variables) -> Any:
        text, pattern = source(document, variables), regex(document, variables)
        flags = _flags(letters(document, variables), pattern)
        if nullish(pattern):
            return False
        if type(pattern) is not str and not is_regex(pattern):
            raise bad_value(f"the regex of $regexMatch cannot be {kind_of(pattern)}.", 51105)
        compiled = expressions.compiled(pattern, flags)
        if nullish(text):
            return False
        return compiled.matches(text_of(text, "the input of $regexMatch", 51104))

    return evaluate


_MATCH = Named(
    operator="$regexMatch",
    required=("input", "regex"),
    optional=("options",),
    no_document=51103,
    unknown=31024,
    missing=31022,
)


class _Expressions:
    """Keeps the expression that was compiled last, which is mostly the only one."""

    __slots__ = ("_compiled", "_key")

    def __init__(self) -> None:
        self._key: tuple[bytes, int] | None = None
        self._compiled: Expression | None = None

    def compiled(self, pattern: Any, flags: int) -> Expression:
        key = (key_bytes(pattern), flags)
        if self._compiled is None or key != self._key:
            self._key, self._compiled = key, compile_regex(pattern, flags)
        return self._compiled


def _flags(letters: Any, pattern: Any) -> int:
    if nullish(letters):
        return 0
    text = text_of(letters, "the options of $regexMatch", 51106)
    if is_regex(pattern) and pattern.flags:
        raise bad_value("$regexMatch takes options in one place: in the regex or beside it.", 51107)
    return compile_options(text)


REGEX_OPERATORS: Mapping[str, Compiler] = {"$regexMatch": _compile_match}
