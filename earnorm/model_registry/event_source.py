"""What a registry tells of what happens to it."""

from collections.abc import Awaitable, Callable, Iterable
from inspect import iscoroutinefunction
from typing import Any, TypeVar, overload

from earnorm.errors import EarnORMError
from earnorm.model_registry.async_subscription import AsyncSubscription
from earnorm.model_registry.cursor import Cursor, Kinds
from earnorm.model_registry.event_log import EventLog
from earnorm.model_registry.events import RegistryEvent
from earnorm.model_registry.listening import Audience
from earnorm.model_registry.publishing import publish_conflict
from earnorm.model_registry.subscription import Subscription
from earnorm.model_registry.table import ModelTable

__all__ = ["EventSource"]

E = TypeVar("E", bound=RegistryEvent)


class EventSource:
    """The events of a registry, and those who listen to them."""

    _events: EventLog
    _audience: Audience
    _table: ModelTable

    def tell_conflict(self, error: EarnORMError) -> None:
        """Tells of what the error says that two want, if it is about that."""
        with self._table.lock:
            publish_conflict(self._events, error)
        self._audience.tell()

    @overload
    def events(
        self, since: int | None = ..., *, kinds: Iterable[type[RegistryEvent]] = ...
    ) -> list[RegistryEvent]: ...

    @overload
    def events(self, since: int | None = ..., *, kinds: type[E]) -> list[E]: ...

    def events(self, since: int | None = None, *, kinds: Kinds = RegistryEvent) -> list[Any]:
        """The events of these kinds after the revision `since`, in order; without it, all that are kept.

        Raises `EventRevisionError` when some of those after `since` are not kept any more.
        """
        start = self._events.dropped if since is None else since
        return list(Cursor(self._events, kinds, since=start))

    @overload
    def subscribe(
        self,
        listener: Callable[[RegistryEvent], Awaitable[None]],
        *,
        kinds: Iterable[type[RegistryEvent]] = ...,
        since: int | None = ...,
    ) -> AsyncSubscription: ...

    @overload
    def subscribe(
        self,
        listener: Callable[[RegistryEvent], None],
        *,
        kinds: Iterable[type[RegistryEvent]] = ...,
        since: int | None = ...,
    ) -> Subscription: ...

    @overload
    def subscribe(
        self,
        listener: Callable[[E], Awaitable[None]],
        *,
        kinds: type[E],
        since: int | None = ...,
    ) -> AsyncSubscription: ...

    @overload
    def subscribe(
        self,
        listener: Callable[[E], None],
        *,
        kinds: type[E],
        since: int | None = ...,
    ) -> Subscription: ...

    def subscribe(
        self,
        listener: Callable[[Any], Any],
        *,
        kinds: Kinds = RegistryEvent,
        since: int | None = None,
    ) -> Subscription | AsyncSubscription:
        """Calls `listener` with each event of these kinds from now on, in order, until the result is closed.

        With `since` it gets those after that revision first; raises `EventRevisionError` when some are not kept any
        more. A plain function is called in the thread that changed the registry, when the change is over; an
        `async def` is awaited by a task of the event loop that runs here, and raises `ListenerLoopError` where none
        does. What it raises is logged: neither the change nor other listeners notice.
        """
        start = self._events.newest if since is None else since
        cursor = Cursor(self._events, kinds, since=start)
        if iscoroutinefunction(listener) or iscoroutinefunction(type(listener).__call__):
            return AsyncSubscription(listener, cursor, self._audience)
        return Subscription(listener, cursor, self._audience)
