"""References to documents that are not there are found, in batches."""

from collections import Counter
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    DanglingReference,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    ListField,
    ModelRegistry,
    NotConnectedError,
    NotFetchedError,
    ReferenceField,
    connect,
)


@pytest.fixture
def shop(home: ModelRegistry) -> dict[str, Any]:
    class User(BaseModel, registry=home):
        class Meta:
            plugins = ["softdelete"]

    class Part(EmbeddedModel, registry=home):
        who = ReferenceField(User, alias="w")

    class Order(BaseModel, registry=home):
        user = ReferenceField(User, alias="u", required=False)
        watchers = ListField(ReferenceField("User"))
        gifts = DictField(ListField(ReferenceField(User)))
        parts = ListField(EmbeddedField(Part))
        later = ReferenceField("Nobody", required=False)

        class Meta:
            plugins = ["softdelete"]

    return {"user": User, "order": Order}


async def findings(home: ModelRegistry, *models: Any) -> list[DanglingReference]:
    database: Any = home.database
    return [one async for one in database.check_references(*models)]


async def test_every_way_to_hold_a_reference_is_looked_into(
    home: ModelRegistry, counted: Any, shop: Any
) -> None:
    ada = await shop["user"].create()
    gone = [ObjectId() for _ in range(4)]
    whole = await shop["order"].create(user=ada, watchers=[ada], later=ObjectId())
    broken = await shop["order"].create(
        user=gone[0],
        watchers=[ada, gone[1], gone[1]],
        gifts={"a.b": [ada.id, gone[2]], "c": []},
        parts=[{"who": ada}, {"who": gone[3]}],
    )
    found = await findings(home)
    assert {one.document_id for one in found} == {broken.id} != {whole.id}
    assert [(one.field, one.missing) for one in found] == list(
        zip(["user", "watchers", "gifts", "parts.who"], gone, strict=True)
    )
    first = found[0]
    assert first.model.endswith("Order")
    assert first.target.endswith("User")
    assert str(first).endswith(
        f"{broken.id}: user refers to {first.target} {gone[0]}, which does not exist. Let it refer to "
        "another document, or take the reference out."
    )
    assert await findings(home, shop["user"]) == []


async def test_a_target_that_a_plugin_hides_exists_and_a_hidden_document_is_not_looked_at(
    home: ModelRegistry, counted: Any, shop: Any
) -> None:
    ada = await shop["user"].create()
    await shop["order"].create(user=ada)
    await ada.delete()
    assert await findings(home) == []
    hidden = await shop["order"].create(user=ObjectId())
    await hidden.delete()
    assert await findings(home) == []


async def test_it_reads_in_batches_and_looks_up_once_for_each(
    home: ModelRegistry, counted: Any, shop: Any
) -> None:
    users = await shop["user"].insert_many([shop["user"]() for _ in range(20)])
    orders = [shop["order"](user=users[n % 20]) for n in range(1_499)]
    await shop["order"].insert_many([*orders, shop["order"](user=ObjectId())])
    counted.forget()
    assert len(await findings(home)) == 1
    # Two batches are whole, and counted only; the third is looked at.
    assert Counter(name.rpartition(".")[2] for name in counted.finds) == {"order": 1, "user": 1}
    assert counted.largest <= 500


async def test_what_does_not_fit_the_model_is_left_to_other_checks(
    home: ModelRegistry, counted: Any, shop: Any
) -> None:
    made = await shop["order"].create()
    for wrong in ("x", 3, [1], {"a": 1}, None):
        await counted.update("order", {"_id": made.id}, {"$set": {"u": wrong, "parts": wrong}})
        assert await findings(home) == []


async def test_a_target_in_another_database_is_looked_for_there() -> None:
    geo, home = ModelRegistry("geo"), ModelRegistry("shop")

    class Country(BaseModel, registry=geo):
        pass

    class Address(BaseModel, registry=home):
        country = ReferenceField(Country)

    async with connect("sqlite://", registry=geo), connect("sqlite://", registry=home):
        await Address.create(country=await Country.create())
        lost = await Address.create(country=ObjectId())
        assert [one.document_id for one in await findings(home)] == [lost.id]


async def test_the_id_of_a_secret_reference_is_shown_nowhere(
    home: ModelRegistry, counted: Any
) -> None:
    class Patient(BaseModel, registry=home):
        pass

    class Case(BaseModel, registry=home):
        patient = ReferenceField(Patient, secret=True)
        others = ListField(ReferenceField(Patient), secret=True)

    lost = ObjectId()
    await Case.create(patient=lost, others=[lost])
    shown = [f"{one} {one!r}" for one in await findings(home)]
    assert len(shown) == 2
    (case,) = await Case.find().prefetch("patient")
    with pytest.raises(NotFetchedError, match="was not found") as caught:
        case.patient.loaded  # noqa: B018 # reading raises
    assert not any(
        str(lost) in text for text in (*shown, str(caught.value), repr(vars(caught.value)))
    )


async def test_each_document_is_held_against_the_references_of_its_own_class(
    home: ModelRegistry, counted: Any
) -> None:
    class Team(BaseModel, registry=home):
        pass

    class User(BaseModel, registry=home):
        pass

    class Task(BaseModel, registry=home):
        owner: Any = ReferenceField(Team)

    class Errand(Task):
        owner = ReferenceField(User)
        by_way_of = ReferenceField(Team, required=False)

    team, user = await Team.create(), await User.create()
    await Task.create(owner=team)
    await Errand.create(owner=user)
    assert await findings(home) == []
    wrong = await Errand.create(owner=team.id, by_way_of=user.id)
    found = [
        (one.document_id, one.field, one.target.rpartition(".")[2]) for one in await findings(home)
    ]
    assert found == [(wrong.id, "owner", "User"), (wrong.id, "by_way_of", "Team")]
    assert await findings(home, Errand) == await findings(home, Task) == await findings(home)


async def test_a_check_goes_on_where_a_target_has_no_database(
    home: ModelRegistry, counted: Any
) -> None:
    class User(BaseModel, registry=ModelRegistry("elsewhere")):
        pass

    class Order(BaseModel, registry=home):
        user = ReferenceField(User)
        after = ReferenceField("Order", required=False)

    await Order.create(user=ObjectId(), after=ObjectId())
    with pytest.raises(NotConnectedError, match="User"):
        await findings(home)
    database: Any = home.database
    found = {one.id: one for one in await database.check()}
    assert found["earnorm.D002"].field == "after"
    untold = found["earnorm.D005"]
    assert (untold.level, untold.field) == ("info", "user")
    assert "User, which has no database here" in untold.message
