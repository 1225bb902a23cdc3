"""What is secret is in no entry, wherever it stands; what stands beside it is."""

from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    Database,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    ListField,
    ModelRegistry,
    StringField,
    TupleField,
    connect,
)
from earnorm_audit import history, restore_version


@pytest.fixture
def home() -> ModelRegistry:
    return ModelRegistry("of secrets")


class Card(EmbeddedModel):
    bank = StringField()
    number = StringField(secret=True)


def card(number: str = "4711") -> Card:
    return Card(bank="Bank", number=number)


async def log_of(database: Database) -> str:
    return repr([one async for batch in database.store.find("audit", {}) for one in batch])


async def paths(target: Any) -> list[list[str]]:
    return [
        [change.path for change in entry.changes if not change.path.endswith("_at")]
        for entry in await history(target)
    ]


@pytest.mark.parametrize(
    "key", ["plain", "a.b", "$set", "$a.b", "1", "1.2", "bank", "x.bank", "\\."]
)
async def test_a_secret_is_hidden_under_whatever_key_it_stands(
    home: ModelRegistry, key: str
) -> None:
    class Wallet(BaseModel, registry=home):
        cards: Any = DictField(EmbeddedField(Card))
        deeper: Any = DictField(DictField(EmbeddedField(Card)))
        pins: Any = DictField(StringField(secret=True))

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home) as database:
        wallet = await Wallet.create(cards={key: card()}, deeper={key: {key: card()}}, pins={})
        wallet.pins[key] = "4711"
        wallet.cards["other"] = card()
        wallet.deeper["other"] = {key: card()}
        await wallet.save()
        wallet.cards[key].number = wallet.cards["other"].number = wallet.pins[key] = "4711-b"
        wallet.deeper["other"][key] = wallet.deeper[key]["new"] = card("4711-b")
        await wallet.save()
        await wallet.delete()
        assert len(await history(wallet)) == 4
        assert "4711" not in await log_of(database)


async def test_a_secret_in_a_list_hides_the_list(home: ModelRegistry) -> None:
    class Wallet(BaseModel, registry=home):
        cards = ListField(EmbeddedField(Card))
        pair: Any = TupleField(StringField(), EmbeddedField(Card), required=False)

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home) as database:
        wallet = await Wallet.create(cards=[card()], pair=("a", card()))
        wallet.cards.append(card("4711-b"))
        wallet.pair = ("b", card("4711-b"))
        await wallet.save()
        assert (await paths(wallet))[1] == ["cards", "pair"]
        assert "4711" not in await log_of(database)


async def test_of_a_class_that_is_not_imported_only_what_its_base_declares_is_shown(
    home: ModelRegistry,
) -> None:
    class Animal(BaseModel, registry=home):
        name = StringField()

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home) as database:
        wolf = {"_id": ObjectId(), "_type": "Wolf", "name": "Akela", "chip": "4711"}
        await database.store.insert("animal", [wolf])
        await Animal.find().update({"$set": {"name": "Lupa"}})
        await Animal.find().delete()
        entries = await history(Animal)
        assert [entry.kind for entry in entries] == ["Wolf", "Wolf"]
        told = {change.path: change.before for change in entries[1].changes}
        assert (told["name"], told["chip"], told["_type"]) == ("Lupa", "***", "Wolf")
        assert "4711" not in await log_of(database)


async def test_a_field_of_the_author_may_be_stored_where_others_have_the_class(
    home: ModelRegistry,
) -> None:
    class Event(BaseModel, registry=home):
        sort = StringField(alias="_type")
        text = StringField()

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home):
        event = await Event.create(sort="start", text="a")
        (entry,) = await history(event)
        assert entry.kind is None
        assert {"_type": "start", "text": "a"}.items() <= {
            change.path: change.after for change in entry.changes
        }.items()


async def test_a_holder_of_secrets_that_came_does_not_go_halfway_when_a_version_comes_back(
    home: ModelRegistry,
) -> None:
    class Person(BaseModel, registry=home):
        name = StringField()
        card = EmbeddedField(Card, required=False)

        class Meta:
            plugins = ["audit"]

    async with connect("sqlite://", registry=home) as database:
        # as before the model had the field
        await database.store.insert("person", [{"_id": ObjectId(), "name": "Ada"}])
        ada = (await Person.find())[0]
        ada.name, ada.card = "Ada L.", card()
        await ada.save()
        ada.card.bank = "Other"
        await ada.save()
        assert await paths(ada) == [["name", "card"], ["card.bank"]]

        await restore_version(ada, 1)
        assert ada.card == card()
        await restore_version(ada, (await history(ada))[0])
        assert (ada.name, ada.card) == ("Ada L.", card())
