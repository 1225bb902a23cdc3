"""Entries of a history as a store keeps them, one document each."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from earnorm.errors import HistoryError
from earnorm.metadata import Checkpoint, HistoryEntry, canonical_json
from earnorm.typing import Document, MutableDocument

__all__ = [
    "checkpoint_of",
    "entry_of",
    "is_checkpoint",
    "refusing_strange",
    "stored_checkpoint",
    "stored_entry",
]


def stored_entry(entry: HistoryEntry) -> MutableDocument:
    """The document of an entry. Its `_id` is the revision, below zero for a folded one.

    Its patch is text: keys such as `$ref` mean something else to a server.
    """
    facts = entry.as_dict()
    revision, patch = facts.pop("revision"), facts.pop("patch")
    position = revision if entry.versions is None else -revision
    return {"_id": position, **facts, "patch": canonical_json(patch).decode()}


def stored_checkpoint(checkpoint: Checkpoint) -> MutableDocument:
    """The document of a checkpoint, which takes the place of the entry of the same revision."""
    facts = checkpoint.as_dict()
    return {"_id": facts.pop("revision"), **facts}


def is_checkpoint(document: Document) -> bool:
    """Whether it is a checkpoint and not an entry, to say by some of its parts."""
    return "digest" in document


@contextmanager
def refusing_strange() -> Iterator[None]:
    """Raises `HistoryError` in the place of what a document in the collection leads to that is none of ours."""
    try:
        yield
    except HistoryError:
        raise
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise HistoryError(
            f"its collection holds a document that is none of ours ({error!r})"
        ) from error


def entry_of(document: Document) -> HistoryEntry:
    """The entry of a document; raises `HistoryError` where it is not what was stored."""
    facts: dict[str, Any] = dict(document)
    revision = abs(int(facts.pop("_id")))
    try:
        patch = json.loads(facts["patch"])
    except (KeyError, TypeError, ValueError) as error:
        raise HistoryError(f"its patch cannot be read: {error!r}", revision=revision) from error
    return HistoryEntry.from_dict({**facts, "revision": revision, "patch": patch})


def checkpoint_of(document: Document) -> Checkpoint:
    """The checkpoint of a document; raises `HistoryError` where it is not what was stored."""
    facts: dict[str, Any] = dict(document)
    facts["revision"] = int(facts.pop("_id"))
    return Checkpoint.from_dict(facts)
