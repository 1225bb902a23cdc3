"""What updates, upserts and replacements make of documents."""

from datetime import datetime
from typing import Any

import pytest
from bson import ObjectId, Timestamp
from pymongo.errors import OperationFailure

from earnorm.stores.operations import UpdateResult
from earnorm.stores.protocol import Store
from earnorm.testing.stores.array_updates import ARRAY_UPDATES
from earnorm.testing.stores.comparing import all_of, exact, fill, ids, stored
from earnorm.testing.stores.field_updates import FIELD_UPDATES
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves, proves_cases
from earnorm.testing.stores.refused_updates import REFUSED_UPDATES, UPSERTS
from earnorm.testing.stores.update_case import RefusedUpdate, UpdateCase, UpsertCase

__all__ = ["UpdatesSuite"]


class UpdatesSuite(OpensStore):
    """The operators of updates, by MongoDB's manual."""

    @proves_cases([*FIELD_UPDATES, *ARRAY_UPDATES])
    async def test_an_update_changes(self, store: Store, case: UpdateCase) -> None:
        """The document is exactly what the manual says, and counts as modified if it is another now."""
        before, after = {"_id": 1, **case.before}, {"_id": 1, **case.after}
        await fill(store, [before])

        result = await store.update("c", case.filter, case.update, **_array_filters(case))

        assert exact(await stored(store, 1)) == exact(after)
        assert result == UpdateResult(matched=1, modified=int(exact(before) != exact(after)))

    @proves_cases(REFUSED_UPDATES)
    async def test_a_wrong_update_is_refused(self, store: Store, case: RefusedUpdate) -> None:
        """`OperationFailure` (or `WriteError`, which is one) with MongoDB's code; nothing is written."""
        await fill(store, [{"_id": 1, **case.before}])

        with pytest.raises(OperationFailure) as failure:
            await store.update("c", case.filter, case.update, **_array_filters(case))

        assert failure.value.code == case.code
        assert exact(await stored(store, 1)) == exact({"_id": 1, **case.before})

    @proves_cases(UPSERTS)
    async def test_an_upsert_stores(self, store: Store, case: UpsertCase) -> None:
        """What the filter's equalities and the update make; a second one finds it."""
        result = await store.update("c", case.filter, case.update, upsert=True)

        assert result == UpdateResult(matched=0, modified=0, upserted=True, upserted_id=1)
        assert exact(await stored(store, 1)) == exact({"_id": 1, **case.stored})

    @proves("upserts/an _id is made")
    async def test_an_upsert_makes_an_id(self, store: Store) -> None:
        """Without an `_id` in the filter or the update it is an `ObjectId`."""
        result = await store.update("c", {"a": 1}, {"$set": {"b": 2}}, many=False, upsert=True)

        assert isinstance(result.upserted_id, ObjectId)
        assert await stored(store, result.upserted_id) == {
            "_id": result.upserted_id, "a": 1, "b": 2,
        }  # fmt: skip

    @proves("upserts/a match is updated")
    async def test_an_upsert_updates_a_match(self, store: Store) -> None:
        """An upsert that finds something is an update."""
        await fill(store, [{"_id": 1, "a": 1}])

        result = await store.update("c", {"a": 1}, {"$inc": {"a": 1}}, upsert=True)

        assert result == UpdateResult(matched=1, modified=1)
        assert await all_of(store) == [{"_id": 1, "a": 2}]

    @proves("updates/one or many")
    async def test_one_or_many(self, store: Store) -> None:
        """`many=False` updates one of the matches; what does not match stays as it is."""
        await fill(store, [{"_id": n, "a": n % 2} for n in range(6)])

        one = await store.update("c", {"a": 1}, {"$set": {"b": 1}}, many=False)
        many = await store.update("c", {"a": 1}, {"$set": {"b": 1}})

        assert one == UpdateResult(matched=1, modified=1)
        assert many == UpdateResult(matched=3, modified=2)
        assert await ids(store, {"b": 1}) == [1, 3, 5]

    @proves("updates/nothing matches")
    async def test_nothing_matches(self, store: Store) -> None:
        """Nothing is matched, modified or made, in an empty collection either."""
        await fill(store, [{"_id": 1}], "other")

        for collection in ("c", "other"):
            result = await store.update(collection, {"a": 1}, {"$set": {"b": 1}})
            assert result == UpdateResult(matched=0, modified=0)
        assert await all_of(store, "other") == [{"_id": 1}]

    @proves("updates/$currentDate")
    async def test_the_current_date(self, store: Store) -> None:
        """A date, or a timestamp where that is asked for."""
        await fill(store, [{"_id": 1}])

        await store.update(
            "c",
            {},
            {"$currentDate": {"a": True, "b": {"$type": "timestamp"}, "c": {"$type": "date"}}},
        )

        found = await stored(store, 1)
        assert isinstance(found["a"], datetime) and isinstance(found["c"], datetime)
        assert isinstance(found["b"], Timestamp)
        assert abs(found["b"].time - found["a"].timestamp()) <= 1

    @proves("replacements/the whole but _id")
    async def test_a_replacement(self, store: Store) -> None:
        """Nothing of the former document stays but its `_id`, which comes first."""
        await fill(store, [{"_id": 1, "a": 1, "b": 2}, {"_id": 2, "a": 1}])

        result = await store.replace("c", {"b": 2}, {"z": 1, "a": 5})

        assert result == UpdateResult(matched=1, modified=1)
        assert exact(await stored(store, 1)) == exact({"_id": 1, "z": 1, "a": 5})
        assert await stored(store, 2) == {"_id": 2, "a": 1}

    @proves("replacements/by the same")
    async def test_a_replacement_by_the_same(self, store: Store) -> None:
        """What is the same as before is not modified."""
        await fill(store, [{"_id": 1, "a": 1}])

        assert await store.replace("c", {"_id": 1}, {"_id": 1, "a": 1}) == UpdateResult(
            matched=1, modified=0
        )
        assert await store.replace("c", {"_id": 9}, {"a": 1}) == UpdateResult(matched=0, modified=0)

    @proves("replacements/another _id")
    async def test_a_replacement_keeps_the_id(self, store: Store) -> None:
        """The `_id` of a document never changes."""
        await fill(store, [{"_id": 1, "a": 1}])

        with pytest.raises(OperationFailure) as failure:
            await store.replace("c", {"a": 1}, {"_id": 2, "a": 1})

        assert failure.value.code == 66
        assert await all_of(store) == [{"_id": 1, "a": 1}]

    @proves("replacements/upsert")
    async def test_a_replacement_as_upsert(self, store: Store) -> None:
        """The document as given, with the `_id` of the filter, its own, or a new one."""
        given = await store.replace("c", {"_id": 1, "x": 1}, {"a": 1}, upsert=True)
        own = await store.replace("c", {"x": 1}, {"_id": 2, "a": 2}, upsert=True)
        new = await store.replace("c", {"x": 1}, {"a": 3}, upsert=True)

        assert (given.upserted_id, own.upserted_id) == (1, 2)
        assert isinstance(new.upserted_id, ObjectId)
        assert await all_of(store, sort=[("a", 1)]) == [
            {"_id": 1, "a": 1}, {"_id": 2, "a": 2}, {"_id": new.upserted_id, "a": 3},
        ]  # fmt: skip

    @proves("deletes/one or many")
    async def test_deletes(self, store: Store) -> None:
        """`many=False` deletes one of the matches."""
        await fill(store, [{"_id": n, "a": n % 2} for n in range(6)])

        assert await store.delete("c", {"a": 1}, many=False) == 1
        assert await store.count("c", {"a": 1}) == 2
        assert await store.delete("c", {"a": 1}) == 2
        assert await store.delete("c", {"a": 1}) == 0
        assert await ids(store, {}) == [0, 2, 4]
        assert await store.delete("missing", {}) == 0


def _array_filters(case: UpdateCase | RefusedUpdate) -> dict[str, Any]:
    return {"array_filters": case.array_filters} if case.array_filters else {}
