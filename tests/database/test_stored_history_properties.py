"""Whatever processes recorded, the stored history has it; whatever is changed of it, is found."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm import Database, HistoryError, IntegerField, ModelRegistry, StringField
from earnorm.plugins import PluginManager
from earnorm.stores import Store, open_store
from tests.database.flipping import flip_a_bit
from tests.model_registry.conftest import define

pytestmark = pytest.mark.once

FIELDS: Sequence[Mapping[str, Any]] = (
    {},
    {"name": StringField()},
    {"name": StringField(max_length=3)},
    {"name": StringField(), "age": IntegerField()},
)
MODELS = st.dictionaries(st.sampled_from(["User", "Order", "Item"]), st.integers(0, 3))
PROCESSES = st.lists(st.tuples(MODELS, st.booleans()), max_size=6)


def registry(models: Mapping[str, int]) -> ModelRegistry:
    home = ModelRegistry("a process", manager=PluginManager("a process"))
    for name, fields in models.items():
        define(home, f"shop.{name}", **FIELDS[fields])
    return home


async def recorded(
    store: Store, processes: Sequence[tuple[Mapping[str, int], bool]]
) -> list[tuple[int, dict[str, str]]]:
    """After each process the revision, and what the store should know: the fingerprints of models by key."""
    known: dict[str, str] = {}
    past: list[tuple[int, dict[str, str]]] = []
    revision = 0
    for models, complete in processes:
        home = registry(models)
        here = {key: one.fingerprint for key, one in home.snapshot().documents.items()}
        known = here if complete else {**known, **here}
        entries = await Database(store, home).record_registry(complete=complete)
        revision = entries[-1].revision if entries else revision
        past.append((revision, known))
    return past


@settings(max_examples=40)
@given(PROCESSES)
def test_every_revision_is_what_was_recorded_then(
    processes: list[tuple[dict[str, int], bool]],
) -> None:
    async def check() -> None:
        store = await open_store("sqlite://")
        past = await recorded(store, processes)
        history = await Database(store, registry({})).registry_history()
        for revision, known in past:
            found = history.at(revision).documents
            assert {key: one.fingerprint for key, one in found.items()} == known
        for key in history.keys:
            prints = [one.fingerprint for one in history.versions(key)]
            assert len(set(prints)) == len(prints)
        await store.aclose()

    asyncio.run(check())


@settings(max_examples=40)
@given(st.data())
def test_a_bit_that_was_flipped_in_the_store_is_found(data: st.DataObject) -> None:
    async def check() -> None:
        store = await open_store("sqlite://")
        await recorded(store, [({"User": 1, "Order": 0}, False), ({"User": 2}, True)])
        position = await flip_a_bit(data, store)
        with pytest.raises(HistoryError) as raised:
            await Database(store, registry({})).registry_history()
        assert raised.value.revision == position
        await store.aclose()

    asyncio.run(check())
