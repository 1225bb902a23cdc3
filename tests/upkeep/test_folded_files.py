"""A folded history in a file: restored as it was, never mixed with another one, every flipped bit found."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from earnorm import (
    Database,
    ModelRegistry,
    RegistryFileError,
    RegistryHistory,
    RestoreError,
    StringField,
)
from earnorm.database.stored_history import StoredHistory
from earnorm.plugins import PluginManager
from earnorm.stores import Store, open_store
from earnorm.upkeep import export_registry, import_registry, plan_import
from tests.database.test_folding import Dying
from tests.model_registry.conftest import define

pytestmark = pytest.mark.filterwarnings("ignore::earnorm.ModelReplacedWarning")


@pytest.fixture
async def stores() -> AsyncIterator[tuple[Store, Store]]:
    one, other = await open_store("sqlite://"), await open_store("sqlite://")
    yield one, other
    await one.aclose()
    await other.aclose()


async def record(store: Store, *lengths: int, name: str = "User") -> RegistryHistory:
    """The history after processes that each had the model in another version."""
    for length in lengths:
        home = ModelRegistry("a process", manager=PluginManager("a process"))
        define(home, f"shop.{name}", name=StringField(max_length=length))
        await Database(store, home).record_registry()
    return await StoredHistory(store).read()


async def fold(store: Store, revision: int) -> RegistryHistory:
    """The history, folded up to this revision; with 0 as it is."""
    stored = StoredHistory(store)
    if revision:
        await stored.fold((await stored.read()).folded(revision))
    return await stored.read()


async def exported(history: RegistryHistory, path: Path) -> bytes:
    await export_registry(history, path)
    return path.read_bytes()


async def test_what_is_restored_is_folded_as_it_was(stores: Any, tmp_path: Path) -> None:
    one, other = stores
    await record(one, 1, 2)
    await record(one, 1, name="Order")
    await record(one, 1, 3)
    history = await fold(one, 4)
    written = await exported(history, tmp_path / "file")
    plan = await import_registry(tmp_path / "file", other)
    assert (plan.stored_revision, plan.revision, plan.entries, plan.refusals) == (0, 5, 3, ())
    restored = await StoredHistory(other).read()
    assert restored == history
    assert restored.entries == history.entries
    assert restored.checkpoint == history.checkpoint
    assert restored.versions("User") == history.versions("User")
    assert await exported(restored, tmp_path / "again") == written
    assert (await record(other, 2)).history("User")[-1].version == 2


async def test_a_history_of_which_all_is_folded_is_restored(stores: Any, tmp_path: Path) -> None:
    one, other = stores
    await record(one, 1, 2)
    written = await exported(await fold(one, 2), tmp_path / "file")
    await import_registry(tmp_path / "file", other)
    assert await exported(await StoredHistory(other).read(), tmp_path / "again") == written
    await other.delete("earnorm_registry", {"_id": {"$lt": 3}})
    with pytest.raises(ValueError, match="newest entries are missing"):
        await StoredHistory(other).read()


@pytest.mark.parametrize("writes", range(4))
async def test_a_restoration_that_was_interrupted_is_done_by_another_one(
    stores: Any, tmp_path: Path, writes: int
) -> None:
    one, other = stores
    await record(one, 1, 2)
    await record(one, 1, 2, name="Order")
    written = await exported(await fold(one, 3), tmp_path / "file")
    with pytest.raises(ConnectionError):
        await import_registry(tmp_path / "file", Dying(other, writes=writes))
    await StoredHistory(other).read()
    await import_registry(tmp_path / "file", other)
    assert await exported(await StoredHistory(other).read(), tmp_path / "again") == written


@pytest.mark.parametrize(("ours", "theirs"), [(0, 3), (3, 0), (2, 3), (3, 2), (3, 3)])
async def test_what_continues_a_history_is_appended_however_far_each_was_folded(
    stores: Any, tmp_path: Path, ours: int, theirs: int
) -> None:
    one, other = stores
    await exported(await record(one, 1, 2, 3, 4), tmp_path / "beginning")
    await import_registry(tmp_path / "beginning", other)
    await record(one, 5, 6)
    await exported(await fold(one, theirs), tmp_path / "file")
    await fold(other, ours)
    plan = await import_registry(tmp_path / "file", other)
    assert (plan.entries, plan.stored_revision, plan.revision) == (2, 4, 6)
    history = await StoredHistory(other).read()
    assert (history.revision, history.oldest) == (6, ours)
    assert history.head == (await StoredHistory(one).read()).head


@pytest.mark.parametrize(
    ("ours", "theirs", "fault"),
    [
        (0, 5, "the file was folded up to revision 5, and its history goes up to revision 4 only"),
        (4, 0, "its history has 1 entries, from revision 4 on, that the file does not have"),
        (4, 5, "the file was folded up to revision 5, and its history goes up to revision 4 only"),
    ],
)
async def test_what_cannot_be_compared_is_refused(
    stores: Any, tmp_path: Path, ours: int, theirs: int, fault: str
) -> None:
    one, other = stores
    await exported(await record(one, 1, 2, 3), tmp_path / "beginning")
    await import_registry(tmp_path / "beginning", other)
    await record(other, 9)
    await record(one, 4, 5)
    await fold(other, ours)
    await exported(await fold(one, theirs), tmp_path / "file")
    before = await StoredHistory(other).read()
    (refusal,) = (await plan_import(tmp_path / "file", other)).refusals
    assert fault in refusal
    with pytest.raises(RestoreError, match="Restore into another store"):
        await import_registry(tmp_path / "file", other)
    assert await StoredHistory(other).read() == before


async def test_an_older_file_is_refused_where_the_store_was_folded_beyond_it(
    stores: Any, tmp_path: Path
) -> None:
    one, _ = stores
    await exported(await record(one, 1, 2), tmp_path / "file")
    await record(one, 3)
    await fold(one, 3)
    (refusal,) = (await plan_import(tmp_path / "file", one)).refusals
    assert "its history was folded up to revision 3, and the file goes up to revision 2" in refusal


async def test_a_flipped_bit_is_found_and_named(stores: Any, tmp_path: Path) -> None:
    one, other = stores
    path, chance = tmp_path / "file", random.Random(6)
    await record(one, 1, 2)
    await record(one, 1, 2, name="Order")
    whole = await exported(await fold(one, 3), path)
    lines = whole.splitlines(keepends=True)
    (number,) = [n for n, line in enumerate(lines) if b'"part":"checkpoint"' in line]
    start = len(b"".join(lines[:number]))
    inside = range(start, start + len(b"".join(lines[number : number + 2])))
    for place in [start, *chance.sample(inside, 150), *chance.sample(range(len(whole)), 100)]:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        with pytest.raises(RegistryFileError):
            await plan_import(path, other)


@pytest.mark.parametrize("part", [b'"part":"checkpoint"', b'"versions":['])
async def test_a_line_that_is_left_out_is_found(stores: Any, tmp_path: Path, part: bytes) -> None:
    one, other = stores
    await record(one, 1, 2, 3)
    lines = (await exported(await fold(one, 2), tmp_path / "file")).splitlines(keepends=True)
    (tmp_path / "file").write_bytes(b"".join(line for line in lines if part not in line))
    with pytest.raises(RegistryFileError) as raised:
        await plan_import(tmp_path / "file", other)
    assert raised.value.revision == 2
