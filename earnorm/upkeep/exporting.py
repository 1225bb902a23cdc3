"""Writes a registry's past, and the documents of its models if asked, into one file."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from earnorm.database.history_collection import COLLECTION
from earnorm.database.store_errors import translate_store_errors
from earnorm.errors import StoreAccessError
from earnorm.metadata import DATA, EXTENSION, ExportSums, RegistryHistory, history_lines
from earnorm.stores import Store
from earnorm.upkeep.copy_marks import MARKS
from earnorm.upkeep.document_lines import document_line
from earnorm.upkeep.fingerprint import CURRENT

__all__ = ["ExportReport", "export_registry"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What a file got: models and entries, and of each collection how many documents.

    `left_out` are the collections of the store in which no model of the registry keeps its documents.
    """

    revision: int
    models: int
    entries: int
    collections: dict[str, int]
    left_out: tuple[str, ...]


async def export_registry(
    history: RegistryHistory, path: Path, *, data: Store | None = None
) -> ExportReport:
    """Writes the history, and with a store the documents of its models there, to a file.

    The same history and the same documents give the same bytes. Documents are read in batches, in the order of
    their `_id`, and a document that changes meanwhile is as it was before or after. What is at `path` is replaced once
    the new file is whole, which only its owner may read. Raises `StoreAccessError` where an embedded store is there.
    """
    sums = ExportSums()
    documents: dict[str, int] = {}
    left_out: tuple[str, ...] = ()
    async with _replacing(path) as file:
        lines = (sums.add(part, line) for part, line in history_lines(history))
        await asyncio.to_thread(file.writelines, lines)
        if data is not None:
            with translate_store_errors(data.name):
                chosen, left_out = await _collections(history, data)
                for name in chosen:
                    documents[name] = await _write(file, sums, data, name)
        manifest = sums.manifest({"revision": history.revision, "head": history.head})
        await asyncio.to_thread(file.write, manifest)
    return ExportReport(
        revision=history.revision,
        models=len(history.snapshot()),
        entries=len(history),
        collections=documents,
        left_out=left_out,
    )


async def _collections(history: RegistryHistory, store: Store) -> tuple[list[str], tuple[str, ...]]:
    """Those in which models keep their documents, and all others of the store that are not our own."""
    documents = history.snapshot().documents.values()
    named = {one.content[EXTENSION]["collection"] for one in documents}
    present = await store.collections()
    others = (name for name in present if name not in {*named, COLLECTION, MARKS})
    return sorted(named), tuple(others)


async def _write(file: BinaryIO, sums: ExportSums, store: Store, collection: str) -> int:
    """Writes the documents of a collection; returns how many."""
    part = f"{DATA}{collection}"
    sums.open(part)
    written = 0
    found = store.find(collection, {}, sort=[("_id", 1)], options=CURRENT)
    async with aclosing(found):
        async for batch in found:
            lines = (sums.add(part, document_line(collection, one)) for one in batch)
            await asyncio.to_thread(file.writelines, lines)
            written += len(batch)
    return written


@asynccontextmanager
async def _replacing(path: Path) -> AsyncIterator[BinaryIO]:
    """A file that takes the place of what is at `path` when the block ends well, and is gone when it does not."""
    _refuse_database(path)
    # a name of its own, which nobody else writes or follows, and a file that nobody else may read
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f"{path.name}.", suffix=".unfinished")
    try:
        with os.fdopen(number, "wb") as file:
            yield file
            await asyncio.to_thread(_flush, file)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise


def _refuse_database(path: Path) -> None:
    if not path.is_file():
        return
    with path.open("rb") as file:
        if file.read(len(_DATABASE)) == _DATABASE:
            raise StoreAccessError(str(path), "it is a database, which an export would replace")


_DATABASE: Final = b"SQLite format 3\0"


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
