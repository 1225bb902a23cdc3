"""From a URL of the embedded store to a store that is open."""

import math
import os
from collections.abc import Mapping
from typing import Literal
from urllib.parse import parse_qsl, unquote_to_bytes

from earnorm.errors import StoreURLError, near_names
from earnorm.stores.sqlite.store import SqliteStore

__all__ = ["open_sqlite"]


async def open_sqlite(url: str) -> SqliteStore:
    """The store that a URL names, open; it belongs to the event loop that is running.

    `sqlite:///shop.db` is a file in the working directory, `sqlite:////var/shop.db` an absolute path,
    `sqlite://` and `sqlite:///:memory:` are in memory. Parameters: `synchronous=normal|full` and
    `busy_timeout=SECONDS`. Raises `StoreURLError` for a URL that cannot be understood.
    """
    rest = url.partition("://")[2]
    location, _, query = rest.partition("?")
    parameters = _parameters(url, query)
    return await SqliteStore.open(
        _path(url, location),
        name=url,
        synchronous=_synchronous(url, parameters.get("synchronous", "normal")),
        busy_timeout=_seconds(url, parameters.get("busy_timeout", "5")),
    )


_PARAMETERS = ("busy_timeout", "synchronous")


def _path(url: str, location: str) -> str | None:
    if location in {"", "/:memory:"}:
        return None
    if not location.startswith("/"):
        raise StoreURLError(
            url, f"a path follows three slashes (did you mean 'sqlite:///{location}'?)"
        )
    path = os.fsdecode(unquote_to_bytes(location[1:]))
    if not path or "\x00" in path:
        raise StoreURLError(url, "it names no file")
    return path


def _parameters(url: str, query: str) -> Mapping[str, str]:
    parameters = dict(parse_qsl(query, keep_blank_values=True))
    for name in parameters:
        if name not in _PARAMETERS:
            near = near_names(name, _PARAMETERS) or _PARAMETERS
            meant = " or ".join(map(repr, near))
            raise StoreURLError(url, f"the parameter {name!r} is unknown (did you mean {meant}?)")
    return parameters


def _synchronous(url: str, value: str) -> Literal["NORMAL", "FULL"]:
    if value.lower() == "normal":
        return "NORMAL"
    if value.lower() == "full":
        return "FULL"
    raise StoreURLError(url, f"synchronous is 'normal' or 'full', not {value!r}")


def _seconds(url: str, value: str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds < math.inf:
        raise StoreURLError(url, f"busy_timeout is a number of seconds, not {value!r}")
    return seconds
