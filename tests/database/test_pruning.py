"""Models that the stored history has and the program has not: marked first, taken out later, kept when needed."""

from datetime import timedelta
from pathlib import Path

import pytest

from earnorm import ModelRegistry, ReferenceField, StringField, connect
from earnorm.clock import frozen, now
from tests.model_registry.conftest import define


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
