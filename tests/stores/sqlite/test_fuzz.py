"""Random hostile operations on a file: only errors of ours and PyMongo's, no user text in SQL, a whole file.

What is known for sure of the file is held against a mirror: the documents of one collection that only whole
writes change. `EARNORM_FUZZ_SECONDS` says how long the long form runs (an hour by default).
"""

import contextlib
import os
import random
import sqlite3
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import (
    DatetimeMS,
    Decimal128,
    Int64,
    MaxKey,
    MinKey,
    ObjectId,
    Regex,
    Timestamp,
    encode,
)
from bson.errors import InvalidDocument
from pymongo.errors import PyMongoError

from earnorm.errors import EarnORMError
from earnorm.stores import BulkOperation, Delete, Documents, Insert, Replace, Update
from earnorm.stores.documents import key_bytes
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index, OperationOptions

pytestmark = pytest.mark.once

MARK = "zQ7x"
REFUSALS = (EarnORMError, PyMongoError, InvalidDocument)
NAMES = [
    "a", "b", "a.b", "a.0", "a.b.c", "$a", "$set", "", ".", "a.", ".a", "a..b", "a\0b", "_id", "_id.a", "'", '"',
    "`; DROP TABLE c1; --", "а", "ａ", "\u202e", "é", "é", "\ud800", "x" * 300, "0", "-1", "$", "$$", "$[]", "$[a]",
    "a.$", "a.$[].b", "a.$[a]", "__proto__", "\n", "%s", "{}", "💥",
]  # fmt: skip
OPERATORS = [
    "$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$exists", "$type", "$mod", "$regex", "$options", "$all",
    "$size", "$elemMatch", "$not", "$and", "$or", "$nor", "$expr", "$jsonSchema", "$where", "$bitsAllSet", "$comment",
]  # fmt: skip
UPDATES = [
    "$set", "$unset", "$inc", "$mul", "$min", "$max", "$rename", "$setOnInsert", "$currentDate", "$push", "$addToSet",
    "$pop", "$pull", "$pullAll", "$bit", "$isolated",
]  # fmt: skip
STAGES = [
    "$match",
    "$project",
    "$addFields",
    "$group",
    "$sort",
    "$limit",
    "$skip",
    "$unwind",
    "$count",
    "$facet",
    "$set",
]
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 2**31, 2**63 - 1, -(2**63), 2**63, 1.5, -0.0, float("nan"), float("inf"), Int64(1),
    Decimal128("1.50"), Decimal128("NaN"), "", "a", MARK, "a\0", "\ud800", b"", b"\xff", [], {}, [[]], [{}], [None],
    ObjectId(), Timestamp(1, 1), MinKey(), MaxKey(), Regex("a", "i"), Regex("(a+)+$"), datetime(2020, 1, 1, tzinfo=UTC),
    DatetimeMS(-(2**62)), object(), {"$oid": "x"}, {"$gt": ""}, "$a", "$$ROOT", {"$numberLong": "1"}, 10**400,
]  # fmt: skip


class Fuzz:
    """One run: a seed, a store, and a mirror of the documents that only whole writes touch."""

    def __init__(self, store: SqliteStore, seed: int) -> None:
        self.store = store
        self.random = random.Random(seed)  # repeatable, no secret
        self.mirror: dict[bytes, dict[str, Any]] = {}
        self.done = self.refused = 0

    def name(self) -> Any:
        if self.random.random() < 0.5:
            return self.random.choice(["a", "b", "a.b", "a.0"])
        chosen = self.random.choice(NAMES)
        return f"{chosen}{MARK}" if self.random.random() < 0.3 else chosen

    def value(self, depth: int = 0) -> Any:
        kind = self.random.random()
        if depth > 4 or kind < 0.7:
            return self.random.choice(VALUES)
        if kind < 0.85:
            return [self.value(depth + 1) for _ in range(self.random.randrange(4))]
        return self.document(depth + 1)

    def document(self, depth: int = 0) -> dict[str, Any]:
        return {self.name(): self.value(depth + 1) for _ in range(self.random.randrange(4))}

    def nested(self) -> dict[str, Any]:
        document: dict[str, Any] = {}
        for _ in range(self.random.choice([50, 99, 101, 400, 3000])):
            document = {"a": document}
        return document

    def filter(self, depth: int = 0) -> Any:
        filter: dict[str, Any] = {}
        for _ in range(self.random.randrange(3)):
            kind = self.random.random()
            if kind < 0.4:
                filter[self.name()] = self.value()
            elif kind < 0.8 or depth > 3:
                filter[self.name()] = {self.random.choice(OPERATORS): self.value()}
            else:
                filter[self.random.choice(OPERATORS)] = [self.filter(depth + 1)]
        return filter

    def update(self) -> Any:
        if self.random.random() < 0.1:
            return [{"$set": self.document()}]
        return {
            self.random.choice(UPDATES): self.document() for _ in range(self.random.randrange(1, 3))
        }

    def collection(self) -> Any:
        if self.random.random() < 0.6:
            return "things"
        return self.random.choice([f"o'{MARK}\"", "$cmd", "", "a\0", "system.x", f"{MARK}.b", "ü"])

    def index(self) -> Index:
        return Index(
            fields=tuple(
                (self.name(), self.random.choice([1, -1]))
                for _ in range(self.random.randrange(1, 3))
            ),
            unique=self.random.random() < 0.2,
            sparse=self.random.random() < 0.3,
            partial=self.filter() if self.random.random() < 0.2 else None,
        )

    async def step(self) -> None:
        """One operation, which does something or is refused."""
        operations = (self.read, self.write, self.define, self.together, self.whole)
        try:
            await self.random.choice(operations)()
            self.done += 1
        except REFUSALS:
            self.refused += 1

    async def read(self) -> None:
        collection, filter = self.collection(), self.filter()
        options = OperationOptions(max_time=5.0)
        which = self.random.randrange(5)
        if which == 0:
            sort = [
                (self.name(), self.random.choice([1, -1])) for _ in range(self.random.randrange(3))
            ]
            found = self.store.find(
                collection,
                filter,
                sort=sort,
                limit=self.random.choice([None, 0, 3]),
                options=options,
            )
            await drain(found)
        elif which == 1:
            await self.store.count(collection, filter, options=options)
        elif which == 2:
            await self.store.distinct(collection, self.name(), filter, options=options)
        elif which == 3:
            await self.store.explain(collection, filter, sort=[(self.name(), 1)])
        else:
            stages = [
                {self.random.choice(STAGES): self.value()} for _ in range(self.random.randrange(3))
            ]
            await drain(self.store.aggregate(collection, stages, options=options))

    async def write(self, into: Documents | None = None) -> None:
        store, collection, filter = into or self.store, self.collection(), self.filter()
        which = self.random.randrange(6)
        upsert = self.random.random() < 0.3
        if which == 0:
            document = self.nested() if self.random.random() < 0.1 else self.document()
            await store.insert(collection, [{"_id": ObjectId(), **document}])
        elif which == 1:
            await store.update(
                collection, filter, self.update(), upsert=upsert, many=self.random.random() < 0.5
            )
        elif which == 2:
            await store.replace(collection, filter, self.document(), upsert=upsert)
        elif which == 3:
            await store.delete(collection, filter, many=False)
        elif which == 4:
            await store.find_one_and_update(
                collection, filter, self.update(), sort=[(self.name(), 1)]
            )
        else:
            operations: list[BulkOperation] = [
                Insert(document={"_id": self.value(), **self.document()}),
                Update(filter=self.filter(), update=self.update(), upsert=upsert),
                Replace(filter=self.filter(), document=self.document()),
                Delete(filter=self.filter()),
            ]
            self.random.shuffle(operations)
            await store.bulk(collection, operations, ordered=self.random.random() < 0.5)

    async def define(self) -> None:
        which = self.random.randrange(8)
        if which < 3:
            await self.store.create_index(self.collection(), self.index())
        elif which < 6:
            for index in await self.store.indexes("things"):
                await self.store.drop_index("things", index.name)
        else:
            await self.store.drop_collection(self.collection())

    async def together(self) -> None:
        transaction = await self.store.begin()
        try:
            for _ in range(3):
                await self.write(transaction)
            if self.random.random() < 0.5:
                await transaction.commit()
        finally:
            await transaction.abort()

    async def whole(self) -> None:
        """A write of which the mirror knows what it leaves."""
        key = self.random.choice([self.random.randrange(50), f"{MARK}{self.random.randrange(50)}"])
        document = {"_id": key, **self.document()}
        document["_id"] = key
        if key_bytes(key) in self.mirror:
            await self.store.replace("mirrored", {"_id": key}, document)
        else:
            await self.store.insert("mirrored", [document])
        self.mirror[key_bytes(key)] = document

    async def check(self) -> None:
        """The file is whole, and has what was acknowledged."""
        assert await self.store.verify() == []
        stored = {
            key_bytes(one["_id"]): one
            async for batch in self.store.find("mirrored", {})
            for one in batch
        }
        assert stored.keys() == self.mirror.keys()
        for key, document in self.mirror.items():
            assert encode(stored[key]) == encode(document)


async def drain(batches: AsyncIterator[Any]) -> None:
    async for _ in batches:
        pass


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The text of every SQL statement that is run."""
    seen: set[str] = set()

    class Recording(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            seen.add(sql)
            return super().execute(sql, *parameters)

        def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
            seen.add(sql)
            return super().executemany(sql, *parameters)

    connect = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: connect(*a, factory=Recording, **k))
    return seen


async def fuzz(path: Path, seed: int, seconds: float) -> Fuzz:
    store = await SqliteStore.open(str(path), name="store")
    run = Fuzz(store, seed)
    try:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            for _ in range(200):
                await run.step()
            await run.check()
    finally:
        with contextlib.suppress(Exception):
            await store.aclose()
    return run


@pytest.mark.parametrize("seed", range(3))
async def test_hostile_operations_leave_a_whole_file(
    tmp_path: Path, statements: set[str], seed: int
) -> None:
    run = await fuzz(tmp_path / "a.db", seed, seconds=1.0)
    assert run.done > 20
    assert run.refused > 20
    assert statements
    assert not [sql for sql in statements if MARK in sql]


@pytest.mark.soak
async def test_an_hour_of_hostile_operations_leaves_a_whole_file(
    tmp_path: Path, statements: set[str]
) -> None:
    seconds = float(os.environ.get("EARNORM_FUZZ_SECONDS", "3600"))
    ends, seed = time.monotonic() + seconds, random.randrange(2**32)  # told when it fails
    while time.monotonic() < ends:
        seed += 1
        print(f"seed {seed}")
        await fuzz(tmp_path / f"{seed}.db", seed, seconds=min(60.0, seconds))
        (tmp_path / f"{seed}.db").unlink()
    assert not [sql for sql in statements if MARK in sql]
