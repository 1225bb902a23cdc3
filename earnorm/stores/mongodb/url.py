"""What a URL of MongoDB says: PyMongo reads it, and what PyMongo would only warn of is an error here."""

import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote_plus

from pymongo.errors import PyMongoError
from pymongo.uri_parser import split_options

from earnorm.errors import StoreURLError

__all__ = ["MongoURL", "refuse_warnings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MongoURL:
    """A URL that was checked, apart from what only PyMongo and connecting can tell."""

    url: str = field(repr=False)
    """As it was written, secrets included."""
    name: str
    """What messages show: without user, password and options."""
    database: str
    is_srv: bool
    options: Mapping[str, Any] = field(repr=False)
    """By their names in lower case, with the values that PyMongo makes of them."""

    @classmethod
    def read(cls, url: str) -> "MongoURL":
        """The URL in its parts; raises `StoreURLError` for one that cannot be understood."""
        scheme, _, rest = url.partition("://")
        location, _, query = rest.partition("?")
        user, at, place = location.rpartition("@")
        hosts, _, path = place.partition("/")
        if "/" in user or "@" in user or not _HOSTS.fullmatch(hosts):
            # Whatever it is, it may be a piece of a password.
            fault = "its hosts cannot be read; a user and a password have to be percent-encoded"
            raise _wrong(f"{scheme}://***", fault)
        name = f"{scheme}://{'***@' if at else ''}{hosts}/{path}"
        # a password with a question mark looks like hosts and options
        shown = f"{scheme}://***" if "@" in query and not at else name
        return cls(
            url=url,
            name=name,
            database=_database(path, shown),
            is_srv=scheme.lower() == "mongodb+srv",
            options=_options(query, shown),
        )


@contextmanager
def refuse_warnings(name: str) -> Iterator[None]:
    """Within the block, what PyMongo refuses of a URL, or warns of, is a `StoreURLError`."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        try:
            yield
        except (PyMongoError, UserWarning, OSError, TypeError, ValueError) as error:
            raise _wrong(name, str(error)) from None


_HOST: Final = r"(?:\[[0-9A-Fa-f:.]+\]|[^:,/@\[\]]+)(?::\d+)?"
_HOSTS: Final = re.compile(rf"{_HOST}(?:,{_HOST})*")

_FORBIDDEN: Final = '/\\. "$*<>:|?\0'
"""In names of databases, by MongoDB's manual (Naming Restrictions): for servers on Windows, hence for all."""

_MOST_BYTES: Final = 63

_SECRET: Final = frozenset({"authmechanismproperties", "tlscertificatekeyfilepassword"})

_DECIDED: Final = {
    "connect": "connecting is awaited",
    "datetime_conversion": "a date beyond Python's is a bson.DatetimeMS",
    "tz_aware": "dates are aware, and in UTC",
    "unicode_decode_error_handler": "text that is no UTF-8 is an error",
    "uuidrepresentation": "UUIDs are stored in the standard form",
}
"""What every store does alike, hence no URL decides."""


def _database(path: str, name: str) -> str:
    database = unquote_plus(path)
    if not database:
        raise _wrong(name, "it does not name the database, which follows the hosts after a slash")
    wrong = next((character for character in database if character in _FORBIDDEN), None)
    if wrong is not None:
        fault = f"the name of the database has {wrong!r}, which MongoDB does not allow"
        raise _wrong(name, fault)
    if len(database.encode(errors="replace")) > _MOST_BYTES:
        raise _wrong(name, f"the name of the database has more than {_MOST_BYTES} bytes")
    return database


def _options(query: str, name: str) -> dict[str, Any]:
    """The options: each known, valid, written once, and not one that every store decides alike."""
    if not query:
        return {}
    for option in (part.partition("=")[0] for part in re.split("[&;]", query)):
        if option.lower() in _DECIDED:
            raise _wrong(
                name, f"the option {option!r} is not for a URL: {_DECIDED[option.lower()]}"
            )
    with refuse_warnings(name):
        _check_secret_options(query)
        options = split_options(query, validate=True, warn=False, normalize=True)
    if options.get("w") == 0:
        raise _wrong(name, "with w=0 no error of a write would be known")
    return {option.lower(): value for option, value in options.items()}


def _check_secret_options(query: str) -> None:
    """Raises `ValueError` without the value, which PyMongo's message might show."""
    for part in re.split("[&;]", query):
        option = part.partition("=")[0]
        if option.lower() in _SECRET:
            try:
                split_options(part, validate=True, warn=False)
            except Exception:  # noqa: BLE001  # whatever it says may show the secret
                raise ValueError(f"the value of {option!r} is not valid") from None


def _wrong(name: str, fault: str) -> StoreURLError:
    remedy = "Use mongodb://host:27017/database, or mongodb+srv://host/database."
    # PyMongo's advice goes on to its docstring
    shown = fault.partition(" or maybe a camelCase")[0].strip().rstrip(".")
    return StoreURLError(name, shown, remedy=remedy)
