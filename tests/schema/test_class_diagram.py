"""A class diagram shows a model with its parts, and hostile names are text in it."""

import re
from typing import Any

import pytest
from hypothesis import given, settings

from earnorm import (
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    IntegerField,
    ListField,
    ModelDocument,
    ModelDocumentError,
    ModelRegistry,
    ReferenceField,
    StringField,
)
from earnorm.metadata import EXTENSION
from earnorm.schema import to_class_diagram
from tests.model_registry.conftest import define
from tests.models.test_generated_codec import models


class Part(EmbeddedModel):
    size = IntegerField(required=False)


class Whole(Part):
    parts = ListField(EmbeddedUnionField(Part))


def test_it_shows_the_model_and_its_parts(home: ModelRegistry) -> None:
    model = define(
        home,
        "shop.Order",
        name=StringField(),
        parts=ListField(EmbeddedField(Whole), required=False),
        customer=ReferenceField("Customer"),
    )
    assert to_class_diagram(home.get_document(model)).splitlines() == [
        "classDiagram",
        '  class m0["Order"] {',
        "    ObjectId? id",
        "    String name",
        "    Whole[]? parts",
        "    Customer customer",
        "  }",
        '  class m1["Part"] {',
        "    Integer? size",
        "  }",
        '  class m2["Whole"] {',
        "    Integer? size",
        "    EmbeddedUnion[] parts",
        "  }",
        '  class x0["Customer"]',
        "  m0 *-- m2 : parts",
        "  m1 <|-- m2",
        "  m2 *-- m1 : parts",
        "  m0 --> x0 : customer",
    ]


def test_a_child_points_at_its_parent(home: ModelRegistry) -> None:
    animal = define(home, "shop.Animal")
    dog = type("Dog", (animal,), {"__module__": "shop", "__qualname__": "Dog"})
    lines = to_class_diagram(home.get_document(dog)).splitlines()
    assert lines[-2:] == ['  class x0["shop.Animal"]', "  x0 <|-- m0"]


LINE = re.compile(
    r'classDiagram|  class [mx]\d+\["([\w .]|#\d+;)+"\]( \{)?|    [\w.]+[\[\]?]* [\w.]+|  \}'
    r"|  [mx]\d+ (\*--|-->|<\|--) [mx]\d+( : [\w.]+)?"
)


@settings(max_examples=50, deadline=None)
@given(model=models())
def test_each_line_is_one_of_mermaids(model: Any) -> None:
    lines = to_class_diagram(model.__registry__.get_document(model)).splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []


@pytest.mark.parametrize(
    "name", ['"]\nclick m0 call alert()', "%%{init: 1}%%", "<script>", "}", "", "ё" * 500]
)
def test_a_hostile_name_is_text(home: ModelRegistry, name: str) -> None:
    content = home.get_document(define(home, "shop.User", name=StringField())).content
    facts = content[EXTENSION]
    facts["name"] = facts["key"] = name
    facts["fields"][name] = {**facts["fields"]["name"], "type": name}
    facts["relationships"] = [{"field": name, "target": name}]
    facts["inheritance"] = {"parent": name}
    lines = to_class_diagram(ModelDocument.of(content)).splitlines()
    assert [line for line in lines if not LINE.fullmatch(line)] == []


def test_what_is_no_document_is_refused() -> None:
    with pytest.raises(ModelDocumentError, match="cannot be read"):
        to_class_diagram(ModelDocument.of({EXTENSION: {"key": "a.A", "format": 1}}))
