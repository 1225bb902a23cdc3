"""The field that holds a URL."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Any, Literal, TypeVar, Unpack, overload

from earnorm.errors import FieldDefinitionError, FieldFault
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.limits import check_bounds
from earnorm.fields.text import StringField

__all__ = ["URLField", "is_url"]

T = TypeVar("T")


class URLField(StringField[T]):
    """An absolute URL with a host: `https://example.org/path?query#fragment`.

    Checked by form only (RFC 3986, with the letters of all languages as RFC 3987 allows); nobody is
    asked whether it exists, and the value is kept as it was written. `schemes` are those that are allowed,
    `max_length` counts characters.
    """

    expects = "a URL"

    @overload
    def __init__(
        self: URLField[str],
        *,
        required: Literal[True] = ...,
        schemes: Collection[str] = ...,
        max_length: int = ...,
        **options: Unpack[FieldOptions[str]],
    ) -> None: ...
    @overload
    def __init__(
        self: URLField[str | None],
        *,
        required: Literal[False],
        schemes: Collection[str] = ...,
        max_length: int = ...,
        **options: Unpack[OptionalFieldOptions[str]],
    ) -> None: ...
    def __init__(
        self,
        *,
        required: bool = True,
        schemes: Collection[str] = ("http", "https"),
        max_length: int = 2048,
        **options: Any,
    ) -> None:
        Field.__init__(self, required=required, **options)
        check_bounds("max_length", max_length, "max_length", max_length, kind=int)
        self.max_length = max_length
        self.schemes = _read_schemes(schemes)

    def constrain(self, value: Any, path: str, faults: list[FieldFault]) -> None:
        # The length comes first, so that no hostile text ever reaches the expression.
        is_short = self.max_length is None or len(value) <= self.max_length
        if is_short and (lack := self._lack(value)):
            faults.append(self.fault(path, "url", lack, value))
            return
        super().constrain(value, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return {**super().value_schema(definitions), "format": "iri"}

    def has_form(self, value: str) -> bool:
        """Whether the text is a URL with one of the schemes, whatever its length is."""
        return is_url(value, self.schemes)

    def _lack(self, value: str) -> str | None:
        if self.has_form(value):
            return None
        scheme = value.partition(":")[0].lower()
        if scheme in self.schemes or not _SCHEME.fullmatch(scheme):
            return "is not a URL"
        return f"must begin with {' or '.join(f'{scheme}://' for scheme in self.schemes)}"


def is_url(text: str, schemes: Collection[str]) -> bool:
    """Whether the text has the form of a URL with a host and one of these schemes, in small letters."""
    match = _URL.fullmatch(text)
    if match is None or match["scheme"].lower() not in schemes:
        return False
    port = match["port"]
    return (not port or int(port) <= _LARGEST_PORT) and _is_host(match["host"])


_LARGEST_PORT = 65_535
_LONGEST_HOST = 253  # RFC 1035
_LONGEST_ADDRESS = 45  # an IPv6 address that ends in an IPv4 one
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
# Every part ends at a character that the next one begins with and that it cannot hold itself, and gives
# nothing back, so each character is read once or twice. What browsers drop or turn (blanks, controls, "\")
# is refused.
_NEVER = r"\s\x00-\x1f\x7f-\x9f\\<>\"`{}|^"
_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30}+)://"
    rf"(?:[^{_NEVER}/?#@\[\]]*+@)?"
    rf"(?P<host>\[[0-9A-Fa-f:.]++\]|[^{_NEVER}/?#@:\[\]]++)"
    r"(?::(?P<port>[0-9]{0,5}+))?"
    rf"(?:[/?#][^{_NEVER}]*+)?"
)
_LABEL = re.compile(r"[^\W_](?:(?:[^\W]|-){0,61}[^\W_])?")


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return len(host) <= _LONGEST_ADDRESS + 2 and _is_address(IPv6Address, host[1:-1])
    if len(host) > _LONGEST_HOST:
        return False
    labels = host.removesuffix(".").split(".")
    # Where the last part is a number, browsers read the whole as an IPv4 address (WHATWG URL, 3.5).
    if labels[-1].isdigit():
        return _is_address(IPv4Address, host)
    return all(_LABEL.fullmatch(label) for label in labels)


def _is_address(kind: type[IPv4Address | IPv6Address], text: str) -> bool:
    try:
        kind(text)
    except AddressValueError:
        return False
    return True


def _read_schemes(schemes: object) -> tuple[str, ...]:
    if isinstance(schemes, str) or not isinstance(schemes, Collection) or not schemes:
        raise FieldDefinitionError(f"schemes takes a list such as ['https'], not {schemes!r}")
    for scheme in schemes:
        if not isinstance(scheme, str) or not _SCHEME.fullmatch(scheme):
            raise FieldDefinitionError(
                f"schemes holds {scheme!r}, which is no scheme of URLs in small letters, such as 'https'"
            )
    return tuple(schemes)
