"""What an examination of versions, a store and its indexes finds."""

from pathlib import Path
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    Database,
    Finding,
    ModelRegistry,
    StoreConnectionError,
    StringField,
)
from earnorm.stores import Capability, StoreDescription, open_store
from earnorm.typing import Index
from earnorm.upkeep import examine_indexes, examine_store, examine_versions


def of(findings: list[Finding], id: str) -> list[tuple[str, str, str]]:
    return [(one.level, one.subject, one.message) for one in findings if one.id == id]


def test_versions_are_facts() -> None:
    assert [(one.subject, one.level) for one in examine_versions()] == [
        ("EarnORM", "ok"),
        ("Python", "ok"),
        ("PyMongo", "ok"),
    ]


async def test_a_sound_file_has_no_errors(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    store = await open_store(url)
    await store.insert("users", [{"_id": 1}])
    findings = await examine_store(store)
    assert {one.level for one in findings} == {"ok"}
    assert of(findings, "connection") == [("ok", url, "answers")]
    assert of(findings, "topology") == [("ok", "topology", "file")]
    ((_, _, capabilities),) = of(findings, "capabilities")
    assert "maintenance" in capabilities.split(", ")
    assert of(findings, "integrity") == [
        ("ok", "integrity", "every document and every index entry is sound")
    ]
    await store.aclose()


async def test_a_file_that_is_mostly_free_is_worth_compacting(tmp_path: Path) -> None:
    store: Any = await open_store(f"sqlite:///{tmp_path}/shop.db")
    await store.insert("users", [{"_id": n, "text": "x" * 2000} for n in range(500)])
    await store.delete("users", {})
    (warning,) = (one for one in await examine_store(store) if one.level == "warning")
    assert (warning.id, warning.hint) == ("space", "Give them back with: earnorm compact URL")
    await store.compact()
    assert not any(one.level == "warning" for one in await examine_store(store))
    await store.aclose()


class Pretended:
    """A store that says what it is told to."""

    name = "pretended://x"

    def __init__(self, *capabilities: Capability, faults: tuple[str, ...] = ()) -> None:
        self.capabilities = frozenset(capabilities)
        self._faults = list(faults)

    async def describe(self) -> StoreDescription:
        return StoreDescription(product="X", version="1", topology="standalone", details={})

    async def verify(self) -> list[str]:
        return self._faults


async def test_each_fault_of_the_file_is_an_error_with_a_hint() -> None:
    store: Any = Pretended(
        Capability.MAINTENANCE, Capability.TRANSACTIONS, faults=("page 3 is torn", "an index lies")
    )
    errors = [one for one in await examine_store(store) if one.level == "error"]
    assert [(one.id, one.message) for one in errors] == [
        ("integrity", "page 3 is torn"),
        ("integrity", "an index lies"),
    ]
    assert all("Restore the file from a backup" in str(one.hint) for one in errors)


async def test_a_server_without_transactions_is_told() -> None:
    store: Any = Pretended()
    findings = await examine_store(store)
    (warning,) = (one for one in findings if one.level == "warning")
    assert warning.id == "transactions"
    assert "replica set" in str(warning.hint)
    assert of(findings, "integrity") == []


async def test_indexes_are_held_against_the_models(home: ModelRegistry) -> None:
    meta = type("Meta", (), {"collection": "users", "indexes": [{"fields": ["name"]}]})
    type("User", (BaseModel,), {"name": StringField(), "Meta": meta}, registry=home)
    store = await open_store("sqlite://")
    database = Database(store, home, indexes="off")
    await store.create_index("users", Index(fields=(("age", 1),)))
    missing, extra = await examine_indexes(database)
    assert (missing.level, missing.subject) == ("error", "users.name_1")
    assert missing.hint == "earnorm indexes apply TARGET URL"
    assert (extra.level, extra.subject) == ("warning", "users.age_1")
    assert extra.hint == "earnorm indexes apply TARGET URL --drop"
    await database.indexes.apply(drop=True)
    (fine,) = await examine_indexes(database)
    assert (fine.level, fine.message) == ("ok", "in step with the models")
    await store.aclose()


async def test_over_the_wire_the_server_is_told(mongodb_url: str) -> None:
    store = await open_store(mongodb_url)
    findings = await examine_store(store)
    assert of(findings, "connection") == [("ok", store.name, "answers")]
    assert ("ok", "MongoDB") in [(level, subject) for level, subject, _ in of(findings, "version")]
    assert not any(one.level == "error" for one in findings)
    await store.aclose()


async def test_a_server_that_is_gone_is_an_error_of_ours() -> None:
    with pytest.raises(StoreConnectionError):
        await open_store("mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=200")
