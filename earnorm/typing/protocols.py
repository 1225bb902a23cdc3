"""The seam that looks upward: what models and queries may ask of the floor above them."""

from collections.abc import AsyncGenerator, Collection, Sequence
from typing import Any, Literal, Protocol, TypeVar

from earnorm.typing.aliases import Document, MutableDocument, PrefetchPath
from earnorm.typing.page import Page
from earnorm.typing.selection import Selection, Shape

__all__ = ["DatabaseLike", "QueryRunner"]

M = TypeVar("M")


class QueryRunner(Protocol):
    """Runs queries; `earnorm.database.Database` is one."""

    def fetch(self, selection: Selection[M]) -> AsyncGenerator[M, None]:
        """Yields the matching instances as they are read."""
        ...

    async def fetch_all(self, selection: Selection[M]) -> list[M]:
        """All matching instances at once, without the references that the selection prefetches."""
        ...

    async def load_references(
        self, instances: Sequence[object], paths: Collection[PrefetchPath]
    ) -> None:
        """Loads what the instances refer to, and what refers to them, along these paths."""
        ...

    async def fetch_page(self, selection: Selection[M], *, size: int, after: str | None) -> Page[M]:
        """Up to `size` of the matches, from the beginning or from what a cursor came after."""
        ...

    async def count(self, selection: Selection[Any]) -> int:
        """How many documents match, `skip` and `limit` respected."""
        ...

    async def explain(self, selection: Selection[Any]) -> MutableDocument:
        """How the store would find the documents of a selection."""
        ...

    async def distinct(self, selection: Selection[Any], name: str) -> list[Any]:
        """The different values of a field in the documents of a selection."""
        ...

    def aggregate(
        self, selection: Selection[Any], pipeline: Sequence[Document], shape: Shape[M]
    ) -> AsyncGenerator[M, None]:
        """Yields what a pipeline makes of the documents of a selection."""
        ...

    async def find_one_and_update(
        self,
        selection: Selection[M],
        update: Document,
        *,
        returned: Literal["before", "after"],
        skip_hooks: Collection[str],
    ) -> M | None:
        """Updates the first match, and gives it."""
        ...

    async def update_matching(
        self,
        selection: Selection[Any],
        update: Document,
        *,
        each: bool,
        skip_hooks: Collection[str],
    ) -> int:
        """Updates every match; returns how many matched."""
        ...

    async def delete_matching(
        self, selection: Selection[Any], *, each: bool, skip_hooks: Collection[str]
    ) -> int:
        """Deletes every match; returns how many matched."""
        ...


class DatabaseLike(QueryRunner, Protocol):
    """What a model's own methods call; bound to a registry by `connect`."""

    async def save(self, instance: M) -> M:
        """Inserts a new instance or replaces a stored one."""
        ...

    async def insert_many(self, instances: Sequence[M], *, model: type[M] | None = None) -> list[M]:
        """Inserts the instances, which are of `model` where it is given: all or none, where the store can."""
        ...

    async def delete(self, instance: object, *, skip_hooks: Collection[str] = ()) -> bool:
        """Deletes the instance's document; False when it was gone already."""
        ...

    async def reload(self, instance: M) -> M:
        """Reads the instance's document again."""
        ...

    async def get(self, model: type[M], document_id: object) -> M:
        """The instance with this id."""
        ...
