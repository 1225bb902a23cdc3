"""Cursors, counts and distinct values."""

from typing import Any

from bson import Int64

from earnorm.stores.protocol import Store
from earnorm.testing.stores.comparing import all_of, exact, fill, ids
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves
from earnorm.typing import OperationOptions

__all__ = ["ReadingSuite"]


class ReadingSuite(OpensStore):
    """Streams of batches, counts, distinct values."""

    @proves("cursors/batches")
    async def test_batches(self, store: Store) -> None:
        """Every document comes once, in batches of at most the size that was asked for."""
        await fill(store, [{"_id": n} for n in range(250)])

        options = OperationOptions(batch_size=100)
        batches = [batch async for batch in store.find("c", {}, options=options)]

        assert all(len(batch) <= 100 for batch in batches)
        assert sorted(one["_id"] for batch in batches for one in batch) == list(range(250))

    @proves("cursors/many documents")
    async def test_many_documents(self, store: Store) -> None:
        """Ten thousand, sorted, with a filter, in the right order."""
        await fill(store, [{"_id": n, "a": n * 7919 % 10_007} for n in range(10_000)])

        found = [one["a"] for one in await all_of(store, sort=[("a", -1)])]
        assert found == sorted(found, reverse=True) and len(set(found)) == 10_000
        assert await store.count("c", {"a": {"$lt": 5_000}}) == sum(a < 5_000 for a in found)

    @proves("cursors/large documents")
    async def test_large_documents(self, store: Store) -> None:
        """More than 16 MB in all, which is more than one of MongoDB's batches holds."""
        for n in range(20):
            await store.insert("c", [{"_id": n, "a": "x" * 1_000_000}])

        found = 0
        async for batch in store.find("c", {}):
            found += sum(len(one["a"]) for one in batch)
        assert found == 20_000_000

    @proves("cursors/left early")
    async def test_a_cursor_left_early(self, store: Store) -> None:
        """Leaving the loop holds nobody up: documents can be changed, the collection be dropped."""
        await fill(store, [{"_id": n} for n in range(1_000)])

        cursor = store.find("c", {}, options=OperationOptions(batch_size=10))
        async for batch in cursor:
            assert len(batch) <= 10
            break
        await cursor.aclose()

        await store.update("c", {}, {"$set": {"a": 1}})
        await store.drop_collection("c")
        assert await store.count("c", {}) == 0

    @proves("cursors/two at once")
    async def test_two_cursors_at_once(self, store: Store) -> None:
        """Each goes on where it was."""
        await fill(store, [{"_id": n} for n in range(60)])
        options = OperationOptions(batch_size=7)

        up = store.find("c", {}, sort=[("_id", 1)], options=options)
        down = store.find("c", {}, sort=[("_id", -1)], options=options)
        found: tuple[list[Any], list[Any]] = ([], [])
        async for batch in up:
            found[0].extend(one["_id"] for one in batch)
            found[1].extend(one["_id"] for one in await anext(down, []))
        async for batch in down:
            found[1].extend(one["_id"] for one in batch)

        assert found == (list(range(60)), list(range(59, -1, -1)))

    @proves("cursors/writing in the loop")
    async def test_writing_in_the_loop(self, store: Store) -> None:
        """A loop over documents in the order of their ids may change them, and sees each once."""
        await fill(store, [{"_id": n, "a": 0} for n in range(300)])

        seen = []
        async for batch in store.find(
            "c", {}, sort=[("_id", 1)], options=OperationOptions(batch_size=50)
        ):
            for one in batch:
                seen.append(one["_id"])
                await store.update("c", {"_id": one["_id"]}, {"$inc": {"a": 1}})

        assert seen == list(range(300))
        assert await store.count("c", {"a": 1}) == 300

    @proves("cursors/given away")
    async def test_what_is_given_is_given_away(self, store: Store) -> None:
        """Batches and documents belong to who asked: changing them changes nothing that is stored."""
        await fill(store, [{"_id": n, "tags": ["a"], "in": {"b": 1}} for n in range(3)])

        for _ in range(2):
            async for batch in store.find("c", {}, sort=[("_id", 1)]):
                for one in batch:
                    assert one == {"_id": one["_id"], "tags": ["a"], "in": {"b": 1}}
                    one["tags"].append("x")
                    one["in"].clear()
                    del one["_id"]
                batch.clear()

    @proves("cursors/nothing")
    async def test_nothing(self, store: Store) -> None:
        """What is not there gives nothing, and is made by no read."""
        assert await all_of(store, "never", {"a": 1}, sort=[("a", 1)]) == []
        assert await store.count("never", {}) == 0
        assert await store.distinct("never", "a", {}) == []
        assert "never" not in await store.collections()

    @proves("cursors/skip and limit")
    async def test_skip_and_limit(self, store: Store) -> None:
        """Also without a sort; a limit that is larger than the collection changes nothing."""
        await fill(store, [{"_id": n} for n in range(10)])

        assert len(await all_of(store, limit=3)) == 3
        assert len(await all_of(store, skip=8)) == 2
        assert len(await all_of(store, skip=8, limit=100)) == 2
        assert await ids(store, {"_id": {"$gte": 5}}, skip=1, limit=2) == [6, 7]
        assert await store.count("c", {}, limit=4) == 4

    @proves("distinct/values")
    async def test_distinct_values(self, store: Store) -> None:
        """Each value once, those of arrays one by one; what is missing is no value, null is."""
        await fill(
            store,
            [{"_id": 1, "a": 1}, {"_id": 2, "a": [2, 3, [4]]}, {"_id": 3, "a": None}, {"_id": 4},
             {"_id": 5, "a": "1"}, {"_id": 6, "a": []}, {"_id": 7, "a": {"b": 1}}, {"_id": 8, "a": 2}],
        )  # fmt: skip

        found = await store.distinct("c", "a", {})

        assert sorted(map(exact, found)) == sorted(map(exact, [1, 2, 3, [4], None, "1", {"b": 1}]))

    @proves("distinct/equal numbers")
    async def test_distinct_numbers(self, store: Store) -> None:
        """Numbers that are equal are one value, whatever their types."""
        await fill(
            store,
            [
                {"_id": 1, "a": 1},
                {"_id": 2, "a": 1.0},
                {"_id": 3, "a": Int64(1)},
                {"_id": 4, "a": True},
            ],
        )

        found = await store.distinct("c", "a", {})

        assert len(found) == 2 and True in found

    @proves("distinct/paths and filters")
    async def test_distinct_at_a_path(self, store: Store) -> None:
        """Through embedded documents and arrays of them, among the matches only."""
        await fill(
            store,
            [{"_id": 1, "a": {"b": 1}}, {"_id": 2, "a": [{"b": 2}, {"b": [3, 4]}]}, {"_id": 3, "a": {"b": 5}}],
        )  # fmt: skip

        assert sorted(await store.distinct("c", "a.b", {})) == [1, 2, 3, 4, 5]
        assert sorted(await store.distinct("c", "a.b", {"_id": {"$lt": 3}})) == [1, 2, 3, 4]
        assert await store.distinct("c", "_id", {"a.b": 5}) == [3]
        assert sorted(await store.distinct("c", "a.0.b", {})) == [2]
