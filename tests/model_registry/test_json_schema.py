"""A model made of a JSON Schema takes what the schema allows, or the schema is refused by its paths."""

from datetime import date
from typing import Any

import pytest

from earnorm import (
    BooleanField,
    BytesField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    FloatField,
    IntegerField,
    JsonField,
    ListField,
    LiteralField,
    ModelDefinitionError,
    ModelRegistry,
    ModelSchemaError,
    ObjectIdField,
    SetField,
    StringField,
    TimeDeltaField,
    TupleField,
    URLField,
    UUIDField,
    ValidationError,
    from_json,
    json_schema,
    to_json,
)
from tests.model_registry.conftest import define


def made(home: ModelRegistry, properties: dict[str, Any], **rest: Any) -> Any:
    schema = {"type": "object", "properties": properties, "required": list(properties), **rest}
    return home.create_model("Made", schema=schema)


def test_what_json_schema_says_of_a_model_makes_a_model_that_it_says_the_same_of(
    home: ModelRegistry,
) -> None:
    class Address(EmbeddedModel, registry=home, extra="forbid"):
        street = StringField(min_length=1)
        lines = ListField(StringField(), max_length=3)

    fields: dict[str, Any] = {
        "name": StringField(min_length=1, max_length=80, pattern="[A-Z].*"),
        "email": EmailField(required=False),
        "age": IntegerField(minimum=0, maximum=150),
        "large": IntegerField(default=3),
        "size": FloatField(minimum=0.5, maximum=2.5),
        "free": FloatField(),
        "is_open": BooleanField(default=False),
        "born": DateField(),
        "seen": DateTimeField(required=False),
        "took": TimeDeltaField(),
        "price": DecimalField(),
        "token": UUIDField(),
        "owner": ObjectIdField(),
        "data": BytesField(),
        "kind": LiteralField("a", "b"),
        "anything": JsonField(),
        "address": EmbeddedField(Address),
        "addresses": ListField(EmbeddedField(Address)),
        "scores": DictField(IntegerField()),
        "loose": DictField(),
        "tags": SetField(StringField()),
        "pair": TupleField(IntegerField(), StringField()),
        "password": StringField(secret=True),
    }
    schema = json_schema(define(home, "shop.Made", **fields))
    assert json_schema(home.create_model("Made", module="other", schema=schema)) == schema


def test_it_takes_and_refuses_what_the_schema_does(home: ModelRegistry) -> None:
    model = home.create_model(
        "Invoice",
        schema={
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "Invoice",
            "description": "What a customer owes.",
            "type": "object",
            "properties": {
                "number": {"type": "integer", "exclusiveMinimum": 0},
                "due": {"type": "string", "format": "date"},
                "code": {"type": "string", "pattern": "^[A-Z]{2}-\\d+$"},
                "hint": {"type": "string", "pattern": "x"},
                "note": {"type": ["string", "null"]},
                "customer": {"$ref": "#/$defs/customer"},
                "ship_to": {"anyOf": [{"$ref": "#/$defs/address"}, {"type": "null"}]},
            },
            "required": ["number", "due", "customer", "code", "hint"],
            "$defs": {
                "address": {"type": "object", "properties": {"city": {"type": "string"}}},
                "customer": {
                    "type": "object",
                    "properties": {
                        "name": {"type": "string"},
                        "address": {"$ref": "#/$defs/address"},
                    },
                    "required": ["name"],
                    "additionalProperties": False,
                },
            },
        },
    )
    good = {
        "number": 1,
        "due": "2026-01-02",
        "code": "AB-12",
        "hint": "axb",
        "customer": {"name": "Ada", "address": {"city": "Rome"}},
    }
    invoice = from_json(model, good)
    assert invoice.due == date(2026, 1, 2)
    assert invoice.customer.address.city == "Rome"
    assert (invoice.note, invoice.ship_to) == (None, None)
    assert to_json(invoice)["customer"]["name"] == "Ada"
    assert model.__doc__ == "What a customer owes."
    wrong = {**good, "number": 0, "code": "AB-1x", "hint": "y", "customer": {"nam": "x"}}
    with pytest.raises(ValidationError) as caught:
        from_json(model, wrong)
    paths = {fault.path for fault in caught.value.errors}
    assert paths >= {"number", "code", "hint", "customer.name", "customer.nam"}


def test_a_name_that_python_or_a_model_has_no_room_for_is_stored_as_it_is(
    home: ModelRegistry,
) -> None:
    names = ["first-name", "class", "save", "2nd", "_x", "first_name"]
    model = made(home, {name: {"type": "string"} for name in names})
    fields = home.get_metadata(model).fields
    assert {name: field.stored_name for name, field in fields.items() if name != "id"} == {
        "first_name_": "first-name",
        "class_": "class",
        "save_": "save",
        "field_2nd": "2nd",
        "x": "_x",
        "first_name": "first_name",
    }


def test_a_closed_schema_makes_a_model_that_refuses_other_keys(home: ModelRegistry) -> None:
    closed = made(home, {"name": {"type": "string"}}, additionalProperties=False)
    assert home.get_metadata(closed).options["extra"] == "forbid"


def test_fields_are_added_to_those_of_a_schema_and_never_replace_them(home: ModelRegistry) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    model = home.create_model("Both", schema=schema, fields={"age": IntegerField()})
    assert list(home.get_metadata(model).fields) == ["id", "name", "age"]
    with pytest.raises(ModelDefinitionError, match="'name' is given twice"):
        home.create_model("Twice", schema=schema, fields={"name": StringField()})


@pytest.mark.parametrize(
    ("part", "path", "message"),
    [
        ({"type": "string", "format": "ipv4"}, "/properties/x/format", "cannot be expressed"),
        ({"type": "integer", "multipleOf": 5}, "/properties/x/multipleOf", "cannot be expressed"),
        ({"type": "string", "minLength": 2, "maxLength": 1}, "/properties/x", "makes no field"),
        ({"type": "string", "pattern": "("}, "/properties/x", "makes no field"),
        ({"type": "array", "contains": {}}, "/properties/x/contains", "cannot be expressed"),
        ({"type": "array", "items": {"type": "null"}}, "/properties/x/items", "the type 'null'"),
        ({"type": ["string", "integer"]}, "/properties/x", "has the type"),
        (
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            "/properties/x",
            "has the type None",
        ),
        ({"not": {}}, "/properties/x", "has the type None"),
        ({"minimum": 3}, "/properties/x", "has the type None"),
        ({"enum": [1.5]}, "/properties/x", "not all strings"),
        ({"enum": [{"a": 1}]}, "/properties/x", "not all strings"),
        (False, "/properties/x", "no schema that allows anything"),
        ({"$ref": "#/$defs/nobody"}, "/properties/x/$ref", "which is not there"),
        ({"$ref": "https://example.org/x"}, "/properties/x/$ref", "no part of this schema"),
        ({"$ref": "#/properties/x"}, "/properties/x", "refers to itself"),
        ({"type": "integer", "default": "x"}, "/properties/x/default", "does not fit"),
        ({"type": "object", "minProperties": 1}, "/properties/x/minProperties", "cannot be"),
        (
            {"type": "object", "properties": {}, "patternProperties": {}},
            "/properties/x/patternProperties",
            "cannot be",
        ),
        (
            {"type": "object", "properties": {"y": {"type": "string", "format": "z"}}},
            "/properties/x/properties/y/format",
            "cannot be",
        ),
    ],
)
def test_what_no_field_can_express_is_refused_by_its_path(
    home: ModelRegistry, part: Any, path: str, message: str
) -> None:
    with pytest.raises(
        ModelSchemaError, match="no model can be what this JSON Schema says"
    ) as caught:
        made(home, {"x": part})
    (fault,) = caught.value.faults
    assert fault.path == path
    assert message in fault.message
    assert home.get_all_models() == []


def test_all_that_is_wrong_is_told_at_once(home: ModelRegistry) -> None:
    with pytest.raises(ModelSchemaError) as caught:
        home.create_model(
            "Wrong",
            schema={
                "type": "object",
                "properties": {
                    "a": {"type": "string", "format": "ipv4"},
                    "b": {"type": "array", "items": {"type": "string", "format": "time"}},
                },
                "required": ["c"],
                "dependentRequired": {"a": ["b"]},
            },
        )
    assert [fault.path for fault in caught.value.faults] == [
        "/dependentRequired",
        "/required",
        "/properties/a/format",
        "/properties/b/items/format",
    ]


@pytest.mark.parametrize(
    "schema", [{}, {"type": "string"}, {"$ref": "#"}, True, {"type": "object"}]
)
def test_a_schema_of_anything_but_an_object_is_no_model(home: ModelRegistry, schema: Any) -> None:
    with pytest.raises(ModelSchemaError):
        home.create_model("Nothing", schema=schema)


def test_an_object_that_holds_itself_is_refused(home: ModelRegistry) -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}}}
    with pytest.raises(ModelSchemaError, match="holds itself"):
        made(home, {"first": {"$ref": "#/$defs/node"}}, **{"$defs": {"node": node}})


def test_one_definition_is_one_embedded_model(home: ModelRegistry) -> None:
    part = {"type": "object", "properties": {"city": {"type": "string"}}}
    model = made(
        home,
        {
            "home": {"$ref": "#/$defs/place"},
            "work": {"$ref": "#/$defs/place"},
            "url": {"type": "string", "format": "uri"},
        },
        **{"$defs": {"place": part}},
    )
    fields: Any = home.get_metadata(model).fields
    assert fields["home"].model is fields["work"].model
    assert fields["home"].model.__name__ == "Place"
    assert isinstance(fields["url"], URLField)
