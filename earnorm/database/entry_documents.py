"""Entries of a history as a store keeps them, one document each."""

import json
from typing import Any, Final

from earnorm.errors import HistoryError
from earnorm.metadata import HistoryEntry, canonical_json
from earnorm.typing import Document, MutableDocument

__all__ = ["COLLECTION", "ENTRIES", "HEAD", "entry_of", "stored_entry"]

COLLECTION: Final = "earnorm_registry"
"""Where a database keeps the history of its models."""

HEAD: Final = "head"
"""The `_id` of the document that says up to where the history goes at least."""

ENTRIES: Final[Document] = {"_id": {"$gt": 0}}
"""Matches the entries, whose `_id` is the revision, and nothing else: `$gt` compares numbers with numbers only."""


def stored_entry(entry: HistoryEntry) -> MutableDocument:
    """The document of an entry. Its patch is text: keys such as `$ref` mean something else to a server."""
    facts = entry.as_dict()
    revision, patch = facts.pop("revision"), facts.pop("patch")
    return {"_id": revision, **facts, "patch": canonical_json(patch).decode()}


def entry_of(document: Document) -> HistoryEntry:
    """The entry of a document; raises `HistoryError` where it is not what was stored."""
    facts: dict[str, Any] = dict(document)
    revision = int(facts.pop("_id"))
    try:
        patch = json.loads(facts["patch"])
    except (KeyError, TypeError, ValueError) as error:
        raise HistoryError(f"its patch cannot be read: {error!r}", revision=revision) from error
    return HistoryEntry.from_dict({**facts, "revision": revision, "patch": patch})
