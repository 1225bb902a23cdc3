"""What is stored comes back exactly."""

from datetime import UTC, datetime, timedelta
from typing import Any

import bson
import pytest
from bson import Decimal128, Int64
from pymongo.errors import DuplicateKeyError, OperationFailure

from earnorm.stores.capabilities import Capability
from earnorm.stores.protocol import Documents, Store
from earnorm.testing.stores.comparing import all_of, exact, fill, ids, stored
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves, proves_cases
from earnorm.testing.stores.type_cases import IDENTITIES, VALUES, ValueCase
from earnorm.typing import OperationOptions

__all__ = ["TypesSuite"]


class TypesSuite(OpensStore):
    """Every BSON type, with its extremes."""

    @proves_cases(VALUES)
    async def test_a_value_comes_back_exactly(self, store: Store, case: ValueCase) -> None:
        """Type, sign of zero, trailing zeros, order of keys and all, at the top and inside."""
        document = {"_id": 1, "v": case.value, "in": {"list": [case.value]}}

        await fill(store, [document])
        found = await stored(store, 1)

        assert exact(found) == exact(_in_utc(document))
        assert type(found["v"]) is type(_in_utc(case.value)) or isinstance(found["v"], Int64)

    @proves_cases(IDENTITIES)
    async def test_a_document_is_found_by_any_id(self, store: Store, case: ValueCase) -> None:
        """An `_id` is of any type but array and regular expression; equal is what is of equal value."""
        await fill(store, [{"_id": case.value, "n": 1}, {"_id": "another", "n": 2}])

        found = await ids(store, {"_id": case.value}, sort=())

        assert exact(found) == exact([_in_utc(case.value)])
        assert await store.delete("c", {"_id": case.value}) == 1
        assert await store.count("c", {}) == 1

    @proves("types/what an update writes comes back exactly")
    async def test_what_an_update_writes_comes_back_exactly(self, store: Store) -> None:
        """`$set` stores a value as an insert does."""
        values = {
            f"v{n}": case.value for n, case in enumerate(VALUES) if "million" not in case.name
        }
        await fill(store, [{"_id": 1}])

        await store.update("c", {"_id": 1}, {"$set": values})

        found = await stored(store, 1)
        assert {name: exact(found[name]) for name in values} == {
            name: exact(_in_utc(value)) for name, value in values.items()
        }

    @proves("types/dates are aware, in UTC, and cut to milliseconds")
    async def test_dates_are_aware_and_cut(self, store: Store) -> None:
        """BSON's dates are milliseconds since the epoch, in UTC."""
        await fill(store, [{"_id": 1, "v": datetime(2024, 5, 1, 12, 0, 0, 123999, tzinfo=UTC)}])

        found = (await stored(store, 1))["v"]

        assert found == datetime(2024, 5, 1, 12, 0, 0, 123000, tzinfo=UTC)
        assert found.utcoffset() is not None and found.utcoffset().total_seconds() == 0

    @proves("types/naive dates that are written are in UTC")
    async def test_naive_dates_that_are_written_are_in_utc(self, store: Store) -> None:
        """As for PyMongo; the documents of EarnORM's instances have them."""
        document = {"_id": 1, "v": _NOON.replace(tzinfo=None)}
        await fill(store, [document])
        await store.replace("c", {"_id": 1}, {**document, "n": 1})

        assert (await stored(store, 1))["v"] == _NOON
        assert await store.count("c", {"v": _NOON}) == 1

    @proves("types/dates may be naive where that will do")
    async def test_dates_may_be_naive_where_that_will_do(self, store: Store) -> None:
        """Who asks for `naive_dates` takes naive dates in UTC, and aware ones as well; the filter means the same."""
        await fill(store, [{"_id": n, "v": _NOON, "in": [{"v": _NOON}]} for n in (1, 2)])

        await _dates_may_be_naive(store)

    @proves("types/dates may be naive in transactions", needs=Capability.TRANSACTIONS)
    async def test_dates_may_be_naive_in_transactions(self, store: Store) -> None:
        """As outside of them."""
        await fill(store, [{"_id": n, "v": _NOON, "in": [{"v": _NOON}]} for n in (1, 2)])

        transaction = await store.begin()
        await _dates_may_be_naive(transaction)
        await transaction.abort()

    @proves("types/dates are aware in all but find")
    async def test_dates_are_aware_in_all_but_find(self, store: Store) -> None:
        """`naive_dates` is for the documents of `find` alone."""
        await fill(store, [{"_id": 1, "v": _NOON}])

        options = OperationOptions(naive_dates=True)
        update = {"$set": {"w": 1}}
        changed = await store.find_one_and_update("c", {}, update, options=options)
        batches = store.aggregate("c", [{"$match": {"_id": 1}}], options=options)

        assert changed is not None and changed["v"] == _NOON
        assert await store.distinct("c", "v", {}, options=options) == [_NOON]
        assert [one["v"] async for batch in batches for one in batch] == [_NOON]

    @proves("types/_id comes first")
    async def test_the_id_comes_first(self, store: Store) -> None:
        """MongoDB puts `_id` first, and keeps the order of all else."""
        await fill(store, [{"b": 1, "a": 2, "_id": 1}])

        assert list(await stored(store, 1)) == ["_id", "b", "a"]

    @proves("types/equal numbers are one _id")
    async def test_equal_numbers_are_one_id(self, store: Store) -> None:
        """Numbers are compared by value, whatever their types."""
        await fill(store, [{"_id": 1}])

        for equal in (Int64(1), 1.0, Decimal128("1.00")):
            with pytest.raises(DuplicateKeyError):
                await store.insert("c", [{"_id": equal}])
        await store.insert("c", [{"_id": True}, {"_id": "1"}, {"_id": 1.5}])
        assert await store.count("c", {}) == 4

    @proves("types/documents as _id differ by the order of their keys")
    async def test_documents_as_ids(self, store: Store) -> None:
        """Documents are equal only with the same keys in the same order."""
        await fill(store, [{"_id": {"a": 1, "b": 2}}, {"_id": {"b": 2, "a": 1}}])

        assert await ids(store, {"_id": {"b": 2, "a": 1}}) == [{"b": 2, "a": 1}]
        with pytest.raises(DuplicateKeyError):
            await store.insert("c", [{"_id": {"a": 1.0, "b": 2}}])

    @proves("types/arrays are no _id")
    async def test_arrays_are_no_ids(self, store: Store) -> None:
        """MongoDB: the `_id` field may be of any type but an array, a regular expression or undefined."""
        for refused in ([1], bson.Regex("a")):
            with pytest.raises(OperationFailure):
                await store.insert("c", [{"_id": refused}])
        assert await store.count("c", {}) == 0


_NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


async def _dates_may_be_naive(documents: Documents) -> None:
    options = OperationOptions(naive_dates=True)
    wanted = exact({"_id": 1, "v": _NOON, "in": [{"v": _NOON}]})
    for asked in ({"_id": 1}, {"_id": 1, "v": _NOON}, {"v": {"$lte": _NOON}}, {}):
        how: dict[str, Any] = {"sort": [("_id", 1)], "limit": 1}
        (found,) = await all_of(documents, "c", asked, options=options, **how)
        for moment in (found["v"], found["in"][0]["v"]):
            assert moment.replace(tzinfo=UTC) == _NOON
            assert moment.utcoffset() in (None, timedelta())
        assert exact(found) == wanted
        (found,) = await all_of(documents, "c", asked, **how)
        assert found["v"].tzinfo is not None and found["in"][0]["v"].tzinfo is not None


def _in_utc(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, dict):
        return {name: _in_utc(inner) for name, inner in value.items()}
    return [_in_utc(inner) for inner in value] if isinstance(value, list) else value
