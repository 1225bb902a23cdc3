"""What no server is asked for: it is refused as the embedded store refuses it, and nothing is sent."""

import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pymongo.errors import OperationFailure, WriteError

from earnorm import Index, InvalidDocumentError
from earnorm.stores import Insert, Store, Update, open_store
from earnorm.stores.mongodb import MongoStore
from tests.stores.mongodb.scripted_server import ScriptedServer

Work = Callable[[Any], Awaitable[Any]]

SET = {"$set": {"a": 1}}
SEARCHES: list[dict[str, Any]] = [
    {"filter": 3},
    {"filter": {"a": {1}}},
    {"projection": 3},
    {"projection": ["a"]},
    {"projection": {"a": {1}}},
    {"sort": [("a", 2)]},
    {"sort": [("a", "down")]},
    {"sort": [("a", True)]},
    {"sort": [(1, 1)]},
    {"skip": -1},
    {"limit": -1},
]
REFUSED: list[tuple[Work, type[Exception], int | None]] = [
    *(
        (
            lambda store, asked=asked: anext(store.find("u", **{"filter": {}, **asked})),
            OperationFailure,
            2,
        )
        for asked in SEARCHES
    ),
    (lambda store: store.count("u", {}, skip=-1), OperationFailure, 2),
    (lambda store: store.distinct("u", 3, {}), OperationFailure, 2),
    (lambda store: store.distinct("u", "", {}), OperationFailure, 2),
    (lambda store: anext(store.aggregate("u", {"$match": {}})), OperationFailure, 14),
    (lambda store: anext(store.aggregate("u", "text")), OperationFailure, 14),
    (lambda store: anext(store.aggregate("u", None)), OperationFailure, 14),
    (lambda store: anext(store.aggregate("u", [3])), OperationFailure, 14),
    (lambda store: anext(store.aggregate("u", [{"$match": {"a": {1}}}])), OperationFailure, 2),
    (lambda store: store.update("u", {}, SET, array_filters=[3]), OperationFailure, 2),
    (lambda store: store.update("u", {}, SET, array_filters="x"), WriteError, 14),
    (lambda store: store.find_one_and_update("u", {}, SET, projection=3), OperationFailure, 2),
    (lambda store: store.find_one_and_delete("u", {}, sort=[("a", 7)]), OperationFailure, 2),
    (lambda store: store.explain("u", {"a": {1}}), OperationFailure, 2),
    (lambda store: store.create_index("u", Index(fields=())), OperationFailure, 67),
    (lambda store: store.insert("u", [3]), InvalidDocumentError, None),
    (lambda store: store.insert("u", [None]), InvalidDocumentError, None),
    (lambda store: store.insert("u", [{"a": 1}]), InvalidDocumentError, None),
    (lambda store: store.insert("u", [{"_id": 1}, 3]), InvalidDocumentError, None),
    (lambda store: store.bulk("u", [Insert(document={"a": 1})]), InvalidDocumentError, None),
]


@pytest.mark.parametrize(("work", "kind", "code"), REFUSED)
async def test_it_is_refused_before_anything_is_sent(
    scripted: MongoStore, server: ScriptedServer, work: Work, kind: type[Exception], code: int
) -> None:
    with pytest.raises(kind) as caught:
        await work(scripted)

    assert getattr(caught.value, "code", None) == code
    assert server.commands == []


@pytest.mark.parametrize(("work", "kind", "code"), REFUSED)
async def test_the_embedded_store_refuses_the_same_in_the_same_way(
    work: Work, kind: type[Exception], code: int
) -> None:
    store: Store = await open_store("sqlite://")
    with pytest.raises(kind) as caught:
        await work(store)
    await store.aclose()

    assert getattr(caught.value, "code", None) == code


async def test_a_bulk_with_a_part_that_cannot_be_sent_is_not_begun(
    scripted: MongoStore, server: ScriptedServer
) -> None:
    good, bad = Insert(document={"_id": 1}), Update(filter={}, update={"a": 1})
    with pytest.raises(WriteError, match="'a' is no update operator") as caught:
        await scripted.bulk("users", [good, bad])

    assert caught.value.code == 9
    assert server.commands == []


@pytest.mark.parametrize("name", ["*", "_id_", ""])
async def test_no_name_drops_all_indexes(
    scripted: MongoStore, server: ScriptedServer, name: str
) -> None:
    await scripted.drop_index("users", name)

    assert server.commands == []


def test_importing_earnorm_leaves_the_store_alone() -> None:
    program = "import sys, earnorm; print([n for n in sys.modules if 'stores.mongodb' in n])"
    shown = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    ).stdout

    assert shown.strip() == "[]"
