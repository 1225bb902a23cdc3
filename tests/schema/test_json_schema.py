"""The plain JSON Schema of a model document: valid, closed, and equal in meaning to that of the model."""

from typing import Any

import pytest
from hypothesis import given, settings
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # has no types of its own

from earnorm import (
    EmbeddedField,
    EmbeddedModel,
    FloatField,
    IntegerField,
    ListField,
    ModelDocument,
    ModelDocumentError,
    ModelRegistry,
    StringField,
    TupleField,
    json_schema,
)
from earnorm.metadata import EXTENSION
from earnorm.schema import to_json_schema
from tests.model_registry.conftest import define
from tests.models.test_generated_codec import models

SAID_ONLY = ("$id", "title", "description")


class Address(EmbeddedModel):
    """Where somebody lives."""

    city = StringField()


def without_words(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema without what no validator reads."""
    parts = {name: without_words(part) for name, part in schema.get("$defs", {}).items()}
    rest = {name: part for name, part in schema.items() if name not in (*SAID_ONLY, "$defs")}
    return {**rest, "$defs": parts} if parts else rest


@settings(max_examples=100, deadline=None)
@given(model=models())
def test_it_says_what_the_schema_of_the_model_says(model: Any) -> None:
    schema = to_json_schema(model.__registry__.get_document(model))
    Draft202012Validator.check_schema(schema)
    assert without_words(schema) == without_words(json_schema(model))


def test_limits_that_a_double_does_not_hold_come_back(home: ModelRegistry) -> None:
    model = define(
        home,
        "shop.Thing",
        plain=IntegerField(),
        some=ListField(IntegerField(minimum=5, maximum=2**62), required=False),
        pair=TupleField(FloatField(maximum=2**60), IntegerField()),
        open=TupleField(IntegerField(), ...),
    )
    schema = to_json_schema(home.get_document(model))
    assert without_words(schema) == without_words(json_schema(model))
    assert schema["properties"]["plain"]["maximum"] == 2**63 - 1


def test_it_is_closed_unless_it_is_said_otherwise(home: ModelRegistry) -> None:
    model = define(home, "shop.User", house=EmbeddedField(Address))
    document = home.get_document(model)
    values = {"house": {"city": "Paris", "zip": "1"}, "odd": 1}
    assert not Draft202012Validator(to_json_schema(document)).is_valid(values)
    opened = to_json_schema(document, closed=False)
    assert Draft202012Validator(opened).is_valid(values)
    assert not Draft202012Validator(opened).is_valid({"house": {}})
    assert EXTENSION not in repr(opened)
    assert opened["$defs"]["Address"]["description"] == "Where somebody lives."


@pytest.mark.parametrize("content", [{}, {"properties": [], "$id": 1}, {"$defs": 1}])
def test_what_is_no_document_is_refused(content: dict[str, Any]) -> None:
    facts = {"key": "a.A", "format": 1}
    with pytest.raises(ModelDocumentError, match="cannot be read"):
        to_json_schema(ModelDocument.of({EXTENSION: facts, **content}))
