"""What a database keeps of the past of its models: whole, never rewritten, by several processes at once."""

import asyncio
import json
import warnings
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo.errors import BulkWriteError

from earnorm import (
    Database,
    Field,
    HistoryError,
    HistoryModeError,
    HistoryWarning,
    IntegerField,
    ModelDocumentError,
    ModelRegistry,
    OperationFailedError,
    StringField,
    TransactionError,
    UnknownModelError,
    UnknownRevisionError,
    UnknownVersionError,
    because,
    connect,
)
from earnorm.database.history_collection import COLLECTION, HEAD
from earnorm.plugins import PluginManager
from earnorm.stores import Store, open_store
from tests.model_registry.conftest import define

pytestmark = pytest.mark.filterwarnings("ignore::earnorm.ModelReplacedWarning")


def registry(*names: str, **fields: Any) -> ModelRegistry:
    """A process's registry: these models, with these fields."""
    home = ModelRegistry("a process", manager=PluginManager("a process"))
    for name in names:
        define(home, f"shop.{name}", **fields)
    return home


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    opened = await open_store("sqlite://")
    yield opened
    await opened.aclose()


async def record(
    store: Store, home: ModelRegistry, **how: Any
) -> list[tuple[str, str, int | None]]:
    entries = await Database(store, home).record_registry(**how)
    return [(one.operation, one.key.removeprefix("shop."), one.version) for one in entries]


async def read(store: Store) -> Any:
    return await Database(store, registry()).registry_history()


async def test_what_was_recorded_is_read_again(store: Store) -> None:
    home = registry("User", "Order", name=StringField())
    assert await record(store, home) == [("registered", "User", 1), ("registered", "Order", 1)]
    history = await read(store)
    assert history.snapshot() == home.snapshot()
    assert history.keys == ("shop.Order", "shop.User")
    assert history.revision == 2


async def test_what_is_as_before_writes_nothing(store: Store) -> None:
    await record(store, registry("User", name=StringField()))
    assert await record(store, registry("User", name=StringField())) == []
    assert await store.count(COLLECTION, {}) == 2  # the entry and the head


async def test_each_distinct_document_is_a_version_whichever_process_had_it(store: Store) -> None:
    short, long = {"name": StringField(max_length=3)}, {"name": StringField()}
    for fields in (short, long, short):
        await record(store, registry("User", **fields))
    history = await read(store)
    assert [one.version for one in history.entries] == [1, 2, 1]
    assert [one.number for one in history.versions("User")] == [1, 2]
    (change,) = history.diff("User", 1, 2)
    assert (change.aspect, change.before, change.after) == ("max_length", 3, None)
    assert list(history.at(1)) == ["shop.User"]
    assert [one.revision for one in history.history("shop.User")] == [1, 2, 3]


async def test_what_was_not_is_refused(store: Store) -> None:
    await record(store, registry("User"))
    history = await read(store)
    with pytest.raises(UnknownRevisionError):
        history.at(2)
    with pytest.raises(UnknownVersionError):
        history.diff("User", 1, 2)
    with pytest.raises(UnknownModelError):
        history.versions("Usr")


async def test_it_says_why_and_by_which_code(store: Store) -> None:
    home = registry()
    home.code_version = "1.2.3"
    with because("the law"):
        define(home, "shop.User")
    await record(store, home)
    define(home, "shop.Order")
    await record(store, home, why="they asked for it")
    first, second = (await read(store)).entries
    assert (first.why, first.code_version) == ("the law", "1.2.3")
    assert (second.why, second.code_version) == ("they asked for it", "1.2.3")


async def test_a_model_of_another_program_stays_unless_there_is_none(store: Store) -> None:
    await record(store, registry("User", "Order"))
    assert await record(store, registry("User")) == []
    assert await record(store, registry("User"), complete=True) == [("unregistered", "Order", None)]
    assert list((await read(store)).snapshot()) == ["shop.User"]
    assert await record(store, registry("Order")) == [("registered", "Order", 1)]


async def test_a_class_of_a_function_is_not_recorded(store: Store) -> None:
    assert await record(store, registry("f.<locals>.User")) == []
    assert await store.collections() == []


async def test_several_processes_record_at_once_and_all_succeed(store: Store) -> None:
    homes = [registry("User", f"Own{n}", age=IntegerField(minimum=n)) for n in range(6)]
    await asyncio.gather(*(record(store, home) for home in homes))
    history = await read(store)
    assert {key for key in history.keys if "Own" in key} == {f"shop.Own{n}" for n in range(6)}
    assert [one.revision for one in history.entries] == list(range(1, len(history) + 1))
    assert {v.document for v in history.versions("User")} == {h.get_document("User") for h in homes}


async def three_versions(store: Store) -> None:
    for length in (1, 2, 3):
        await record(store, registry("User", name=StringField(max_length=length)))


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("patch", '[{"op":"remove","path":"/shop.User"}]'),
        ("patch", "[{"),
        ("why", "nothing"),
        ("fingerprint", "0" * 64),
        ("version", 9),
        ("hash", "0" * 64),
        ("time", "2020-01-01T00:00:00+00:00"),
        ("stranger", 1),
    ],
)
async def test_an_entry_that_was_changed_is_named(store: Store, part: str, value: Any) -> None:
    await three_versions(store)
    await store.update(COLLECTION, {"_id": 2}, {"$set": {part: value}})
    with pytest.raises(HistoryError) as raised:
        await read(store)
    assert raised.value.revision == 2


async def test_an_entry_that_is_missing_is_named(store: Store) -> None:
    await three_versions(store)
    await store.delete(COLLECTION, {"_id": 2})
    with pytest.raises(HistoryError) as raised:
        await read(store)
    assert raised.value.revision == 3


async def test_newest_entries_that_are_missing_are_found_and_not_written_over(store: Store) -> None:
    await three_versions(store)
    await store.delete(COLLECTION, {"_id": 3})
    for attempt in (read(store), record(store, registry("Order"))):
        with pytest.raises(HistoryError, match="newest entries are missing") as raised:
            await attempt
        assert raised.value.revision == 3


@pytest.mark.parametrize("part", ["hash", "version", "patch"])
async def test_nothing_is_appended_to_an_entry_that_was_changed(store: Store, part: str) -> None:
    await three_versions(store)
    await store.update(COLLECTION, {"_id": 3}, {"$set": {part: "0" * 64}})
    with pytest.raises(HistoryError) as raised:
        await record(store, registry("Order"))
    assert raised.value.revision == 3
    assert await store.count(COLLECTION, {"_id": {"$gt": 3}}) == 0


@pytest.mark.parametrize(
    "document",
    [
        {"_id": 7},
        {"_id": "x"},
        {"_id": 7, "digest": 1},
        {"_id": HEAD},
        {"_id": HEAD, "revision": "x"},
    ],
)
async def test_what_is_none_of_ours_keeps_no_program_from_its_documents(
    tmp_path: Any, document: dict[str, Any]
) -> None:
    url, home = f"sqlite:///{tmp_path}/a.db", registry("User", name=StringField())
    async with connect(url, registry=registry("User"), history="record") as database:
        await database.store.delete(COLLECTION, {"_id": document["_id"]})
        await database.store.insert(COLLECTION, [document])
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", HistoryWarning)
        database = await connect(url, registry=home, history="record")
    await home.get_model("User")(name="Ada").save()
    if document["_id"] != "x":  # which stands in the way of nothing
        assert "cannot be trusted" in str(told[0].message)
        with pytest.raises(HistoryError, match="cannot be trusted"):
            await database.registry_history()
    await database.aclose()


async def test_what_a_server_could_not_confirm_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def insert(*arguments: Any, **options: Any) -> None:
        unconfirmed = [{"code": 64, "errmsg": "waiting for replication timed out"}]
        details = {"nInserted": 1, "writeErrors": [], "writeConcernErrors": unconfirmed}
        raise BulkWriteError(details)

    monkeypatch.setattr(type(store), "insert", insert)
    with pytest.raises(OperationFailedError):
        await record(store, registry("User"))


async def test_a_head_that_names_another_entry_is_found(store: Store) -> None:
    await three_versions(store)
    await store.update(COLLECTION, {"_id": HEAD}, {"$set": {"hash": "0" * 64}})
    with pytest.raises(HistoryError, match="head"):
        await read(store)


async def test_a_process_that_died_before_it_moved_the_head_is_no_fault(store: Store) -> None:
    await three_versions(store)
    head = {"revision": 1, "hash": (await read(store)).entries[0].hash}
    await store.update(COLLECTION, {"_id": HEAD}, {"$set": head})
    assert (await read(store)).revision == 3
    await record(store, registry("Order"))
    assert (await read(store)).revision == 4


async def test_many_models_are_recorded_and_changed_in_one_call(store: Store) -> None:
    names = [f"Model{n}" for n in range(700)]
    await record(store, registry(*names))
    changed = await record(store, registry(*names, name=StringField()))
    assert changed == [("changed", name, 2) for name in names]
    assert (await read(store)).revision == 1400


async def test_what_is_stored_can_be_read_by_people(store: Store) -> None:
    await record(store, registry("User"))
    (entry,) = [one async for batch in store.find(COLLECTION, {"_id": 1}) for one in batch]
    assert (entry["operation"], entry["key"]) == ("registered", "shop.User")
    assert json.loads(entry["patch"])[0]["op"] == "add"


async def test_a_file_of_ours_keeps_the_history_unless_it_is_told_not_to(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    async with connect(url, registry=registry("User"), history="off") as database:
        assert await database.store.collections() == []
    async with connect(url, registry=registry("User")) as database:
        assert (await database.registry_history()).keys == ("shop.User",)


async def test_connecting_to_a_server_writes_nothing_unless_it_is_told_to(mongodb_url: str) -> None:
    async with connect(mongodb_url, registry=registry("User")) as database:
        assert await database.store.collections() == []
    async with connect(mongodb_url, registry=registry("User"), history="record") as database:
        assert (await database.registry_history()).keys == ("shop.User",)


class Odd(Field[Any]):
    def arguments(self) -> dict[str, Any]:
        raise RuntimeError("no idea")


async def test_a_model_that_cannot_be_described_is_left_out_and_said_so(tmp_path: Any) -> None:
    home = registry("User", name=StringField())
    define(home, "shop.Odd", name=Odd())
    with pytest.warns(HistoryWarning, match="shop.Odd"):
        database = await connect(f"sqlite:///{tmp_path}/a.db", registry=home)
    assert (await database.registry_history()).keys == ("shop.User",)
    with pytest.raises(ModelDocumentError, match="shop.Odd"):
        await database.record_registry()
    await database.aclose()


async def test_a_damaged_history_keeps_no_program_from_its_documents(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path}/a.db"
    async with connect(url, registry=registry("User")) as database:
        await database.store.delete(COLLECTION, {"_id": 1})
    home = registry("User", name=StringField())
    with pytest.warns(HistoryWarning, match="newest entries are missing"):
        database = await connect(url, registry=home)
    await home.get_model("User")(name="Ada").save()
    with pytest.raises(HistoryError):
        await database.record_registry()
    await database.aclose()


async def test_a_connection_records_before_the_first_operation_when_it_is_told_to() -> None:
    home = registry("User", name=StringField())
    async with connect("sqlite://", registry=home, history="record") as database:
        assert list((await database.registry_history()).snapshot()) == ["shop.User"]
        late = define(home, "shop.Order", name=StringField())
        assert len(await database.registry_history()) == 1
        await late(name="x").save()
        assert list((await database.registry_history()).snapshot()) == ["shop.Order", "shop.User"]


async def test_a_model_that_is_extended_is_recorded_before_its_next_operation() -> None:
    home = registry("User", name=StringField())
    user: Any = home.get_model("User")
    async with connect("sqlite://", registry=home, history="record") as database:
        await user(name="Ada").save()
        home.extend(user, fields={"age": IntegerField(default=0)})
        await user(name="Bob").save()
        history = await database.registry_history()
        assert [one.document for one in history.versions("User")][-1] == home.get_document(user)
        assert len(history) == 2


async def test_a_model_that_is_first_used_in_a_transaction_is_recorded_at_the_end(
    tmp_path: Any,
) -> None:
    url, home = f"sqlite:///{tmp_path}/a.db", registry()
    async with connect(url, registry=home, history="record") as database:
        late = define(home, "shop.Order", name=StringField())
        async with database.transaction():
            await late(name="x").save()
            with pytest.raises(TransactionError, match="before the block or after it"):
                await database.record_registry()
    store = await open_store(url)
    assert list((await read(store)).snapshot()) == ["shop.Order"]
    await store.aclose()


async def test_a_mode_that_there_is_not_is_refused() -> None:
    with pytest.raises(HistoryModeError, match=r"'record' or 'off', not 'recrd'. Did you mean"):
        connect("sqlite://", history="recrd")  # type: ignore[arg-type,unused-awaitable] # that is the fault
