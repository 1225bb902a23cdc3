"""What a database asks of the place where its documents are kept."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from earnorm.stores.capabilities import Capability
from earnorm.stores.operations import BulkOperation, BulkResult, UpdateDocument, UpdateResult
from earnorm.typing import Document, Index, MutableDocument, OperationOptions, SortKey

__all__ = [
    "BuildingStore",
    "ChangeStream",
    "Documents",
    "IndexBuild",
    "MaintainedStore",
    "Returned",
    "Store",
    "StoreDescription",
    "Transaction",
]

Returned = Literal["before", "after"]
"""Which form of a document `find_one_and_update` and `find_one_and_replace` give back."""


class Documents(Protocol):
    """Documents in collections; knows nothing of models.

    Filters, updates and documents are in MongoDB's terms and under stored names. What is not supported
    is refused with `UnsupportedError`, before anything is done; other faults are PyMongo's own errors
    with MongoDB's codes (`DuplicateKeyError` with `keyPattern` and `keyValue` in its details,
    `BulkWriteError`, `WriteError`, `OperationFailure`, `ExecutionTimeout`, `DocumentTooLarge`).
    """

    async def insert(
        self,
        collection: str,
        documents: Sequence[Document],
        *,
        ordered: bool = True,
        options: OperationOptions | None = None,
    ) -> None:
        """Stores the documents, each of which must have its `_id`.

        A fault of the only document, or of any where the store has `Capability.ATOMIC_BATCHES`, is an
        error that has the document's position in `details["index"]`, and nothing is stored. Elsewhere,
        and with `ordered=False`, which goes on after a fault, a `BulkWriteError` has all of them in
        `details["writeErrors"]`: what comes before the first, or with `ordered=False` all others, is stored.
        """
        ...

    async def replace(
        self,
        collection: str,
        filter: Document,
        document: Document,
        *,
        upsert: bool = False,
        options: OperationOptions | None = None,
    ) -> UpdateResult:
        """Puts `document` in the place of the first match, keeping `_id`."""
        ...

    async def update(
        self,
        collection: str,
        filter: Document,
        update: UpdateDocument,
        *,
        many: bool = True,
        upsert: bool = False,
        array_filters: Sequence[Document] = (),
        options: OperationOptions | None = None,
    ) -> UpdateResult:
        """Applies `update` to every match, or to the first only."""
        ...

    async def delete(
        self,
        collection: str,
        filter: Document,
        *,
        many: bool = True,
        options: OperationOptions | None = None,
    ) -> int:
        """Deletes every match, or the first only; returns how many."""
        ...

    async def bulk(
        self,
        collection: str,
        operations: Sequence[BulkOperation],
        *,
        ordered: bool = True,
        options: OperationOptions | None = None,
    ) -> BulkResult:
        """Does the operations one after the other, or with `ordered=False` in any order.

        A fault is a `BulkWriteError` with positions in `details["writeErrors"]`. With `ordered` nothing
        after it is done, nor anything before it where the store has `Capability.ATOMIC_BATCHES`; else
        all others are.
        """
        ...

    async def find_one_and_update(  # noqa: PLR0913  # MongoDB's own parameters
        self,
        collection: str,
        filter: Document,
        update: UpdateDocument,
        *,
        sort: Sequence[SortKey] = (),
        projection: Document | None = None,
        upsert: bool = False,
        returned: Returned = "before",
        array_filters: Sequence[Document] = (),
        options: OperationOptions | None = None,
    ) -> MutableDocument | None:
        """Updates the first match in the order of `sort`, and gives the document; None without a match.

        Of those who do it at once, each gets a document of its own or one that still matches.
        """
        ...

    async def find_one_and_replace(
        self,
        collection: str,
        filter: Document,
        document: Document,
        *,
        sort: Sequence[SortKey] = (),
        projection: Document | None = None,
        upsert: bool = False,
        returned: Returned = "before",
        options: OperationOptions | None = None,
    ) -> MutableDocument | None:
        """Replaces the first match in the order of `sort`, and gives the document; None without a match."""
        ...

    async def find_one_and_delete(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        projection: Document | None = None,
        options: OperationOptions | None = None,
    ) -> MutableDocument | None:
        """Deletes the first match in the order of `sort`, and gives it; None without a match."""
        ...

    def find(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        skip: int = 0,
        limit: int | None = None,
        projection: Document | None = None,
        options: OperationOptions | None = None,
    ) -> AsyncGenerator[list[MutableDocument], None]:
        """Yields the matches in batches, which belong to who asked; leaving the iteration early costs nothing.

        With a projection (`{"name": 1, "address.city": 1}`) only these parts of them, and `_id`. Dates are
        aware, in UTC; where `options.naive_dates` says that they will do, naive ones in UTC are as good.
        """
        ...

    async def count(
        self,
        collection: str,
        filter: Document,
        *,
        skip: int = 0,
        limit: int | None = None,
        options: OperationOptions | None = None,
    ) -> int:
        """How many documents match."""
        ...

    async def distinct(
        self,
        collection: str,
        path: str,
        filter: Document,
        *,
        options: OperationOptions | None = None,
    ) -> list[Any]:
        """The different values at a stored path among the matches, those of arrays one by one."""
        ...

    def aggregate(
        self,
        collection: str,
        pipeline: Sequence[Document],
        *,
        options: OperationOptions | None = None,
    ) -> AsyncGenerator[list[MutableDocument], None]:
        """Yields, in batches, what the stages of an aggregation give."""
        ...

    async def explain(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        skip: int = 0,
        limit: int | None = None,
        projection: Document | None = None,
        options: OperationOptions | None = None,
    ) -> MutableDocument:
        """How the store would find the matches: in MongoDB's form (`queryPlanner.winningPlan`)."""
        ...


class Transaction(Documents, Protocol):
    """The store as seen in one transaction, whose writes happen together or not at all.

    A conflict with another transaction is an `OperationFailure` with the code 112 and the label
    `TransientTransactionError`: abort, and begin anew. After any fault it has come to nothing, except what is refused
    before anything is done: to use or to commit it is an `OperationFailure` with the code 251, and with that label
    only where the fault had it. One task at a time uses it.
    """

    async def commit(self) -> None:
        """Makes its writes lasting, and seen by all.

        An error with the label `UnknownTransactionCommitResult` leaves open whether they are:
        committing once more is safe.
        """
        ...

    async def abort(self) -> None:
        """Undoes its writes; after an end of the transaction it does nothing."""
        ...


class ChangeStream(Protocol):
    """The changes of a collection or of a whole database, one after the other, as MongoDB describes them.

    `{"_id": token, "operationType": "insert", "ns": {"db": ..., "coll": ...}, "documentKey": {"_id": ...},
    "fullDocument": {...}, "updateDescription": {...}, "clusterTime": ...}`
    """

    @property
    def resume_token(self) -> Document | None:
        """From where to go on after what was given so far."""
        ...

    def __aiter__(self) -> AsyncIterator[MutableDocument]: ...

    async def __anext__(self) -> MutableDocument:
        """The next change, waited for."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDescription:
    """What answers under a store's name: for people and for `earnorm doctor`."""

    product: str
    """`SQLite` or `MongoDB`."""
    version: str
    topology: str
    """`file`, `memory`, `standalone`, `replica set rs0`, `sharded cluster`."""
    details: Document


class Store(Documents, Protocol):
    """Where a database keeps its documents. It belongs to the event loop that opened it."""

    @property
    def name(self) -> str:
        """What to call the store in messages: its URL without secrets."""
        ...

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What this store, opened, can do beyond what every store must."""
        ...

    async def begin(self, *, options: OperationOptions | None = None) -> Transaction:
        """A transaction; raises `UnsupportedError` without `Capability.TRANSACTIONS`."""
        ...

    def watch(
        self,
        collection: str | None = None,
        *,
        pipeline: Sequence[Document] = (),
        resume_after: Document | None = None,
        full_document: Literal["default", "updateLookup"] = "default",
        options: OperationOptions | None = None,
    ) -> AbstractAsyncContextManager[ChangeStream]:
        """The changes from now on, or after a token; raises `UnsupportedError` without `Capability.WATCH`.

        Without a collection, of all of them. A token that is too old is an `OperationFailure` with code 286.
        """
        ...

    async def create_index(self, collection: str, index: Index) -> None:
        """Builds the index over what is stored; one that exists alike is left as it is."""
        ...

    async def indexes(self, collection: str) -> list[Index]:
        """The indexes of a collection, that of `_id` left out."""
        ...

    async def drop_index(self, collection: str, name: str) -> None:
        """Drops an index; one that does not exist is no error."""
        ...

    async def collections(self) -> list[str]:
        """The names of the collections, in order."""
        ...

    async def drop_collection(self, collection: str) -> None:
        """Deletes a collection, its documents and its indexes; one that does not exist is no error."""
        ...

    async def describe(self) -> StoreDescription:
        """What answers; raises when nothing does."""
        ...

    async def aclose(self) -> None:
        """Waits for the work in flight, then closes; closing twice is no error."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexBuild:
    """An index that a server is building: `built` of `entries` are done, None where it does not say."""

    collection: str
    index: str
    built: int | None = None
    entries: int | None = None


class BuildingStore(Store, Protocol):
    """A store that tells how far the building of indexes is; has `Capability.INDEX_BUILDS`."""

    async def index_builds(self, collection: str) -> list[IndexBuild]:
        """The builds that are under way in a collection; none where the user may not look."""
        ...


class MaintainedStore(Store, Protocol):
    """A store whose file is ours to look after; has `Capability.MAINTENANCE`."""

    async def backup(self, path: Path) -> None:
        """Writes a copy of this moment to a new file while others read and write."""
        ...

    async def compact(self) -> int:
        """Gives the space of deleted documents back; returns how many bytes the file lost."""
        ...

    async def verify(self) -> list[str]:
        """What is wrong with the file: nothing, or a sentence for each fault."""
        ...
