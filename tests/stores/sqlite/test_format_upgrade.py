"""Files of older formats open, with all that is in them."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from pymongo.errors import DuplicateKeyError

from earnorm.stores.documents import encode, key_bytes
from earnorm.stores.sqlite import SqliteStore
from earnorm.stores.sqlite.file_format import FORMAT_VERSION
from earnorm.typing import Index

# what EarnORM 1.0.0a1 wrote
VERSION_1 = (
    "CREATE TABLE catalog (version INTEGER NOT NULL)",
    "INSERT INTO catalog (version) VALUES (3)",
    "CREATE TABLE collections (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """
    CREATE TABLE indexes (
        id INTEGER PRIMARY KEY,
        collection INTEGER NOT NULL,
        name TEXT NOT NULL,
        definition BLOB NOT NULL,
        multikey INTEGER NOT NULL DEFAULT 0,
        UNIQUE (collection, name)
    )
    """,
    "PRAGMA application_id = 1164014159",
    "PRAGMA user_version = 1",
    "PRAGMA journal_mode = WAL",
    "INSERT INTO collections (id, name) VALUES (1, 'users'), (2, 'empty')",
    "CREATE TABLE c1 (rid INTEGER PRIMARY KEY, k BLOB NOT NULL UNIQUE, doc BLOB NOT NULL)",
    "CREATE TABLE c2 (rid INTEGER PRIMARY KEY, k BLOB NOT NULL UNIQUE, doc BLOB NOT NULL)",
    "CREATE TABLE i1 (key BLOB NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (key)) WITHOUT ROWID",
)


@pytest.fixture
def old(path: Path) -> Path:
    """A file of the first format: 20 users with a unique index."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in VERSION_1:
        connection.execute(statement)
    definition = {"name": "email_1", "fields": [["email", 1]], "unique": True, "partial": None}
    connection.execute(
        "INSERT INTO indexes (id, collection, name, definition) VALUES (1, 1, 'email_1', ?)",
        (encode(definition),),
    )
    for number in range(20):
        document = {"_id": number, "email": f"{number}@x"}
        row = (key_bytes(number), encode(document))
        rid = connection.execute("INSERT INTO c1 (k, doc) VALUES (?, ?)", row).lastrowid
        key = key_bytes(document["email"])
        connection.execute("INSERT INTO i1 (key, rid) VALUES (?, ?)", (key, rid))
    connection.close()
    return path


async def test_a_file_of_the_first_format_is_brought_up_to_date(old: Path) -> None:
    store = await SqliteStore.open(str(old), name="store")

    assert await store.count("users", {"email": "7@x"}) == 1
    assert await store.indexes("users") == [Index(fields=(("email", 1),), unique=True)]
    with pytest.raises(DuplicateKeyError, match="email_1"):
        await store.insert("users", [{"_id": 99, "email": "7@x"}])
    assert await store.collections() == ["empty", "users"]
    async with store.watch("users") as stream:
        await store.insert("users", [{"_id": 99, "email": "99@x"}])
        assert (await anext(stream))["documentKey"] == {"_id": 99}
    await store.drop_collection("empty")
    await store.insert("new", [{"_id": 1}])
    assert await store.verify() == []
    assert (await store.describe()).details["format_version"] == FORMAT_VERSION
    await store.aclose()


async def test_two_that_open_an_old_file_together_both_succeed(old: Path) -> None:
    stores = await asyncio.gather(*(SqliteStore.open(str(old), name=f"{n}") for n in range(3)))

    assert [await each.count("users", {}) for each in stores] == [20, 20, 20]
    for each in stores:
        await each.aclose()


async def test_an_upgrade_that_fails_leaves_the_old_file(old: Path) -> None:
    connection = sqlite3.connect(old, isolation_level=None)
    connection.execute("CREATE TABLE changes (mine)")  # in the way of the second format
    before = connection.execute("SELECT name FROM sqlite_master").fetchall()

    with pytest.raises(sqlite3.OperationalError):
        await SqliteStore.open(str(old), name="store")

    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == before
    connection.close()
