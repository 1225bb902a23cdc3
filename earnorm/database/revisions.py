"""Keeps writers of one document from undoing each other, for models with `Meta.revision`."""

from typing import Any

from earnorm.database.reading import Reads
from earnorm.errors import ConflictError
from earnorm.models import REVISION
from earnorm.typing import Document, MutableDocument

__all__ = ["as_known", "next_revision", "refuse_conflict"]


def as_known(instance: Any) -> list[MutableDocument]:
    """The filter that holds while the document is at the instance's revision; none where nobody counts."""
    if not type(instance).__codec__.rules.has_revision:
        return []
    # None also finds a document that was stored before its model began to count.
    return [{REVISION: {"$eq": instance.__state__.revision}}]


def next_revision(model: Any, update: Document) -> Document:
    """The update, counted as one more write."""
    if not model.__codec__.rules.has_revision:
        return update
    return {**update, "$inc": {**update.get("$inc", {}), REVISION: 1}}


async def refuse_conflict(reads: Reads, instance: Any) -> None:
    """Raises `ConflictError` when the document is there, at another revision than the instance."""
    model = type(instance)
    if not model.__codec__.rules.has_revision:
        return
    stored = await reads.find_by_id(model, instance.id)
    expected = instance.__state__.revision
    if stored is not None and stored.get(REVISION) != expected:
        raise ConflictError(
            model.__metadata__.key,
            instance.id,
            expected=expected,
            found=stored.get(REVISION),
        )
