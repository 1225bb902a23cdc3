"""How large a registry is, and what is larger than somebody wants."""

from earnorm import (
    EmbeddedField,
    EmbeddedModel,
    ModelRegistry,
    SizeLimits,
    StringField,
)
from tests.model_registry.conftest import define


class Address(EmbeddedModel):
    city = StringField()
    street = StringField()


def test_it_counts_model_by_model_the_largest_first(home: ModelRegistry) -> None:
    define(home, "shop.Small")
    define(home, "shop.Large", name=StringField(), address=EmbeddedField(Address))
    size = home.size()
    large, small = size.models
    assert (large.key, large.fields, large.versions) == ("shop.Large", 5, 1)
    assert (small.key, small.fields) == ("shop.Small", 1)
    assert large.bytes == len(home.get_document("Large").text)
    assert small.build_seconds > 0
    assert (size.fields, size.versions, size.bytes) == (6, 2, large.bytes + small.bytes)


def test_each_limit_that_is_passed_is_a_finding(home: ModelRegistry) -> None:
    define(home, "shop.Small")
    define(home, "shop.Large", name=StringField(), address=EmbeddedField(Address))
    size = home.size()
    found = size.exceeding(SizeLimits(models=1, fields=4))
    assert [(one.id, one.model) for one in found] == [("S001", None), ("S002", "shop.Large")]
    assert found[1].message == "has 5 fields, and 4 are allowed"
    assert all(one.hint for one in found)
    assert size.exceeding(SizeLimits(models=2, fields=5)) == []
