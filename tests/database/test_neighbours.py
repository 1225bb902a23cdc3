"""Registries that one process has connected to one store: what their models want of one collection, and cannot both have."""

from pathlib import Path
from typing import Any

import pytest

from earnorm import BaseModel, Field, Finding, IntegerField, ModelRegistry, StringField, connect


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'both.db'}"


def registries() -> tuple[ModelRegistry, ModelRegistry]:
    return ModelRegistry("the shop"), ModelRegistry("the CRM")


def define(
    home: ModelRegistry, key: str, *, of: type[BaseModel] | None = None, **fields: Field[Any]
) -> type[BaseModel]:
    module, _, name = key.rpartition(".")
    options = {} if of else {"Meta": type("Meta", (), {"collection": "people"})}
    namespace = {"__module__": module, "__qualname__": name, **options, **fields}
    made: type[BaseModel] = type(name, (of or BaseModel,), namespace, registry=home)
    return made


async def found(
    url: str, shop: ModelRegistry, crm: ModelRegistry, other: str = ""
) -> list[Finding]:
    async with (
        connect(url, registry=shop) as database,
        connect(other or url, registry=crm),
    ):
        return await database.check(silenced=["earnorm.D004"])


async def test_two_shapes_of_one_collection_are_told_with_both_registries(url: str) -> None:
    shop, crm = registries()
    define(shop, "shop.Person", age=IntegerField(), name=StringField())
    define(crm, "crm.Contact", age=StringField(), name=StringField())
    clash, shared = await found(url, shop, crm)

    assert (clash.id, clash.model, clash.field) == ("earnorm.C001", "shop.Person", "age")
    assert "people.age (the shop)" in clash.message
    assert "crm.Contact.age (the CRM)" in clash.message
    assert (shared.id, shared.model) == ("earnorm.C002", "shop.Person")
    assert (
        "(the shop) and crm.Contact (the CRM) both want the documents of 'people'" in shared.message
    )


async def test_one_discriminator_for_two_classes_is_told(url: str) -> None:
    shop, crm = registries()
    for home, package in ((shop, "shop"), (crm, "crm")):
        root = define(home, f"{package}.Person")
        define(home, f"{package}.Member", of=root)
    roots, members = sorted(await found(url, shop, crm), key=lambda one: -len(one.model or ""))

    assert {roots.id, members.id} == {"earnorm.C002"}
    told = {one.model: one.message for one in (roots, members)}
    assert "crm.Member (the CRM)" in told["shop.Member"]
    assert "the discriminator 'Member'" in told["shop.Member"]


async def test_a_model_that_two_registries_have_alike_is_no_conflict(url: str) -> None:
    shop, crm = registries()
    for home in (shop, crm):
        define(home, "shop.Person", age=IntegerField())
    assert await found(url, shop, crm) == []


async def test_one_key_with_two_shapes_is_a_conflict(url: str) -> None:
    shop, crm = registries()
    define(shop, "shop.Person", age=IntegerField())
    define(crm, "shop.Person", age=StringField())
    (clash,) = await found(url, shop, crm)
    assert "shop.Person.age (the CRM)" in clash.message


async def test_other_stores_and_closed_databases_are_none_of_its_business(url: str) -> None:
    shop, crm = registries()
    define(shop, "shop.Person", age=IntegerField())
    define(crm, "crm.Contact", age=StringField())
    assert await found(url, shop, crm, f"{url}.other") == []
    assert await found("sqlite://", shop, crm) == []
    async with connect(url, registry=crm):
        pass
    async with connect(url, registry=shop) as database:
        assert await database.check() == []
