"""The model document: what it says, and that it says it in one way."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest

from earnorm import (
    AnyField,
    BaseModel,
    DateTimeField,
    DecimalField,
    EmbeddedField,
    EmbeddedModel,
    EnumField,
    Field,
    FloatField,
    IntegerField,
    ListField,
    ModelDocument,
    ModelDocumentError,
    ModelRegistry,
    ReferenceField,
    StringField,
    TimeDeltaField,
    UniqueValidator,
    validates,
)
from earnorm.metadata import EXTENSION
from tests.model_registry.conftest import define


class Colour(Enum):
    RED = "red"


class Address(EmbeddedModel):
    """Where somebody lives."""

    city = StringField()


def short(value: str) -> None:
    """Refuses a long text."""


def facts(home: ModelRegistry, model: Any) -> dict[str, Any]:
    found: dict[str, Any] = home.get_document(model).content[EXTENSION]
    return found


def arguments(home: ModelRegistry, field: Any) -> Any:
    model = define(home, "shop.Thing", value=field)
    return facts(home, model)["fields"]["value"].get("arguments", {})


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (IntegerField(), {}),
        (IntegerField(maximum=2**60), {"maximum": {"$numberLong": str(2**60)}}),
        (FloatField(default=float("inf")), {"default": {"$numberDouble": "Infinity"}}),
        (DecimalField(minimum=Decimal("1.50")), {"minimum": {"$numberDecimal": "1.50"}}),
        (TimeDeltaField(minimum=timedelta(days=1)), {"minimum": {"$seconds": 86400}}),
        (
            DateTimeField(minimum=datetime(2000, 1, 1, tzinfo=UTC)),
            {"minimum": {"$date": "2000-01-01T00:00:00+00:00"}},
        ),
        (StringField(pattern="a+", required=False), {"pattern": "a+", "required": False}),
        (StringField(validators=[short]), {"validators": [{"$import": f"{__name__}:short"}]}),
        (
            StringField(validators=[lambda value: None]),
            {"validators": [{"$opaque": f"{__name__}:<lambda>"}]},
        ),
        (EnumField(Colour, default=Colour.RED), {
            "enum": {"$import": f"{__name__}:Colour"},
            "default": {"$import": f"{__name__}:Colour.RED"},
        }),
        (ReferenceField("User", on_delete="cascade"), {"to": "User", "on_delete": "cascade"}),
        (EmbeddedField(Address), {"model": {"$ref": "#/$defs/Address"}}),
        (
            ListField(StringField(max_length=3), max_length=2),
            {
                "items": {
                    "type": "StringField", "kind": "StringField", "arguments": {"max_length": 3},
                },
                "max_length": 2,
                "default_factory": {"$import": "builtins:list"},
            },
        ),
        (StringField(secret=True, default="hush"), {"secret": True, "default": {"$secret": True}}),
        (AnyField(default={"$odd": 1}), {"default": {"$map": [["$odd", 1]]}}),
    ],
)  # fmt: skip
def test_the_arguments_of_a_field_are_in_it(home: ModelRegistry, field: Any, expected: Any) -> None:
    assert arguments(home, field) == expected


def test_it_is_a_json_schema_of_what_the_constructor_takes(home: ModelRegistry) -> None:
    model = define(
        home,
        "shop.User",
        __doc__="A person.",
        name=StringField(max_length=9),
        house=EmbeddedField(Address, required=False),
    )
    content = home.get_document(model).content
    assert content["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (content["title"], content["description"]) == ("User", "A person.")
    assert content["properties"]["name"] == {"type": "string", "maxLength": 9}
    assert content["required"] == ["name"]
    assert content["$defs"]["Address"]["description"] == "Where somebody lives."


def test_it_says_what_json_schema_has_no_words_for(home: ModelRegistry) -> None:
    class Meta:
        indexes = [{"fields": [("email", -1)], "unique": True, "partial": {"age": {"$gt": 3}}}]
        validators = [UniqueValidator("email")]

    @validates("age")
    def grown(self: Any) -> None:
        pass

    model = define(
        home,
        "shop.User",
        email=StringField(alias="mail"),
        age=IntegerField(),
        boss=ReferenceField("User", required=False, on_delete="nullify"),
        grown=grown,
        Meta=Meta,
    )
    found = facts(home, model)
    assert found["collection"] == "shop.User"
    assert found["order"] == ["id", "email", "age", "boss"]
    assert found["fields"]["email"]["stored_name"] == "mail"
    assert found["indexes"] == [
        {"name": "mail_-1", "fields": [["mail", -1]], "unique": True, "partial": {"age": {"$map": [["$gt", 3]]}}}
    ]  # fmt: skip
    assert found["validators"] == [{"unique": ["email"]}]
    assert found["methods"]["grown"]["fields"] == ["age"]
    assert found["relationships"] == [
        {"field": "boss", "target": "User", "many": False, "required": False, "on_delete": "nullify"}
    ]  # fmt: skip


def test_a_child_names_its_parent(home: ModelRegistry) -> None:
    animal = define(home, "shop.Animal")
    dog = type(
        "Dog", (animal,), {"__module__": "shop", "__qualname__": "Dog", "breed": StringField()}
    )
    assert facts(home, dog)["inheritance"] == {
        "parent": "shop.Animal",
        "root": "shop.Animal",
        "discriminator": "Dog",
    }


def test_equal_models_have_equal_fingerprints_in_two_registries() -> None:
    one, other = (
        home.get_document(define(home, "shop.User", name=StringField()))
        for home in (ModelRegistry(), ModelRegistry())
    )
    assert one == other
    assert one.fingerprint == other.fingerprint
    assert len({one, other}) == 1


@pytest.mark.parametrize("change", [{"max_length": 3}, {"required": False}, {"alias": "n"}])
def test_each_difference_gives_another_fingerprint(change: dict[str, Any]) -> None:
    plain = define(ModelRegistry(), "shop.User", name=StringField())
    other = define(ModelRegistry(), "shop.User", name=StringField(**change))
    assert ModelRegistry().register(plain) is plain
    documents = {model.__registry__.get_document(model).fingerprint for model in (plain, other)}
    assert len(documents) == 2


def test_it_comes_back_from_its_content(home: ModelRegistry) -> None:
    document = home.get_document(define(home, "shop.User"))
    assert ModelDocument.of(document.content) == document
    assert document.key == "shop.User"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({}, "is no model document"),
        ({EXTENSION: {"key": "shop.User", "format": 9}}, "has the format 9"),
        ({EXTENSION: {"key": "shop.User", "format": 1, "odd": float("nan")}}, "is not JSON"),
    ],
)
def test_what_is_no_document_is_refused(content: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelDocumentError, match=message):
        ModelDocument.of(content)


class Money(Field[Any]):
    """A field type whose constructor takes what it does not keep."""

    def __init__(self, currency: str, **options: Any) -> None:
        super().__init__(**options)
        self.unit = currency.lower()

    def arguments(self) -> dict[str, Any]:
        return {**super().arguments(), "currency": self.unit.upper()}


def test_a_field_type_of_ones_own_says_what_it_was_made_with(home: ModelRegistry) -> None:
    model = define(home, "shop.Thing", price=Money("EUR", required=False))
    assert facts(home, model)["fields"]["price"] == {
        "type": f"{__name__}:Money",
        "kind": "Field",
        "arguments": {"currency": "EUR", "required": False},
    }


class Broken(Field[Any]):
    def arguments(self) -> dict[str, Any]:
        raise RuntimeError("no idea")


def test_a_field_that_cannot_say_it_is_named_and_stops_nothing_else(home: ModelRegistry) -> None:
    model = define(home, "shop.Thing", price=Broken())
    with pytest.raises(ModelDocumentError, match=r"shop\.Thing.*no idea") as raised:
        home.get_document(model)
    assert raised.value.model == "shop.Thing"
    home.unregister(model)


def test_a_local_class_has_a_document(home: ModelRegistry) -> None:
    class Local(BaseModel, registry=home):
        name = StringField()

    assert home.get_document(Local).key.endswith("<locals>.Local")
    assert home.history() == []
