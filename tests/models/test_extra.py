"""`Meta.extra`: what becomes of stored keys that no field declares."""

from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    DocumentError,
    EmbeddedField,
    EmbeddedModel,
    ModelDefinitionError,
    ModelRegistry,
    StringField,
    ValidationError,
    connect,
)


class Closed(EmbeddedModel, extra="forbid"):
    city = StringField()


class Careless(EmbeddedModel, extra="ignore"):
    city = StringField()


def define(home: ModelRegistry, extra: str, **fields: Any) -> Any:
    meta = type("Meta", (), {"extra": extra})
    return type(
        "Thing", (BaseModel,), {"name": StringField(), "Meta": meta, **fields}, registry=home
    )


async def test_ignored_keys_are_not_seen_and_survive_every_kind_of_write(
    home: ModelRegistry,
) -> None:
    model = define(home, "ignore")
    async with connect("sqlite://", registry=home) as database:
        document = {"_id": ObjectId(), "name": "a", "old": [1], "a.b": 2}
        await database.store.insert("thing", [document])
        thing = await model.get(document["_id"])
        assert not hasattr(thing, "old")
        thing.name = "b"
        await thing.save()
        await model.find().update({"$set": {"name": "c"}})
        await model.find().update({"$set": {"name": "d"}}, each=True)
        (stored,) = [d async for batch in database.store.find("thing", {}) for d in batch]
        assert stored == {**document, "name": "d"}


def test_forbidden_keys_are_all_told_with_near_names(home: ModelRegistry) -> None:
    model = define(home, "forbid", place=EmbeddedField(Closed))
    good = {"_id": ObjectId(), "name": "a", "place": {"city": "Rome"}}
    assert model.from_document(good).place.city == "Rome"
    bad = {**good, "nam": 1, "place": {"city": "Rome", "ctiy": 2}}
    with pytest.raises(DocumentError) as caught:
        model.from_document(bad)
    assert [fault.path for fault in caught.value.errors] == ["place.ctiy", "nam"]
    assert {fault.code for fault in caught.value.errors} == {"unknown"}
    assert "Did you mean 'name'?" in str(caught.value)


def test_an_embedded_model_can_pass_over_keys(home: ModelRegistry) -> None:
    model = define(home, "keep", place=EmbeddedField(Careless))
    thing = model.from_document({"_id": ObjectId(), "name": "a", "place": {"city": "x", "z": 1}})
    assert thing.place.to_document() == {"city": "x"}


@pytest.mark.parametrize("extra", ["keep", "ignore", "forbid"])
def test_the_constructor_never_takes_unknown_names(home: ModelRegistry, extra: str) -> None:
    with pytest.raises(ValidationError, match="nme: is no field of Thing. Did you mean 'name'"):
        define(home, extra)(nme="a")


@pytest.mark.parametrize("extra", ["ignore", "forbid"])
async def test_a_hook_sets_no_extra_that_would_not_be_loaded(
    home: ModelRegistry, extra: str
) -> None:
    @home.plugin("marks")
    class Marks:
        def before_save(self, instance: Any) -> None:
            instance.mark = 1

    meta = type("Meta", (), {"extra": extra, "plugins": ["marks"]})
    model: Any = type("Marked", (BaseModel,), {"Meta": meta}, registry=home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(AttributeError, match="has no field 'mark'"):
            await model.create()


def test_a_misspelt_policy_is_an_error_at_the_class_line(home: ModelRegistry) -> None:
    with pytest.raises(
        ModelDefinitionError, match="Meta.extra must be 'keep', 'ignore' or 'forbid'"
    ):
        define(home, "drop")
    with pytest.raises(ModelDefinitionError, match="extra='drop', which is none of"):
        type("Wrong", (EmbeddedModel,), {}, extra="drop")
