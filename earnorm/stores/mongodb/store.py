"""The store: what a database awaits, over PyMongo's asynchronous client."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Literal

from pymongo.errors import DuplicateKeyError, OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.capabilities import Capability
from earnorm.stores.mongodb.building import index_builds
from earnorm.stores.mongodb.change_stream import MongoChangeStream
from earnorm.stores.mongodb.indexes import index_arguments, read_indexes
from earnorm.stores.mongodb.link import Link
from earnorm.stores.mongodb.picking import Picking
from earnorm.stores.mongodb.reading import Reading
from earnorm.stores.mongodb.requests import check_index, check_pipeline
from earnorm.stores.mongodb.sending import Sending
from earnorm.stores.mongodb.topology import Topology, say_hello
from earnorm.stores.mongodb.transaction import MongoTransaction
from earnorm.stores.mongodb.writing import Writing
from earnorm.stores.protocol import ChangeStream, IndexBuild, StoreDescription
from earnorm.typing import Document, Index, OperationOptions

__all__ = ["MongoStore"]


class MongoStore(Reading, Picking, Writing):
    """A store in one database of MongoDB; implements `earnorm.stores.Store`.

    Tasks of the event loop that opened it may use it side by side. PyMongo's errors pass, whatever the
    server refuses is refused.
    """

    def __init__(self, link: Link, topology: Topology) -> None:
        super().__init__(link)
        self._topology = topology

    @property
    def name(self) -> str:
        """The URL without user, password and options."""
        return self._link.name

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What the server said that it is, when the store was opened."""
        return self._topology.capabilities

    async def begin(self, *, options: OperationOptions | None = None) -> MongoTransaction:
        """A transaction; raises `UnsupportedError` where the server is no replica set or sharded cluster."""
        self._need(Capability.TRANSACTIONS, "a transaction")
        return await MongoTransaction.begin(self._link, options)

    def watch(
        self,
        collection: str | None = None,
        *,
        pipeline: Sequence[Document] = (),
        resume_after: Document | None = None,
        full_document: Literal["default", "updateLookup"] = "default",
        options: OperationOptions | None = None,
    ) -> AbstractAsyncContextManager[ChangeStream]:
        """The changes from now on, or after a token; raises `UnsupportedError` where the server has none."""
        self._need(Capability.WATCH, "watching for changes")
        check_pipeline(pipeline)
        arguments: dict[str, Any] = {"pipeline": list(pipeline)}
        if full_document != "default":
            arguments["full_document"] = full_document
        if resume_after is not None:
            arguments["resume_after"] = resume_after
        for name in ("comment", "batch_size", "collation") if options is not None else ():
            if (value := getattr(options, name)) is not None:
                arguments[name] = value
        return self._watch(collection, arguments, options)

    async def create_index(self, collection: str, index: Index) -> None:
        """Builds the index and waits for it; one that exists alike is left as it is."""
        check_index(index)
        target, arguments = self._collection(collection, None), index_arguments(index)
        with Sending(self._link, filter=index.partial):
            try:
                await target.create_index(list(index.fields), **arguments)
            except DuplicateKeyError as error:
                if isinstance(error.details, dict):
                    # servers other than MongoDB's leave it out
                    error.details.setdefault("keyPattern", dict(index.fields))
                raise

    async def indexes(self, collection: str) -> list[Index]:
        """The indexes of a collection, that of `_id` left out."""
        target = self._collection(collection, None)
        with Sending(self._link):
            return read_indexes(await (await target.list_indexes()).to_list())

    async def index_builds(self, collection: str) -> list[IndexBuild]:
        """The builds that are under way; none where the user, or the server, does not let them be seen.

        Those of all users need the privilege `inprog`; without it, the user's own are asked for.
        """
        target = self._collection(collection, None)
        with Sending(self._link):
            return await index_builds(self._link.client, target)

    async def drop_index(self, collection: str, name: str) -> None:
        """Drops an index; one that does not exist is no error."""
        target = self._collection(collection, None)
        if name in _NO_NAMES:
            return
        with Sending(self._link):
            try:
                await target.drop_index(name)
            except OperationFailure as error:
                if error.code not in _ABSENT:
                    raise

    async def collections(self) -> list[str]:
        """The names of the collections, in order; views and the server's own are left out."""
        with Sending(self._link):
            names = await self._link.database.list_collection_names(
                filter={"type": {"$ne": "view"}}
            )
        return sorted(name for name in names if not name.startswith("system."))

    async def drop_collection(self, collection: str) -> None:
        """Deletes a collection, its documents and its indexes; one that does not exist is no error."""
        target = self._collection(collection, None)
        with Sending(self._link):
            await target.drop()

    async def describe(self) -> StoreDescription:
        """The server's version and topology, asked for now."""
        with Sending(self._link):
            topology = Topology(hello=await say_hello(self._link.client))
            build = await self._link.client.admin.command("buildInfo")
        details = {
            "database": self._link.database.name,
            "hosts": sorted(f"{host}:{port}" for host, port in self._link.client.nodes),
            "wire version": topology.hello.get("maxWireVersion"),
        }
        return StoreDescription(
            product="MongoDB", version=build["version"], topology=topology.name, details=details
        )

    async def aclose(self) -> None:
        """Waits for the work in flight, then closes; closing twice is no error."""
        await self._link.aclose()

    def _need(self, capability: Capability, what: str) -> None:
        if capability not in self._topology.capabilities:
            raise UnsupportedError(
                what,
                where=f"{self.name}, a {self._topology.name}",
                remedy="Start the server as a replica set (one member is enough) or a sharded cluster.",
            )

    @asynccontextmanager
    async def _watch(
        self,
        collection: str | None,
        arguments: dict[str, Any],
        options: OperationOptions | None,
    ) -> AsyncIterator[ChangeStream]:
        self._link.check()
        source = self._link.source(collection, options)
        with Sending(self._link):
            stream = MongoChangeStream(self._link, await source.watch(**arguments))
        try:
            yield stream
        finally:
            await stream.close()


_ABSENT = (26, 27)  # NamespaceNotFound, IndexNotFound
_NO_NAMES = (
    "",
    "*",
    "_id_",
)  # to the server the second is all of them, and the last cannot be dropped
