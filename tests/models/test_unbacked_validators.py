"""A `UniqueValidator` alone does not hold when two writers race; the class line says so."""

import warnings
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    IntegerField,
    ModelRegistry,
    StringField,
    UnbackedUniqueWarning,
    UniqueValidator,
)


def meta(**options: Any) -> type:
    return type("Meta", (), options)


def define(home: ModelRegistry, **options: Any) -> Any:
    fields = {"email": StringField(alias="mail"), "tenant": IntegerField(default=1)}
    return type("User", (BaseModel,), {**fields, "Meta": meta(**options)}, registry=home)


def test_the_warning_names_model_fields_and_the_index_to_write(home: ModelRegistry) -> None:
    with pytest.warns(UnbackedUniqueWarning) as caught:
        define(home, validators=[UniqueValidator("email", "tenant")])
    (warning,) = caught
    assert str(warning.message) == (
        "tests.models.test_unbacked_validators.User: UniqueValidator('email', 'tenant') has no unique index behind "
        "it, so two writers at the same time can both store the value. Add {'fields': [('email', 1), ('tenant', 1)], "
        "'unique': True} to Meta.indexes."
    )


def test_the_warning_points_at_the_class(home: ModelRegistry) -> None:
    with pytest.warns(UnbackedUniqueWarning) as caught:

        class User(BaseModel, registry=home):
            email = StringField()
            Meta = meta(validators=[UniqueValidator("email")])

    with open(__file__, encoding="utf-8") as source:
        line = source.read().splitlines()[caught[0].lineno - 1]
    assert caught[0].filename == __file__
    assert line.strip() == "class User(BaseModel, registry=home):"


@pytest.mark.parametrize(
    "index",
    [
        {"fields": ["email", "tenant"], "unique": True},
        {"fields": [("tenant", -1), "email"], "unique": True},
        {"fields": ["email"], "unique": True},
        {"fields": ["email", "tenant"], "unique": True, "partial": {"tenant": 1}},
    ],
)
def test_a_unique_index_over_the_fields_or_some_of_them_is_enough(
    home: ModelRegistry, index: dict[str, Any]
) -> None:
    define(home, validators=[UniqueValidator("email", "tenant")], indexes=[index])


@pytest.mark.parametrize(
    "index",
    [
        {"fields": ["email"]},
        {"fields": ["tenant"], "unique": True},
        {"fields": ["email", "tenant"], "unique": True},
    ],
)
def test_any_other_index_is_not(home: ModelRegistry, index: dict[str, Any]) -> None:
    with pytest.warns(UnbackedUniqueWarning):
        define(home, validators=[UniqueValidator("email")], indexes=[index])


def test_only_the_class_that_brings_the_validator_is_warned_of(home: ModelRegistry) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        class Base(BaseModel, registry=home):
            email = StringField()

            class Meta:
                abstract = True
                validators = [UniqueValidator("email")]

        class Backed(Base):
            class Meta:
                indexes = [{"fields": ["email"], "unique": True}]

    with pytest.warns(UnbackedUniqueWarning, match="Bare: UniqueValidator"):

        class Bare(Base):
            pass

    with warnings.catch_warnings():
        warnings.simplefilter("error")

        class Child(Bare):
            pass


def test_a_warning_that_is_an_error_registers_nothing(home: ModelRegistry) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UnbackedUniqueWarning):
            define(home, validators=[UniqueValidator("email")])
    assert home.get_all_models() == []
