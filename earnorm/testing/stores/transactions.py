"""Transactions: isolated, whole, in conflict where two write the same."""

import asyncio

import pytest
from pymongo.errors import DuplicateKeyError, OperationFailure, PyMongoError

from earnorm.errors import EarnORMError, UnsupportedError
from earnorm.stores.capabilities import Capability
from earnorm.stores.operations import Insert, Update
from earnorm.stores.protocol import Store, Transaction
from earnorm.testing.stores.comparing import all_of, fill, ids
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves
from earnorm.typing import Index

__all__ = ["TransactionsSuite"]

_NEEDED = Capability.TRANSACTIONS


class TransactionsSuite(OpensStore):
    """`Store.begin`, for stores with `Capability.TRANSACTIONS`."""

    @proves("transactions/refused without the capability")
    async def test_begin_is_refused_without_the_capability(self, store: Store) -> None:
        """Who does not have transactions says so, instead of pretending."""
        if _NEEDED in store.capabilities:
            pytest.skip("the store has Capability.TRANSACTIONS")
        with pytest.raises(UnsupportedError):
            await store.begin()

    @proves("transactions/commit", needs=_NEEDED)
    async def test_a_commit(self, store: Store) -> None:
        """Its writes are seen inside at once, outside only after the commit."""
        await fill(store, [{"_id": 1, "n": 1}])

        inside = await store.begin()
        await inside.insert("c", [{"_id": 2, "n": 2}])
        await inside.update("c", {"_id": 1}, {"$inc": {"n": 10}})

        assert await all_of(inside, sort=[("_id", 1)]) == [{"_id": 1, "n": 11}, {"_id": 2, "n": 2}]
        assert await all_of(store) == [{"_id": 1, "n": 1}]
        await inside.commit()
        assert await all_of(store, sort=[("_id", 1)]) == [{"_id": 1, "n": 11}, {"_id": 2, "n": 2}]

    @proves("transactions/abort", needs=_NEEDED)
    async def test_an_abort(self, store: Store) -> None:
        """Nothing of it stays; aborting once more does nothing."""
        await store.create_index("c", Index(fields=(("n", 1),), unique=True))
        await fill(store, [{"_id": 1, "n": 1}])

        inside = await store.begin()
        await inside.delete("c", {"_id": 1})
        await inside.insert("c", [{"_id": 2, "n": 1}])
        await inside.abort()
        await inside.abort()

        assert await all_of(store) == [{"_id": 1, "n": 1}]
        with pytest.raises(DuplicateKeyError):
            await store.insert("c", [{"_id": 3, "n": 1}])

    @proves("transactions/every operation", needs=_NEEDED)
    async def test_every_operation_in_a_transaction(self, store: Store) -> None:
        """A transaction does all that a store does with documents, and all of it is undone together."""
        before = [{"_id": n, "n": n} for n in range(5)]
        await fill(store, before)

        inside = await store.begin()
        await inside.replace("c", {"_id": 0}, {"z": 1})
        await inside.bulk(
            "c", [Insert(document={"_id": 9}), Update(filter={"_id": 1}, update={"$set": {"n": 7}})]
        )
        updated = await inside.find_one_and_update(
            "c", {"_id": 2}, {"$inc": {"n": 1}}, returned="after"
        )
        deleted = await inside.find_one_and_delete("c", {"_id": 3})
        replaced = await inside.find_one_and_replace("c", {"_id": 4}, {"k": 1}, returned="after")

        assert (updated, deleted, replaced) == (
            {"_id": 2, "n": 3},
            {"_id": 3, "n": 3},
            {"_id": 4, "k": 1},
        )
        assert await inside.count("c", {}) == 5
        assert sorted(await inside.distinct("c", "n", {})) == [3, 7]
        stages = inside.aggregate("c", [{"$match": {"n": {"$gt": 0}}}, {"$count": "n"}])
        assert [one async for batch in stages for one in batch] == [{"n": 2}]
        await inside.abort()
        assert await all_of(store, sort=[("_id", 1)]) == before

    @proves("transactions/a snapshot", needs=_NEEDED)
    async def test_a_snapshot(self, store: Store) -> None:
        """What others commit after its first read is not seen."""
        await fill(store, [{"_id": 1, "n": 1}])

        inside = await store.begin()
        assert await inside.count("c", {"n": 1}) == 1
        await store.update("c", {"_id": 1}, {"$set": {"n": 2}})
        await store.insert("c", [{"_id": 2, "n": 1}])

        assert await all_of(inside) == [{"_id": 1, "n": 1}]
        await inside.abort()
        assert await ids(store, {}) == [1, 2]

    @proves("transactions/a conflict", needs=_NEEDED)
    async def test_a_conflict(self, store: Store) -> None:
        """Of two that write the same document one wins; the other gets the code 112 and the label."""
        await fill(store, [{"_id": 1, "n": 0}])
        first, second = await store.begin(), await store.begin()
        assert await first.count("c", {}) == await second.count("c", {}) == 1

        await first.update("c", {"_id": 1}, {"$inc": {"n": 1}})
        with pytest.raises(OperationFailure) as failure:
            await asyncio.gather(_increment_and_commit(second), first.commit())
        await second.abort()

        assert failure.value.code == 112
        assert failure.value.has_error_label("TransientTransactionError")
        assert await all_of(store) == [{"_id": 1, "n": 1}]
        again = await store.begin()
        await _increment_and_commit(again)
        assert await all_of(store) == [{"_id": 1, "n": 2}]

    @proves("transactions/a fault inside", needs=_NEEDED)
    async def test_a_fault_inside(self, store: Store) -> None:
        """A write that fails inside is the end of the transaction: nothing of it is stored."""
        await fill(store, [{"_id": 1}])

        inside = await store.begin()
        await inside.insert("c", [{"_id": 2}])
        with pytest.raises(DuplicateKeyError):
            await inside.insert("c", [{"_id": 1}])
        await inside.abort()

        assert await ids(store, {}) == [1]

    @proves("transactions/after a fault inside", needs=_NEEDED)
    async def test_after_a_fault_inside(self, store: Store) -> None:
        """Whoever goes on, or commits, is told so, and not to try again what would fail again."""
        await fill(store, [{"_id": 1}])

        inside = await store.begin()
        with pytest.raises(DuplicateKeyError):
            await inside.insert("c", [{"_id": 1}])
        for use in (inside.insert("c", [{"_id": 2}]), inside.count("c", {}), inside.commit()):
            with pytest.raises(OperationFailure) as failure:
                await use
            assert failure.value.code == 251
            assert not failure.value.has_error_label("TransientTransactionError")
        await inside.abort()

        assert await ids(store, {}) == [1]

    @proves("transactions/after the end", needs=_NEEDED)
    async def test_after_the_end(self, store: Store) -> None:
        """A transaction that has ended takes no more work."""
        await fill(store, [{"_id": 1}])
        inside = await store.begin()
        await inside.insert("c", [{"_id": 2}])
        await inside.commit()

        with pytest.raises((PyMongoError, EarnORMError)):
            await inside.insert("c", [{"_id": 3}])

        assert await ids(store, {}) == [1, 2]


async def _increment_and_commit(transaction: Transaction) -> None:
    await transaction.update("c", {"_id": 1}, {"$inc": {"n": 1}})
    await transaction.commit()
