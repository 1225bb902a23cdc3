"""Ways to see deleted documents, to restore them, and to delete for good."""

from collections.abc import Collection
from typing import Any, TypeVar

from earnorm import BaseModel, Query
from earnorm_softdelete.plugin import NAME, mark_of

__all__ = ["only_deleted", "purge", "restore", "with_deleted"]

M = TypeVar("M")


def with_deleted(query: Query[M]) -> Query[M]:
    """The query over living and deleted documents alike."""
    return query.widen(NAME)


def only_deleted(query: Query[M]) -> Query[M]:
    """The query over deleted documents only."""
    return query.widen(NAME).find({mark_of(query.model): {"$ne": None}})


async def restore(
    target: BaseModel | Query[Any], *, each: bool = False, skip_hooks: Collection[str] = ()
) -> int:
    """Brings a deleted instance, or the deleted documents of a query, back to life; returns how many.

    An instance is restored inside its save hooks and then reloaded; a query is updated, so `each` and
    `skip_hooks` mean what they mean for `Query.update`. Raises `DuplicateKeyError` when a living document
    has taken a unique value meanwhile; the document stays deleted then.
    """
    if isinstance(target, Query):
        alive = {"$set": {mark_of(target.model): None}}
        return await only_deleted(target).update(alive, each=each, skip_hooks=skip_hooks)
    own = type(target).find({"_id": target.id})
    restored = await restore(own, each=True, skip_hooks=skip_hooks)
    if restored:
        await target.reload()
    return restored


async def purge(target: BaseModel | Query[Any]) -> int:
    """Deletes an instance's document, or all documents of a query, for good; returns how many.

    Deleted and living documents alike: narrow the query with `only_deleted` to empty the bin.
    """
    if isinstance(target, Query):
        return await with_deleted(target).delete(skip_hooks=[NAME])
    return int(await target.delete(skip_hooks=[NAME]))
