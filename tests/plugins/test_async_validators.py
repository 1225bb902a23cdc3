"""A validator that would have to be awaited never passes silently: neither a field's nor a model's."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    FieldDefinitionError,
    ModelDefinitionError,
    ModelRegistry,
    StringField,
)
from earnorm.fields.awaitables import refuse_awaitable


async def check(value: Any) -> None:
    raise ValueError("never seen")


async def stream(value: Any) -> AsyncGenerator[None, None]:
    yield


class Checker:
    async def __call__(self, value: Any) -> None: ...

    async def check(self, value: Any) -> None: ...


def hidden(value: Any) -> Awaitable[None]:
    return check(value)


ASYNC: list[Callable[[Any], object]] = [check, stream, partial(check), Checker(), Checker().check]


@pytest.mark.parametrize("validator", ASYNC)
def test_a_field_refuses_an_async_validator(validator: Callable[[Any], object]) -> None:
    with pytest.raises(
        FieldDefinitionError,
        match="which is 'async def'.*Write it as 'def', or declare a UniqueValidator",
    ):
        StringField(validators=[validator])


@pytest.mark.parametrize("validator", ASYNC)
def test_a_model_refuses_an_async_validator(validator: Callable[[Any], object]) -> None:
    home = ModelRegistry("a test")
    with pytest.raises(
        ModelDefinitionError,
        match="User: Meta.validators holds .* 'async def'.*Write it as 'def', or declare a Unique",
    ):

        class User(BaseModel, registry=home):
            class Meta:
                validators = [validator]

    assert home.get_all_models() == []


def test_an_awaitable_that_a_field_validator_returns_is_refused() -> None:
    class User(BaseModel, registry=ModelRegistry("a test")):
        name = StringField(validators=[hidden])

    with pytest.raises(TypeError, match="the validator hidden returned an awaitable.*Write it as"):
        User(name="Ann")


def test_what_else_a_validator_returns_does_not_matter() -> None:
    class User(BaseModel, registry=ModelRegistry("a test")):
        name = StringField(validators=[len, str.strip, list])

    assert User(name="Ann").name == "Ann"


def test_an_object_without_a_name_is_shown() -> None:
    class Lazy:
        def __repr__(self) -> str:
            return "Lazy()"

    with pytest.raises(TypeError, match=r"the validator Lazy\(\) returned an awaitable"):
        refuse_awaitable(check("x"), Lazy())
