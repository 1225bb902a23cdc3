"""Dates as they are read from a server: aware, and naive for those who asked."""

from datetime import UTC, datetime, tzinfo
from typing import Any

import pytest
from bson.datetime_ms import DatetimeMS

from earnorm.stores.mongodb import MongoStore
from earnorm.typing import NAIVE_DATES, OperationOptions
from tests.stores.mongodb.scripted_server import ScriptedServer

NOON = datetime(2024, 5, 1, 12)
BEYOND = DatetimeMS(2**53)
ASKED = [
    (None, UTC),
    (OperationOptions(naive_dates=False), UTC),
    (NAIVE_DATES, None),
    (OperationOptions(naive_dates=True), None),
    (OperationOptions(naive_dates=True, read_concern="majority", batch_size=1), None),
]


async def dates(documents: Any, options: OperationOptions | None) -> list[Any]:
    batches = documents.find("users", {}, options=options)
    return [one["at"] async for batch in batches for one in batch]


def reply(server: ScriptedServer) -> None:
    """A batch, and another one; a date beyond the year 9999 in each."""
    server.replies["find"].append(server.found({"at": NOON}, {"at": BEYOND}, cursor=4711))
    more = {"id": 0, "ns": "shop.users", "nextBatch": [{"at": NOON}, {"at": BEYOND}]}
    server.replies["getMore"].append({"ok": 1, "cursor": more})


@pytest.mark.parametrize(("options", "zone"), ASKED)
async def test_dates_are_naive_for_those_who_asked(
    scripted: MongoStore, server: ScriptedServer, options: Any, zone: tzinfo | None
) -> None:
    for _ in range(2):
        reply(server)
        assert await dates(scripted, options) == [NOON.replace(tzinfo=zone), BEYOND] * 2


@pytest.mark.parametrize(("options", "zone"), ASKED)
async def test_so_they_are_in_a_transaction(
    scripted: MongoStore, server: ScriptedServer, options: Any, zone: tzinfo | None
) -> None:
    reply(server)
    transaction = await scripted.begin()
    assert await dates(transaction, options) == [NOON.replace(tzinfo=zone), BEYOND] * 2
    await transaction.abort()


async def test_the_concerns_of_naive_reads_are_sent_as_well(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    reply(server)
    await dates(scripted, OperationOptions(naive_dates=True, read_concern="majority"))
    assert server.last("find")["readConcern"] == {"level": "majority"}


async def test_nothing_else_gives_naive_dates(scripted: MongoStore, server: ScriptedServer) -> None:
    server.replies["aggregate"].append(server.found({"at": NOON}))
    batches = scripted.aggregate("users", [], options=NAIVE_DATES)
    assert [one["at"] async for batch in batches for one in batch] == [NOON.replace(tzinfo=UTC)]
