"""A registry in a file: the same bytes for the same registry, every flipped bit found, restored as it was."""

import asyncio
import hashlib
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID

import pytest
from bson import Binary, Decimal128, Int64, ObjectId, Regex, Timestamp
from bson.datetime_ms import DatetimeMS
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm import (
    Database,
    EarnORMError,
    IntegerField,
    ModelRegistry,
    RegistryFileError,
    RegistryHistory,
    RestoreError,
    StoreAccessError,
    StringField,
)
from earnorm.metadata import ExportSums, HistoryEntry, ModelDocument, canonical_json, make_patch
from earnorm.plugins import PluginManager
from earnorm.stores import Store, open_store
from earnorm.stores.documents import encode
from earnorm.upkeep import export_registry, import_registry, plan_import
from tests.model_registry.conftest import define

pytestmark = pytest.mark.filterwarnings("ignore::earnorm.ModelReplacedWarning")

FIELDS: Sequence[Mapping[str, Any]] = (
    {},
    {"name": StringField()},
    {"name": StringField(max_length=3)},
    {"name": StringField(required=False), "age": IntegerField()},
)
STRANGE: Sequence[Any] = (
    1,
    Int64(1),
    2**40,
    1.0,
    float("nan"),
    Decimal128("1.10"),
    datetime(2026, 1, 1, tzinfo=UTC),
    DatetimeMS(2**60),
    UUID(int=7),
    Binary(b"\x00\xff", 6),
    Regex("^a", "i"),
    Timestamp(3, 4),
    "line\nbreak \u2028 \U0001f600",
    {"z": 1, "a": 2},
    {"$oid": "no id"},
    {"$ref": "users", "$id": 1},
    {"$numberInt": "1"},
    [None, True, ObjectId(b"0" * 12)],
)


def registry() -> ModelRegistry:
    return ModelRegistry("a process", manager=PluginManager("a process"))


@pytest.fixture
async def stores() -> AsyncIterator[tuple[Store, Store]]:
    one, other = await open_store("sqlite://"), await open_store("sqlite://")
    yield one, other
    await one.aclose()
    await other.aclose()


async def record(store: Store, *states: Mapping[str, int]) -> RegistryHistory:
    """The history of processes that had these models, each with some of `FIELDS`."""
    for state in states:
        home = registry()
        for name, fields in state.items():
            define(home, f"shop.{name}", **FIELDS[fields])
        await Database(store, home).record_registry(complete=True, why="a test")
    return await history_of(store)


async def history_of(store: Store) -> RegistryHistory:
    return await Database(store, registry()).registry_history()


async def fill(store: Store) -> RegistryHistory:
    users = [{"_id": n, "name": f"user {n}", "value": value} for n, value in enumerate(STRANGE)]
    await store.insert("shop.User", users)
    await store.insert("shop.Order", [{"_id": ObjectId(), "b": 1, "a": 2} for _ in range(1200)])
    await store.insert("elsewhere", [{"_id": 1}])
    return await record(
        store, {"User": 1}, {"User": 2, "Order": 1}, {"User": 3, "Order": 1, "Item": 0}
    )


async def test_the_same_registry_gives_the_same_bytes(stores: Any, tmp_path: Path) -> None:
    history = await fill(stores[0])
    first, second = tmp_path / "first", tmp_path / "second"
    report = await export_registry(history, first, data=stores[0])
    assert await export_registry(history, second, data=stores[0]) == report
    assert first.read_bytes() == second.read_bytes()
    assert (report.revision, report.models, report.entries) == (5, 3, 5)
    assert report.collections == {"shop.Item": 0, "shop.Order": 1200, "shop.User": len(STRANGE)}
    assert report.left_out == ("elsewhere",)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["first", "second"]


async def test_a_registry_in_memory_is_exported_too(stores: Any, tmp_path: Path) -> None:
    home = registry()
    for fields in FIELDS:
        define(home, "shop.User", **fields)
    history = RegistryHistory.of(home.history())
    await export_registry(history, tmp_path / "file")
    await import_registry(tmp_path / "file", stores[0])
    restored = await history_of(stores[0])
    assert restored.entries == tuple(home.history())
    assert restored.versions("User") == home.get_versions("User")
    assert restored.snapshot() == home.snapshot()


async def test_what_is_restored_is_what_was_exported(stores: Any, tmp_path: Path) -> None:
    one, other = stores
    history = await fill(one)
    await export_registry(history, tmp_path / "file", data=one)
    plan = await import_registry(tmp_path / "file", other, data=True)
    restored = await history_of(other)
    assert restored.entries == history.entries
    assert (plan.stored_revision, plan.revision, restored.revision) == (0, 5, 5)
    await export_registry(restored, tmp_path / "again", data=other)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "file").read_bytes()
    for name in ("shop.User", "shop.Order"):
        before, after = [[encode(d) async for b in s.find(name, {}) for d in b] for s in stores]
        assert before == after
    assert "elsewhere" not in await other.collections()


async def test_without_data_only_the_history_is_restored(stores: Any, tmp_path: Path) -> None:
    one, other = stores
    await export_registry(await fill(one), tmp_path / "file", data=one)
    await import_registry(tmp_path / "file", other)
    assert await other.collections() == ["earnorm_registry"]


async def test_a_restoration_is_done_again_without_harm(stores: Any, tmp_path: Path) -> None:
    one, other = stores
    await export_registry(await fill(one), tmp_path / "file", data=one)
    await import_registry(tmp_path / "file", other, data=True)
    plan = await import_registry(tmp_path / "file", other, data=True)
    assert plan.entries == 0
    assert all(each.alike == each.documents == each.stored for each in plan.collections)


async def test_what_was_interrupted_goes_on(stores: Any, tmp_path: Path) -> None:
    one, other = stores
    history = await fill(one)
    await export_registry(history, tmp_path / "file", data=one)
    await import_registry(tmp_path / "file", other, data=True)
    await other.delete("shop.Order", {"_id": {"$gt": ObjectId()}})
    await other.delete("shop.User", {"_id": {"$gte": 5}})
    await other.delete("earnorm_registry", {"_id": {"$gte": 3}})
    await other.delete("earnorm_registry", {"_id": "head"})
    assert (await history_of(other)).revision == 2
    await import_registry(tmp_path / "file", other, data=True)
    await export_registry(await history_of(other), tmp_path / "again", data=other)
    assert (tmp_path / "again").read_bytes() == (tmp_path / "file").read_bytes()


async def test_nothing_is_lost_by_restoring(stores: Any, tmp_path: Path) -> None:
    one, other = stores
    await export_registry(await fill(one), tmp_path / "file", data=one)
    await record(other, {"Stranger": 0})
    await other.insert("shop.User", [{"_id": 0, "name": "somebody else"}])
    with pytest.raises(RestoreError, match="1 entries, from revision 1 on") as raised:
        await import_registry(tmp_path / "file", other, data=True)
    assert "'shop.User' has 1 documents that the file does not have, or has otherwise" in str(
        raised.value
    )
    assert (await history_of(other)).keys == ("shop.Stranger",)
    assert await other.count("shop.User", {}) == 1


async def test_a_plan_tells_what_would_change_and_changes_nothing(
    stores: Any, tmp_path: Path
) -> None:
    one, other = stores
    history = await fill(one)
    await export_registry(history, tmp_path / "file", data=one)
    await import_registry(tmp_path / "file", other)
    early = tmp_path / "early"
    await export_registry(RegistryHistory.of(history.entries[:2]), early)
    third = await open_store("sqlite://")
    await import_registry(early, third)
    plan = await plan_import(tmp_path / "file", third, data=True)
    assert (plan.stored_revision, plan.revision, plan.entries, plan.refusals) == (2, 5, 3, ())
    told = {one.key: (one.change, one.verdict.level.name) for one in plan.models}
    assert told == {
        "shop.Item": ("added", "NONE"),
        "shop.Order": ("added", "NONE"),
        "shop.User": ("changed", "MAJOR"),
    }
    assert (await history_of(third)).revision == 2
    await third.aclose()


async def test_a_plan_tells_which_stored_documents_could_not_be_read(
    stores: Any, tmp_path: Path
) -> None:
    one, other = stores
    await export_registry(await record(one, {"User": 3, "Order": 3}), tmp_path / "file")
    await record(other, {"Order": 3})
    await other.insert("shop.Order", [{"_id": ObjectId(), "age": "nobody looks at it"}])
    users = [{"_id": ObjectId(), "name": "Ada", "age": n} for n in (1, "old", 3, None)]
    await other.insert("shop.User", users)
    plan = await plan_import(tmp_path / "file", other)
    (users_read,) = plan.readable
    assert (users_read.collection, users_read.documents, users_read.unreadable) == (
        "shop.User",
        4,
        2,
    )
    assert str(users[1]["_id"]) in users_read.faults[0]
    assert users_read.untried == ()


async def test_a_plan_says_of_which_models_it_cannot_be_told(stores: Any, tmp_path: Path) -> None:
    home = registry()

    @home.plugin("loud")
    class Loud:
        """A plugin that the one who restores does not have."""

    class Meta:
        plugins = ["loud"]

    define(home, "shop.User", Meta=Meta)
    await export_registry(RegistryHistory.of(home.history()), tmp_path / "file")
    await stores[0].insert("shop.User", [{"_id": ObjectId()}])
    (users,) = (await plan_import(tmp_path / "file", stores[0])).readable
    assert (users.documents, users.unreadable) == (0, 0)
    assert "loud" in users.untried[0]


async def test_a_plan_reads_what_plugins_of_the_registry_and_children_wrote(
    stores: Any, tmp_path: Path
) -> None:
    home = ModelRegistry("a shop", plugins=["timestamp"])
    user = define(home, "shop.User", name=StringField())
    namespace = {"__module__": "shop", "__qualname__": "Admin", "level": IntegerField()}
    type("Admin", (user,), namespace)
    await export_registry(RegistryHistory.of(home.history()), tmp_path / "file")
    admin = {"_id": ObjectId(), "_type": "Admin", "name": "Ada", "level": 1}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    stamped = {"created_at": now, "updated_at": now}
    wrong = {**admin, **stamped, "_id": ObjectId(), "level": "x"}
    await stores[0].insert("shop.User", [{**admin, **stamped}, wrong])
    (users,) = (await plan_import(tmp_path / "file", stores[0])).readable
    assert (users.documents, users.unreadable, users.untried) == (2, 1, ())
    assert "level" in users.faults[0]


async def a_file(stores: Any, path: Path) -> list[bytes]:
    one, _ = stores
    await one.insert("shop.User", [{"_id": n, "name": f"user {n}"} for n in range(3)])
    await export_registry(await record(one, {"User": 1}, {"User": 2, "Order": 0}), path, data=one)
    return path.read_bytes().splitlines(keepends=True)


async def test_a_flipped_bit_is_found_and_named(stores: Any, tmp_path: Path) -> None:
    path = tmp_path / "file"
    lines = await a_file(stores, path)
    whole, chance = path.read_bytes(), random.Random(6)
    starts = [sum(map(len, lines[:n])) for n in range(len(lines))]
    parts = [part_of(line) for line in lines]
    for place in [
        *starts,
        *(start - 1 for start in starts[1:]),
        *chance.sample(range(len(whole)), 400),
    ]:
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        with pytest.raises(RegistryFileError) as raised:
            await plan_import(path, stores[1])
        number = max(n for n, start in enumerate(starts) if start <= place)
        named = raised.value.line == number + 1 or raised.value.part == parts[number]
        assert named, (place, whole[place - 20 : place + 20], raised.value)
    assert await stores[1].collections() == []


def part_of(line: bytes) -> str:
    part = line.rpartition(b'"part":"')[2].partition(b'"')[0].decode()
    return "data/shop.User" if part == "data" else part


async def damaged(path: Path, target: Store, old: bytes, new: bytes) -> RegistryFileError:
    """What is said of the file with one thing replaced by another; afterwards it is as before."""
    whole = path.read_bytes()
    assert old in whole
    path.write_bytes(whole.replace(old, new, 1))
    with pytest.raises(RegistryFileError) as raised:
        await plan_import(path, target)
    path.write_bytes(whole)
    return raised.value


@pytest.mark.parametrize(
    ("old", "new", "part", "affected"),
    [
        (b'"a test"},"part":"history"', b'"A test"},"part":"history"', "history", {"revision": 1}),
        (b'"title":"User"', b'"title":"Usor"', "snapshot", {"model": "shop.User"}),
        (b"user 1", b"user 7", "data/shop.User", {"collection": "shop.User"}),
        (b'"number":1,', b'"number":2,', "versions", {"model": "shop.Order"}),
    ],
)
async def test_it_is_named_what_the_damage_affects(
    stores: Any, tmp_path: Path, old: bytes, new: bytes, part: str, affected: dict[str, Any]
) -> None:
    path = tmp_path / "file"
    await a_file(stores, path)
    fault = await damaged(path, stores[1], old, new)
    assert fault.part == part
    assert {name: getattr(fault, name) for name in affected} == affected


async def test_a_flipped_digit_of_a_number_at_the_limit_is_named(
    stores: Any, tmp_path: Path
) -> None:
    home = registry()
    define(home, "shop.User", n=IntegerField(maximum=2**53 - 1))
    await export_registry(RegistryHistory.of(home.history()), tmp_path / "file")
    limit = str(2**53 - 1).encode()
    fault = await damaged(tmp_path / "file", stores[0], limit, limit[:-1] + b"3")
    assert (fault.line, fault.part) == (2, "snapshot")


def of_part(part: str, facts: list[dict[str, Any]]) -> dict[str, Any]:
    return next(one for one in facts if one["part"] == part)


def sealed(path: Path, change: Callable[[list[dict[str, Any]]], object]) -> None:
    """Changes what the lines of a file say, and makes all their hashes right."""
    facts = [json.loads(line) for line in path.read_bytes().splitlines()]
    manifest, sums = facts.pop(), ExportSums()
    facts.append(manifest)
    change(facts)
    lines = [canonical_json(one) + b"\n" for one in facts[:-1]]
    for one, line in zip(facts, lines, strict=False):
        sums.add(f"data/{one['collection']}" if one["part"] == "data" else one["part"], line)
    end = json.loads(
        sums.manifest({"revision": manifest.get("revision"), "head": manifest["head"]})
    )
    if "parts" in manifest and isinstance(manifest["parts"][0], dict):
        manifest.update(parts=end["parts"], sha256=end["sha256"])
    manifest.pop("hash")
    manifest["hash"] = hashlib.sha256(canonical_json(manifest)).hexdigest()
    path.write_bytes(b"".join(lines) + canonical_json(manifest) + b"\n")


@pytest.mark.parametrize(
    ("change", "part"),
    [
        (lambda facts: facts[-1].pop("parts"), "manifest"),
        (lambda facts: facts[-1].pop("revision"), "manifest"),
        (lambda facts: facts[-1].update(parts=[1]), "manifest"),
        (lambda facts: facts[-2].update(collection={"a": 1}), "data"),
        (lambda facts: facts[-2].pop("document"), "data/shop.User"),
        (lambda facts: facts[-2].update(document={"name": "no id"}), "data/shop.User"),
        (lambda facts: of_part("history", facts).update(entry="x"), "history"),
        (lambda facts: of_part("snapshot", facts).update(document="x"), "snapshot"),
    ],
)
async def test_a_crafted_file_is_named_too(
    stores: Any, tmp_path: Path, change: Any, part: str
) -> None:
    path = tmp_path / "file"
    await a_file(stores, path)
    sealed(path, change)
    with pytest.raises(RegistryFileError) as raised:
        await import_registry(path, stores[1], data=True)
    assert raised.value.part.startswith(part)


@pytest.mark.parametrize("collection", [None, {}])
async def test_a_model_document_without_a_collection_is_named(
    stores: Any, tmp_path: Path, collection: Any
) -> None:
    home = registry()
    define(home, "shop.User")
    content = home.get_document("User").content
    content["x-earnorm"]["collection"] = collection
    document = ModelDocument.of(content)
    await export_registry(of_one_entry(document, revision=1), tmp_path / "file")
    with pytest.raises(RegistryFileError, match="names no collection") as raised:
        await plan_import(tmp_path / "file", stores[0])
    assert raised.value.model == "shop.User"


@pytest.mark.parametrize("revision", [1.5, 10**19])
async def test_a_revision_that_no_store_could_have_is_named(
    stores: Any, tmp_path: Path, revision: Any
) -> None:
    home = registry()
    define(home, "shop.User")
    history = of_one_entry(home.get_document("User"), revision=revision)
    await export_registry(history, tmp_path / "file")
    with pytest.raises(RegistryFileError, match="is no revision") as raised:
        await plan_import(tmp_path / "file", stores[0])
    assert raised.value.part == "history"


def of_one_entry(document: ModelDocument, *, revision: Any) -> RegistryHistory:
    entry = HistoryEntry(
        revision=revision,
        time=datetime(2026, 1, 1, tzinfo=UTC),
        operation="registered",
        key=document.key,
        version=1,
        fingerprint=document.fingerprint,
        patch=make_patch({}, {document.key: document.content}),
        previous="0" * 64,
    )
    return RegistryHistory.of([entry])


@pytest.mark.parametrize("name", ["earnorm_registry", "earnorm_copies"])
async def test_documents_for_our_own_collections_are_refused(
    stores: Any, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "file"
    await a_file(stores, path)
    line = {"part": "data", "collection": name, "document": {"_id": "another head"}}
    sealed(path, lambda facts: facts.insert(-1, line))
    with pytest.raises(RestoreError, match=name):
        await import_registry(path, stores[1], data=True)
    assert await stores[1].collections() == []


@pytest.mark.parametrize("kept", [0, 1, 5, -1])
async def test_a_file_that_was_cut_off_is_found(stores: Any, tmp_path: Path, kept: int) -> None:
    path = tmp_path / "file"
    lines = await a_file(stores, path)
    path.write_bytes(b"".join(lines[:kept]))
    with pytest.raises(RegistryFileError, match="the end is missing"):
        await plan_import(path, stores[1])


async def test_lines_that_are_left_out_doubled_or_added_are_found(
    stores: Any, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    lines = await a_file(stores, path)
    for n in range(len(lines)):
        for changed in (lines[:n] + lines[n + 1 :], [*lines[:n], lines[n], *lines[n:]]):
            path.write_bytes(b"".join(changed))
            with pytest.raises(RegistryFileError):
                await plan_import(path, stores[1])


async def test_an_export_that_fails_leaves_the_file_that_was_there(
    stores: Any, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    await a_file(stores, path)
    whole = path.read_bytes()
    history = await history_of(stores[0])
    await stores[0].aclose()
    with pytest.raises((EarnORMError, RuntimeError)):
        await export_registry(history, path, data=stores[0])
    assert path.read_bytes() == whole
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


async def test_exports_to_one_path_at_once_leave_a_whole_file(stores: Any, tmp_path: Path) -> None:
    history = await fill(stores[0])
    path = tmp_path / "file"
    exports = (export_registry(history, path, data=one) for one in (stores[0], None, stores[0]))
    assert [one.revision for one in await asyncio.gather(*exports)] == [5, 5, 5]
    assert (await plan_import(path, stores[1])).revision == 5
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


async def test_an_export_leaves_all_other_files_alone(stores: Any, tmp_path: Path) -> None:
    history = await fill(stores[0])
    near = tmp_path / "file.unfinished"
    near.write_text("somebody else's")
    await export_registry(history, tmp_path / "file")
    assert near.read_text() == "somebody else's"
    assert (tmp_path / "file").stat().st_mode & 0o077 == 0, "only its owner reads it"


async def test_an_export_does_not_replace_a_database(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    store = await open_store(f"sqlite:///{path}")
    history = await fill(store)
    with pytest.raises(StoreAccessError, match=r"shop\.db .* it is a database"):
        await export_registry(history, path)
    assert (await history_of(store)).revision == 5
    await store.aclose()


class Failing(StringField[str]):
    """A field type whose own code fails."""

    def decode(self, stored: object, path: str, faults: Any) -> Any:
        raise TypeError("a mistake in a field")


async def test_a_plan_tells_of_a_field_whose_own_code_fails(stores: Any, tmp_path: Path) -> None:
    home = registry()
    define(home, "shop.User", name=Failing())
    await export_registry(RegistryHistory.of(home.history()), tmp_path / "file")
    await stores[0].insert("shop.User", [{"_id": ObjectId(), "name": "Ada"}])
    (users,) = (await plan_import(tmp_path / "file", stores[0], imports=[__name__])).readable
    assert (users.unreadable, users.untried) == (1, ())
    assert "a mistake in a field" in users.faults[0]


async def test_a_plan_names_the_fault_that_a_document_of_a_tree_has(
    stores: Any, tmp_path: Path
) -> None:
    home = registry()
    animal = define(home, "zoo.Animal", name=StringField(required=False))
    for name in ("Aardvark", "Dog"):
        type(name, (animal,), {"__module__": "zoo", "__qualname__": name, "age": IntegerField()})
    await export_registry(RegistryHistory.of(home.history()), tmp_path / "file")
    wrong = {"_id": ObjectId(), "_type": "Dog", "age": "no number"}
    await stores[0].insert("zoo.Animal", [wrong])
    (animals,) = (await plan_import(tmp_path / "file", stores[0])).readable
    assert animals.unreadable == 1
    assert "age" in animals.faults[0]
    assert "Aardvark" not in animals.faults[0]


class Meddled:
    """A store of which one operation is preceded by something that another program does."""

    def __init__(self, store: Store, operation: str, meddle: Any) -> None:
        self._store, self._operation, self._meddle = store, operation, meddle

    def __getattr__(self, name: str) -> Any:
        return self._meddled if name == self._operation else getattr(self._store, name)

    async def _meddled(self, *arguments: Any, **options: Any) -> Any:
        await self._meddle()
        return await getattr(self._store, self._operation)(*arguments, **options)


async def test_what_was_changed_after_it_was_verified_is_not_restored_unseen(
    stores: Any, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    await a_file(stores, path)

    async def change() -> None:
        path.write_bytes(path.read_bytes().replace(b"user 1", b"user 7"))

    target: Any = Meddled(stores[1], "count", change)
    with pytest.raises(RestoreError, match="the file was changed while it was read"):
        await import_registry(path, target, data=True)


async def test_a_document_that_somebody_else_writes_meanwhile_is_told(
    stores: Any, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    await a_file(stores, path)

    async def write() -> None:
        if not await stores[1].count("shop.User", {}):
            await stores[1].insert("shop.User", [{"_id": 1, "name": "somebody else"}])

    target: Any = Meddled(stores[1], "insert", write)
    with pytest.raises(RestoreError, match=r"the document 1 of the collection 'shop\.User'"):
        await import_registry(path, target, data=True)
    assert await stores[1].count("shop.User", {}) == 1


async def test_large_documents_are_restored_a_few_at_a_time(stores: Any, tmp_path: Path) -> None:
    one, other = stores
    history = await record(one, {"User": 1})
    await one.insert("shop.User", [{"_id": n, "name": "x" * 1_000_000} for n in range(20)])
    await export_registry(history, tmp_path / "file", data=one)
    sizes: list[int] = []

    class Counting(Meddled):
        async def _meddled(self, collection: str, documents: Any, **options: Any) -> Any:
            sizes.append(len(documents) if collection == "shop.User" else 0)
            return await self._store.insert(collection, documents, **options)

    target: Any = Counting(other, "insert", None)
    await import_registry(tmp_path / "file", target, data=True)
    assert sum(sizes) == 20
    assert max(sizes) < 10


STATES = st.lists(
    st.dictionaries(st.sampled_from(["User", "Order", "Item"]), st.integers(0, len(FIELDS) - 1)),
    max_size=5,
)


@settings(max_examples=25)
@given(STATES, st.lists(st.sampled_from(STRANGE), max_size=4))
def test_export_import_export_gives_the_same_bytes(
    states: list[dict[str, int]], values: list[Any]
) -> None:
    async def both(folder: Path) -> None:
        one, other = await open_store("sqlite://"), await open_store("sqlite://")
        if values:
            await one.insert("shop.User", [{"_id": n, "v": v} for n, v in enumerate(values)])
        history = await record(one, *states)
        await export_registry(history, folder / "first", data=one)
        await import_registry(folder / "first", other, data=True)
        restored = await history_of(other)
        await export_registry(restored, folder / "second", data=other)
        assert restored.entries == history.entries
        assert (folder / "first").read_bytes() == (folder / "second").read_bytes()
        await one.aclose()
        await other.aclose()

    with TemporaryDirectory() as folder:
        asyncio.run(both(Path(folder)))
