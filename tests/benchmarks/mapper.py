"""One way to work with the documents of one collection of a server: by hand, or through a mapper."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

__all__ = ["COLLECTION", "Mapper", "Opener"]

COLLECTION = "user"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapper:
    """What is timed. A mapper that knows no `await` has coroutine functions that never wait."""

    make: Callable[[dict[str, Any]], Any]
    """An instance that is not stored yet, from the arguments of its constructor."""
    insert: Callable[[Sequence[Any]], Awaitable[object]]
    """Stores new instances."""
    find: Callable[[], Awaitable[Sequence[Any]]]
    """All instances of the collection."""
    get: Callable[[Any], Awaitable[Any]]
    """The instance with the id of this one."""
    save: Callable[[Any], Awaitable[object]]
    """Changes the age of a stored instance, and stores that."""


Opener = Callable[[str, str], AbstractAsyncContextManager[Mapper]]
"""From a URI and the name of a database to a mapper; closes its client afterwards."""
