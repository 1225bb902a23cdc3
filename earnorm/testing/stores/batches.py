"""Inserts of many, bulk writes, and what of them is stored after a fault."""

from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure

from earnorm.stores.capabilities import Capability
from earnorm.stores.operations import BulkResult, Delete, Insert, Replace, Update
from earnorm.stores.protocol import Store
from earnorm.testing.stores.comparing import all_of, fill, ids, stored
from earnorm.testing.stores.faults import write_faults
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves

__all__ = ["BatchesSuite"]


class BatchesSuite(OpensStore):
    """Batches, ordered and not, whole where the store says so."""

    @proves("inserts/a thousand")
    async def test_a_thousand(self, store: Store) -> None:
        """A batch of any length is stored, in its order."""
        await fill(store, [{"_id": n, "n": -n} for n in range(1_000)])

        assert await store.count("c", {}) == 1_000
        assert await stored(store, 777) == {"_id": 777, "n": -777}

    @proves("inserts/the same _id")
    async def test_the_same_id(self, store: Store) -> None:
        """A `DuplicateKeyError` with the code 11000, the key and its pattern."""
        await fill(store, [{"_id": "x", "n": 1}])

        with pytest.raises(DuplicateKeyError) as failure:
            await store.insert("c", [{"_id": "x", "n": 2}])

        details = failure.value.details or {}
        assert failure.value.code == 11000
        assert (details["keyPattern"], details["keyValue"]) == ({"_id": 1}, {"_id": "x"})
        assert details["index"] == 0
        assert await stored(store, "x") == {"_id": "x", "n": 1}

    @proves("inserts/a fault in a batch")
    async def test_a_fault_in_a_batch(self, store: Store) -> None:
        """With `Capability.ATOMIC_BATCHES` nothing is stored, elsewhere what came before."""
        await fill(store, [{"_id": 2}])

        with pytest.raises(OperationFailure) as failure:
            await store.insert("c", [{"_id": n} for n in range(5)])

        assert write_faults(failure.value) == {2: 11000}
        atomic = Capability.ATOMIC_BATCHES in store.capabilities
        assert await ids(store, {}) == ([2] if atomic else [0, 1, 2])
        assert isinstance(failure.value, DuplicateKeyError if atomic else BulkWriteError)

    @proves("inserts/faults in an unordered batch")
    async def test_faults_in_an_unordered_batch(self, store: Store) -> None:
        """All others are stored, and the error has every fault."""
        await fill(store, [{"_id": 1}, {"_id": 3}])

        with pytest.raises(BulkWriteError) as failure:
            await store.insert("c", [{"_id": n} for n in range(5)], ordered=False)

        assert write_faults(failure.value) == {1: 11000, 3: 11000}
        assert await ids(store, {}) == [0, 1, 2, 3, 4]

    @proves("inserts/one fault in an unordered batch of one")
    async def test_an_unordered_batch_of_one(self, store: Store) -> None:
        """`ordered=False` answers with a `BulkWriteError` in any case."""
        await fill(store, [{"_id": 1}])

        with pytest.raises((BulkWriteError, DuplicateKeyError)) as failure:
            await store.insert("c", [{"_id": 1}], ordered=False)

        assert write_faults(failure.value) == {0: 11000}

    @proves("inserts/the documents given are left alone")
    async def test_the_documents_given_are_left_alone(self, store: Store) -> None:
        """A later change of what was inserted, or found, changes nothing stored."""
        given: dict[str, Any] = {"b": [1], "_id": 1}

        await store.insert("c", [given])
        given["b"].append(2)
        (await stored(store, 1))["b"].append(3)

        assert list(given) == ["b", "_id"]
        assert await stored(store, 1) == {"_id": 1, "b": [1]}

    @proves("bulk/every operation")
    async def test_every_operation(self, store: Store) -> None:
        """One after the other, each seeing what those before it did."""
        await fill(store, [{"_id": n, "a": n} for n in range(4)])

        result = await store.bulk(
            "c",
            [
                Insert(document={"_id": 9, "a": 3}),
                Update(filter={"a": 3}, update={"$inc": {"a": 10}}, many=True),
                Update(filter={"a": {"$lt": 3}}, update={"$set": {"b": 1}}),
                Replace(filter={"_id": 1}, document={"z": 1}),
                Delete(filter={"a": 2}),
                Delete(filter={"a": 13}, many=True),
                Update(filter={"_id": 7}, update={"$set": {"a": 7}}, upsert=True),
                Replace(filter={"_id": 8}, document={"a": 8}, upsert=True),
            ],
        )

        assert result == BulkResult(
            inserted=1, matched=4, modified=4, deleted=3, upserted={6: 7, 7: 8}
        )
        assert await all_of(store, sort=[("_id", 1)]) == [
            {"_id": 0, "a": 0, "b": 1}, {"_id": 1, "z": 1}, {"_id": 7, "a": 7}, {"_id": 8, "a": 8},
        ]  # fmt: skip

    @proves("bulk/array filters and pipelines")
    async def test_array_filters_and_pipelines(self, store: Store) -> None:
        """The updates of a bulk write are those of `update`."""
        await fill(store, [{"_id": 1, "a": [1, 5]}])

        result = await store.bulk(
            "c",
            [
                Update(
                    filter={}, update={"$set": {"a.$[x]": 0}}, array_filters=({"x": {"$gt": 3}},)
                ),
                Update(filter={}, update=[{"$set": {"b": {"$size": "$a"}}}]),
                Update(filter={"z": 1}, update={"$set": {"y": 1}}, upsert=True),
            ],
        )

        assert isinstance(result.upserted[2], ObjectId)
        assert await stored(store, 1) == {"_id": 1, "a": [1, 0], "b": 2}

    @proves("bulk/a fault")
    async def test_a_fault(self, store: Store) -> None:
        """Nothing after it is done, and with `Capability.ATOMIC_BATCHES` nothing before it stays."""
        await fill(store, [{"_id": 1, "a": "x"}])

        with pytest.raises(BulkWriteError) as failure:
            await store.bulk(
                "c",
                [
                    Insert(document={"_id": 2}),
                    Update(filter={"_id": 1}, update={"$inc": {"a": 1}}),
                    Insert(document={"_id": 3}),
                ],
            )

        assert write_faults(failure.value) == {1: 14}
        atomic = Capability.ATOMIC_BATCHES in store.capabilities
        assert await ids(store, {}) == ([1] if atomic else [1, 2])

    @proves("bulk/faults of an unordered one")
    async def test_faults_of_an_unordered_one(self, store: Store) -> None:
        """All others are done, and the error says what they did."""
        await fill(store, [{"_id": 1, "a": "x"}])

        with pytest.raises(BulkWriteError) as failure:
            await store.bulk(
                "c",
                [
                    Insert(document={"_id": 1}),
                    Update(filter={"_id": 1}, update={"$inc": {"a": 1}}),
                    Insert(document={"_id": 3}),
                    Delete(filter={"_id": 1}),
                ],
                ordered=False,
            )

        assert write_faults(failure.value) == {0: 11000, 1: 14}
        assert failure.value.details["nInserted"] == 1
        assert failure.value.details["nRemoved"] == 1
        assert await ids(store, {}) == [3]

    @proves("updates/a fault among many")
    async def test_a_fault_among_many(self, store: Store) -> None:
        """With `Capability.ATOMIC_BATCHES` an update of many that fails for one changes none."""
        await fill(store, [{"_id": 1, "a": 1}, {"_id": 2, "a": "x"}, {"_id": 3, "a": 1}])

        with pytest.raises(OperationFailure):
            await store.update("c", {}, {"$inc": {"a": 1}})

        if Capability.ATOMIC_BATCHES in store.capabilities:
            assert await store.count("c", {"a": 1}) == 2
        assert (await stored(store, 2))["a"] == "x"
