"""Models that the stored history has and the program has not: marked first, taken out later, kept when needed."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    Database,
    ModelRegistry,
    ReferenceField,
    StringField,
    TransactionError,
    connect,
)
from earnorm.clock import frozen, now
from earnorm.database.stored_history import StoredHistory
from tests.model_registry.conftest import define, define_plain


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/a.db"


def registry(*names: str) -> ModelRegistry:
    home = ModelRegistry("a test")
    for name in names:
        define(home, f"shop.{name}", name=StringField(required=False))
    return home


async def record(url: str, *names: str) -> None:
    async with connect(url, registry=registry(*names), history="record"):
        pass


async def test_it_is_retired_first_and_removed_when_the_time_is_over(url: str) -> None:
    await record(url, "User", "Order")
    async with connect(url, registry=registry("User"), history="off") as database:
        (plan,) = await database.prune_registry()
        assert (plan.key, plan.decision, plan.retired) == ("shop.Order", "retire", None)
        assert len((await database.registry_history()).entries) == 2

        await database.prune_registry(apply=True)
        (waiting,) = await database.prune_registry(apply=True)
        assert waiting.decision == "wait"
        assert "may be taken back until" in waiting.why

        with frozen(now() + timedelta(days=31)):
            (gone,) = await database.prune_registry(apply=True)
        assert gone.decision == "remove"
        assert await database.prune_registry() == []
        history = await database.registry_history()
    operations = [one.operation for one in history.history("shop.Order")]
    assert operations == ["registered", "retired", "unregistered"]
    assert len(history.versions("shop.Order")) == 1


async def test_a_program_that_has_it_takes_the_mark_away(url: str) -> None:
    await record(url, "User", "Order")
    async with connect(url, registry=registry("User"), history="off") as database:
        await database.prune_registry(apply=True)
    await record(url, "User", "Order")
    async with connect(url, registry=registry("User"), history="off") as database:
        (plan,) = await database.prune_registry()
        assert plan.decision == "retire"
        entries = (await database.registry_history()).history("shop.Order")
    assert [one.operation for one in entries] == ["registered", "retired", "registered"]


async def test_what_models_refer_to_is_kept(url: str) -> None:
    await record(url, "User")
    home = ModelRegistry("a test")
    define(home, "shop.Order", user=ReferenceField("User"))
    async with connect(url, registry=home, history="off") as database:
        (plan,) = await database.prune_registry(apply=True)
        assert (plan.decision, plan.dependents) == ("keep", ("shop.Order",))
        assert len((await database.registry_history()).entries) == 1


def tree(home: ModelRegistry) -> dict[str, type[BaseModel]]:
    """Three models, of which each inherits the one before."""
    animal = define(home, "shop.Animal")
    found = {"Animal": animal}
    for name, base in (("Dog", "Animal"), ("Puppy", "Dog")):
        namespace = {"__module__": "shop", "__qualname__": name}
        found[name] = type(name, (found[base],), namespace)
    return found


async def test_what_a_model_needs_that_stays_is_kept_too(url: str) -> None:
    home = registry("User", "Unneeded")
    puppy = tree(home)["Puppy"]
    order = define(home, "shop.Order", user=ReferenceField("User", required=False))
    async with connect(url, registry=home, history="record") as database:
        await puppy().save()
        await order().save()
        usage = {one.key: one.documents for one in await database.usage()}
        assert (usage["shop.Animal"], usage["shop.Dog"], usage["shop.Puppy"]) == (1, 1, 1)
    async with connect(url, registry=registry("Else"), history="off") as database:
        await database.prune_registry(apply=True)
        with frozen(now() + timedelta(days=31)):
            found = {one.key: one for one in await database.prune_registry(apply=True)}
        snapshot = (await database.registry_history()).snapshot()
    assert found.pop("shop.Unneeded").decision == "remove"
    assert {one.decision for one in found.values()} == {"keep"}
    assert found["shop.Dog"].dependents == ("shop.Puppy",)
    assert found["shop.User"].dependents == ("shop.Order",)
    assert len(ModelRegistry.from_snapshot(snapshot).get_all_models()) == 5


async def test_what_need_each_other_go_together(url: str) -> None:
    home = registry()
    define(home, "shop.Hen", egg=ReferenceField("Egg", required=False))
    define(home, "shop.Egg", hen=ReferenceField("Hen", required=False))
    tree(home)
    async with connect(url, registry=home, history="record"):
        pass
    async with connect(url, registry=registry("Else"), history="off") as database:
        assert {one.decision for one in await database.prune_registry(apply=True)} == {"retire"}
        with frozen(now() + timedelta(days=31)):
            assert {one.decision for one in await database.prune_registry(apply=True)} == {"remove"}
        assert not (await database.registry_history()).snapshot().documents


async def test_a_collection_that_another_model_has_now_is_said(url: str) -> None:
    home = registry()
    define_plain(home, "shop.Log", Meta=type("Meta", (), {"collection": "shared"}))
    async with connect(url, registry=home, history="record"):
        await home.get_model("Log")().save()
    later = ModelRegistry("a test")
    define_plain(later, "shop.Audit", Meta=type("Meta", (), {"collection": "shared"}))
    async with connect(url, registry=later, history="off") as database:
        (plan,) = await database.prune_registry()
    assert (plan.decision, plan.documents) == ("retire", 0)
    assert plan.why == "nothing refers to it, and its collection is that of shop.Audit"


async def test_who_records_meanwhile_is_no_fault(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await record(url, "User", "Order")
    append = StoredHistory.append

    async def slow(stored: StoredHistory, entries: Any) -> bool:
        monkeypatch.setattr(StoredHistory, "append", append)
        await Database(stored.store, registry("Item")).record_registry()
        return await append(stored, entries)

    monkeypatch.setattr(StoredHistory, "append", slow)
    async with connect(url, registry=registry("User"), history="off") as database:
        found = await database.prune_registry(apply=True)
        history = await database.registry_history()
    assert [one.key for one in found] == ["shop.Item", "shop.Order"]
    assert [one.operation for one in history.history()][2:] == ["registered", "retired", "retired"]


async def test_it_is_not_done_inside_a_transaction(url: str) -> None:
    await record(url, "User", "Order")
    async with (
        connect(url, registry=registry("User"), history="off") as database,
        database.transaction(),
    ):
        with pytest.raises(
            TransactionError, match=r"prune_registry\(apply=True\) before the block"
        ):
            await database.prune_registry(apply=True)


async def test_what_has_documents_is_kept(url: str) -> None:
    home = registry("User")
    async with connect(url, registry=home, history="record"):
        await home.get_model("User")(name="Ada").save()
    async with connect(url, registry=registry("Order"), history="off") as database:
        (plan,) = await database.prune_registry(apply=True)
    assert (plan.decision, plan.documents) == ("keep", 1)


async def test_usage_tells_documents_dependents_and_when_it_was_used(url: str) -> None:
    home = registry("User", "Lonely")
    define(home, "shop.Order", user=ReferenceField("User", required=False))
    async with connect(url, registry=home) as database:
        assert not any(one.last_used for one in await database.usage())
        await home.get_model("Order")().save()
        lonely, order, user = await database.usage()
    assert (lonely.key, lonely.is_used) == ("shop.Lonely", False)
    assert (order.documents, order.dependents) == (1, ())
    assert order.last_used is not None
    assert (user.documents, user.dependents, user.last_used) == (0, ("shop.Order",), None)
