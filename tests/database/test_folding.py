"""What of the stored history is older than a time of grace is folded: the chain still holds, and nobody loses anything."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from earnorm import (
    Database,
    HistoryError,
    ModelRegistry,
    StringField,
    TransactionError,
    UnknownRevisionError,
    UnknownVersionError,
)
from earnorm.clock import frozen
from earnorm.database.history_collection import COLLECTION, HEAD
from earnorm.database.stored_history import StoredHistory
from earnorm.metadata import RegistryHistory
from earnorm.plugins import PluginManager
from earnorm.stores import Store, open_store
from tests.model_registry.conftest import define

pytestmark = pytest.mark.filterwarnings("ignore::earnorm.ModelReplacedWarning")

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def registry(**models: int) -> ModelRegistry:
    """A process's registry: these models, each with a field whose length tells their versions apart."""
    home = ModelRegistry("a process", manager=PluginManager("a process"))
    for name, length in models.items():
        define(home, f"shop.{name}", name=StringField(max_length=length))
    return home


async def record(store: Store, *, day: int, complete: bool = False, **models: int) -> None:
    with frozen(START + day * DAY):
        await Database(store, registry(**models)).record_registry(complete=complete)


async def fold(store: Store, *, day: int, apply: bool = True) -> Any:
    """Folds what is older than this day."""
    with frozen(START + day * DAY):
        return await Database(store, registry()).fold_registry(apply=apply, grace=timedelta(0))


async def read(store: Store) -> RegistryHistory:
    return await Database(store, registry()).registry_history()


async def stored(store: Store) -> list[dict[str, Any]]:
    found = store.find(COLLECTION, {}, sort=[("_id", 1)])
    return [one async for batch in found for one in batch]


async def ids(store: Store) -> list[Any]:
    return [one["_id"] for one in await stored(store)]


async def five_days(store: Store) -> None:
    """User has three versions, the first of them twice, and Order is gone: revisions 1 to 6."""
    await record(store, day=1, User=1, Order=1)
    await record(store, day=2, User=2)
    await record(store, day=3, User=2, complete=True)
    await record(store, day=4, User=1)
    await record(store, day=5, User=3)


class Folding:
    """What holds on every store."""

    async def test_each_model_keeps_its_newest_entry_with_its_whole_document(
        self, store: Store
    ) -> None:
        await five_days(store)
        before = await read(store)
        told = await fold(store, day=5)
        assert (told.revision, told.time) == (5, START + 4 * DAY)
        assert (told.entries, told.folded, told.left) == (6, 5, 3)
        assert await ids(store) == [-5, -4, 5, 6, HEAD]
        after = await read(store)
        assert [one.revision for one in after.entries] == [4, 5, 6]
        assert (after.revision, after.head) == (before.revision, before.head)
        assert after.snapshot() == before.snapshot()
        assert after.at(5) == before.at(5)
        assert after.keys == before.keys

    async def test_looking_first_changes_nothing(self, store: Store) -> None:
        await five_days(store)
        before = await stored(store)
        plan = await fold(store, day=5, apply=False)
        assert await stored(store) == before
        assert plan == await fold(store, day=5)

    async def test_nothing_is_younger_than_the_time_of_grace_and_goes(self, store: Store) -> None:
        await five_days(store)
        told = await fold(store, day=0)
        assert (told.revision, told.folded, told.oldest) == (0, 0, START + DAY)
        with frozen(START + 100 * DAY):
            told = await Database(store, registry()).fold_registry(apply=True)
        assert (told.revision, told.folded) == (0, 0)
        assert (await read(store)).checkpoint is None

    async def test_a_history_that_is_not_there_has_nothing_to_fold(self, store: Store) -> None:
        told = await fold(store, day=9)
        assert (told.revision, told.time, told.entries, told.oldest) == (0, None, 0, None)
        assert await store.collections() == []

    async def test_versions_keep_their_numbers_and_come_back_with_them(self, store: Store) -> None:
        await five_days(store)
        await fold(store, day=6)
        assert [one.number for one in (await read(store)).versions("User")] == [3]
        await record(store, day=7, User=2)
        await record(store, day=8, User=4, Order=2)
        history = await read(store)
        assert [one.number for one in history.versions("User")] == [2, 3, 4]
        assert [one.number for one in history.versions("Order")] == [2]
        assert [str(one) for one in history.diff("User", 2)] == ["name: max_length was 2, is 4"]
        with pytest.raises(UnknownVersionError, match="went when the history was folded") as raised:
            history.diff("User", 1)
        assert (raised.value.known, raised.value.count) == ((2, 3, 4), 4)

    async def test_what_came_before_is_refused_and_said_to_be_gone(self, store: Store) -> None:
        await five_days(store)
        await fold(store, day=5)
        history = await read(store)
        assert list(history.at(5)) == ["shop.User"]
        for revision in (0, 4):
            with pytest.raises(UnknownRevisionError, match="What came before is gone") as raised:
                history.at(revision)
            assert (raised.value.oldest, raised.value.newest) == (5, 6)
        with pytest.raises(UnknownRevisionError):
            history.at(7)

    async def test_it_is_folded_again_and_again(self, store: Store) -> None:
        await five_days(store)
        whole = await read(store)
        for day in (2, 4, 4, 6, 6):
            await fold(store, day=day)
            history = await read(store)
            assert history == whole.folded(history.oldest)
            assert history.snapshot() == whole.snapshot()
        assert await ids(store) == [-6, -4, 6, HEAD]

    async def test_what_is_as_before_writes_nothing(self, store: Store) -> None:
        await five_days(store)
        await fold(store, day=6)
        assert await Database(store, registry(User=3)).record_registry() == []

    async def test_what_somebody_else_keeps_there_is_left_alone(self, store: Store) -> None:
        await five_days(store)
        await store.insert(COLLECTION, [{"_id": "notes", "text": "do not touch"}])
        await fold(store, day=6)
        assert await ids(store) == [-6, -4, 6, HEAD, "notes"]
        assert (await read(store)).revision == 6

    async def test_whoever_was_asleep_while_others_recorded_and_folded_records_again(
        self, store: Store
    ) -> None:
        await record(store, day=1, User=1)
        late = Asleep(store)
        task = asyncio.create_task(record(late, day=1, User=1, Late=1))
        await late.about_to_insert.wait()
        for day in range(2, 6):
            await record(store, day=day, User=day)
        await fold(store, day=6)
        late.wake.set()
        await task
        history = await read(store)
        assert history.revision == 7  # Late, and User as its process has it
        assert {"shop.Late", "shop.User"} == set(history.snapshot())
        await fold(store, day=7)
        assert await ids(store) == [-7, -6, 7, HEAD]

    async def test_a_batch_of_a_sleeper_cannot_reach_beyond_the_checkpoint(
        self, store: Store
    ) -> None:
        await record(store, day=1, User=1)
        late = Asleep(store)
        names: dict[str, Any] = {f"Late{n}": 1 for n in range(9)}
        task = asyncio.create_task(record(late, day=1, **names))
        await late.about_to_insert.wait()
        for day in range(2, 6):
            await record(store, day=day, User=day)
        await fold(store, day=6)
        late.wake.set()
        await task
        assert len((await read(store)).snapshot()) == 10
        assert (await read(store)).revision == 14

    async def test_several_record_while_another_folds_and_nothing_is_lost(
        self, store: Store
    ) -> None:
        async def keep_folding() -> None:
            for _ in range(12):
                await Database(store, registry()).fold_registry(apply=True, grace=timedelta(0))
                await asyncio.sleep(0)

        async def keep_recording(name: str) -> None:
            for length in range(1, 7):
                home = registry(**{name: length})
                await Database(store, home).record_registry()

        names = ("User", "Order", "Item")
        await asyncio.gather(keep_folding(), keep_folding(), *map(keep_recording, names))
        history = await read(store)
        assert history.revision == 18
        last = registry(**dict.fromkeys(names, 6))
        assert history.snapshot() == last.snapshot()
        assert {one: history.history(one)[-1].version for one in names} == dict.fromkeys(names, 6)

    async def test_a_reader_who_was_overtaken_by_a_fold_reads_again(self, store: Store) -> None:
        await five_days(store)
        before = await read(store)
        slow: Any = Overtaken(store, lambda: fold(store, day=6))
        after = await StoredHistory(slow).read()
        assert slow.overtaken
        assert after.snapshot() == before.snapshot()

    @pytest.mark.parametrize("writes", range(4))
    async def test_a_fold_that_was_interrupted_leaves_the_history_whole_and_is_done_by_the_next(
        self, store: Store, writes: int
    ) -> None:
        await five_days(store)
        whole = await read(store)
        await fold(store, day=2)
        with pytest.raises(ConnectionError):
            await fold(Dying(store, writes=writes), day=5)
        history = await read(store)
        assert history in (whole.folded(2), whole.folded(5))
        await record(store, day=6, User=4)
        await fold(store, day=6)
        assert await ids(store) == [-6, -4, 6, 7, HEAD]
        assert (await read(store)).at(6) == whole.at(6)

    async def test_a_folded_entry_that_an_interrupted_fold_left_damaged_is_not_believed(
        self, store: Store
    ) -> None:
        await five_days(store)
        with pytest.raises(ConnectionError):
            await fold(Dying(store, writes=1), day=5)
        await store.update(COLLECTION, {"_id": -5}, {"$set": {"patch": "[]"}})
        await fold(store, day=5)
        assert list((await read(store)).at(5)) == ["shop.User"]

    @pytest.mark.parametrize(
        ("place", "part", "value", "named"),
        [
            (-4, "fingerprint", "0" * 64, 4),
            (-4, "versions", ["0" * 64], 4),
            (-5, "patch", "[]", 5),
            (5, "digest", "0" * 64, 5),
            (5, "head", "0" * 64, 5),
            (5, "entries", 3, 5),
            (5, "time", "2020-01-01T00:00:00+00:00", 5),
            (6, "previous", "0" * 64, 6),
        ],
    )
    async def test_what_was_changed_is_named(
        self, store: Store, place: int, part: str, value: Any, named: int
    ) -> None:
        await five_days(store)
        await fold(store, day=5)
        await store.update(COLLECTION, {"_id": place}, {"$set": {part: value}})
        with pytest.raises(HistoryError) as raised:
            await read(store)
        assert raised.value.revision == named

    @pytest.mark.parametrize(("place", "named"), [(-4, 5), (-5, 5), (5, 6), (6, 6)])
    async def test_what_is_missing_is_found_and_not_written_over(
        self, store: Store, place: int, named: int
    ) -> None:
        await five_days(store)
        await fold(store, day=5)
        await store.delete(COLLECTION, {"_id": place})
        with pytest.raises(HistoryError) as raised:
            await read(store)
        assert raised.value.revision == named
        if place != 5:  # to record, an entry is not held against the one before
            with pytest.raises(HistoryError):
                await record(store, day=6, Item=1)

    async def test_a_retired_model_is_still_known_to_be_retired(self, store: Store) -> None:
        await record(store, day=1, User=1, Order=1)
        database = Database(store, registry(User=1))
        with frozen(START + 2 * DAY):
            await database.prune_registry(apply=True)
        await fold(store, day=3)
        with frozen(START + 3 * DAY):
            (plan,) = await database.prune_registry()
            assert (plan.decision, plan.retired) == ("wait", START + 2 * DAY)
        with frozen(START + 40 * DAY):
            (plan,) = await database.prune_registry(apply=True)
        assert plan.decision == "remove"
        assert [one.operation for one in (await read(store)).history("Order")] == [
            "retired",
            "unregistered",
        ]


class TestFoldingInAFileOfOurs(Folding):
    @pytest.fixture
    async def store(self) -> AsyncIterator[Store]:
        opened = await open_store("sqlite://")
        yield opened
        await opened.aclose()


class TestFoldingOnAServer(Folding):
    @pytest.fixture
    async def store(self, mongodb_url: str) -> AsyncIterator[Store]:
        opened = await open_store(mongodb_url)
        yield opened
        await opened.aclose()


async def test_it_is_refused_inside_a_transaction() -> None:
    store = await open_store("sqlite://")
    database = Database(store, registry())
    async with database.transaction():
        with pytest.raises(TransactionError, match=r"fold_registry\(\) before the block"):
            await database.fold_registry()
    await store.aclose()


async def test_many_models_are_folded_in_one_call() -> None:
    store = await open_store("sqlite://")
    names = [f"Model{n}" for n in range(700)]
    for length in (1, 2):
        await Database(store, registry(**dict.fromkeys(names, length))).record_registry()
    told = await Database(store, registry()).fold_registry(apply=True, grace=-DAY)
    assert (told.entries, told.folded, told.left) == (1400, 1400, 700)
    assert await store.count(COLLECTION, {}) == 702
    await store.aclose()


class Passing:
    """A store that passes every call on."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


class Asleep(Passing):
    """Falls asleep before it inserts for the first time."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.about_to_insert, self.wake = asyncio.Event(), asyncio.Event()

    async def insert(self, *what: Any, **how: Any) -> None:
        self.about_to_insert.set()
        await self.wake.wait()
        await self._store.insert(*what, **how)


class Overtaken(Passing):
    """When folded entries were looked for, and there were none yet, something happens before the rest is found."""

    def __init__(self, store: Store, happens: Any) -> None:
        super().__init__(store)
        self.overtaken, self._happens = False, happens

    async def find(self, *what: Any, **how: Any) -> AsyncIterator[Any]:
        if what[1] == {"_id": HEAD} or self.overtaken:
            async for batch in self._store.find(*what, **how):
                yield batch
            return
        self.overtaken = True
        below = [one async for batch in self._store.find(*what, **how) for one in batch]
        yield [one for one in below if one["_id"] < 0]
        await self._happens()
        rest = [one async for batch in self._store.find(*what, **how) for one in batch]
        yield [one for one in rest if one["_id"] > 0]


class Dying(Passing):
    """Fails at the write after so many."""

    def __init__(self, store: Store, *, writes: int) -> None:
        super().__init__(store)
        self._left = writes

    def __getattr__(self, name: str) -> Any:
        if name in ("insert", "replace", "update", "delete"):
            self._left -= 1
            if self._left < 0:
                raise ConnectionError(name)
        return super().__getattr__(name)
