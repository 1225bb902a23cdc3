"""However a stored history is folded, it goes on as it would have without: versions, documents, the chain, its file."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm import Database, HistoryError, RegistryHistory
from earnorm.clock import frozen
from earnorm.database.stored_history import StoredHistory
from earnorm.stores import Store, open_store
from earnorm.upkeep import export_registry, import_registry
from tests.database.flipping import flip_a_bit
from tests.database.test_folding import DAY, START
from tests.database.test_stored_history_properties import registry

pytestmark = pytest.mark.once

MODELS = st.dictionaries(st.sampled_from(["User", "Order", "Item"]), st.integers(0, 3))
RECORDS = st.tuples(MODELS, st.booleans())
STEPS = st.lists(st.one_of(RECORDS, RECORDS, st.integers(0, 12)), max_size=10)
"""What processes record, each on a day of its own; a number is a fold of what is older than so many days."""

Step = tuple[dict[str, int], bool] | int


async def take(store: Store, day: int, step: Step) -> None:
    with frozen(START + day * DAY):
        if isinstance(step, int):
            database = Database(store, registry({}))
            await database.fold_registry(apply=True, grace=timedelta(days=step) - DAY / 2)
        else:
            models, complete = step
            await Database(store, registry(models)).record_registry(complete=complete)


def facts(history: RegistryHistory) -> Mapping[str, Any]:
    return {one.hash: one for one in history.entries if one.versions is None}


def check_twin(folded: RegistryHistory, twin: RegistryHistory) -> None:
    assert (folded.revision, folded.head) == (twin.revision, twin.head)
    assert folded == twin.folded(folded.oldest), "folding at once or bit by bit is the same"
    assert facts(folded).items() <= facts(twin).items()
    for revision in range(folded.oldest, twin.revision + 1):
        assert folded.at(revision) == twin.at(revision)
    assert folded.keys == twin.keys
    for key in twin.keys:
        known = {one.number: one.fingerprint for one in twin.versions(key)}
        kept = {one.number: one.fingerprint for one in folded.versions(key)}
        assert kept.items() <= known.items()
        assert folded.history(key)[-1].operation == twin.history(key)[-1].operation


@settings(max_examples=40)
@given(STEPS)
def test_a_folded_history_goes_on_as_its_twin_that_was_not(steps: Sequence[Step]) -> None:
    async def check(folder: Path) -> None:
        store, twin = await open_store("sqlite://"), await open_store("sqlite://")
        for day, step in enumerate(steps):
            await take(store, day, step)
            if not isinstance(step, int):
                await take(twin, day, step)
        folded = await StoredHistory(store).read()
        check_twin(folded, await StoredHistory(twin).read())
        await check_file(folded, folder)
        await store.aclose()
        await twin.aclose()

    with TemporaryDirectory() as folder:
        asyncio.run(check(Path(folder)))


async def check_file(history: RegistryHistory, folder: Path) -> None:
    restored = await open_store("sqlite://")
    await export_registry(history, folder / "first")
    await import_registry(folder / "first", restored)
    await export_registry(await StoredHistory(restored).read(), folder / "second")
    assert (folder / "first").read_bytes() == (folder / "second").read_bytes()
    await restored.aclose()


@settings(max_examples=40)
@given(st.data())
def test_a_bit_that_was_flipped_in_a_folded_history_is_found(data: st.DataObject) -> None:
    async def check() -> None:
        store = await open_store("sqlite://")
        steps: list[Step] = [
            ({"User": 1, "Order": 0}, False),
            ({"User": 2}, True),
            0,
            ({"User": 3}, False),
        ]
        for day, step in enumerate(steps):
            await take(store, day, step)
        position = await flip_a_bit(data, store)
        with pytest.raises(HistoryError) as raised:
            await StoredHistory(store).read()
        assert raised.value.revision == abs(position)
        await store.aclose()

    asyncio.run(check())
