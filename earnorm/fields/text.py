"""Fields that hold text."""

from __future__ import annotations

import re
from typing import Any, Literal, TypeVar, Unpack, overload

from earnorm.errors import FieldDefinitionError, FieldFault
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.limits import check_bounds, is_unicode

__all__ = ["EmailField", "StringField", "is_email"]

T = TypeVar("T")


class StringField(Field[T]):
    """Text: a `str` that UTF-8 can encode.

    `min_length` and `max_length` count characters; `pattern` is a regular expression that must match
    the whole value.
    """

    expects = "a string"
    is_mutable = False
    exact_types = (str,)
    json_is_python = True
    min_length: int | None = None
    max_length: int | None = None
    pattern: re.Pattern[str] | None = None

    @overload
    def __init__(
        self: StringField[str],
        *,
        required: Literal[True] = ...,
        min_length: int | None = ...,
        max_length: int | None = ...,
        pattern: str | None = ...,
        **options: Unpack[FieldOptions[str]],
    ) -> None: ...
    @overload
    def __init__(
        self: StringField[str | None],
        *,
        required: Literal[False],
        min_length: int | None = ...,
        max_length: int | None = ...,
        pattern: str | None = ...,
        **options: Unpack[OptionalFieldOptions[str]],
    ) -> None: ...
    def __init__(
        self,
        *,
        required: bool = True,
        min_length: int | None = None,
        max_length: int | None = None,
        pattern: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(required=required, **options)
        check_bounds("min_length", min_length, "max_length", max_length, kind=int)
        self.min_length = min_length
        self.max_length = max_length
        self.pattern = _compiled(pattern)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if not isinstance(value, str):
            faults.append(self.type_fault(path, value))
            return value
        if not is_unicode(value):
            message = "holds a lone surrogate, which is not text"
            faults.append(self.fault(path, "unicode", message, value))
        return str.__str__(value)  # a subclass, such as a string enum's member, becomes plain text

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        # BSON holds no text but UTF-8.
        return stored if type(stored) is str else super().decode(stored, path, faults)

    def constrain(self, value: Any, path: str, faults: list[FieldFault]) -> None:
        if self.min_length is not None and len(value) < self.min_length:
            message = f"must have at least {self.min_length} characters, has {len(value)}"
            faults.append(self.fault(path, "min_length", message, value))
        if self.max_length is not None and len(value) > self.max_length:
            message = f"must have at most {self.max_length} characters, has {len(value)}"
            faults.append(self.fault(path, "max_length", message, value))
        if self.pattern is not None and not self.pattern.fullmatch(value):
            faults.append(
                self.fault(path, "pattern", f"must match {self.pattern.pattern!r}", value)
            )
        super().constrain(value, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "string"}
        if self.min_length is not None:
            schema["minLength"] = self.min_length
        if self.max_length is not None:
            schema["maxLength"] = self.max_length
        if self.pattern is not None:
            schema["pattern"] = f"^(?:{self.pattern.pattern})$"
        return schema


class EmailField(StringField[T]):
    """An e-mail address: one `@`, a local part of up to 64 characters, a domain with a dot.

    Checked by form only, after RFC 5321's lengths (254 in all); the value is kept as it was written.
    """

    expects = "an e-mail address"

    @overload
    def __init__(
        self: EmailField[str],
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[str]],
    ) -> None: ...
    @overload
    def __init__(
        self: EmailField[str | None],
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[str]],
    ) -> None: ...
    def __init__(self, *, required: bool = True, **options: Any) -> None:
        Field.__init__(self, required=required, **options)
        self.max_length = _LONGEST_EMAIL

    def arguments(self) -> dict[str, Any]:
        return {name: one for name, one in super().arguments().items() if name != "max_length"}

    def constrain(self, value: Any, path: str, faults: list[FieldFault]) -> None:
        if len(value) <= _LONGEST_EMAIL and not is_email(value):
            faults.append(self.fault(path, "email", "is not an e-mail address", value))
            return
        super().constrain(value, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return {**super().value_schema(definitions), "format": "email"}


def is_email(text: str) -> bool:
    """Whether the text has the form of an e-mail address."""
    # The length comes first, so that no hostile text ever reaches the expressions.
    length = len(text)
    if length <= _LONGEST_LABEL and is_plain_email(text):
        return True
    return length <= _LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None and is_unicode(text)


_LONGEST_EMAIL = 254
_LONGEST_LABEL = (
    63  # of a domain (RFC 1035); a whole address that is no longer breaks no limit at all
)
# Most addresses look like this, and it is found sooner than what the other expression allows besides.
is_plain_email = re.compile(
    r"[A-Za-z0-9]++(?:[._+-][A-Za-z0-9]++)*+@[A-Za-z0-9]++(?:\.[A-Za-z0-9]++)++"
).fullmatch
"""Whether a text of at most 63 characters is an address of the most common form."""
_ATOM = r"[^\s\x00-\x1f\x7f-\x9f@<>(),:;\"\[\]\\.]+"
_LABEL = r"[^\W_](?:(?:[^\W_]|-){0,61}[^\W_])?"
_EMAIL = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    if pattern is None:
        return None
    if not isinstance(pattern, str):
        raise FieldDefinitionError(f"pattern takes a regular expression as text, not {pattern!r}")
    try:
        return re.compile(pattern)
    except re.error as error:
        raise FieldDefinitionError(
            f"the pattern {pattern!r} is not a regular expression: {error}"
        ) from error
