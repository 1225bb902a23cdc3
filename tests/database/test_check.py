"""What `database.check()` finds in documents and indexes, in bounded memory."""

from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    CheckProgress,
    Finding,
    IntegerField,
    ModelRegistry,
    ReferenceField,
    StringField,
    connect,
)


@pytest.fixture
def shop(home: ModelRegistry) -> dict[str, Any]:
    class User(BaseModel, registry=home):
        name = StringField()

        class Meta:
            collection = "users"
            plugins = ["softdelete"]
            indexes = [{"fields": ["name"]}]

    class Admin(User):
        level = IntegerField()

    class Order(BaseModel, registry=home):
        user = ReferenceField(User)

        class Meta:
            collection = "orders"
            indexes = [{"fields": ["user"]}]

    return {"user": User, "admin": Admin, "order": Order}


def of(findings: list[Finding], id: str) -> list[Finding]:
    return [one for one in findings if one.id == f"earnorm.{id}"]


async def test_sound_data_gives_no_finding(home: ModelRegistry, shop: Any) -> None:
    async with connect("sqlite:///:memory:", registry=home) as database:
        ada = await shop["admin"].create(name="Ada", level=1)
        gone = await shop["user"].create(name="Bob")
        await shop["order"].create(user=ada)
        await shop["order"].create(user=gone)
        await gone.delete()
        assert await database.check() == []


async def test_documents_that_would_not_decode_are_counted_and_some_are_named(
    home: ModelRegistry, shop: Any
) -> None:
    async with connect("sqlite:///:memory:", registry=home) as database:
        await shop["user"].create(name="Ada")
        broken: list[dict[str, Any]] = [{"_id": ObjectId(), "name": 5} for _ in range(1500)]
        broken.append({"_id": ObjectId(), "_type": "Admin", "name": "Eve", "level": "high"})
        await database.store.insert("users", broken)
        await database.store.insert("orders", [{"_id": ObjectId(), "user": "nobody"}])
        admins, orders, users = sorted(
            of(await database.check(), "D001"), key=lambda one: one.subject
        )
        keys = {name: model.__metadata__.key for name, model in shop.items()}
        assert (admins.model, admins.field) == (keys["admin"], "level")
        assert "1 of 1502 documents" in admins.message
        assert (users.model, users.field) == (keys["user"], "name")
        assert "1500 of 1502 documents" in users.message
        assert str(broken[0]["_id"]) in users.message
        assert str(broken[9]["_id"]) not in users.message
        assert (orders.model, orders.field) == (keys["order"], "user")
        assert "1 of 1 documents" in orders.message
        assert users.hint == orders.hint
        assert "Mend the documents" in (users.hint or "")


async def test_a_document_of_no_known_kind_is_told_of_the_model_that_has_the_collection(
    home: ModelRegistry, shop: Any
) -> None:
    async with connect("sqlite:///:memory:", registry=home) as database:
        await database.store.insert("users", [{"_id": ObjectId(), "_type": "Guest", "name": "Eve"}])
        (finding,) = of(await database.check(), "D001")
        assert (finding.model, finding.field) == (shop["user"].__metadata__.key, None)
        assert "Guest" in finding.message


async def test_a_field_is_told_by_its_name_and_not_by_that_under_which_it_is_stored(
    home: ModelRegistry,
) -> None:
    class Note(BaseModel, registry=home):
        text = StringField(alias="t")

        class Meta:
            collection = "notes"

    async with connect("sqlite:///:memory:", registry=home) as database:
        await database.store.insert("notes", [{"_id": ObjectId(), "t": 5}])
        (finding,) = of(await database.check(), "D001")
        assert (finding.model, finding.field) == (Note.__metadata__.key, "text")


async def test_a_document_that_one_model_of_a_shared_collection_reads_is_sound(
    home: ModelRegistry,
) -> None:
    for name, kind in (("A", StringField), ("B", IntegerField)):
        meta = type("Meta", (), {"collection": "shared"})
        type(name, (BaseModel,), {"value": kind(), "Meta": meta}, registry=home)
    async with connect("sqlite:///:memory:", registry=home) as database:
        await database.store.insert("shared", [{"_id": ObjectId(), "value": v} for v in ("x", 5)])
        assert of(await database.check(), "D001") == []
        await database.store.insert("shared", [{"_id": ObjectId(), "value": []}])
        assert "1 of 3" in of(await database.check(), "D001")[0].message


async def test_references_to_nothing_are_counted_by_field(home: ModelRegistry, shop: Any) -> None:
    async with connect("sqlite:///:memory:", registry=home) as database:
        held = [await shop["order"].create(user=ObjectId()) for _ in range(7)]
        (finding,) = of(await database.check(), "D002")
        assert (finding.model, finding.field) == (shop["order"].__metadata__.key, "user")
        assert "7 references" in finding.message
        assert str(held[0].id) in finding.message
        assert str(held[6].id) not in finding.message
        assert "on_delete" in (finding.hint or "")


async def test_indexes_out_of_step_are_told_with_the_command(
    home: ModelRegistry, shop: Any
) -> None:
    async with connect("sqlite:///:memory:", registry=home, indexes="off") as database:
        found = of(await database.check(), "D003")
        assert [one.subject for one in found] == ["orders.user_1", "users.name_1"]
        keys = [shop[name].__metadata__.key for name in ("order", "user")]
        assert [(one.model, one.field) for one in found] == list(
            zip(keys, ("user", "name"), strict=True)
        )
        assert {one.hint for one in found} == {"Run earnorm indexes apply."}
        assert [one.level for one in found] == ["error", "error"]


async def test_what_is_silenced_is_left_out(home: ModelRegistry, shop: Any) -> None:
    async with connect("sqlite:///:memory:", registry=home, indexes="off") as database:
        await shop["order"].create(user=ObjectId())
        found = await database.check(silenced=["earnorm.D003"])
        assert [one.id for one in found] == ["earnorm.D002"]
        home.silenced_checks = frozenset({"earnorm.D002"})
        assert await database.check(silenced=["earnorm.D003"]) == []


async def test_checking_a_model_is_no_use_of_it(home: ModelRegistry, shop: Any) -> None:
    async with connect("sqlite:///:memory:", registry=home) as database:
        await database.check()
        assert not any(one.last_used for one in await database.usage())
        await shop["user"].create(name="Ada")
        user = next(one for one in await database.usage() if one.last_used)
        await database.check()
        assert user in await database.usage()


async def test_progress_is_told_batch_by_batch(home: ModelRegistry, shop: Any) -> None:
    told: list[CheckProgress] = []
    async with connect("sqlite:///:memory:", registry=home) as database:
        await shop["user"].insert_many([shop["user"](name=str(n)) for n in range(2500)])
        await database.check(progress=told.append)
    steps = [one for one in told if one.collection == "users"]
    assert len(steps) > 1
    assert [one.done for one in steps] == sorted(one.done or 0 for one in steps)
    assert {one.documents for one in steps} == {2500}
    assert (steps[-1].done, told[-1].state) == (2500, "references")
