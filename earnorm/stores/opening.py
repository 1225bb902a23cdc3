"""From a store URL to a store that is open, through the scheme's entry point."""

import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import importlib_metadata
from importlib_metadata import EntryPoint

from earnorm.errors import StoreURLError, near_names
from earnorm.stores.protocol import Store

__all__ = ["GROUP", "open_store"]

GROUP = "earnorm.stores"
"""The entry-point group under which a distribution advertises its stores, by URL scheme."""


async def open_store(url: str) -> Store:
    """The store that a URL names, open; it belongs to the event loop that is running.

    Its scheme names an entry point of the group `earnorm.stores`: a coroutine function that takes the URL and
    returns the store. Raises `StoreURLError` for a URL that cannot be understood, and for a scheme that no
    installed distribution opens, or two do, and what the opening raises.
    """
    if not isinstance(url, str):
        raise StoreURLError(repr(url), f"a URL is a string, not {type(url).__name__}")
    scheme, separator, place = url.partition("://")
    if not separator:
        raise StoreURLError(_shown(url), "it does not begin with a scheme and '://'")
    scheme = scheme.lower()
    return await _opener(scheme, _shown(url))(f"{scheme}://{place}")


def _shown(url: str) -> str:
    """The URL as messages may show it: without a user, a password, and options, which may be secrets too."""
    location, _, options = url.partition("?")
    # a password may hold what ought to have been escaped
    if "@" in options:
        location = url
    return _SECRETS.sub(r"\1***@", location) + ("?***" if options else "")


_SECRETS = re.compile(r"(?s)^(\w[\w+.-]*:/+)?.*@")

_Opener = Callable[[str], Awaitable[Store]]


def _opener(scheme: str, url: str) -> _Opener:
    points = _installed(scheme)
    candidates = points.get(scheme, [])
    if not candidates:
        raise _unknown(scheme, url, points)
    if len(candidates) > 1:
        sources = " and ".join(sorted({_source(point) for point in candidates}))
        fault = f"{scheme!r} stands for two stores, {sources}, one of which is to be uninstalled"
        raise StoreURLError(url, fault)
    try:
        opener: _Opener = candidates[0].load()
    except Exception as error:
        fault = f"its store, {_source(candidates[0])}, failed to import ({error!r}): mend or upgrade that"
        raise StoreURLError(url, fault) from error
    return opener


def _installed(scheme: str) -> Mapping[str, list[EntryPoint]]:
    """All stores by scheme; what lacks this one is not trusted, since it may have been installed a moment ago."""
    path = (*sys.path,)
    if scheme not in _scan(path):
        _scan.cache_clear()
    return _scan(path)


# It reads the entry points of every distribution, which takes longer than opening an embedded store.
@lru_cache(maxsize=1)
def _scan(_path: tuple[str, ...]) -> Mapping[str, list[EntryPoint]]:
    points: Iterable[EntryPoint] = importlib_metadata.entry_points(group=GROUP)
    found: dict[str, list[EntryPoint]] = {}
    for point in points:
        found.setdefault(point.name.lower(), []).append(point)
    return found


def _unknown(scheme: str, url: str, points: Mapping[str, Any]) -> StoreURLError:
    known = ", ".join(f"{name}://" for name in sorted(points))
    near = near_names(scheme, points)
    meant = f" (did you mean {' or '.join(f'{name}://' for name in near)}?)" if near else ""
    fault = f"{scheme!r} is not the scheme of a store that is installed{meant}; there are {known or 'none'}"
    return StoreURLError(url, fault)


def _source(point: EntryPoint) -> str:
    distribution = point.dist
    name = distribution.name if distribution is not None else "a distribution without metadata"
    return f"{point.value} ({name})"
