"""Finding, counting, and query writes with their hooks."""

import asyncio
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DuplicateKeyError,
    EmbeddedField,
    EmbeddedModel,
    FilterError,
    HookBypassError,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
    UniqueValidator,
    UnsupportedError,
    UpdateError,
    ValidationError,
    connect,
)


class Address(EmbeddedModel):
    city = StringField(alias="c")


def define(home: ModelRegistry, *plugins: str) -> Any:
    namespace = {
        "name": StringField(),
        "age": IntegerField(required=False, alias="years"),
        "tags": ListField(StringField()),
        "score": IntegerField(default=0, maximum=9),
        "home": EmbeddedField(Address, required=False),
        "Meta": type("Meta", (), {"plugins": list(plugins)}),
    }
    return type("User", (BaseModel,), namespace, registry=home)


async def fill(user: Any) -> None:
    people = [
        ("Ada", 36, ["math"], "London"),
        ("Bob", 17, [], "Paris"),
        ("Eve", 61, ["math", "spy"], "Rome"),
    ]
    await user.insert_many(
        [
            user(name=name, age=age, tags=tags, home={"city": city})
            for name, age, tags, city in people
        ]
    )


FILTERS: list[tuple[str, Any, list[str]]] = [
    ("equality", lambda u: u.name == "Ada", ["Ada"]),
    ("inequality", lambda u: u.name != "Ada", ["Bob", "Eve"]),
    ("less", lambda u: u.age < 36, ["Bob"]),
    ("less or equal", lambda u: u.age <= 36, ["Ada", "Bob"]),
    ("greater", lambda u: u.age > 36, ["Eve"]),
    ("greater or equal", lambda u: u.age >= 36, ["Ada", "Eve"]),
    ("and", lambda u: (u.age > 18) & (u.name != "Eve"), ["Ada"]),
    ("or", lambda u: (u.age < 18) | (u.name == "Eve"), ["Bob", "Eve"]),
    ("none", lambda u: u.age == None, []),  # noqa: E711 # an expression
    ("a mapping by field name", lambda u: {"age": {"$gte": 36}}, ["Ada", "Eve"]),
    ("a mapping by stored name", lambda u: {"years": {"$gte": 36}}, ["Ada", "Eve"]),
    ("an item of a list", lambda u: {"tags": "math"}, ["Ada", "Eve"]),
    ("a path by field names", lambda u: {"home.city": "Rome"}, ["Eve"]),
    ("a path by stored names", lambda u: {"home.c": "Rome"}, ["Eve"]),
    (
        "clauses",
        lambda u: {"$or": [{"age": 17}, {"$and": [{"home.city": "Rome"}, {"tags": "spy"}]}]},
        ["Bob", "Eve"],
    ),
    ("a regular expression", lambda u: {"name": {"$regex": "^[AB]"}}, ["Ada", "Bob"]),
]


@pytest.mark.parametrize(
    ("build", "expected"), [row[1:] for row in FILTERS], ids=[row[0] for row in FILTERS]
)
async def test_a_filter_finds_what_fits(
    home: ModelRegistry, build: Any, expected: list[str]
) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user)
        query = user.find(build(user))
        assert sorted(one.name for one in await query) == expected
        assert [one.name async for one in query.sort("name")] == expected
        assert await query.count() == len(expected)
        assert await query.exists() is bool(expected)


async def test_several_filters_hold_at_once_and_find_adds_more(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user)
        assert [one.name for one in await user.find(user.age > 18, {"tags": "spy"})] == ["Eve"]
        assert [one.name for one in await user.find(user.age > 18).find({"tags": "spy"})] == ["Eve"]


async def test_sort_skip_limit_and_first(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user)
        by_age = user.find().sort("-age")
        assert [one.name for one in await by_age] == ["Eve", "Ada", "Bob"]
        assert [one.name for one in await by_age.skip(1).limit(1)] == ["Ada"]
        assert await by_age.skip(1).count() == 2
        assert await by_age.limit(0) == []
        assert (await by_age.first()).name == "Eve"
        assert await user.find({"name": "Nobody"}).first() is None
        assert (await user.find().sort(user.age).first()).name == "Bob"


async def test_a_query_runs_anew_each_time(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        query = user.find()
        assert await query == []
        await fill(user)
        assert len(await query) == 3
        assert len(await query.to_list()) == 3


async def test_documents_may_be_written_while_they_are_streamed(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await user.insert_many([user(name=f"{n:04}", age=n) for n in range(1200)])
        seen = 0
        async for one in user.find():
            one.age += 1
            await one.save()
            seen += 1
            if seen == 600:
                await user.find({"name": {"$gte": "1100"}}).delete()
        assert seen == 1100
        async for _ in user.find():
            break
        assert await user.find(user.age > 0).count() == 1100


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (lambda u: u.find(True), FilterError, "Combine expressions with & and |"),
        (lambda u: u.find({3: 4}), FilterError, "names of fields are strings"),
        (lambda u: u.find({"name": object()}), FilterError, "BSON has no form for object"),
        (lambda u: u.find({"name": {"$in": 3}}), FilterError, r"\$in"),
        (lambda u: u.find({"name": {"$near": [0, 0]}}), UnsupportedError, r"\$near"),
        (lambda u: u.find({"$where": "1"}), UnsupportedError, r"\$where"),
        (lambda u: u.find({"name": {"$regex": "("}}), FilterError, "(?i)regular expression"),
    ],
    ids=["no mapping", "no name", "no value", "$in", "$near", "$where", "$regex"],
)
async def test_a_filter_that_cannot_be_answered_says_why(
    home: ModelRegistry, bad: Any, error: type[Exception], message: str
) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(error, match=message):
            await bad(user)


def test_query_methods_refuse_nonsense_at_once(home: ModelRegistry) -> None:
    user = define(home)
    for method, argument in (("limit", -1), ("skip", 1.5), ("sort", 3)):
        with pytest.raises(FilterError):
            getattr(user.find(), method)(argument)
    with pytest.raises(ValidationError, match="age: must be an integer"):
        user.age == "x"  # noqa: B015 # the comparison itself raises
    with pytest.raises(ValidationError, match="must be an integer"):
        user.age == {"$gt": 0}  # noqa: B015 # the comparison itself raises
    with pytest.raises(TypeError, match="combine expressions with & and |"):
        user.find(user.age > 3 and user.name == "Ada")


async def test_a_query_update_changes_every_match_under_checked_values(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user)
        assert (
            await user.find(user.age > 18).update({"$set": {"name": "Adult"}, "$inc": {"age": 1}})
            == 2
        )
        assert sorted((one.name, one.age) for one in await user.find()) == [
            ("Adult", 37),
            ("Adult", 62),
            ("Bob", 17),
        ]
        assert await user.find().update({"$set": {"home.city": "Oslo"}, "$unset": {"age": ""}}) == 3
        assert {(one.home.city, one.age) for one in await user.find()} == {("Oslo", None)}


@pytest.mark.parametrize(
    ("update", "error", "message"),
    [
        ({}, UpdateError, "an update is a mapping such as"),
        ({"name": "x"}, UpdateError, r"Write \{'\$set': \{'name'"),
        ({"$set": 3}, UpdateError, r"\$set takes a mapping"),
        ({"$set": {"name": 3}}, ValidationError, "name: must be a string"),
        ({"$set": {"home.city": 3}}, ValidationError, r"home\.c: must be a string"),
        ({"$set": {"tags.0": 3}}, ValidationError, r"tags\.0: must be a string"),
        ({"$set": {"id": "x"}}, UpdateError, "never changes"),
        ({"$set": {"tags.5": "x"}}, UpdateError, "'tags.5' might leave a gap.*each=True"),
        ({"$unset": {"tags.0": ""}}, UpdateError, "is required, so"),
        ({"$unset": {"home.city": ""}}, UpdateError, "is required, so"),
        ({"$inc": {"age": 0.5}}, ValidationError, "age: must be an integer"),
        ({"$inc": {"score": 1}}, UpdateError, "'score' has limits.*each=True"),
        ({"$unset": {"name": ""}}, UpdateError, "'name' is required"),
        (
            {"$inc": {"name": 1}},
            UpdateError,
            r"\$inc computes with numbers, and 'name' is a string",
        ),
        ({"$bit": {"age": {"and": 1}}}, UnsupportedError, r"\$bit"),
        (
            {"$set": {"name": "x", "home": {"city": "y"}, "home.city": "z"}},
            UpdateError,
            "(?i)conflict",
        ),
    ],
)
async def test_an_update_that_cannot_be_made_changes_nothing(
    home: ModelRegistry, update: Any, error: type[Exception], message: str
) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user)
        before = await user.find()
        with pytest.raises(error, match=message):
            await user.find().update(update)
        assert await user.find() == before


async def test_query_writes_take_no_skip_and_no_limit(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        for write in (
            user.find().limit(1).delete,
            lambda: user.find().skip(1).update({"$set": {"name": "x"}}),
        ):
            with pytest.raises(FilterError, match=r"takes no skip\(\) and no limit\(\)"):
                await write()


async def test_a_query_delete_deletes_every_match(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user)
        assert await user.find(user.age > 18).delete() == 2
        assert [one.name for one in await user.find()] == ["Bob"]


class Shout:
    """Knows instances only."""

    def before_save(self, instance: Any) -> None:
        instance.name = instance.name.upper()


async def test_a_query_update_that_would_pass_by_a_hook_is_refused_and_both_ways_on_work(
    home: ModelRegistry,
) -> None:
    home.plugin("shout")(Shout)
    user = define(home, "shout")
    async with connect("sqlite://", registry=home):
        await fill(user)
        everyone, change = user.find(), {"$set": {"name": "quiet"}, "$inc": {"age": 1}}
        with pytest.raises(HookBypassError) as caught:
            await everyone.update(change)
        assert caught.value.plugins == ("shout",)
        assert "'shout' implements before_save and not before_update" in str(caught.value)
        assert "each=True" in str(caught.value)
        assert sorted(one.name for one in await everyone) == ["ADA", "BOB", "EVE"]
        assert await everyone.update(change, skip_hooks=["shout"]) == 3
        assert {one.name for one in await everyone} == {"quiet"}
        assert await everyone.update(change, each=True) == 3
        assert {one.name for one in await everyone} == {"QUIET"}
        assert sorted(one.age for one in await everyone) == [19, 38, 63]
        assert await everyone.delete() == 3


async def test_a_plugin_may_say_that_it_does_not_mind(home: ModelRegistry) -> None:
    home.plugin("easy")(type("Easy", (Shout,), {"ignores_query_writes": True}))
    user = define(home, "easy")
    async with connect("sqlite://", registry=home):
        await fill(user)
        assert await user.find().update({"$set": {"name": "quiet"}}) == 3


async def test_skip_hooks_refuses_a_bare_string(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(TypeError, match=r"skip_hooks=\['shout'\]"):
            await user.find().update({"$set": {"name": "x"}}, skip_hooks="shout")


async def test_query_hooks_see_filter_update_and_count(home: ModelRegistry) -> None:
    calls: list[Any] = []

    class Watching:
        async def before_update(self, model: type, filter: Any, update: Any) -> None:
            update.setdefault("$set", {})["name"] = "watched"
            calls.append(("before_update", filter, dict(update)))

        def after_update(self, matched: int, update: Any) -> None:
            calls.append(("after_update", matched, update))

        def before_delete(self, filter: Any) -> None:
            calls.append(("before_delete", filter))

        async def after_delete(self, deleted: int) -> None:
            calls.append(("after_delete", deleted))

    home.plugin("watching")(Watching)
    user = define(home, "watching")
    async with connect("sqlite://", registry=home):
        await fill(user)
        change = {"$inc": {"age": 1}}
        await user.find({"age": 17}).update(change)
        assert change == {"$inc": {"age": 1}}
        bob = await user.find({"name": "watched"}).first()
        await bob.delete()
    final = {"$inc": {"years": 1}, "$set": {"name": "watched"}}
    assert calls == [
        ("before_update", {"years": 17}, final),
        ("after_update", 1, final),
        ("before_delete", {"_id": bob.id}),
        ("after_delete", 1),
    ]


async def test_an_error_before_a_query_write_stops_it(home: ModelRegistry) -> None:
    class Refusing:
        def before_update(self, model: type) -> None:
            raise RuntimeError("no updates today")

        async def before_delete(self, model: type) -> None:
            raise RuntimeError("no deletes today")

    home.plugin("refusing")(Refusing)
    user = define(home, "refusing")
    async with connect("sqlite://", registry=home):
        await fill(user)
        with pytest.raises(RuntimeError, match="no updates"):
            await user.find().update({"$set": {"name": "x"}})
        with pytest.raises(RuntimeError, match="no deletes"):
            await user.find().delete()
        assert sorted(one.name for one in await user.find()) == ["Ada", "Bob", "Eve"]


async def test_a_misspelt_name_in_an_update_is_told_and_an_extra_is_not(
    home: ModelRegistry,
) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user)
        with pytest.raises(UpdateError, match="no field 'nmae'. Did you mean 'name'"):
            await user.find().update({"$set": {"nmae": "x"}})
        with pytest.raises(UpdateError, match=r"\$set names 'years' twice"):
            await user.find().update({"$set": {"age": 1, "years": 2}})
        assert await user.find().update({"$set": {"planet": "Earth"}}) == 3
        assert {one.planet for one in await user.find()} == {"Earth"}


def test_a_query_and_a_field_of_the_model_have_no_truth_value(home: ModelRegistry) -> None:
    user = define(home)
    with pytest.raises(TypeError, match="await query.exists"):
        bool(user.find())
    with pytest.raises(TypeError, match="read it from an instance"):
        bool(user.age)


async def test_each_checks_what_a_query_update_cannot(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user)
        assert await user.find().update({"$inc": {"score": 9}}, each=True) == 3
        with pytest.raises(ValidationError, match="score: must be at most 9"):
            await user.find().update({"$inc": {"score": 1}}, each=True)
        assert {one.score for one in await user.find()} == {9}


@pytest.mark.filterwarnings("ignore::earnorm.UnbackedUniqueWarning")  # the validator alone is meant
async def test_a_query_update_does_not_pass_by_the_validators_of_the_model(
    home: ModelRegistry,
) -> None:
    def adult(instance: Any) -> None:
        if instance.age < 18:
            raise ValueError("must be of age")

    def define_with(name: str, *validators: Any, **options: Any) -> Any:
        meta = type("Meta", (), {"validators": list(validators), **options})
        fields = {"name": StringField(), "age": IntegerField(), "Meta": meta}
        return type(name, (BaseModel,), fields, registry=home)

    checked = define_with("Checked", adult)
    loose = define_with("Loose", UniqueValidator("name"))
    backed = define_with(
        "Backed", UniqueValidator("name"), indexes=[{"fields": ["name"], "unique": True}]
    )
    async with connect("sqlite://", registry=home):
        for model in (checked, loose, backed):
            await model.insert_many([model(name="a", age=20), model(name="b", age=30)])
        with pytest.raises(
            UpdateError, match="the validator 'adult' looks at instances.*each=True"
        ):
            await checked.find().update({"$set": {"age": 3}})
        with pytest.raises(ValidationError, match="must be of age"):
            await checked.find().update({"$set": {"age": 3}}, each=True)
        with pytest.raises(UpdateError, match="has no unique index.*each=True"):
            await loose.find().update({"$set": {"name": "c"}})
        assert await loose.find().update({"$set": {"age": 40}}) == 2
        with pytest.raises(DuplicateKeyError):
            await loose.find().update({"$set": {"name": "c"}}, each=True)
        with pytest.raises(DuplicateKeyError):
            await backed.find().update({"$set": {"name": "c"}})


async def test_each_loses_nobody_elses_write(home: ModelRegistry) -> None:
    class Meddling:
        """Changes the stored document while it is being changed, once."""

        meddled = False

        async def before_save(self, instance: Any) -> None:
            if not self.meddled and instance.id is not None:
                self.meddled = True
                await user.find().update({"$inc": {"age": 7}}, skip_hooks=["meddling"])

    home.plugin("meddling")(Meddling)
    user = define(home, "meddling")
    async with connect("sqlite://", registry=home):
        ada = await user.create(name="Ada", age=1)
        assert await user.find().update({"$set": {"name": "Eve"}}, each=True) == 1
        await ada.reload()
        assert (ada.name, ada.age) == ("Eve", 8)


async def test_each_goes_on_when_a_match_disappears(home: ModelRegistry) -> None:
    class Deleting:
        async def before_save(self, instance: Any) -> None:
            if instance.name == "changed" and instance.age == 17:
                await user.find({"age": 17}).delete()

    home.plugin("deleting")(Deleting)
    user = define(home, "deleting")
    async with connect("sqlite://", registry=home):
        await fill(user)
        assert await user.find().update({"$set": {"name": "changed"}}, each=True) == 2
        assert [one.name for one in await user.find()] == ["changed", "changed"]


async def test_each_runs_the_update_hooks_of_plugins_that_know_no_saves(
    home: ModelRegistry,
) -> None:
    calls: list[str] = []

    class UpdateOnly:
        def before_update(self, update: Any) -> None:
            update.setdefault("$set", {})["tags"] = ["updated"]

        async def after_update(self, matched: int) -> None:
            calls.append(f"after {matched}")

    home.plugin("update_only")(UpdateOnly)
    home.plugin("shout")(Shout)
    user = define(home, "update_only", "shout")
    async with connect("sqlite://", registry=home):
        await fill(user)
        assert await user.find().update({"$set": {"name": "x"}}, each=True) == 3
        assert {(one.name, tuple(one.tags)) for one in await user.find()} == {("X", ("updated",))}
    assert calls == ["after 3"]


async def test_a_hook_cannot_widen_a_write_through_the_filter(home: ModelRegistry) -> None:
    class Clearing:
        def before_delete(self, filter: Any) -> None:
            filter.clear()

        def before_update(self, filter: Any) -> None:
            filter.clear()

    home.plugin("clearing")(Clearing)
    user = define(home, "clearing")
    async with connect("sqlite://", registry=home):
        await fill(user)
        assert await user.find({"name": "Ada"}).update({"$set": {"age": 1}}) == 1
        assert await user.find({"name": "Ada"}).delete() == 1


async def test_a_query_does_not_follow_its_callers_filter(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user)
        condition: dict[str, Any] = {"age": {"$in": [17]}}
        query = user.find(condition)
        condition["age"]["$in"].append(36)
        assert [one.name for one in await query] == ["Bob"]


async def test_a_filter_that_names_a_field_twice_is_refused(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(FilterError, match="names 'years' twice"):
            await user.find({"age": 1, "years": 2})


async def test_reading_one_document_leaves_nothing_to_clean_up(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await fill(user)
        ada = await user.find({"name": "Ada"}).first()
        before = len(asyncio.all_tasks())
        for _ in range(20):
            await user.get(ada.id)
            await user.find().first()
        assert len(asyncio.all_tasks()) == before


async def test_a_plugin_that_replaces_deletes_with_a_field_of_the_model_marks_the_instance(
    home: ModelRegistry,
) -> None:
    class Retiring:
        def replace_delete(self, model: type) -> Any:
            return {"$set": {"age": 99, "retired": True}}

        def narrow_query(self, model: type) -> Any:
            return {"age": {"$ne": 99}}

    home.plugin("retiring")(Retiring)
    user = define(home, "retiring")
    async with connect("sqlite://", registry=home):
        ada = await user.create(name="Ada", age=3)
        await ada.delete()
        assert (ada.age, ada.retired) == (99, True)
        await ada.save()
        assert await user.find().count() == 0


@pytest.mark.parametrize(
    ("hook", "answer"), [("narrow_query", ["not a filter"]), ("replace_delete", {"no": "operator"})]
)
async def test_a_plugin_that_answers_nonsense_is_named(
    home: ModelRegistry, hook: str, answer: Any
) -> None:
    home.plugin("nonsense")(type("Nonsense", (), {hook: lambda self, model: answer}))
    user = define(home, "nonsense")
    async with connect("sqlite://", registry=home):
        with pytest.raises((FilterError, UpdateError)) as caught:
            await user.find().delete()
        assert "the plugin 'nonsense'" in caught.value.__notes__[0]
