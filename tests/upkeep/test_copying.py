"""Copies from store to store: exact, resumed, compared; over the wire too."""

import asyncio
import math
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from bson import Binary, Decimal128, Int64, MaxKey, MinKey, ObjectId, Timestamp

from earnorm.errors import CopyError, EarnORMError
from earnorm.stores import Store, open_store
from earnorm.stores.documents import encode, key_bytes
from earnorm.typing import Index
from earnorm.upkeep import CopyProgress, Difference, copy_store
from earnorm.upkeep.copy_marks import MARKS
from earnorm.upkeep.id_order import after

IDS: list[Any] = [
    MinKey(),
    None,
    float("nan"),
    float("-inf"),
    -1,
    0,
    Int64(7),
    7.5,
    Decimal128("8.25"),
    2**40,
    "",
    "a",
    "ä",
    {},
    {"a": 1},
    {"a": "x", "b": None},
    b"",
    Binary(b"x", 5),
    UUID(int=1),
    ObjectId("0" * 24),
    ObjectId("f" * 24),
    False,
    True,
    datetime(1960, 1, 1, tzinfo=UTC),
    datetime(2026, 1, 1, tzinfo=UTC),
    Timestamp(1, 1),
    MaxKey(),
]
"""Of every type, in MongoDB's order."""

Opening = Callable[[str], Any]


@pytest.fixture
async def opening(tmp_path: Path) -> AsyncIterator[Opening]:
    """Opens stores by URL, or files by name, and closes them afterwards."""
    stores: list[Store] = []

    async def open_one(name: str) -> Store:
        url = name if "://" in name else f"sqlite:///{tmp_path}/{name}.db"
        stores.append(await open_store(url))
        return stores[-1]

    yield open_one
    for store in stores:
        await store.aclose()


async def contents(store: Store, collection: str) -> list[bytes]:
    """The documents as BSON, in the order of `_id`."""
    found = [one async for batch in store.find(collection, {}) for one in batch]
    return [encode(one) for one in sorted(found, key=lambda one: key_bytes(one["_id"]))]


async def fill(store: Store, collection: str = "users", count: int = 25) -> None:
    await store.insert(collection, [{"_id": n, "name": f"user {n}"} for n in range(count)])


async def test_documents_and_indexes_are_copied_and_compared(opening: Opening) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    await fill(source, "orders", 3)
    index = Index(fields=(("name", 1),), unique=True)
    await source.create_index("users", index)
    told: list[CopyProgress] = []

    report = await copy_store(source, target, batch_size=10, progress=told.append)

    assert report.is_exact
    orders, users = report.collections
    assert (users.collection, users.written, users.source_documents) == ("users", 25, 25)
    assert (users.target_documents, users.differing, users.indexes) == (25, 0, ("name_1",))
    assert users.source_hash == users.target_hash != orders.source_hash
    assert await contents(target, "users") == await contents(source, "users")
    assert await target.indexes("users") == [index]
    assert await target.collections() == [MARKS, "orders", "users"]
    copying = [one for one in told if (one.collection, one.state) == ("users", "copying")]
    assert [(one.done, one.documents) for one in copying] == [(10, 25), (20, 25), (25, 25)]


async def test_only_the_named_collections_are_copied(opening: Opening) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    await fill(source, "orders")
    await copy_store(source, target, collections=["orders"])
    assert await target.collections() == [MARKS, "orders"]
    with pytest.raises(CopyError, match="no collection 'user'. Did you mean 'users'?") as caught:
        await copy_store(source, target, collections=["user"])
    assert isinstance(caught.value, EarnORMError)
    assert (caught.value.source, caught.value.target) == (source.name, target.name)


async def test_a_target_that_is_not_empty_is_refused_unless_it_may_be_replaced(
    opening: Opening,
) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    await fill(source, "orders")
    await target.insert("users", [{"_id": "there before"}])
    before = await contents(target, "users")
    with pytest.raises(CopyError, match="'users' there is not empty"):
        await copy_store(source, target)
    assert await contents(target, "users") == before
    assert await target.collections() == ["users"]

    assert (await copy_store(source, target, replace=True)).is_exact
    assert await contents(target, "users") == await contents(source, "users")


async def test_a_text_index_which_its_keys_do_not_describe_is_not_made_by_halves(
    opening: Opening,
) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    keys: Any = (("_fts", "text"), ("_ftsx", 1))

    class Server:
        """The source, with an index of MongoDB's."""

        def __getattr__(self, name: str) -> Any:
            return getattr(source, name)

        async def indexes(self, collection: str) -> list[Index]:
            return [Index(fields=keys, name="words")]

    server: Any = Server()
    (users,) = (await copy_store(server, target)).collections
    assert users.refused == ("words: a text index has to be made with MongoDB's tools",)
    assert not users.is_exact


@pytest.mark.parametrize("is_copied_before", [False, True])
async def test_documents_without_an_id_end_the_copy_with_the_name_of_their_collection(
    opening: Opening, *, is_copied_before: bool
) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    await fill(source, "orders", 3)
    if is_copied_before:
        await copy_store(source, target)

    class Viewing:
        """The source, with a view in the place of a collection."""

        def __getattr__(self, name: str) -> Any:
            return getattr(source, name)

        def find(self, collection: str, *args: Any, **how: Any) -> Any:
            shown = {"_id": 0} if collection == "users" else None
            return source.find(collection, *args, projection=shown, **how)

    viewing: Any = Viewing()
    match = r"documents of 'users' have no '_id', .* Name the other collections \(--collections"
    with pytest.raises(CopyError, match=match):
        await copy_store(viewing, target)
    assert len(await contents(target, "users")) == (25 if is_copied_before else 0)
    assert (await copy_store(viewing, target, collections=["orders"])).is_exact


async def test_a_store_is_not_copied_to_itself(opening: Opening) -> None:
    source, again = await opening("one"), await opening("one")
    await fill(source)
    with pytest.raises(CopyError, match="they are the same"):
        await copy_store(source, again, replace=True)
    assert await source.count("users", {}) == 25


async def test_everything_is_read_from_the_primary(opening: Opening) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    preferences: set[str | None] = set()

    class Listening:
        def __init__(self, store: Store) -> None:
            self._store = store

        def __getattr__(self, name: str) -> Any:
            return getattr(self._store, name)

        def find(self, *args: Any, options: Any = None, **kwargs: Any) -> Any:
            preferences.add(options and options.read_preference)
            return self._store.find(*args, options=options, **kwargs)

        async def count(self, *args: Any, options: Any = None, **kwargs: Any) -> int:
            preferences.add(options and options.read_preference)
            return await self._store.count(*args, options=options, **kwargs)

    stores: list[Any] = [Listening(source), Listening(target)]
    await copy_store(*stores)
    await source.update("users", {}, {"$set": {"name": "another"}})
    await copy_store(*stores)
    assert preferences == {"primary"}


class StoppedError(Exception):
    pass


def stop_after(batches: int) -> Callable[[CopyProgress], None]:
    """Ends the copy in its course."""
    told: list[CopyProgress] = []

    def tell(step: CopyProgress) -> None:
        told.append(step)
        if len(told) == batches:
            raise StoppedError

    return tell


@pytest.mark.parametrize("batches", [1, 2, 3, 4])
async def test_a_copy_goes_on_where_it_stopped(opening: Opening, batches: int) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    with pytest.raises(StoppedError):
        await copy_store(source, target, batch_size=10, progress=stop_after(batches))
    done = min(batches * 10, 25)
    assert await target.count("users", {}) == done

    report = await copy_store(source, target, batch_size=10)
    assert report.is_exact
    assert report.collections[0].written == 25 - done


async def test_ids_of_every_type_are_resumed_in_their_order(opening: Opening) -> None:
    source, target = await opening("one"), await opening("two")
    await source.insert("odd", [{"_id": id, "n": n} for n, id in enumerate(IDS)])
    for _ in IDS[:-1]:
        with pytest.raises(StoppedError):
            await copy_store(source, target, batch_size=1, progress=stop_after(1))
    report = await copy_store(source, target, batch_size=1)
    assert report.is_exact
    assert report.collections[0].written == 1
    assert await contents(target, "odd") == await contents(source, "odd")


@pytest.mark.parametrize("position", range(len(IDS)))
async def test_what_comes_after_an_id_is_everything_greater(
    opening: Opening, position: int
) -> None:
    store = await opening("sqlite://")
    await store.insert("odd", [{"_id": id, "n": n} for n, id in enumerate(IDS)])
    found = [one async for batch in store.find("odd", after(IDS[position])) for one in batch]
    assert sorted(one["n"] for one in found) == list(range(position + 1, len(IDS)))


async def test_what_changes_meanwhile_is_named_and_mended_by_the_next_copy(
    opening: Opening,
) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    loop = asyncio.get_running_loop()
    changes: list[asyncio.Task[None]] = []

    async def change() -> None:
        await source.update("users", {"_id": 3}, {"$set": {"name": "changed"}})
        await source.delete("users", {"_id": 4})
        await source.insert("users", [{"_id": -5, "name": "new"}])

    class Meddling:
        """The target; when all is copied, the source changes."""

        def __getattr__(self, name: str) -> Any:
            return getattr(target, name)

        async def create_index(self, collection: str, index: Index) -> None:
            changes.append(loop.create_task(change()))
            await changes[-1]

    await source.create_index("users", Index(fields=(("name", 1),)))
    meddling: Any = Meddling()
    report = await copy_store(source, meddling)
    assert not report.is_exact
    (users,) = report.collections
    assert users.differing == 3
    assert users.differences == (
        Difference(kind="missing", id=-5),
        Difference(kind="changed", id=3),
        Difference(kind="extra", id=4),
    )

    report = await copy_store(source, target)
    assert report.is_exact
    assert report.collections[0].written == 2
    assert await contents(target, "users") == await contents(source, "users")


async def test_a_copy_is_repeated_with_what_changed_since_also_after_an_exact_one(
    opening: Opening,
) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    await fill(source, "orders")
    assert (await copy_store(source, target)).is_exact

    await source.insert("users", [{"_id": "new"}])
    report = await copy_store(source, target)
    assert report.is_exact
    assert [(one.collection, one.written) for one in report.collections] == [
        ("orders", 0),
        ("users", 1),
    ]


async def test_a_unique_value_that_went_from_one_document_to_another_is_mended(
    opening: Opening,
) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    await source.create_index("users", Index(fields=(("name", 1),), unique=True))
    await copy_store(source, target)

    await source.delete("users", {"_id": 3})
    await source.insert("users", [{"_id": -3, "name": "user 3"}])
    for id, name in ((4, "x"), (24, "user 4"), (4, "user 24")):
        await source.update("users", {"_id": id}, {"$set": {"name": name}})
    report = await copy_store(source, target)
    assert report.is_exact
    assert report.collections[0].written == 3


async def test_a_repeated_copy_that_is_stopped_while_it_mends_goes_on(opening: Opening) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source, count=250)
    await copy_store(source, target)
    await source.update("users", {}, {"$set": {"name": "changed"}})

    def stop(step: CopyProgress) -> None:
        if step.state == "mending":
            raise StoppedError

    with pytest.raises(StoppedError):
        await copy_store(source, target, progress=stop)
    assert await target.count("users", {}) == 100
    report = await copy_store(source, target)
    assert report.is_exact
    assert report.collections[0].written == 150


async def test_a_unique_value_may_move_while_the_target_has_its_index_already(
    opening: Opening,
) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    await target.create_index("users", Index(fields=(("name", 1),), unique=True))
    with pytest.raises(StoppedError):
        await copy_store(source, target, batch_size=10, progress=stop_after(1))
    await source.delete("users", {"_id": 3})
    await source.update("users", {"_id": 24}, {"$set": {"name": "user 3"}})

    report = await copy_store(source, target, batch_size=10)
    assert report.is_exact
    assert report.collections[0].written == 15


async def test_what_others_wrote_to_the_target_since_is_not_undone(opening: Opening) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    await copy_store(source, target)
    await target.insert("users", [{"_id": "an order of the new program"}])
    before = await contents(target, "users")

    with pytest.raises(CopyError, match=r"'users' there was written to since .*--replace"):
        await copy_store(source, target)
    assert await contents(target, "users") == before

    assert (await copy_store(source, target, replace=True)).is_exact
    assert await contents(target, "users") == await contents(source, "users")


async def test_what_expired_in_the_target_counts_as_nobodys_write(opening: Opening) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    await source.create_index("users", Index(fields=(("at", 1),), expire_after=3600))
    await copy_store(source, target)
    await target.delete("users", {"_id": 3})
    assert (await copy_store(source, target)).is_exact


async def test_a_collection_that_was_dropped_from_the_target_is_copied_anew(
    opening: Opening,
) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source)
    await copy_store(source, target)
    await target.drop_collection("users")
    report = await copy_store(source, target)
    assert report.is_exact
    assert report.collections[0].written == 25


async def test_the_copy_of_another_source_that_is_done_may_be_replaced(opening: Opening) -> None:
    source, target, other = await opening("one"), await opening("two"), await opening("three")
    await fill(source)
    await fill(other, count=3)
    await copy_store(source, target)
    with pytest.raises(CopyError, match="'users' there is not empty"):
        await copy_store(other, target)
    assert (await copy_store(other, target, replace=True)).is_exact


async def test_over_the_wire_two_names_of_one_server_are_the_same_store(
    opening: Opening, mongodb_url: str
) -> None:
    source = await opening(mongodb_url)
    await fill(source)
    again = await opening(mongodb_url.replace("127.0.0.1", "localhost"))
    assert again.name != source.name or "127.0.0.1" not in mongodb_url
    with pytest.raises(CopyError, match="they are the same"):
        await copy_store(source, again, replace=True)
    assert await source.count("users", {}) == 25
    assert await source.collections() == ["users"]


async def test_the_unfinished_copy_of_another_source_is_refused(opening: Opening) -> None:
    source, target, other = await opening("one"), await opening("two"), await opening("three")
    await fill(source)
    await fill(other)
    with pytest.raises(StoppedError):
        await copy_store(source, target, batch_size=10, progress=stop_after(1))
    with pytest.raises(CopyError, match=r"unfinished copy of another source, file .*one\.db"):
        await copy_store(other, target, replace=True)
    assert (await copy_store(source, target)).is_exact


async def test_a_copy_of_a_copy_leaves_the_marks_behind(opening: Opening) -> None:
    source, target, third = await opening("one"), await opening("two"), await opening("three")
    await fill(source)
    with pytest.raises(StoppedError):
        await copy_store(source, target, batch_size=10, progress=stop_after(1))
    await copy_store(target, third)
    (marks,) = [batch async for batch in third.find(MARKS, {})]
    assert [(mark["_id"], mark["origin"][-6:]) for mark in marks] == [("users", "two.db")]


async def test_the_hash_tells_types_apart_and_not_the_order_of_documents(
    opening: Opening,
) -> None:
    hashes = []
    for n, documents in enumerate(
        (
            [{"_id": 1, "v": 1}, {"_id": 2, "v": 2}],
            [{"v": 2, "_id": 2}, {"_id": 1, "v": 1}],
            [{"_id": 1, "v": Int64(1)}, {"_id": 2, "v": 2}],
            [{"_id": 1, "v": 1.0}, {"_id": 2, "v": 2}],
            [{"_id": 1, "v": 2}, {"_id": 2, "v": 1}],
            [{"_id": 1, "v": 1}],
        )
    ):
        source, target = await opening(f"from {n}"), await opening(f"to {n}")
        await source.insert("c", documents)
        hashes.append((await copy_store(source, target)).collections[0].target_hash)
    assert hashes[0] == hashes[1]
    assert len(set(hashes)) == 5


async def test_what_the_target_refuses_is_named(opening: Opening) -> None:
    source, target = await opening("one"), await opening("two")
    await fill(source, count=3)
    await target.create_index("users", Index(fields=(("size", 1),), unique=True))
    with pytest.raises(CopyError, match="refuses documents of 'users', by their _id 1 .*; 2 "):
        await copy_store(source, target)


KILLED = """
import asyncio, os, signal, sys
from earnorm.stores import open_store
from earnorm.upkeep import copy_store

async def main(source, target, steps):
    told = []
    def tell(step):
        told.extend([step] if step.state == "copying" else [])
        if len(told) == steps:
            os.kill(os.getpid(), signal.SIGKILL)
    one, other = await open_store(source), await open_store(target)
    report = await copy_store(one, other, batch_size=50, progress=tell)
    assert report.is_exact
    await one.aclose()
    await other.aclose()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""


def copy_and_die(source: str, target: str, steps: int) -> int:
    path = os.pathsep.join(sys.path)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, source, target, str(steps)],
        env={**os.environ, "PYTHONPATH": path},
        timeout=120,
        check=False,
    )
    return done.returncode


@pytest.mark.once
async def test_a_copy_that_is_killed_again_and_again_ends_exact(
    opening: Opening, tmp_path: Path
) -> None:
    source = await opening("one")
    await fill(source, count=400)
    await fill(source, "orders", 120)
    urls = source.name, f"sqlite:///{tmp_path}/two.db"
    killed = 0
    while copy_and_die(*urls, 3) == -signal.SIGKILL:
        killed += 1
        assert killed < 20
    assert killed == 3  # 11 batches, and the third of each run is the last
    target = await opening("two")
    for collection in ("orders", "users"):
        assert await contents(target, collection) == await contents(source, collection)
    assert await target.collections() == [MARKS, "orders", "users"]


async def test_over_the_wire_a_killed_copy_ends_exact_and_comes_back(
    opening: Opening, mongodb_url: str
) -> None:
    source = await opening("one")
    await fill(source, count=200)
    await source.create_index("users", Index(fields=(("name", -1),)))
    assert copy_and_die(source.name, mongodb_url, 2) == -signal.SIGKILL
    server = await opening(mongodb_url)
    assert await server.count("users", {}) == 100
    assert copy_and_die(source.name, mongodb_url, -1) == 0
    assert await contents(server, "users") == await contents(source, "users")
    assert await server.collections() == [MARKS, "users"]

    back = await opening("back")
    report = await copy_store(server, back)
    assert report.is_exact
    assert await contents(back, "users") == await contents(source, "users")
    assert await back.indexes("users") == await source.indexes("users")


def test_the_ids_are_in_order() -> None:
    keys = [key_bytes(id) for id in IDS]
    assert keys == sorted(keys)
    assert math.isnan(IDS[2])
