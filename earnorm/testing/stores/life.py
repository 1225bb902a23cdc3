"""What a store says of itself, the options that it takes, and its end."""

import asyncio
from typing import Any, Final

import pytest
from pymongo.errors import OperationFailure

from earnorm.errors import StoreClosedError, UnsupportedError
from earnorm.stores.capabilities import Capability
from earnorm.stores.operations import Insert
from earnorm.stores.protocol import Store, StoreDescription
from earnorm.testing.stores.comparing import all_of, fill, ids
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves
from earnorm.typing import Index, OperationOptions

__all__ = ["LifeSuite"]

_OPTIONS: Final = [
    OperationOptions(),
    OperationOptions(comment="why '\"; --"),
    OperationOptions(max_time=30.0),
    OperationOptions(read_concern="local"),
    OperationOptions(read_concern="majority"),
    OperationOptions(write_concern=1),
    OperationOptions(write_concern="majority"),
    OperationOptions(write_concern={"w": 1, "j": True}),
    OperationOptions(read_preference="primary"),
    OperationOptions(read_preference="nearest"),
    OperationOptions(batch_size=2),
    OperationOptions(collation={"locale": "simple"}),
    OperationOptions(hint="_id_"),
    OperationOptions(naive_dates=True),
]
_CASELESS: Final = OperationOptions(collation={"locale": "en", "strength": 2})


class LifeSuite(OpensStore):
    """Description, options, closing."""

    @proves("life/description")
    async def test_a_store_describes_itself(self, store: Store) -> None:
        """Names for people, and only capabilities that there are."""
        description = await store.describe()

        assert store.name
        assert all(isinstance(one, Capability) for one in store.capabilities)
        assert isinstance(description, StoreDescription)
        assert description.product and description.version and description.topology

    @proves("options/on every operation")
    async def test_every_operation_takes_options(self, store: Store) -> None:
        """Each option is heeded or has no meaning here; none is an error that every store must know."""
        for options in _OPTIONS:
            await store.drop_collection("c")
            await store.create_index("c", Index(fields=(("a", 1),)))
            await _everything(store, options)
            assert await ids(store, {}) == [2]

    @proves("options/collation")
    async def test_a_collation(self, store: Store) -> None:
        """`strength: 2` of English: letters are equal without their case, in filters and in sorts."""
        await fill(store, [{"_id": n, "a": a} for n, a in enumerate(["b", "A", "a", "B", "á", 1])])

        assert await ids(store, {"a": "B"}, options=_CASELESS) == [0, 3]
        assert await ids(store, {"a": {"$in": ["A", 1]}}, options=_CASELESS) == [1, 2, 5]
        assert await ids(store, {"a": {"$lt": "B"}}, options=_CASELESS) == [1, 2, 4]
        assert await ids(store, {}, sort=[("a", 1), ("_id", 1)], options=_CASELESS) == [
            5,
            1,
            2,
            4,
            0,
            3,
        ]
        assert await store.count("c", {"a": "b"}, options=_CASELESS) == 2
        result = await store.update("c", {"a": "A"}, {"$set": {"z": 1}}, options=_CASELESS)
        assert result.matched == 2
        assert len(await store.distinct("c", "a", {}, options=_CASELESS)) == 4
        assert await store.delete("c", {"a": "A"}, options=_CASELESS) == 2

    @proves("options/a collation and an index without it")
    async def test_a_collation_and_an_index(self, store: Store) -> None:
        """An index of another collation cannot answer, and does not."""
        await store.create_index("c", Index(fields=(("a", 1),)))
        await store.create_index("c", Index(fields=(("b", 1),), collation=_CASELESS.collation))
        await fill(store, [{"_id": 1, "a": "x", "b": "x"}, {"_id": 2, "a": "X", "b": "X"}])

        assert await ids(store, {"a": "x"}, options=_CASELESS) == [1, 2]
        assert await ids(store, {"b": "x"}, options=_CASELESS) == [1, 2]
        assert await ids(store, {"b": "x"}) == [1]

    @proves("options/a wrong collation")
    async def test_a_wrong_collation(self, store: Store) -> None:
        """`OperationFailure`, also when there is nothing to compare; a locale may be one that the store lacks."""
        for collation in ({}, {"locale": "nope"}, {"locale": "en", "strength": 9}):
            with pytest.raises(
                (OperationFailure, UnsupportedError)
                if "nope" in collation.values()
                else OperationFailure
            ):
                await all_of(store, "c", {"a": "x"}, options=OperationOptions(collation=collation))

    @proves("life/closed twice")
    async def test_closed_twice(self, store: Store) -> None:
        """Closing twice is no error; whatever comes afterwards is a `StoreClosedError`."""
        await fill(store, [{"_id": 1}])

        await store.aclose()
        await store.aclose()

        for use in (
            lambda: store.insert("c", [{"_id": 2}]),
            lambda: all_of(store),
            lambda: store.count("c", {}),
            lambda: store.update("c", {}, {"$set": {"a": 1}}),
            lambda: store.indexes("c"),
            store.collections,
        ):
            with pytest.raises(StoreClosedError):
                await use()

    @proves("life/closing waits")
    async def test_closing_waits(self, store: Store) -> None:
        """Work in flight is done before the store is closed."""
        writes = [
            asyncio.create_task(store.insert("c", [{"_id": n, "m": m} for m in range(1)]))
            for n in range(20)
        ]
        await asyncio.sleep(0)  # each has begun

        await store.aclose()

        assert await asyncio.gather(*writes) == [None] * 20

    @proves("life/cancelled")
    async def test_a_cancelled_operation(self, store: Store) -> None:
        """A task that is cancelled leaves the store whole and ready for others."""
        await fill(store, [{"_id": 1, "n": 0}])

        for _ in range(10):
            task = asyncio.create_task(store.update("c", {"_id": 1}, {"$inc": {"n": 1}}))
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        before = (await all_of(store))[0]["n"]
        await store.update("c", {"_id": 1}, {"$inc": {"n": 1}})
        assert 0 <= before <= 10
        assert (await all_of(store))[0]["n"] >= before + 1


async def _everything(store: Store, options: OperationOptions) -> None:
    taken: dict[str, Any] = {"options": options}
    await store.insert("c", [{"_id": 1, "a": 1}, {"_id": 2, "a": [2]}, {"_id": 3}], **taken)
    await store.bulk("c", [Insert(document={"_id": 4, "a": 9})], **taken)
    assert len(await all_of(store, "c", {"a": {"$gt": 0}}, **taken)) == 3
    assert await store.count("c", {"a": {"$exists": True}}, **taken) == 3
    assert sorted(await store.distinct("c", "a", {}, **taken)) == [1, 2, 9]
    stages = store.aggregate("c", [{"$match": {"a": 9}}], **taken)
    assert [one async for batch in stages for one in batch] == [{"_id": 4, "a": 9}]
    assert (await store.update("c", {"_id": 1}, {"$set": {"b": 1}}, **taken)).modified == 1
    assert (await store.replace("c", {"_id": 1}, {"a": 5}, **taken)).modified == 1
    assert await store.find_one_and_update("c", {"_id": 1}, {"$inc": {"a": 1}}, **taken)
    assert await store.find_one_and_replace("c", {"_id": 1}, {"a": 3}, **taken)
    assert await store.find_one_and_delete("c", {"_id": 1}, **taken) == {"_id": 1, "a": 3}
    assert await store.delete("c", {"_id": {"$gt": 2}}, **taken) == 2
    assert "queryPlanner" in await store.explain("c", {"a": 2}, **taken)
