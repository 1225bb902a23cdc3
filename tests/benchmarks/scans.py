"""What the embedded store finds: by an index, by reading all, and among ever more documents."""

import asyncio
import json
import random
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, TypeVar

import bson
from bson import ObjectId
from bson.codec_options import CodecOptions

from earnorm import (
    BaseModel,
    EmbeddedField,
    EmbeddedModel,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
    connect,
)
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index
from tests.benchmarks.bars import Bar
from tests.benchmarks.store import Cost, keep_best
from tests.benchmarks.table import print_table, print_title
from tests.benchmarks.timer import Effort

__all__ = ["run"]

Result = TypeVar("Result")

_SCANNED: Final = 100_000
_GROWN: Final = (10_000, 1_000_000)
_CITIES: Final = 1_000
_FLAT: Final = 1.3


class Address(EmbeddedModel):
    street = StringField()
    zip = StringField()


class Person(BaseModel, registry=ModelRegistry("benchmark of scans")):
    name = StringField()
    city = StringField()
    age = IntegerField()
    score = FloatField()
    email = StringField()
    tags = ListField(StringField())
    address = EmbeddedField(Address)

    class Meta:
        collection = "people"
        indexes = [{"fields": ["city"]}]


def run(effort: Effort) -> list[Bar]:
    """Prints what each way to find takes, and gives the bars."""
    scanned = min(_SCANNED, effort.instances * 20)
    grown = _GROWN if effort.instances >= 5_000 else (100, 1_000)
    with tempfile.TemporaryDirectory() as directory:
        ours, theirs = asyncio.run(_measure(Path(directory), effort, scanned))
        points = asyncio.run(_measure_growth(Path(directory), effort, grown))
    print_title(
        "Finding",
        f"Milliseconds of processor time of all threads among {scanned:,} documents, the best of some rounds. By hand:",
        "the documents of one city by an index of SQLite, decoded; json_extract over the same documents as JSON text;",
        "each document decoded and looked at.",
    )
    rows = [
        [what, f"{ours[what].cpu * 1e3:,.1f}", f"{theirs[what].cpu * 1e3:,.1f}"] for what in _MOST
    ]
    print_table(["", "EarnORM", "by hand"], rows)
    _show_growth(points)
    return [
        *(
            Bar(
                what=f"embedded {what}, over {_RIVALS[what]}",
                factor=_ratio(ours, theirs, what),
                most=most,
            )
            for what, most in _MOST.items()
        ),
        *(
            Bar(
                what=f"embedded {what} among {grown[1]:,}, over among {grown[0]:,}",
                factor=points[grown[1]][what].cpu / points[grown[0]][what].cpu,
                most=_FLAT,
            )
            for what in points[grown[0]]
        ),
    ]


_MOST: Final = {
    "indexed find": 2.0,
    "scan for text": 1.5,
    "scan for a number": 1.5,
    "scan for a range": 2.0,
}
_RIVALS: Final = {
    "indexed find": "raw",
    "scan for text": "JSON in SQLite",
    "scan for a number": "JSON in SQLite",
    "scan for a range": "decoding",
}


def _ratio(ours: dict[str, Cost], theirs: dict[str, Cost], what: str) -> float:
    return ours[what].cpu / theirs[what].cpu


def _show_growth(points: dict[int, dict[str, Cost]]) -> None:
    print_title(
        "Growth", "Microseconds of processor time of one operation among so many documents."
    )
    operations = list(next(iter(points.values())))
    rows = [
        [what, *(f"{costs[what].cpu * 1e6:,.0f}" for costs in points.values())]
        for what in operations
    ]
    print_table(["", *(f"{number:,}" for number in points)], rows)


def _people(number: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(1)  # the same people in each run
    for n in range(number):
        yield {
            "_id": ObjectId(),
            "name": f"Person {n}",
            "city": f"City {chance.randrange(_CITIES)}",
            "age": chance.randrange(_CITIES),
            "score": chance.random(),
            "email": f"person{n}@example.com",
            "tags": ["red", "green"],
            "address": {"street": "Main Street 5", "zip": "12345"},
        }


class RawPeople:
    """The same people by hand: BSON with an index on a column, and JSON text."""

    def __init__(self, path: Path) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._path = path

    async def open(self, people: Sequence[dict[str, Any]]) -> None:
        await self.run(lambda: self._fill(people))

    async def in_city(self, city: str) -> list[dict[str, Any]]:
        rows = await self.run(lambda: self._rows(_IN_CITY, city))
        return [bson.decode(row[0], _OPTIONS) for row in rows]

    async def by_json(self, path: str, value: object) -> list[dict[str, Any]]:
        rows = await self.run(lambda: self._rows(_BY_JSON, path, value))
        return [json.loads(row[0]) for row in rows]

    async def above(self, score: float) -> list[dict[str, Any]]:
        def read() -> list[dict[str, Any]]:
            decoded = (bson.decode(row[0], _OPTIONS) for row in self._connection.execute(_ALL))
            return [person for person in decoded if person["score"] > score]

        return await self.run(read)

    async def close(self) -> None:
        await self.run(lambda: self._connection.close())
        self._thread.shutdown()

    async def run(self, job: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._thread, job)

    def _rows(self, statement: str, *values: object) -> list[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _fill(self, people: Sequence[dict[str, Any]]) -> None:
        self._connection = sqlite3.connect(self._path, isolation_level=None)
        for statement in _TABLES:
            self._connection.execute(statement)
        self._connection.execute("BEGIN")
        for person in people:
            values = (person["city"], bson.encode(person))
            self._connection.execute("INSERT INTO people (city, doc) VALUES (?, ?)", values)
            text = json.dumps({**person, "_id": str(person["_id"])})
            self._connection.execute("INSERT INTO texts (doc) VALUES (?)", (text,))
        self._connection.execute("COMMIT")


_OPTIONS: Final = CodecOptions[dict[str, Any]](tz_aware=True)
_TABLES: Final = (
    "PRAGMA journal_mode = WAL",
    "CREATE TABLE people (rid INTEGER PRIMARY KEY, city TEXT, doc BLOB)",
    "CREATE INDEX by_city ON people (city)",
    "CREATE TABLE texts (rid INTEGER PRIMARY KEY, doc TEXT)",
)
_IN_CITY: Final = "SELECT doc FROM people WHERE city = ?"
_BY_JSON: Final = "SELECT doc FROM texts WHERE json_extract(doc, ?) = ?"
_ALL: Final = "SELECT doc FROM people"


async def _measure(
    directory: Path, effort: Effort, number: int
) -> tuple[dict[str, Cost], dict[str, Cost]]:
    people = list(_people(number))
    raw = RawPeople(directory / "raw.db")
    await raw.open(people)
    path = directory / "people.db"
    async with connect(f"sqlite:///{path}", registry=Person.__registry__):
        store = await SqliteStore.open(str(path), name="people")
        for start in range(0, number, 10_000):
            await store.insert("people", people[start : start + 10_000])
            await store.insert("plain", people[start : start + 10_000])
        ours: dict[str, Cost] = {}
        theirs: dict[str, Cost] = {}
        for turn in range(max(2, effort.passes // 10)):
            await _measure_finds(store, raw, ours, theirs, turn)
        await store.aclose()
    await raw.close()
    return ours, theirs


async def _measure_finds(
    store: SqliteStore,
    raw: RawPeople,
    ours: dict[str, Cost],
    theirs: dict[str, Cost],
    turn: int,
) -> None:
    city = f"City {turn}"

    async def scan(filter_: dict[str, Any]) -> int:
        return sum([len(batch) async for batch in store.find("plain", filter_)])

    await keep_best(ours, "indexed find", lambda: Person.find(Person.city == city).to_list(), 10)
    await keep_best(theirs, "indexed find", lambda: raw.in_city(city), 10)
    await keep_best(ours, "scan for text", lambda: scan({"city": city}), 1)
    await keep_best(theirs, "scan for text", lambda: raw.by_json("$.city", city), 1)
    await keep_best(ours, "scan for a number", lambda: scan({"age": turn}), 1)
    await keep_best(theirs, "scan for a number", lambda: raw.by_json("$.age", turn), 1)
    await keep_best(ours, "scan for a range", lambda: scan({"score": {"$gt": 0.999}}), 1)
    await keep_best(theirs, "scan for a range", lambda: raw.above(0.999), 1)


async def _measure_growth(
    directory: Path, effort: Effort, numbers: Sequence[int]
) -> dict[int, dict[str, Cost]]:
    costs: dict[int, dict[str, Cost]] = {}
    store = await SqliteStore.open(str(directory / "growing.db"), name="growing")
    await store.create_index("people", Index(fields=(("name", 1),)))
    kept: list[ObjectId] = []
    people = _people(numbers[-1])
    for number in numbers:
        while len(kept) < number:
            some = [next(people) for _ in range(min(10_000, number - len(kept)))]
            await store.insert("people", some)
            kept += [person["_id"] for person in some]
        costs[number] = {}
        for _ in range(max(2, effort.passes // 4)):
            await _measure_points(store, costs[number], kept)
    await store.aclose()
    return costs


async def _measure_points(store: SqliteStore, costs: dict[str, Cost], kept: list[ObjectId]) -> None:
    chance = random.Random(len(kept))  # not a secret

    async def get() -> None:
        async for _ in store.find("people", {"_id": chance.choice(kept)}):
            pass

    async def find() -> None:
        name = f"Person {chance.randrange(len(kept))}"
        async for _ in store.find("people", {"name": name}):
            pass

    async def update() -> None:
        changes = {"$inc": {"age": 1}}
        await store.update("people", {"_id": chance.choice(kept)}, changes)

    async def insert() -> None:
        person = next(_people(1))
        await store.insert("people", [person])
        await store.delete("people", {"_id": person["_id"]})

    for what, operation in (
        ("get", get),
        ("indexed find of one", find),
        ("update", update),
        ("insert and delete", insert),
    ):
        await keep_best(costs, what, operation, 50)
