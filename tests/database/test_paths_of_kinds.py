"""Paths and updates of the less common kinds of fields, and of secrets."""

from decimal import Decimal
from typing import Any

import pytest

from earnorm import (
    AnyField,
    BaseModel,
    DecimalField,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    FilterError,
    FloatField,
    IntegerField,
    JsonField,
    ListField,
    ModelRegistry,
    Reference,
    ReferenceField,
    SetField,
    StringField,
    TupleField,
    UpdateError,
    ValidationError,
    connect,
)

PASSWORD = "correct horse battery"


class Circle(EmbeddedModel):
    radius = FloatField(alias="r")


class Square(EmbeddedModel):
    side = FloatField()


class Vault(EmbeddedModel):
    code = StringField(secret=True, alias="c")
    place = StringField(default="")


def define(home: ModelRegistry) -> Any:
    class Thing(BaseModel, registry=home):
        name = StringField(default="")
        price = DecimalField(default=Decimal("1.50"))
        exact = DecimalField(default=Decimal(1), max_digits=3)
        labels = SetField(StringField())
        pair = TupleField(IntegerField(), StringField(), default=(1, "a"))
        numbers = TupleField(IntegerField(), ..., default=())
        free = AnyField(required=False)
        json = JsonField(required=False)
        shape = EmbeddedUnionField(Circle, Square, required=False)
        shapes = ListField(EmbeddedUnionField(Circle, Square))
        by_number = DictField(IntegerField(), keys=IntegerField())
        password = StringField(secret=True, default=PASSWORD)
        vault = EmbeddedField(Vault, required=False)
        tokens = ListField(StringField(), secret=True)
        hidden = DictField(secret=True)
        other = ReferenceField("Thing", required=False)

    return Thing


async def with_one(home: ModelRegistry) -> tuple[Any, Any]:
    thing = define(home)
    one = await thing.create(
        name="one",
        labels={"b", "a"},
        numbers=(1, 2),
        free={"a": [1, {"b": 2}]},
        json={"x": [1, 2]},
        shape=Circle(radius=2),
        shapes=[Circle(radius=1), Square(side=9)],
        by_number={7: 70},
        vault={"code": PASSWORD},
        tokens=[PASSWORD],
        hidden={"k": PASSWORD},
    )
    return thing, one


async def test_paths_of_every_kind_find_what_is_there(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home):
        thing, one = await with_one(home)
        for condition in (
            thing.price > Decimal("1.4"),
            thing.labels.contains("a") & thing.labels.contains_all(["a", "b"]),
            thing.labels.each == "b",
            thing.pair.at(1) == "a",
            thing.pair.contains("a"),
            thing.numbers.at(0) == 1,
            thing.numbers.each > 1,
            thing.numbers.has_length(2),
            thing.free["a"].contains(1),
            thing.free["a"].at(1)["b"] == 2,
            thing.json["x"].at(1) == 2,
            thing.shape.radius == 2,
            thing.shape["_type"] == "Circle",
            thing.shapes.any(Square.side > 8),
            thing.shapes.each.radius < 2,
            thing.by_number[7] == 70,
            thing.by_number["7"] == 70,
            thing.vault.code == PASSWORD,
            thing.tokens.contains(PASSWORD),
            thing.tokens.any(thing.tokens.each.startswith("correct")),
            thing.hidden["k"] == PASSWORD,
        ):
            assert await thing.find(condition) == [one], condition
            assert await thing.find(~condition) == []


@pytest.mark.parametrize(
    ("build", "name", "expected"),
    [
        (lambda t: t.price.inc(Decimal("0.25")), "price", Decimal("1.75")),
        (lambda t: t.price.mul(2), "price", Decimal("3.00")),
        (lambda t: t.numbers.push(3), "numbers", (1, 2, 3)),
        (lambda t: t.numbers.pull(1), "numbers", (2,)),
        (lambda t: t.labels.pull("a"), "labels", {"b"}),
        (lambda t: t.free["a"].at(1)["b"].inc(3), "free", {"a": [1, {"b": 5}]}),
        (lambda t: t.json["x"].push("y"), "json", {"x": [1, 2, "y"]}),
        (lambda t: t.shape.set(Square(side=1)), "shape", Square(side=1)),
        (lambda t: t.shapes.push(Circle(radius=5)), "shapes", [Circle(radius=1), Square(side=9), Circle(radius=5)]),
        (lambda t: t.shapes.pull(Square.side > 8), "shapes", [Circle(radius=1)]),
        (lambda t: t.by_number[8].set(80), "by_number", {7: 70, 8: 80}),
        (lambda t: t.password.set("new"), "password", "new"),
        (lambda t: t.tokens.push("new"), "tokens", [PASSWORD, "new"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("each", [False, True], ids=["at once", "each"])
async def test_updates_of_every_kind(
    home: ModelRegistry, build: Any, name: str, expected: Any, each: bool
) -> None:
    async with connect("sqlite://", registry=home):
        thing, one = await with_one(home)
        assert await thing.find().update(build(thing), each=each) == 1
        assert getattr(await one.reload(), name) == expected


async def test_what_keeps_an_order_or_limits_of_its_own_is_left_to_each(
    home: ModelRegistry,
) -> None:
    async with connect("sqlite://", registry=home) as database:
        thing, one = await with_one(home)
        with pytest.raises(UpdateError, match="kept in an order of its own.*each=True"):
            await thing.find().update(thing.labels.add_to_set("0"))
        assert await thing.find().update(thing.labels.add_to_set("0"), each=True) == 1
        async for documents in database.store.find("thing", {}):
            assert documents[0]["labels"] == ["0", "a", "b"]
        with pytest.raises(UpdateError, match="has limits.*each=True"):
            await thing.find().update(thing.exact.inc(1))
        with pytest.raises(ValidationError, match="at most 3 digits"):
            await thing.find().update(thing.exact.inc(Decimal("0.001")), each=True)
        with pytest.raises(TypeError, match="is no list but a tuple of 2"):
            thing.pair.push(3)
        with pytest.raises(UpdateError, match=r"\$push changes lists, and 'pair' is a tuple of 2"):
            await thing.find().update({"$push": {"pair": 3}})
        with pytest.raises(ValidationError, match="must be a string"):
            thing.pair.at(1).set(3)
        with pytest.raises(FilterError, match="none of them"):
            thing.pair.at(2)
        with pytest.raises(ValidationError, match="must be an integer"):
            thing.by_number[1.5]
        assert (await one.reload()).pair == (1, "a")


def secret_places(thing: Any) -> list[Any]:
    return [
        thing.password,
        thing.vault.code,
        thing.hidden["k"],
        thing.tokens.at(0),
        thing.tokens.each,  # the last one, since no update goes through it
    ]


def test_what_a_secret_is_compared_with_or_set_to_is_not_shown(home: ModelRegistry) -> None:
    thing = define(home)
    for place in secret_places(thing):
        for made in (
            place == PASSWORD,
            ~(place != PASSWORD),
            place.in_([PASSWORD]),
            place.startswith(PASSWORD),
            place.matches(PASSWORD),
        ):
            assert PASSWORD not in repr(made)
            assert "***" in repr(made)
    for place in secret_places(thing)[:-1]:
        for update in (place.set(PASSWORD), place.max(PASSWORD)):
            assert PASSWORD not in repr(update)
            assert "***" in repr(update)
    for made in (
        thing.tokens.push(PASSWORD),
        thing.tokens.pull(PASSWORD),
        thing.tokens.contains_all([PASSWORD]),
        thing.tokens.any(thing.tokens.each == PASSWORD),
        thing.vault.set(Vault(code=PASSWORD)),
        thing.find(thing.tokens.any(thing.tokens.each == PASSWORD)),
    ):
        assert PASSWORD not in repr(made)


async def test_no_error_of_a_path_or_an_update_tells_a_secret(home: ModelRegistry) -> None:
    wrong: Any = {"$ne": PASSWORD}
    async with connect("sqlite://", registry=home):
        thing, _ = await with_one(home)
        attempts: list[Any] = [
            *(lambda p=place: p == object() for place in secret_places(thing)),
            lambda: thing.password == wrong,
            lambda: thing.password.set(wrong),
            lambda: thing.password.in_(PASSWORD),
            lambda: thing.password.matches(f"({PASSWORD}"),
            lambda: thing.vault.code.set(wrong),
            lambda: thing.vault.set({"code": wrong}),
            lambda: thing.tokens.push(wrong),
            lambda: thing.tokens.pull(wrong),
            lambda: thing.tokens.any(wrong),
            lambda: thing.find().update({"$push": {"tokens": {"$each": PASSWORD}}}),
            lambda: thing.find().update({"$pullAll": {"tokens": PASSWORD}}),
            lambda: thing.find().update({"$inc": {"password": PASSWORD}}),
            lambda: thing.find().update({"$currentDate": {"name": PASSWORD}}),
            lambda: thing.find().update(thing.name.set("x"), {"$set": PASSWORD}),
            lambda: thing.find().update(thing.name.set("x"), PASSWORD),
            lambda: thing.find().update({"$pop": {"tokens": PASSWORD}}),
            lambda: thing.find({"tokens": {"$elemMatch": PASSWORD}}).to_list(),
            lambda: thing.find({"$nor": [PASSWORD]}).to_list(),
            lambda: thing.find().sort("password").page(2),
            lambda: thing.find().sort(thing.vault.code).page(2),
        ]
        for number, attempt in enumerate(attempts):
            with pytest.raises((ValueError, TypeError)) as caught:
                await made(attempt)
            shown = f"{caught.value!r} {caught.value} {caught.value.__cause__!r}"
            assert PASSWORD not in shown, (number, shown)


async def made(attempt: Any) -> None:
    result = attempt()
    if hasattr(result, "__await__"):
        await result


async def test_a_page_comes_with_the_references_that_are_asked_for(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home):
        thing, one = await with_one(home)
        for number in range(3):
            await thing.create(name=f"{number}", other=one)
        query = thing.find(thing.name != "one").sort("name").prefetch("other")
        page = await query.page(2)
        assert [item.other.loaded for item in page.items] == [one, one]
        assert [item.other.loaded for item in await query] == [one] * 3
        trusted = await thing.find(thing.name == "0", trusted=True).prefetch(thing.other)
        assert trusted[0].other.loaded == one
        projected = await thing.find(thing.name == "0").project("other").first()
        assert isinstance(projected["other"], Reference)
        for wrong in (
            lambda: query.project("name"),
            query.as_documents,
            lambda: thing.find().project("other").prefetch("other"),
        ):
            with pytest.raises(FilterError, match="leave out prefetch"):
                wrong()
