"""The methods of a field that make conditions and orders."""

from typing import Any

import pytest

from earnorm import (
    BaseModel,
    FilterError,
    IntegerField,
    ListField,
    ModelRegistry,
    ReferenceField,
    StringField,
    ValidationError,
    connect,
)

home = ModelRegistry("methods")


class User(BaseModel, registry=home):
    name = StringField(alias="n")
    age = IntegerField(required=False)
    tags = ListField(StringField())
    friends = ListField(ReferenceField("User"))


async def fill() -> dict[str, User]:
    ada = await User(name="Ada", age=36, tags=["math", "a.b"]).save()
    bob = await User(name="Bob (b.)", tags=["art"], friends=[ada]).save()
    eve = await User(name="Eve", age=61, tags=["math"], friends=[ada, bob]).save()
    return {"Ada": ada, "Bob": bob, "Eve": eve}


CASES: list[tuple[str, Any, list[str]]] = [
    ("in", lambda: User.name.in_(["Ada", "Eve", "Nobody"]), ["Ada", "Eve"]),
    ("in nothing", lambda: User.name.in_([]), []),
    ("in with None", lambda: User.age.in_([36, None]), ["Ada", "Bob (b.)"]),
    ("not in", lambda: User.name.not_in(["Ada"]), ["Bob (b.)", "Eve"]),
    ("exists", lambda: User.age.exists(), ["Ada", "Bob (b.)", "Eve"]),
    ("does not exist", lambda: User.age.exists(present=False), []),
    ("contains", lambda: User.tags.contains("math"), ["Ada", "Eve"]),
    ("startswith", lambda: User.name.startswith("Bob (b."), ["Bob (b.)"]),
    ("startswith is no pattern", lambda: User.name.startswith("."), []),
    ("startswith minds the case", lambda: User.name.startswith("ada"), []),
    ("startswith in a list", lambda: User.tags.startswith("a."), ["Ada"]),
    ("matches somewhere", lambda: User.name.matches("v"), ["Eve"]),
    ("matches any case", lambda: User.name.matches("^ADA$", ignore_case=True), ["Ada"]),
    ("joined", lambda: User.tags.contains("math") & User.age.in_([61]), ["Eve"]),
]


@pytest.mark.parametrize(
    ("build", "expected"), [row[1:] for row in CASES], ids=[row[0] for row in CASES]
)
async def test_a_condition_finds_what_fits(build: Any, expected: list[str]) -> None:
    async with connect("sqlite://", registry=home):
        await fill()
        assert [user.name for user in await User.find(build()).sort("name")] == expected


async def test_a_list_of_references_contains_an_instance() -> None:
    async with connect("sqlite://", registry=home):
        users = await fill()
        found = await User.find(User.friends.contains(users["Ada"])).sort(User.name.desc())
        assert [user.name for user in found] == ["Eve", "Bob (b.)"]
        assert [user.name for user in await User.find().sort(User.age.asc(), User.name.asc())] == [
            "Bob (b.)",
            "Ada",
            "Eve",
        ]


untyped: Any = User  # the wrong uses below are what type checkers are for


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: untyped.age.in_([1, "x"]), ValidationError, "must be an integer"),
        (lambda: untyped.age.in_([{"$gt": 0}]), ValidationError, "must be an integer"),
        (lambda: untyped.tags.contains(3), ValidationError, "must be a string"),
        (lambda: untyped.name.contains("a"), TypeError, "is no list"),
        (lambda: untyped.age.startswith("3"), ValidationError, "must be an integer"),
        (lambda: untyped.name.matches("("), FilterError, "is not a regular expression"),
        (lambda: untyped.name.matches(3), ValidationError, "must be a string"),
    ],
)
def test_a_condition_that_could_never_hold_is_an_error(
    build: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        build()
