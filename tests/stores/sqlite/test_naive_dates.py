"""Dates as they are read from the file: aware, and naive for those who asked."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson.datetime_ms import DatetimeMS

from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import NAIVE_DATES, Index, OperationOptions

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
BEYOND = DatetimeMS(2**53)


@pytest.fixture
async def things(either: SqliteStore) -> SqliteStore:
    await either.create_index("things", Index(fields=(("at", 1),)))
    await either.insert("things", [{"_id": 1, "at": NOON, "in": [NOON, BEYOND]}])
    return either


async def first(store: Any, filter: dict[str, Any], **how: Any) -> dict[str, Any]:
    (found,) = [one async for batch in store.find("things", filter, **how) for one in batch]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("filter", [{"_id": 1}, {"at": NOON}, {}, {"in": NOON}])
async def test_dates_are_naive_for_those_who_asked(
    things: SqliteStore, filter: dict[str, Any]
) -> None:
    naive = NOON.replace(tzinfo=None)
    for options in (NAIVE_DATES, OperationOptions(naive_dates=True, batch_size=1)):
        found = await first(things, filter, options=options)
        assert found == {"_id": 1, "at": naive, "in": [naive, BEYOND]}
        transaction = await things.begin()
        assert await first(transaction, filter, options=options) == found
        await transaction.abort()


@pytest.mark.parametrize("filter", [{"_id": 1}, {"at": NOON}, {}, {"in": NOON}])
async def test_others_get_aware_ones(things: SqliteStore, filter: dict[str, Any]) -> None:
    for options in (None, OperationOptions(naive_dates=False), OperationOptions(batch_size=1)):
        assert await first(things, filter, options=options) == {
            "_id": 1,
            "at": NOON,
            "in": [NOON, BEYOND],
        }


async def test_what_is_compared_or_projected_keeps_its_meaning(things: SqliteStore) -> None:
    for computed in (
        {"$expr": {"$eq": [{"$hour": "$at"}, 12]}},
        {"$expr": {"$gte": ["$at", NOON]}},
    ):
        assert (await first(things, computed, options=NAIVE_DATES))["_id"] == 1
    later = {"in": {"$elemMatch": {"$gte": NOON}}}
    found = await first(things, later, projection={"in.$": 1}, options=NAIVE_DATES)
    assert found == {"_id": 1, "in": [NOON]}
    assert await things.distinct("things", "at", later, options=NAIVE_DATES) == [NOON]
