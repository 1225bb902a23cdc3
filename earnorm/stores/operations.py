"""What a bulk write is made of, and what writes answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from earnorm.typing import Document

__all__ = [
    "BulkOperation",
    "BulkResult",
    "Delete",
    "Insert",
    "Replace",
    "Update",
    "UpdateDocument",
    "UpdateResult",
]

UpdateDocument: TypeAlias = Document | Sequence[Document]
"""Update operators (`{"$set": {...}}`), or the stages of an update pipeline (`[{"$set": {...}}]`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """Stores a document, which has its `_id`."""

    document: Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Puts a document in the place of the first match, keeping `_id`."""

    filter: Document
    document: Document
    upsert: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """Applies an update to the first match, or to all with `many`."""

    filter: Document
    update: UpdateDocument
    many: bool = False
    upsert: bool = False
    array_filters: tuple[Document, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Deletes the first match, or all with `many`."""

    filter: Document
    many: bool = False


BulkOperation: TypeAlias = Insert | Replace | Update | Delete
"""One part of a bulk write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateResult:
    """How many documents matched, and how many of them are another now.

    `upserted_id` is the `_id` of the document that an upsert made, where `upserted`.
    """

    matched: int
    modified: int
    upserted: bool = False
    upserted_id: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkResult:
    """What the operations of a bulk write did together.

    `upserted` has the `_id` of each document that an upsert made, by the operation's position.
    """

    inserted: int = 0
    matched: int = 0
    modified: int = 0
    deleted: int = 0
    upserted: Mapping[int, Any] = field(default_factory=dict[int, Any])
