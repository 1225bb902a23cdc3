"""Query updates by expressions and by mappings, as far as the fields of the model have a say."""

from datetime import UTC, datetime
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DateTimeField,
    DictField,
    DocumentError,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    ReferenceField,
    StringField,
    TupleField,
    UnsupportedError,
    UpdateError,
    ValidationError,
    connect,
)
from earnorm.testing import frozen

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


class Line(EmbeddedModel):
    sku = StringField(alias="s")
    quantity = IntegerField()
    note = StringField(default="")


class Address(EmbeddedModel):
    city = StringField(alias="c")


def ascending(values: list[int]) -> None:
    if values != sorted(values):
        raise ValueError("must ascend")


class Cash(EmbeddedModel):
    currency = StringField(alias="cur")


class Cheque(EmbeddedModel):
    currency = StringField(alias="cur")
    number = IntegerField(alias="no", default=0)


class Route(EmbeddedModel):
    start = EmbeddedField(Line)
    speed = IntegerField(default=1)


def define(home: ModelRegistry) -> Any:
    class User(BaseModel, registry=home):
        name = StringField(alias="n", default="")
        age = IntegerField(required=False)
        score = IntegerField(default=0, maximum=9)
        height = FloatField(default=1.0)
        seen = DateTimeField(required=False)
        tags = ListField(StringField(max_length=5))
        few = ListField(IntegerField(), max_length=3, min_length=0)
        rising = ListField(IntegerField(), validators=[ascending])
        lines = ListField(EmbeddedField(Line))
        address = EmbeddedField(Address, required=False, alias="to")
        friends = ListField(ReferenceField("User"))
        free = ListField(DictField())
        counts = DictField(IntegerField())
        data = DictField()
        line = EmbeddedField(Line, required=False)
        kept = EmbeddedField(Line, default_factory=lambda: Line(**S))
        route = EmbeddedField(Route, required=False)
        by_key = DictField(EmbeddedField(Line))
        paid = EmbeddedUnionField(Cash, Cheque, default_factory=lambda: Cash(currency="EUR"))
        maybe_paid = EmbeddedUnionField(Cash, Cheque, required=False)
        pair = TupleField(IntegerField(), IntegerField(), required=False)
        maybe = ListField(StringField(), required=False, default=None)
        lists = DictField(ListField(IntegerField()))

    return User


S: dict[str, Any] = {"sku": "s", "quantity": 1}
T: dict[str, Any] = {"sku": "t", "quantity": 9}

CHANGES: list[tuple[str, Any, str, Any]] = [
    ("set", lambda u: u.name.set("Eve"), "name", "Eve"),
    ("unset", lambda u: u.age.unset(), "age", None),
    ("inc", lambda u: u.age.inc(2), "age", 38),
    ("mul", lambda u: u.height.mul(2), "height", 2.0),
    ("min", lambda u: u.score.min(-1), "score", -1),
    ("max", lambda u: u.score.max(5), "score", 5),
    ("set_now", lambda u: u.seen.set_now(), "seen", NOON),
    ("push", lambda u: u.tags.push("x", "y"), "tags", ["a", "b", "x", "y"]),
    ("push at a position", lambda u: u.tags.push("x", position=1), "tags", ["a", "x", "b"]),
    ("push and keep", lambda u: u.tags.push("x", keep_last=2), "tags", ["b", "x"]),
    ("add_to_set", lambda u: u.tags.add_to_set("b", "x"), "tags", ["a", "b", "x"]),
    ("pull", lambda u: u.tags.pull("a", "z"), "tags", ["b"]),
    ("pull what fits", lambda u: u.tags.pull(u.tags.each > "a"), "tags", ["a"]),
    ("pull what does not fit", lambda u: u.tags.pull(~(u.tags.each > "a")), "tags", ["b"]),
    ("pull by parts", lambda u: u.lines.pull(Line.quantity > 3), "lines", [Line(**S)]),
    ("pull an embedded item", lambda u: u.lines.pull(Line(**S)), "lines", [Line(**T)]),
    ("pop", lambda u: u.tags.pop(), "tags", ["a"]),
    ("pop_first", lambda u: u.tags.pop_first(), "tags", ["b"]),
    ("an item", lambda u: u.tags.at(0).set("x"), "tags", ["x", "b"]),
    ("a key", lambda u: u.counts["k"].inc(4), "counts", {"k": 5}),
    ("a new key", lambda u: u.counts["new"].inc(4), "counts", {"k": 1, "new": 4}),
    ("a key taken out", lambda u: u.counts["k"].unset(), "counts", {}),
    ("a part", lambda u: u.address.city.set("Rome"), "address", Address(city="Rome")),
    ("an embedded model", lambda u: u.address.set(None), "address", None),
    ("free data", lambda u: u.data["a"]["b"].push({"$inc": 1}), "data", {"a": {"b": [1, {"$inc": 1}]}}),
    ("a free item", lambda u: u.free.push({"$each": [1]}), "free", [{"x": 1}, {"$each": [1]}]),
    ("a free item taken out", lambda u: u.free.pull({"x": 1}), "free", []),
    ("a free item that is a filter", lambda u: u.free.pull({"x": {"$gt": 0}}), "free", [{"x": 1}]),
    ("a mapping of $push", lambda u: {"$push": {"tags": {"$each": ["0"], "$sort": 1}}}, "tags", ["0", "a", "b"]),
    ("a sort by parts", lambda u: {"$push": {"lines": {"$each": [], "$sort": {"sku": -1}}}}, "lines", [Line(**T), Line(**S)]),
    ("a mapping of $pull", lambda u: {"$pull": {"lines": {"sku": "t"}}}, "lines", [Line(**S)]),
    ("a mapping of $pop", lambda u: {"$pop": {"tags": -1}}, "tags", ["b"]),
    ("a mapping of $setOnInsert", lambda u: {"$setOnInsert": {"name": "x"}}, "name", "Ada"),
]  # fmt: skip


async def with_ada(home: ModelRegistry) -> tuple[Any, Any]:
    user = define(home)
    ada = await user.create(
        name="Ada", age=36, tags=["a", "b"], few=[1, 2], rising=[1, 2], lines=[S, T],
        address={"city": "London"}, counts={"k": 1}, free=[{"x": 1}], data={"a": {"b": [1]}},
    )  # fmt: skip
    return user, ada


@pytest.mark.parametrize("each", [False, True], ids=["at once", "each"])
@pytest.mark.parametrize(
    ("build", "name", "expected"), [row[1:] for row in CHANGES], ids=[row[0] for row in CHANGES]
)
async def test_an_update_changes_what_it_says(
    home: ModelRegistry, build: Any, name: str, expected: Any, each: bool
) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        before = {key: getattr(ada, key) for key in user.__metadata__.fields if key != name}
        with frozen(NOON):
            assert await user.find(user.name == "Ada").update(build(user), each=each) == 1
        found = await user.get(ada.id)
        assert getattr(found, name) == expected
        assert {key: getattr(found, key) for key in before} == before


async def test_several_updates_are_made_at_once(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        changes = (user.age.inc(), user.tags.push("x"), {"$set": {"name": "Eve"}})
        assert await user.find().update(*changes) == 1
        await ada.reload()
        assert (ada.age, ada.tags, ada.name) == (37, ["a", "b", "x"], "Eve")


async def test_a_list_of_references_takes_instances_and_ids(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        bob = await user.create(name="Bob")
        bobs = user.find(user.name == "Bob")
        await bobs.update(user.friends.push(ada, str(bob.id)))
        assert [friend.id for friend in (await bob.reload()).friends] == [ada.id, bob.id]
        await bobs.update(user.friends.pull(ada))
        assert [friend.id for friend in (await bob.reload()).friends] == [bob.id]
        await bobs.update(user.friends.add_to_set(bob.id, ada))
        assert [friend.id for friend in (await bob.reload()).friends] == [bob.id, ada.id]


@pytest.mark.parametrize(
    ("updates", "message"),
    [
        (lambda u: [u.age.inc(1), u.age.set(3)], r"\$inc of 'age' and \$set of 'age' are in conflict"),
        (lambda u: [u.address.city.set("x"), u.address.set(None)], r"\$set of 'to.c' and \$set of 'to'"),
        (lambda u: [u.data["a"].set(1), u.data["a"]["b"].set(1)], "are in conflict"),
        (lambda u: [u.age.inc(), {"$inc": {"age": 1}}], "are in conflict"),
        (lambda u: [u.name.set("x"), {"$set": {"name": "y"}}], "names 'n' twice"),
        (lambda u: [u.name.set("x"), {"$unset": {"name": ""}}], "'name' is required"),
        (lambda u: [], "needs something to change"),
        (lambda u: [u.age > 3], "takes expressions such as"),
        (lambda u: [u.age.inc(), "x"], "takes expressions such as"),
        (lambda u: [u.age.inc(), {"$set": 3}], r"\$set takes a mapping"),
    ],
)  # fmt: skip
async def test_updates_that_do_not_go_together_are_named(
    home: ModelRegistry, updates: Any, message: str
) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        with pytest.raises(UpdateError, match=message):
            await user.find().update(*updates(user))
        assert await user.find() == [ada]


async def test_an_update_of_another_model_is_refused(home: ModelRegistry) -> None:
    class Other(BaseModel, registry=home):
        total = IntegerField()

    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        with pytest.raises(UpdateError, match="the expression is of another model"):
            await user.find().update(Other.total.inc())
        assert await user.find() == [ada]


ONLY_EACH: list[tuple[str, Any, str]] = [
    ("a sum", lambda u: u.score.inc(9), "'score' has limits"),
    ("a product", lambda u: u.score.mul(2), "'score' has limits"),
    ("a longest list", lambda u: u.few.push(3), "has a longest length"),
    ("a longest set", lambda u: u.few.add_to_set(3), "has a longest length"),
    ("a shortest list", lambda u: u.few.pop(), "has a shortest length"),
    ("what is pulled", lambda u: u.few.pull(1), "has a shortest length"),
    ("a checked list", lambda u: u.rising.push(3), "is checked as a whole"),
    ("a part of a checked list", lambda u: u.rising.at(0).set(0), "part of a value that is checked as a whole"),
    ("a far position", lambda u: u.tags.at(1).set("x"), "might leave a gap"),
    ("a part of an item", lambda u: u.lines.at(0).quantity.inc(), "lacks its other values"),
    ("a new name", lambda u: {"$rename": {"nickname": "name"}}, "moves values that no field has checked"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("build", "message"), [row[1:] for row in ONLY_EACH], ids=[row[0] for row in ONLY_EACH]
)
async def test_what_only_the_document_can_tell_is_left_to_each(
    home: ModelRegistry, build: Any, message: str
) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        with pytest.raises(UpdateError, match=f"{message}.*each=True"):
            await user.find().update(build(user))
        assert await user.find() == [ada]
        assert await user.find().update(build(user), each=True) == 1


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda u: u.score.inc(10), "score: must be at most 9"),
        (lambda u: u.few.push(3, 4), "few: must have at most 3 items"),
        (lambda u: u.rising.push(0), "rising: must ascend"),
        (lambda u: u.tags.at(9).set("x"), "tags.2: "),
        (lambda u: u.by_key["k"].sku.set("x"), "by_key.k.quantity: is missing"),
    ],
)
async def test_each_finds_what_breaks_a_limit(
    home: ModelRegistry, build: Any, message: str
) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        with pytest.raises(ValidationError, match=message):
            await user.find().update(build(user), each=True)
        assert await user.find() == [ada]


async def test_each_tells_a_document_that_did_not_fit_before_from_a_wrong_update(
    home: ModelRegistry,
) -> None:
    class Note(BaseModel, registry=home):
        tags = ListField(StringField())
        size = IntegerField(default=0)

    async with connect("sqlite://", registry=home) as database:
        note = await Note.create(tags=["a"])
        with pytest.raises(ValidationError) as caught:
            await Note.find().update(Note.tags.at(2).set("x"), each=True)
        assert caught.value.__notes__ == [f"So the update would leave the document {note.id!r}."]
        assert (await note.reload()).tags == ["a"]
        await database.store.update("note", {}, {"$set": {"tags": [3]}})
        with pytest.raises(DocumentError, match="the stored document"):
            await Note.find().update(Note.size.inc(), each=True)
        assert await Note.find().update(Note.tags.at(0).set("b"), each=True) == 1
        assert (await note.reload()).tags == ["b"]


async def test_a_cut_that_keeps_within_the_length_needs_no_document(home: ModelRegistry) -> None:
    class Log(BaseModel, registry=home):
        last = ListField(IntegerField(), max_length=3)

    async with connect("sqlite://", registry=home):
        log = await Log.create(last=[1, 2, 3])
        await Log.find().update(Log.last.push(4, keep_last=3))
        assert (await log.reload()).last == [2, 3, 4]
        with pytest.raises(UpdateError, match="longest length"):
            await Log.find().update(Log.last.push(4, keep_last=4))


UNREADABLE: list[tuple[str, Any, str]] = [
    ("an optional model", lambda u: u.line.sku.set("x"), "'line.s' might make a value that lacks"),
    ("a model in an optional one", lambda u: u.route.start.sku.set("x"), "lacks its other values"),
    ("a new key", lambda u: u.by_key["k"].sku.set("x"), "lacks its other values"),
    ("a new key, by a sum", lambda u: u.by_key["k"].quantity.inc(), "lacks its other values"),
    ("the class of a union", lambda u: u.paid["_type"].set("Cheque"), "says which model"),
    ("a part of one class", lambda u: u.paid["number"].set(4), "no part of every model"),
    ("an optional union", lambda u: u.maybe_paid["currency"].set("x"), "lacks its other values"),
    ("an optional tuple", lambda u: u.pair.at(0).set(5), "a mapping where a list is missing"),
    ("an optional list", lambda u: u.maybe.at(0).set("x"), "a mapping where a list is missing"),
    ("a list at a new key", lambda u: u.lists["k"].at(0).set(5), "a mapping where a list"),
]


@pytest.mark.parametrize(
    ("build", "message"), [row[1:] for row in UNREADABLE], ids=[row[0] for row in UNREADABLE]
)
async def test_no_update_makes_a_part_of_what_may_be_missing(
    home: ModelRegistry, build: Any, message: str
) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        with pytest.raises(UpdateError, match=f"{message}.*each=True"):
            await user.find().update(build(user))
        assert await user.find() == [ada]


@pytest.mark.parametrize(
    ("build", "field", "expected"),
    [
        (lambda u: u.kept.sku.set("x"), "kept", Line(sku="x", quantity=1)),
        (lambda u: u.address.city.set("x"), "address", Address(city="x")),
        (lambda u: u.paid["currency"].set("USD"), "paid", Cash(currency="USD")),
        (lambda u: u.lists["k"].pop(), "lists", {}),
    ],
    ids=["required", "alone", "of every class", "takes out"],
)
async def test_a_part_that_leaves_a_whole_value_is_set(
    home: ModelRegistry, build: Any, field: str, expected: object
) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        await user.find().update(build(user))
        assert getattr(await ada.reload(), field) == expected


REFUSED: list[tuple[Any, type[Exception], str]] = [
    ({"$push": {"tags": 3}}, ValidationError, "tags: must be a string"),
    ({"$push": {"tags": {"$each": ["a", 3]}}}, ValidationError, "tags: must be a string"),
    ({"$push": {"tags": "too long"}}, ValidationError, "at most 5 characters"),
    ({"$push": {"tags": {"$each": "ab"}}}, UpdateError, r"takes a list for \$each, not 'ab'"),
    ({"$push": {"tags": {"$each": [], "$slice": "x"}}}, UpdateError, r"\$slice"),
    ({"$push": {"tags": {"$each": [], "$where": 1}}}, UpdateError, r"\$where"),
    ({"$push": {"name": "x"}}, UpdateError, r"\$push changes lists, and 'name' is a string"),
    ({"$push": {"lines": {"sku": "x"}}}, ValidationError, "quantity: is required"),
    ({"$addToSet": {"tags": {"$each": ["a"], "$slice": 1}}}, UpdateError, "nothing beside it"),
    ({"$pullAll": {"tags": "a"}}, UpdateError, "takes a list of items"),
    ({"$pullAll": {"tags": [{"$gt": ""}]}}, ValidationError, "must be a string"),
    ({"$pull": {"age": 1}}, UpdateError, r"\$pull changes lists"),
    ({"$pop": {"tags": 2}}, UpdateError, r"\$pop [a-z]+ 1 "),
    ({"$pop": {"age": 1}}, UpdateError, r"\$pop changes lists"),
    ({"$mul": {"name": 2}}, UpdateError, r"\$mul computes with numbers"),
    ({"$mul": {"age": 0.5}}, ValidationError, "must be an integer"),
    ({"$inc": {"age": None}}, UpdateError, "None is none"),
    ({"$min": {"age": "x"}}, ValidationError, "must be an integer"),
    ({"$max": {"score": 10}}, ValidationError, "at most 9"),
    ({"$currentDate": {"age": True}}, UpdateError, "sets the time, and 'age' is an integer"),
    ({"$currentDate": {"seen": {"$type": "timestamp"}}}, UpdateError, "takes True or"),
    ({"$setOnInsert": {"name": 3}}, ValidationError, "must be a string"),
    ({"$set": {"lines.sku": "x"}}, UpdateError, r"leads into every item of a list.*\.at\(0\)"),
    ({"$set": {"lines.$[].sku": "x"}}, UnsupportedError, "positional"),
    ({"$set": {"address.citty": "x"}}, UpdateError, "Did you mean 'city'"),
    ({"$set": {"id": 1}}, UpdateError, "the id of a document never changes"),
    ({"$rename": {"name": "id"}}, UpdateError, "the id of a document never changes"),
    ({"$rename": {"planet": "agee"}}, UpdateError, "has no field 'agee'. Did you mean 'age'"),
    ({"$rename": {"planet": 3}}, UpdateError, "names of fields are strings"),
    ({"$bit": {"age": {"and": 1}}}, UnsupportedError, r"\$bit"),
]


@pytest.mark.parametrize("each", [False, True], ids=["at once", "each"])
@pytest.mark.parametrize(
    ("update", "error", "message"), REFUSED, ids=[str(row[0]) for row in REFUSED]
)
async def test_a_mapping_is_held_against_the_fields(
    home: ModelRegistry, update: Any, error: type[Exception], message: str, each: bool
) -> None:
    async with connect("sqlite://", registry=home):
        user, ada = await with_ada(home)
        with pytest.raises(error, match=message):
            await user.find().update(update, each=each)
        assert await user.find() == [ada]


async def test_a_value_that_is_no_list_in_the_store_is_told(home: ModelRegistry) -> None:
    class Note(BaseModel, registry=home):
        tags = ListField(StringField(), required=False, default=None)

    async with connect("sqlite://", registry=home):
        note = await Note.create()
        with pytest.raises(UpdateError, match="'tags'.* an array"):
            await Note.find().update(Note.tags.push("x"))
        assert await Note.find(Note.tags != None).update(Note.tags.push("x")) == 0  # noqa: E711
        await Note.find().update(Note.tags.set(["x"]))
        assert (await note.reload()).tags == ["x"]


async def test_an_extra_is_renamed_and_changed_by_any_operator(home: ModelRegistry) -> None:
    class Thing(BaseModel, registry=home):
        name = StringField()

    async with connect("sqlite://", registry=home):
        thing = await Thing.create(name="x")
        await Thing.find().update({"$set": {"planet": "Earth", "moons": [1]}})
        await Thing.find().update({"$rename": {"planet": "home"}, "$push": {"moons": 2}})
        found: Any = await Thing.get(thing.id)
        assert (found.home, found.moons) == ("Earth", [1, 2])


async def test_an_old_name_is_moved_to_a_new_field_by_each(home: ModelRegistry) -> None:
    class Person(BaseModel, registry=home):
        name = StringField(required=False)

    async with connect("sqlite://", registry=home):
        person = await Person.create()
        await Person.find().update({"$set": {"nickname": "Ada"}, "$unset": {"name": ""}})
        assert await Person.find().update({"$rename": {"nickname": "name"}}, each=True) == 1
        assert (await person.reload()).name == "Ada"
        await Person.find().update({"$set": {"shoe": 39}})
        with pytest.raises((ValidationError, ValueError), match="must be a string"):
            await Person.find().update({"$rename": {"shoe": "name"}}, each=True)
