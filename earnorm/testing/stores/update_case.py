"""What a row of the tables of updates is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from earnorm.stores.operations import UpdateDocument
from earnorm.typing import Document

__all__ = ["RefusedUpdate", "UpdateCase", "UpsertCase", "changed", "same"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateCase:
    """What an update makes of a document; both are without their `_id`, which is 1."""

    name: str
    before: Document
    update: UpdateDocument
    after: Document
    filter: Document
    array_filters: Sequence[Document] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedUpdate:
    """An update that MongoDB refuses for a document, and the code of its error."""

    name: str
    before: Document
    update: UpdateDocument
    code: int
    filter: Document
    array_filters: Sequence[Document] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertCase:
    """What an upsert stores where nothing matches."""

    name: str
    filter: Document
    update: UpdateDocument
    stored: Document


def changed(
    name: str,
    before: Document,
    update: UpdateDocument,
    after: Document,
    *,
    filter: Document | None = None,
    array_filters: Sequence[Document] = (),
) -> UpdateCase:
    """A case of the area `updates`; the filter finds the document by its `_id` and what is given."""
    return UpdateCase(
        name=f"updates/{name}",
        before=before,
        update=update,
        after=after,
        filter={"_id": 1, **(filter or {})},
        array_filters=array_filters,
    )


def same(name: str, document: Document, update: UpdateDocument, **more: Any) -> UpdateCase:
    """A case in which nothing is changed."""
    return changed(name, document, update, document, **more)
