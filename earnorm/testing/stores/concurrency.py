"""Many tasks at once: no write is lost, and nothing is claimed twice."""

import asyncio

from pymongo.errors import DuplicateKeyError

from earnorm.stores.protocol import Store
from earnorm.testing.stores.comparing import all_of, fill, stored
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves
from earnorm.typing import Index

__all__ = ["ConcurrencySuite"]

_TASKS = 16


class ConcurrencySuite(OpensStore):
    """Updates of one document are atomic, whoever else works."""

    @proves("concurrency/counting")
    async def test_counting(self, store: Store) -> None:
        """Every `$inc` and every `$push` arrives."""
        await fill(store, [{"_id": 1, "n": 0, "a": []}])

        async def count(task: int) -> None:
            for _ in range(10):
                await store.update("c", {"_id": 1}, {"$inc": {"n": 1}, "$push": {"a": task}})

        await asyncio.gather(*map(count, range(_TASKS)))

        found = await stored(store, 1)
        assert found["n"] == _TASKS * 10
        assert sorted(found["a"]) == sorted(task for task in range(_TASKS) for _ in range(10))

    @proves("concurrency/compare and set")
    async def test_compare_and_set(self, store: Store) -> None:
        """Whoever is told that it was modified has done it: as many wins as changes."""
        await fill(store, [{"_id": 1, "version": 0}])

        async def climb() -> int:
            wins = 0
            for _ in range(20):
                version = (await stored(store, 1))["version"]
                expected = {"_id": 1, "version": version}
                result = await store.update("c", expected, {"$set": {"version": version + 1}})
                wins += result.modified
            return wins

        wins = await asyncio.gather(*(climb() for _ in range(_TASKS)))

        assert (await stored(store, 1))["version"] == sum(wins) > 0

    @proves("concurrency/claims")
    async def test_claims(self, store: Store) -> None:
        """`find_one_and_update` gives each job to one worker."""
        await fill(store, [{"_id": n, "owner": None} for n in range(100)])

        async def work(worker: int) -> list[int]:
            mine = []
            claim = {"$set": {"owner": worker}}
            while job := await store.find_one_and_update("c", {"owner": None}, claim):
                mine.append(job["_id"])
            return mine

        claimed = await asyncio.gather(*map(work, range(8)))

        assert sorted(job for jobs in claimed for job in jobs) == list(range(100))
        for worker, jobs in enumerate(claimed):
            assert await store.count("c", {"owner": worker}) == len(jobs)

    @proves("concurrency/taking")
    async def test_taking(self, store: Store) -> None:
        """`find_one_and_delete` gives each document to one task."""
        await fill(store, [{"_id": n} for n in range(100)])

        async def take() -> list[int]:
            mine = []
            while one := await store.find_one_and_delete("c", {}, sort=[("_id", 1)]):
                mine.append(one["_id"])
            return mine

        taken = await asyncio.gather(*(take() for _ in range(8)))

        assert sorted(n for mine in taken for n in mine) == list(range(100))
        assert all(mine == sorted(mine) for mine in taken)

    @proves("concurrency/one unique key")
    async def test_one_unique_key(self, store: Store) -> None:
        """Of many that insert the same key one succeeds."""
        await store.create_index("c", Index(fields=(("a", 1),), unique=True))

        async def insert(n: int) -> int:
            try:
                await store.insert("c", [{"_id": n, "a": "same"}])
            except DuplicateKeyError:
                return 0
            return 1

        assert sum(await asyncio.gather(*map(insert, range(_TASKS)))) == 1
        assert await store.count("c", {}) == 1

    @proves("concurrency/upserts")
    async def test_upserts(self, store: Store) -> None:
        """Upserts by `_id` at the same time make one document, and lose nothing."""

        async def upsert(_: int) -> None:
            for _again in range(5):
                try:
                    await store.update("c", {"_id": 1}, {"$inc": {"n": 1}}, upsert=True)
                    return
                except DuplicateKeyError:
                    # MongoDB: of two upserts at once the second may be told so, and is to be repeated
                    continue

        await asyncio.gather(*map(upsert, range(_TASKS)))

        assert await all_of(store) == [{"_id": 1, "n": _TASKS}]

    @proves("concurrency/reading while others write")
    async def test_reading_while_others_write(self, store: Store) -> None:
        """A document is never seen half changed."""
        await fill(store, [{"_id": n, "a": 0, "b": 0} for n in range(20)])

        async def write() -> None:
            for n in range(1, 20):
                await store.update("c", {}, {"$set": {"a": n, "b": n}})

        async def read() -> None:
            for _ in range(20):
                assert all(one["a"] == one["b"] for one in await all_of(store))

        await asyncio.gather(write(), read(), read())
