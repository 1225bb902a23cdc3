"""Finding and changing one document in one step."""

import pytest
from bson import ObjectId
from pymongo.errors import DuplicateKeyError, OperationFailure

from earnorm.stores.protocol import Store
from earnorm.testing.stores.comparing import all_of, fill, ids, stored
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves
from earnorm.typing import Index

__all__ = ["FindingOneSuite"]


class FindingOneSuite(OpensStore):
    """`find_one_and_update`, `find_one_and_replace`, `find_one_and_delete`."""

    @proves("find_one_and_update/before and after")
    async def test_before_and_after(self, store: Store) -> None:
        """The document as it was, or as it is now."""
        await fill(store, [{"_id": 1, "n": 1}])

        before = await store.find_one_and_update("c", {"_id": 1}, {"$inc": {"n": 1}})
        after = await store.find_one_and_update(
            "c", {"_id": 1}, {"$inc": {"n": 1}}, returned="after"
        )

        assert (before, after) == ({"_id": 1, "n": 1}, {"_id": 1, "n": 3})

    @proves("find_one_and_update/sort")
    async def test_a_sort_chooses(self, store: Store) -> None:
        """The first in the order of the sort, and only that one, is changed."""
        await fill(store, [{"_id": n, "n": n * 3 % 5, "done": False} for n in range(5)])

        order = []
        while found := await store.find_one_and_update(
            "c", {"done": False}, {"$set": {"done": True}}, sort=[("n", -1)]
        ):
            order.append(found["n"])

        assert order == [4, 3, 2, 1, 0]

    @proves("find_one_and_update/projection")
    async def test_a_projection(self, store: Store) -> None:
        """Parts of the document are given; the whole is changed."""
        await fill(store, [{"_id": 1, "a": 1, "b": 2}])

        found = await store.find_one_and_update(
            "c", {}, {"$set": {"c": 3}}, projection={"c": 1, "_id": 0}, returned="after"
        )

        assert found == {"c": 3}
        assert await stored(store, 1) == {"_id": 1, "a": 1, "b": 2, "c": 3}

    @proves("find_one_and_update/arrays")
    async def test_arrays(self, store: Store) -> None:
        """Positional updates and array filters are those of `update`."""
        await fill(store, [{"_id": 1, "a": [1, 5, 9]}])

        first = await store.find_one_and_update(
            "c", {"a": 5}, {"$set": {"a.$": 0}}, returned="after"
        )
        second = await store.find_one_and_update(
            "c", {}, {"$inc": {"a.$[x]": 1}}, array_filters=[{"x": {"$gte": 1}}], returned="after"
        )

        assert first == {"_id": 1, "a": [1, 0, 9]}
        assert second == {"_id": 1, "a": [2, 0, 10]}

    @proves("find_one_and_update/pipeline")
    async def test_a_pipeline(self, store: Store) -> None:
        """An update may be stages."""
        await fill(store, [{"_id": 1, "a": 2}])

        found = await store.find_one_and_update(
            "c", {}, [{"$set": {"b": {"$add": ["$a", 1]}}}], returned="after"
        )

        assert found == {"_id": 1, "a": 2, "b": 3}

    @proves("find_one_and_update/no match")
    async def test_no_match(self, store: Store) -> None:
        """None, and nothing is made."""
        await fill(store, [{"_id": 1}])

        assert await store.find_one_and_update("c", {"_id": 2}, {"$set": {"a": 1}}) is None
        assert await store.find_one_and_replace("c", {"_id": 2}, {"a": 1}) is None
        assert await store.find_one_and_delete("c", {"_id": 2}) is None
        assert await all_of(store) == [{"_id": 1}]

    @proves("find_one_and_update/upsert")
    async def test_an_upsert(self, store: Store) -> None:
        """None before, the new document after."""
        before = await store.find_one_and_update("c", {"_id": 1}, {"$set": {"a": 1}}, upsert=True)
        after = await store.find_one_and_update(
            "c", {"b": 2}, {"$set": {"a": 1}}, upsert=True, returned="after"
        )

        assert before is None
        assert after is not None and isinstance(after["_id"], ObjectId)
        assert {**after, "_id": 0} == {"_id": 0, "b": 2, "a": 1}
        assert await store.count("c", {"a": 1}) == 2

    @proves("find_one_and_update/faults")
    async def test_faults(self, store: Store) -> None:
        """The errors are those of `update`, and nothing is written."""
        await store.create_index("c", Index(fields=(("n", 1),), unique=True))
        await fill(store, [{"_id": 1, "n": 1}, {"_id": 2, "n": 2}])

        with pytest.raises(DuplicateKeyError) as duplicate:
            await store.find_one_and_update("c", {"_id": 2}, {"$set": {"n": 1}})
        with pytest.raises(OperationFailure) as wrong:
            await store.find_one_and_update("c", {"_id": 2}, {"$inc": {"_id": 1}})

        assert (duplicate.value.details or {})["keyPattern"] == {"n": 1}
        assert wrong.value.code == 66
        assert await ids(store, {"n": 2}) == [2]

    @proves("find_one_and_replace/before and after")
    async def test_find_one_and_replace(self, store: Store) -> None:
        """The first by the sort is replaced, its `_id` kept."""
        await fill(store, [{"_id": 1, "n": 1}, {"_id": 2, "n": 2}])

        before = await store.find_one_and_replace("c", {}, {"m": 1}, sort=[("n", -1)])
        after = await store.find_one_and_replace("c", {"m": 1}, {"k": 1}, returned="after")
        made = await store.find_one_and_replace(
            "c", {"_id": 3}, {"k": 3}, upsert=True, returned="after", projection={"_id": 0}
        )

        assert (before, after, made) == ({"_id": 2, "n": 2}, {"_id": 2, "k": 1}, {"k": 3})
        assert await ids(store, {}) == [1, 2, 3]

    @proves("find_one_and_delete/the first")
    async def test_a_delete(self, store: Store) -> None:
        """The first by the sort is deleted and given."""
        await fill(store, [{"_id": n, "n": n} for n in range(3)])

        found = await store.find_one_and_delete(
            "c", {"n": {"$gt": 0}}, sort=[("n", -1)], projection={"n": 1, "_id": 0}
        )

        assert found == {"n": 2}
        assert await ids(store, {}) == [0, 1]
