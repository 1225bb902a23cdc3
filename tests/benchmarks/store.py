"""The embedded store under a model, against the same by hand: `sqlite3` and BSON in a thread."""

import asyncio
import gc
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import bson
from bson import ObjectId

from earnorm import BaseModel, IntegerField, ModelRegistry, StringField, connect
from tests.benchmarks.bars import Bar
from tests.benchmarks.table import print_table, print_title
from tests.benchmarks.timer import Effort

__all__ = ["Cost", "keep_best", "run"]

Result = TypeVar("Result")

_MOST = {"get": 1.5, "save": 2.0, "insert": 2.5}
_INSERTED = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Seconds: of this process's threads together, and by the clock on the wall."""

    cpu: float
    wall: float


def run(effort: Effort) -> list[Bar]:
    """Prints what each operation takes, and gives the bars."""
    number = min(_INSERTED, effort.instances)
    with tempfile.TemporaryDirectory() as directory:
        ours, theirs = asyncio.run(_measure(Path(directory), effort, number))
    print_title(
        "The embedded store",
        "Microseconds of processor time of all threads, and on the wall, the best of many rounds: one get by",
        f"id, one save of a stored instance, one insert_many of {number:,}. By hand: one connection in one",
        "thread, WAL, synchronous=NORMAL, one transaction for each write; no mapper, no filters, no indexes.",
        "The garbage collector is off in both.",
    )
    rows = [
        [
            what,
            *(
                f"{cost:,.0f}"
                for one in (ours, theirs)
                for cost in (one[what].cpu * 1e6, one[what].wall * 1e6)
            ),
        ]
        for what in _MOST
    ]
    print_table(["", "EarnORM cpu", "wall", "by hand cpu", "wall"], rows)
    return [
        Bar(what=f"embedded {what}, over raw", factor=ours[what].cpu / theirs[what].cpu, most=most)
        for what, most in _MOST.items()
    ]


class Note(BaseModel, registry=ModelRegistry("benchmark of the store")):
    title = StringField()
    text = StringField()
    stars = IntegerField(default=0)


class RawNotes:
    """Notes kept by hand: their BSON in one table, the connection in one thread."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._path = path

    async def open(self) -> None:
        await self._run(self._open)

    async def get(self, identity: ObjectId) -> dict[str, Any]:
        row = await self._run(
            lambda: self._connection.execute(_SELECT, (identity.binary,)).fetchone()
        )
        return bson.decode(row[0])

    async def save(self, note: dict[str, Any]) -> None:
        encoded = bson.encode(note)
        await self._run(lambda: self._connection.execute(_UPDATE, (encoded, note["_id"].binary)))

    async def insert(self, notes: Sequence[dict[str, Any]]) -> None:
        for note in notes:
            note["_id"] = ObjectId()
        rows = [(note["_id"].binary, bson.encode(note)) for note in notes]
        await self._run(lambda: self._insert(rows))

    async def close(self) -> None:
        await self._run(lambda: self._connection.close())
        self._thread.shutdown()

    def _open(self) -> None:
        self._connection = sqlite3.connect(self._path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute(
            "CREATE TABLE notes (id BLOB PRIMARY KEY, document BLOB) WITHOUT ROWID"
        )

    def _insert(self, rows: list[tuple[bytes, bytes]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany("INSERT INTO notes VALUES (?, ?)", rows)
        self._connection.execute("COMMIT")

    async def _run(self, job: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)


_SELECT = "SELECT document FROM notes WHERE id = ?"
_UPDATE = "UPDATE notes SET document = ? WHERE id = ?"


async def _measure(
    directory: Path, effort: Effort, number: int
) -> tuple[dict[str, Cost], dict[str, Cost]]:
    raw = RawNotes(directory / "raw.db")
    await raw.open()
    async with connect(f"sqlite:///{directory / 'earnorm.db'}", registry=Note.__registry__):
        ours: dict[str, Cost] = {}
        theirs: dict[str, Cost] = {}
        # Over so long a time that a busy neighbour does not spoil all of it.
        for turn in range(max(2, effort.passes * 2)):
            await _measure_small(raw, ours, theirs)
            if turn % 4 == 0:
                await _measure_insert(raw, ours, theirs, number)
    await raw.close()
    return ours, theirs


async def _measure_small(raw: RawNotes, ours: dict[str, Cost], theirs: dict[str, Cost]) -> None:
    kept = await Note.create(title="kept", text="some text")
    plain: dict[str, Any] = {"title": "kept", "text": "some text", "stars": 0}
    await raw.insert([plain])

    async def save() -> None:
        kept.stars += 1
        await kept.save()

    async def save_raw() -> None:
        plain["stars"] += 1
        await raw.save(plain)

    await keep_best(ours, "get", lambda: Note.get(kept.id), 50)
    await keep_best(theirs, "get", lambda: raw.get(plain["_id"]), 50)
    await keep_best(ours, "save", save, 50)
    await keep_best(theirs, "save", save_raw, 50)


async def _measure_insert(
    raw: RawNotes, ours: dict[str, Cost], theirs: dict[str, Cost], number: int
) -> None:
    notes = [Note(title=f"note {n}", text="some text", stars=n) for n in range(number)]
    documents = [note.to_document() for note in notes]
    await keep_best(ours, "insert", lambda: Note.insert_many(notes), 1)
    await keep_best(theirs, "insert", lambda: raw.insert(documents), 1)


async def keep_best(
    costs: dict[str, Cost], what: str, operation: Callable[[], Awaitable[object]], times: int
) -> None:
    """Notes what one operation of so many takes, if that is less than before."""
    gc.collect()
    gc.disable()
    try:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(times):
            await operation()
        cpu, wall = (time.process_time() - cpu) / times, (time.perf_counter() - wall) / times
    finally:
        gc.enable()
    before = costs.get(what, Cost(cpu=cpu, wall=wall))
    costs[what] = Cost(cpu=min(before.cpu, cpu), wall=min(before.wall, wall))
