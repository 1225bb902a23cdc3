"""What a database asks of the place where its documents are kept."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from earnorm.typing import Document, Index, MutableDocument, SortKey

__all__ = ["Store"]


class Store(Protocol):
    """Keeps documents in collections and knows nothing of models.

    Filters, updates and documents are in MongoDB's terms and under stored names. What a store does not
    support it refuses with `UnsupportedError`; other faults are PyMongo's own errors
    (`DuplicateKeyError` with `keyPattern` and `keyValue` in its details, `WriteError`,
    `OperationFailure`, `DocumentTooLarge`). A store belongs to the event loop that opened it.
    """

    @property
    def name(self) -> str:
        """What to call the store in messages: its URL without secrets."""
        ...

    async def insert(self, collection: str, documents: Sequence[Document]) -> None:
        """Stores all of the documents or none; each must have its `_id`."""
        ...

    async def replace(self, collection: str, filter: Document, document: Document) -> int:
        """Puts `document` in the place of the first match, keeping `_id`; returns 0 or 1."""
        ...

    async def update(self, collection: str, filter: Document, update: Document) -> int:
        """Applies `update` to every match, all or none; returns how many matched."""
        ...

    async def delete(self, collection: str, filter: Document) -> int:
        """Deletes every match, all or none; returns how many."""
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
    ) -> AsyncGenerator[list[MutableDocument], None]:
        """Yields the matches in batches; leaving the iteration early costs nothing.

        With a projection (`{"name": 1, "address.city": 1}`) only these parts of them, and `_id`.
        """
        ...

    async def count(
        self,
        collection: str,
        filter: Document,
        *,
        skip: int = 0,
        limit: int | None = None,
    ) -> int:
        """How many documents match."""
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

    async def aclose(self) -> None:
        """Waits for the work in flight, then closes; closing twice is no error."""
        ...
