"""A model with the plugin in an empty database, and what came of writing to it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

from earnorm.database import Database, connect
from earnorm.errors import HookBypassError
from earnorm.queries import Query
from earnorm.testing.clock import SettableClock
from earnorm.testing.plugins.tested import NOBODY, Neighbours, Tested
from earnorm.typing import MutableDocument

__all__ = ["Bench", "Outcome", "Place", "Samples"]


class Samples(Protocol):
    """Who knows what instances are constructed with, and what changes in them."""

    varying: Collection[str]

    def values(self, number: int) -> dict[str, Any]:
        """The arguments of the constructor."""
        ...

    def changes(self, number: int) -> dict[str, Any]:
        """The new values, by field."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The documents that are stored after something was done, and the error that it ended with.

    `is_bypass` says that a query write was refused since the plugin would not have seen it.
    """

    documents: list[MutableDocument]
    error: Exception | None

    @property
    def is_bypass(self) -> bool:
        """Whether it was a query write that would have passed the plugin by."""
        return isinstance(self.error, HookBypassError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """An open database, the model that lives there, and a clock that stands."""

    model: Any
    plugin: str
    database: Database
    clock: SettableClock
    samples: Samples

    def sample(self, number: int) -> Any:
        """A new instance."""
        return self.model(**self.samples.values(number))

    async def change(self, instance: Any, number: int) -> None:
        """Gives the instance its changes, an hour later, and saves it."""
        self.clock.advance(hours=1)
        for name, value in self.samples.changes(number).items():
            setattr(instance, name, value)
        await instance.save()

    def find(self, instance: Any) -> Query[Any]:
        """The query for one document, which the plugin may hide; its filter is not that of an instance."""
        query: Query[Any] = self.model.find({"_id": {"$in": [instance.id]}})
        return query.widen(self.plugin)

    async def documents(self) -> list[MutableDocument]:
        """What is stored, in an order of its own, without ids and without what varies on purpose."""
        left_out = {"_id", *self.samples.varying}
        batches = self.database.store.find(self.model.__metadata__.collection, {})
        found = [document async for batch in batches for document in batch]
        kept = [
            {name: value for name, value in document.items() if name not in left_out}
            for document in found
        ]
        return sorted(kept, key=lambda document: repr(sorted(document.items())))


Action = Callable[[Bench], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Opens benches on one store."""

    tested: Tested
    samples: Samples
    url: str

    @asynccontextmanager
    async def bench(
        self, *, first: Neighbours = NOBODY, then: Neighbours = NOBODY
    ) -> AsyncIterator[Bench]:
        """A model that has the plugin between these others, in a database that is dropped afterwards."""
        model = self.tested.define(first=first, then=then)
        url = _database_of_its_own(self.url)
        with SettableClock().governing() as clock:
            async with connect(
                url, registry=model.__registry__, indexes="apply", history="off"
            ) as database:
                yield Bench(
                    model=model,
                    plugin=self.tested.name,
                    database=database,
                    clock=clock,
                    samples=self.samples,
                )
                for collection in await database.store.collections():
                    await database.store.drop_collection(collection)

    async def outcome(
        self, action: Action, *, first: Neighbours = NOBODY, then: Neighbours = NOBODY
    ) -> Outcome:
        """What is stored after the action on a bench of its own; the errors of hooks are kept."""
        async with self.bench(first=first, then=then) as bench:
            error: Exception | None = None
            try:
                await action(bench)
            except Exception as raised:  # noqa: BLE001 # to be compared with that of another way
                error = raised
            return Outcome(documents=await bench.documents(), error=error)


def _database_of_its_own(url: str) -> str:
    """The URL; for a server with the name of a database that nobody else has."""
    parts = urlsplit(url)
    if not parts.netloc:
        return url
    query = parts.query
    if "@" in parts.netloc and len(parts.path) > 1 and "authSource=" not in query:
        # The database in a URI is also where its user is known.
        query = "&".join(filter(None, (query, f"authSource={parts.path[1:]}")))
    return urlunsplit(parts._replace(path=f"/earnorm_suite_{uuid4().hex}", query=query))
