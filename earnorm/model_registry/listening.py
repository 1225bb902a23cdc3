"""Tells listeners what happened to a registry, never while its lock is held."""

import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

__all__ = ["Audience", "Depth", "Ear", "delivering"]

C = TypeVar("C", bound=Callable[..., Any])


class Ear(Protocol):
    """What the audience calls when there may be events to hear."""

    def hear(self) -> bool:
        """Takes what there is; returns whether anything was heard."""
        ...


class Depth(threading.local):
    """A number for each thread."""

    depth = 0


class Audience:
    """Those who listen to one registry, and whether this thread may tell them now."""

    def __init__(self) -> None:
        self.ears: tuple[Ear, ...] = ()
        """Those who listen."""
        self.here = Depth()
        """How deep this thread is in calls that change the registry, and in listeners."""
        self._lock = threading.Lock()

    @property
    def is_busy_here(self) -> bool:
        """Whether this thread is within a call that changes the registry, or within a listener."""
        return self.here.depth > 0

    def add(self, ear: Ear) -> None:
        """Tells it from now on, beginning with what it has not heard yet."""
        with self._lock:
            self.ears = (*self.ears, ear)
        self.tell()

    def remove(self, ear: Ear) -> None:
        """Tells it nothing any longer. Idempotent."""
        with self._lock:
            self.ears = tuple(one for one in self.ears if one is not ear)

    def tell(self) -> None:
        """Has everybody hear what there is; within a change or a listener it waits until that is over."""
        if self.here.depth:
            return
        self.here.depth += 1
        try:
            # Again, since a listener may have changed the registry.
            while any(ear.hear() for ear in self.ears):
                pass
        finally:
            self.here.depth -= 1


def delivering(method: C) -> C:
    """The method of a registry, which tells the listeners when it is over: returned or raised, locks released."""

    @wraps(method)
    def call(registry: Any, *args: Any, **options: Any) -> Any:
        audience: Audience = registry._audience
        here = audience.here
        here.depth += 1
        try:
            return method(registry, *args, **options)
        finally:
            here.depth -= 1
            if audience.ears:
                audience.tell()

    return cast(C, call)
