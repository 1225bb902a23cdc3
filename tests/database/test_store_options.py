"""How a query tells its store to run it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    FilterError,
    IntegerField,
    ModelRegistry,
    OperationTimeoutError,
    StringField,
    UnsupportedError,
    connect,
)


def define(home: ModelRegistry, **meta: Any) -> Any:
    fields = {"title": StringField(), "year": IntegerField(), "Meta": type("Meta", (), meta)}
    return type("Book", (BaseModel,), fields, registry=home)


async def shelf(home: ModelRegistry, **meta: Any) -> Any:
    book = define(home, **meta)
    await connect("sqlite://", registry=home)
    await book.insert_many([book(title="Momo", year=1973), book(title="Solaris", year=1961)])
    return book


@pytest.fixture
async def book(home: ModelRegistry) -> AsyncIterator[Any]:
    yield await shelf(home)
    await home.database.aclose()  # type: ignore[union-attr]  # a Database


@pytest.mark.needs("collation")
async def test_options_are_those_of_the_query_over_those_of_the_model(home: ModelRegistry) -> None:
    options = {"collation": {"locale": "en", "strength": 2}, "max_time": 60}
    book = await shelf(home, store_options=options)
    assert await book.find({"title": "MOMO"}).count() == 1
    exactly = book.find({"title": "MOMO"}).options(collation={"locale": "simple"})
    assert await exactly.count() == 0
    await home.database.aclose()  # type: ignore[union-attr]  # a Database


@pytest.mark.needs("unknown_hint_is_refused")
async def test_an_unknown_hint_is_told(book: Any) -> None:
    with pytest.raises(FilterError, match="hint"):
        await book.find({"year": 1961}).options(hint="by_nothing")


async def test_what_the_store_does_not_support_it_refuses(book: Any) -> None:
    with pytest.raises(UnsupportedError, match="locale"):
        await book.find({"title": "x"}).options(collation={"locale": "sv"})
    with pytest.raises(UnsupportedError, match=r"\$densify"):
        await book.find().aggregate([{"$densify": {"field": "year"}}])


@pytest.mark.needs("max_time_is_kept")
async def test_an_operation_that_takes_too_long_is_told(book: Any) -> None:
    await book.insert_many([book(title=str(n), year=n) for n in range(3000)])
    with pytest.raises(OperationTimeoutError):
        await book.find({"title": {"$regex": "(x|xx)+y"}}).options(max_time=1e-9)
