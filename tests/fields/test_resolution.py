"""Paths of field names, and what they are in the stored document."""

import pytest

from earnorm import (
    BaseModel,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
)
from earnorm.fields import resolve_path


class Country(EmbeddedModel):
    code = StringField(alias="c")


class Address(EmbeddedModel):
    country = EmbeddedField(Country, alias="n")


class User(BaseModel, registry=ModelRegistry("paths")):
    name = StringField(alias="first")
    addresses = ListField(EmbeddedField(Address), alias="a")
    scores = DictField(IntegerField(), alias="s")
    grid = ListField(ListField(IntegerField()), alias="g")
    free = DictField(alias="f")


@pytest.mark.parametrize(
    ("path", "stored", "field_type"),
    [
        ("id", "_id", "ObjectIdField"),
        ("_id", "_id", "ObjectIdField"),
        ("name", "first", "StringField"),
        ("first", "first", "StringField"),
        ("addresses", "a", "ListField"),
        ("addresses.country", "a.n", "EmbeddedField"),
        ("addresses.country.code", "a.n.c", "StringField"),
        ("addresses.0.country.code", "a.0.n.c", "StringField"),
        ("a.0.n.c", "a.0.n.c", "StringField"),
        ("scores.math", "s.math", "IntegerField"),
        ("grid.0.1", "g.0.1", "IntegerField"),
        ("free.country.code", "f.country.code", "none"),
        ("nobody", "nobody", "none"),
        ("nobody.name", "nobody.name", "none"),
        ("name.code", "first.code", "none"),
        ("addresses.nobody.code", "a.nobody.code", "none"),
        ("", "", "none"),
        (".", ".", "none"),
        ("name.", "name.", "none"),
        (".name", ".name", "none"),
    ],
)
def test_a_path_leads_to_a_stored_path_and_its_field(
    path: str, stored: str, field_type: str
) -> None:
    found, field = resolve_path(User.__metadata__.fields, path)
    assert (found, type(field).__name__ if field is not None else "none") == (stored, field_type)
