"""MongoDB's schema of a model: what the model stores fits it, and other types do not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from bson import Decimal128, Int64, ObjectId, encode
from hypothesis import given, settings
from hypothesis import strategies as st

from earnorm import (
    DateField,
    DecimalField,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    ReferenceField,
    StringField,
    TimeDeltaField,
    ValidationError,
    connect,
)
from earnorm.schema import to_bson_schema
from earnorm.stores.documents.json_schema import compile_schema
from tests.model_registry.conftest import define, define_plain
from tests.models.test_generated_codec import arguments, models


class Address(EmbeddedModel, extra="forbid"):
    city = StringField(alias="c")


class Part(EmbeddedModel):
    size = IntegerField()


class Whole(Part, discriminator="all"):
    parts = ListField(EmbeddedUnionField(Part))


def fitting(home: ModelRegistry, field: Any) -> Any:
    """What tells whether a value fits the schema of a field."""
    document = home.get_document(define(home, "shop.Thing", value=field))
    return compile_schema(to_bson_schema(document)["properties"]["value"])


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_what_a_model_stores_fits_its_schema(data: st.DataObject) -> None:
    model = data.draw(models())
    schema = to_bson_schema(model.__registry__.get_document(model))
    encode(schema)
    test = compile_schema(schema)
    for _ in range(5):
        values = data.draw(arguments(model))
        values.pop("unknown", None)
        try:
            stored = model(**values).to_document()
        except ValidationError:
            continue
        assert test(stored), (schema, stored)


@pytest.mark.parametrize(
    ("field", "right", "wrong"),
    [
        (StringField(min_length=1, max_length=2), ["a", "ab"], ["", "abc", 1, None]),
        (StringField(pattern="a+"), ["a", "aa"], ["b", "ab"]),
        (StringField(pattern="[^a]+-?"), ["b-"], ["a"]),
        (StringField(pattern=r"\w+"), ["é"], [1]),
        (StringField(pattern="a{,2}"), ["aa"], [1]),
        (StringField(pattern="(?i:a)"), ["A"], [1]),
        (StringField(choices=["a", "b"], required=False), ["a", None], ["c"]),
        (IntegerField(minimum=1, maximum=2**62), [1, Int64(2)], [0, "1", 1.5, Int64(2**62 + 1)]),
        (FloatField(maximum=1), [0.5, 1], [1.5, "1", Decimal128("1")]),
        (DecimalField(minimum=Decimal("1.5")), [Decimal128("1.5")], [Decimal128("1"), 2]),
        (DateField(), [datetime(2026, 1, 1, tzinfo=UTC)], ["2026-01-01"]),
        (TimeDeltaField(maximum=timedelta(seconds=1)), [Int64(1000)], [Int64(1001), "1"]),
        (ReferenceField("User"), [ObjectId()], ["0" * 24, {}]),
        (ListField(IntegerField(), max_length=1), [[], [1]], [[1, 2], ["a"], 1]),
        (DictField(IntegerField()), [{}, {"a": 1}], [{"a": "b"}, []]),
        (EmbeddedField(Address), [{"c": "x"}], [{"city": "x"}, {"c": 1}, {"c": "x", "d": 1}, "x"]),
        (
            EmbeddedUnionField(Part),
            [{"_type": "Part", "size": 1}, {"_type": "all", "size": 1, "parts": []}],
            [{"size": 1}, {"_type": "all", "size": 1, "parts": 3}, {"_type": "Prt", "size": 1}],
        ),
    ],
)  # fmt: skip
def test_a_field_takes_what_it_stores(
    home: ModelRegistry, field: Any, right: list[Any], wrong: list[Any]
) -> None:
    fits = fitting(home, field)
    assert [value for value in right if not fits(value)] == []
    assert [value for value in wrong if fits(value)] == []


async def test_a_store_finds_the_documents_that_fit(home: ModelRegistry) -> None:
    model: Any = define(
        home, "shop.User", email=StringField(alias="mail"), age=IntegerField(default=1)
    )
    schema = to_bson_schema(home.get_document(model))
    assert schema["required"] == ["mail"]
    async with connect("sqlite://", registry=home) as database:
        right = await model(email="a").save()
        collection = model.__metadata__.collection
        await database.store.insert(collection, [{"_id": ObjectId(), "mail": 7}])
        batches = database.store.find(collection, {"$jsonSchema": schema})
        assert [one["_id"] async for batch in batches for one in batch] == [right.id]


def test_a_field_that_is_stored_as_the_kind_is_of_its_own_type(home: ModelRegistry) -> None:
    model = define(home, "shop.Thing", kind=IntegerField(alias="_type"))
    assert compile_schema(to_bson_schema(home.get_document(model)))({"_type": 3})


def test_what_children_and_plugins_store_fits_a_model_that_forbids_other_keys() -> None:
    home = ModelRegistry("a test")

    class Meta:
        extra = "forbid"
        revision = True
        plugins = ["timestamp"]

    parent: Any = define_plain(home, "shop.Animal", name=StringField(), Meta=Meta)
    child: Any = type(
        "Dog", (parent,), {"__module__": "shop", "__qualname__": "Dog", "breed": StringField()}
    )
    test = compile_schema(to_bson_schema(home.get_document(parent)))
    own = {"_id": ObjectId(), "name": "x", "created_at": datetime.now(UTC), "_revision": 1}
    assert test(own)
    assert not test({**own, "odd": 1})
    assert not test({**own, "created_at": "today"})
    assert test({**own, "_type": "Dog", "breed": "z"})
    below = compile_schema(to_bson_schema(home.get_document(child)))
    assert below({**own, "_type": "Dog", "breed": "z"})
    assert below({**own, "_type": "Puppy", "breed": "z", "age": 1})
    assert not below({**own, "_type": "Dog", "breed": "z", "age": 1})
    assert not below(own)
