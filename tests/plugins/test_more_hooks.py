"""Hooks beside the plain ones: lists of instances, checks, indexes, and the coming and going of models and databases."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    HookBypassError,
    ModelRegistry,
    ReferenceField,
    ValidationError,
    connect,
)
from earnorm.errors import (
    ModelDefinitionError,
    ModelReplacedWarning,
    PluginCompatibilityError,
    PluginDefinitionError,
)
from tests.plugins.notes import define_note

Define = Callable[..., Any]


@pytest.fixture
def define(home: ModelRegistry) -> Define:
    """Defines a model with these plugins."""
    return partial(define_note, home)


def add(home: ModelRegistry, name: str, **declared: Any) -> Any:
    plugin = type(name.title(), (), declared)()
    home.plugins.register(name, plugin)
    return plugin


async def test_a_plugin_may_want_all_instances_of_a_bulk_write_at_once(
    home: ModelRegistry, define: Define
) -> None:
    told: list[str] = []

    class Whole:
        def before_save_many(self, model: type, instances: Any) -> None:
            told.append(f"{model.__name__} before {[one.text for one in instances]}")
            for one in instances:
                one.text = one.text.upper()

        async def after_save_many(self, instances: Any) -> None:
            told.append(f"after {[one.text for one in instances]}")

    home.plugin("whole")(Whole)
    note = define("whole")
    async with connect("sqlite://", registry=home):
        await note.insert_many([note(text="a"), note(text="b")])
        assert told == ["Note before ['a', 'b']", "after ['A', 'B']"]
        assert sorted([one.text for one in await note.find()]) == ["A", "B"]


async def test_such_a_plugin_gets_a_list_of_one_for_a_single_save(
    home: ModelRegistry, define: Define
) -> None:
    told: list[str] = []

    class Whole:
        async def before_save_many(self, *, instances: Any, model: type) -> None:
            told.append(f"{model.__name__} {[one.text for one in instances]}")

    home.plugin("whole")(Whole)
    async with connect("sqlite://", registry=home):
        await define("whole").create(text="a")
    assert told == ["Note ['a']"]


async def test_with_both_hooks_each_runs_in_its_place(home: ModelRegistry, define: Define) -> None:
    told: list[str] = []

    class Both:
        def before_save(self, instance: Any) -> None:
            told.append(f"one {instance.text}")

        def before_save_many(self, instances: Any) -> None:
            told.append(f"many {len(instances)}")

    home.plugin("both")(Both)
    note = define("both")
    async with connect("sqlite://", registry=home):
        await note.create(text="a")
        await note.insert_many([note(text="b"), note(text="c")])
    assert told == ["one a", "many 2"]


async def test_the_list_is_of_one_model_each(home: ModelRegistry, define: Define) -> None:
    told: list[str] = []

    class Whole:
        def before_save_many(self, model: type, instances: Any) -> None:
            told.append(f"{model.__name__} {len(instances)}")

    home.plugin("whole")(Whole)
    note = define("whole")
    letter = define(name="Letter", bases=(note,))
    async with connect("sqlite://", registry=home):
        await note.insert_many([note(text="a"), letter(text="b"), note(text="c")])
    assert told == ["Note 2", "Letter 1"]


async def test_an_error_for_the_list_writes_nothing(home: ModelRegistry, define: Define) -> None:
    class Whole:
        def before_save_many(self, instances: Any) -> None:
            raise RuntimeError("too many")

    home.plugin("whole")(Whole)
    note = define("whole")
    async with connect("sqlite://", registry=home):
        with pytest.raises(RuntimeError, match="too many") as caught:
            await note.insert_many([note(text="a")])
        assert any("plugin 'whole'" in one for one in caught.value.__notes__)
        assert await note.find().count() == 0


async def test_a_query_update_does_not_pass_by_hooks_for_lists_or_checks(
    home: ModelRegistry, define: Define
) -> None:
    home.plugin("whole")(type("W", (), {"before_save_many": lambda self, instances: None}))
    home.plugin("tidy")(type("T", (), {"before_validate": lambda self, instance: None}))
    async with connect("sqlite://", registry=home):
        for name in ("whole", "tidy"):
            with pytest.raises(HookBypassError, match=f"'{name}' implements"):
                await define(name, name=name.title()).find().update({"$set": {"text": "b"}})


async def test_before_validate_sees_what_every_before_save_left(
    home: ModelRegistry, define: Define
) -> None:
    class Tidy:
        async def before_validate(self, instance: Any) -> None:
            instance.text = instance.text.strip()

    class Late:
        def before_save(self, instance: Any) -> None:
            instance.text += "  "

    home.plugin("tidy")(Tidy)
    home.plugin("late")(Late)
    note = define("tidy", "late")
    async with connect("sqlite://", registry=home):
        assert (await note.create(text=" a")).text == "a"
        (one,) = await note.insert_many([note(text=" b")])
        assert one.text == "b"
        await note.find(note.text == "b").update({"$set": {"text": "c "}}, each=True)
        assert sorted([one.text for one in await note.find()]) == ["a", "c"]


async def test_what_before_validate_leaves_is_checked(home: ModelRegistry, define: Define) -> None:
    class Spoil:
        def before_validate(self, instance: Any) -> None:
            vars(instance)["text"] = 3

    home.plugin("spoil")(Spoil)
    note = define("spoil")
    async with connect("sqlite://", registry=home):
        with pytest.raises(ValidationError, match="text"):
            await note.create(text="a")


def test_a_plugin_brings_indexes(home: ModelRegistry, define: Define) -> None:
    add(home, "quick", contribute_indexes=lambda self, model: [{"fields": ["text"]}])
    note = define("quick")
    assert [index.name for index in note.__metadata__.indexes] == ["text_1"]
    letter = define(name="Letter", bases=(note,))
    assert letter.__metadata__.indexes == note.__metadata__.indexes


@pytest.mark.parametrize("brought", ["text", {"fields": ["text"]}, 3])
def test_indexes_that_are_no_list_are_refused(
    home: ModelRegistry, define: Define, brought: Any
) -> None:
    add(home, "quick", contribute_indexes=lambda self, model: brought)
    with pytest.raises(PluginDefinitionError, match="contribute_indexes must return a list"):
        define("quick")


def test_an_index_on_a_field_that_is_not_there_names_the_model(
    home: ModelRegistry, define: Define
) -> None:
    add(home, "quick", contribute_indexes=lambda self, model: [{"fields": ["txt"]}])
    with pytest.raises(ModelDefinitionError, match="Did you mean 'text'"):
        define("quick")


def test_a_plugin_is_told_when_a_model_goes(home: ModelRegistry, define: Define) -> None:
    told: list[Any] = []
    add(home, "watch", on_unregister=lambda self, model, registry: told.append((model, registry)))
    note = define("watch")
    home.unregister(note)
    assert told == [(note, home)]


def test_an_error_keeps_the_model(home: ModelRegistry, define: Define) -> None:
    def on_unregister(self: Any, model: type) -> None:
        raise RuntimeError("needed")

    add(home, "watch", on_unregister=on_unregister)
    note = define("watch")
    with pytest.raises(RuntimeError, match="needed"):
        home.unregister(note)
    assert note in home


def test_a_plugin_is_told_of_a_class_that_is_replaced(home: ModelRegistry, define: Define) -> None:
    told: list[Any] = []
    add(home, "watch", on_unregister=lambda self, model: told.append(model))
    first = define("watch")
    with pytest.warns(ModelReplacedWarning):
        define("watch")
    assert told == [first]


async def test_plugins_are_told_of_the_database_once_each_in_order(
    home: ModelRegistry, define: Define
) -> None:
    told: list[str] = []
    for name in ("first", "second"):

        async def on_connect(self: Any, database: Any) -> None:
            told.append(f"{type(self).__name__} {database.registry is home}")

        def on_disconnect(self: Any) -> None:
            told.append(f"{type(self).__name__} leaves")

        add(home, name, on_connect=on_connect, on_disconnect=on_disconnect)
    define("first", "second")
    define("first", name="Letter")
    async with connect("sqlite://", registry=home):
        assert told == ["First True", "Second True"]
    assert told[2:] == ["Second leaves", "First leaves"]


async def test_a_plugin_may_use_the_database_when_it_is_told(
    home: ModelRegistry, define: Define
) -> None:
    class Seed:
        async def on_connect(self, database: Any) -> None:
            await asyncio.gather(note.create(text="a"), other.create(text="b"))

        async def on_disconnect(self, database: Any) -> None:
            assert await note.find().count() == 1
            await other.find().delete()

    home.plugin("seed")(Seed)
    note, other = define("seed"), define("seed", name="Other")
    async with connect("sqlite://", registry=home):
        assert await other.find().count() == 1


async def test_a_plugin_of_a_late_model_is_told_before_its_first_operation(
    home: ModelRegistry, define: Define
) -> None:
    told: list[str] = []

    class Late:
        async def on_connect(self) -> None:
            await asyncio.sleep(0.01)
            told.append("connected")

        def before_save(self, instance: Any) -> None:
            told.append(instance.text)

    home.plugin("late")(Late)
    async with connect("sqlite://", registry=home):
        note = define("late")
        await asyncio.gather(note.create(text="a"), note.create(text="a"))
        assert told == ["connected", "a", "a"]


async def test_a_plugin_is_told_before_a_cascade_reaches_its_model(
    home: ModelRegistry, define: Define
) -> None:
    told: list[str] = []

    class Late:
        def on_connect(self) -> None:
            told.append("connected")

        def before_delete(self) -> None:
            told.append("deleting")

    home.plugin("late")(Late)
    note = define()
    async with connect("sqlite://", registry=home):
        first = await note.create(text="a")

        class Remark(BaseModel, registry=home):
            note = ReferenceField(first.__class__, on_delete="cascade")

            class Meta:
                plugins = ["late"]

        await first.delete()
        assert told == ["connected"]


async def test_an_error_in_on_connect_closes_the_connection(
    home: ModelRegistry, define: Define
) -> None:
    told: list[str] = []

    class Good:
        def on_connect(self) -> None:
            told.append("good")

        def on_disconnect(self) -> None:
            told.append("good leaves")

    class Bad:
        def on_connect(self) -> None:
            raise RuntimeError("no licence")

        def on_disconnect(self) -> None:
            told.append("bad leaves")

    home.plugin("good")(Good)
    home.plugin("bad")(Bad)
    define("good", "bad")
    with pytest.raises(RuntimeError, match="no licence"):
        await connect("sqlite://", registry=home)
    assert (told, home.database) == (["good", "good leaves"], None)


async def test_an_error_in_on_disconnect_reaches_the_caller_when_all_is_closed(
    home: ModelRegistry, define: Define
) -> None:
    told: list[str] = []
    add(home, "calm", on_disconnect=lambda self: told.append("calm"))

    def on_disconnect(self: Any) -> None:
        raise RuntimeError("not yet")

    add(home, "loud", on_disconnect=on_disconnect)
    define("calm", "loud")
    database = await connect("sqlite://", registry=home)
    with pytest.raises(RuntimeError, match="not yet"):
        await database.aclose()
    assert (told, home.database) == (["calm"], None)
    await database.aclose()


class Decode:
    """Keeps a text backwards in the store."""

    def before_save(self, instance: Any) -> None:
        instance.text = instance.text[::-1]

    def after_save(self, instance: Any) -> None:
        instance.text = instance.text[::-1]

    def after_load(self, instance: Any) -> None:
        instance.text = instance.text[::-1]
        instance.note = "loaded"


async def test_after_load_runs_however_an_instance_was_read(
    home: ModelRegistry, define: Define
) -> None:
    home.plugin("decode")(Decode)
    note = define("decode")
    async with connect("sqlite://", registry=home):
        kept = await note.create(text="abc")
        assert await note.find().as_documents() == [{"_id": kept.id, "text": "cba"}]
        read = [
            await note.get(kept.id),
            *(await note.find()),
            await note.find().first(),
            *(await note.find(trusted=True)),
            *[one async for one in note.find()],
            *(await note.find().page(5)).items,
            await note.find().find_one_and_update({"$set": {"text": "cba"}}, skip_hooks=["decode"]),
            note.from_document({"_id": kept.id, "text": "cba"}),
        ]
        assert [one.text for one in read] == ["abc"] * len(read)
        assert {one.note for one in read} == {"loaded"}
        kept.text = "zzz"
        await kept.reload()
        assert kept.text == "abc"
        await note.find().update({"$set": {"text": "xyz"}}, each=True)
        assert (await note.get(kept.id)).text == "zyx"


async def test_an_error_in_after_load_reaches_whoever_reads(
    home: ModelRegistry, define: Define
) -> None:
    def after_load(self: Any, instance: Any) -> None:
        raise RuntimeError("no key")

    add(home, "secretive", after_load=after_load)
    note = define("secretive")
    async with connect("sqlite://", registry=home):
        await note.create(text="a")
        with pytest.raises(RuntimeError, match="no key") as caught:
            await note.find()
    assert any("plugin 'secretive'" in one for one in caught.value.__notes__)


async def test_a_childs_after_load_runs_for_whoever_asks_its_base(
    home: ModelRegistry, define: Define
) -> None:
    loaded: list[str] = []
    add(home, "watch", after_load=lambda self, instance: loaded.append(type(instance).__name__))
    note = define()
    letter = define("watch", name="Letter", bases=(note,))
    async with connect("sqlite://", registry=home):
        await note.create(text="a")
        await letter.create(text="b")
        await note.find()
    assert loaded == ["Letter"]


async def test_before_find_runs_before_every_read(home: ModelRegistry, define: Define) -> None:
    asked: list[Any] = []

    class Watch:
        async def before_find(self, model: type, filter: Any) -> None:
            asked.append((model.__name__, filter))

    home.plugin("watch")(Watch)
    note = define("watch")
    async with connect("sqlite://", registry=home):
        kept = await note.create(text="a")
        await note.get(kept.id)
        await note.find(note.text == "a")
        await note.find(note.text == "a").count()
        await note.find(note.text == "a").distinct("text")
        await note.find(note.text == "a").page(3)
        await note.find(note.text == "a").aggregate([{"$count": "n"}])
    by_text = ("Note", {"text": {"$eq": "a"}})
    assert asked == [("Note", {"_id": kept.id}), by_text, by_text, by_text, by_text, by_text]


async def test_an_error_in_before_find_stops_the_read(home: ModelRegistry, define: Define) -> None:
    def before_find(self: Any, model: type) -> None:
        raise PermissionError("not yours")

    add(home, "guard", before_find=before_find)
    note = define()
    letter = define("guard", name="Letter", bases=(note,))
    async with connect("sqlite://", registry=home):
        await letter.create(text="a")
        for model in (note, letter):
            with pytest.raises(PermissionError, match="not yours"):
                await model.find()


async def test_a_store_that_cannot_do_what_a_plugin_needs_is_refused(
    home: ModelRegistry, define: Define
) -> None:
    add(home, "atomic", needs=["atomic_batches"])
    add(home, "complete", needs=["transactions", "all_stages", "all_collations"])
    define("atomic")
    async with connect("sqlite://", registry=home):
        late = define("complete", name="Late")
        with pytest.raises(PluginCompatibilityError) as caught:
            await late.create(text="a")
    told = str(caught.value)
    assert "Late: its plugin 'complete' (this process) needs what sqlite:// cannot do" in told
    assert "all_collations, all_stages. Connect to a store that can" in told
    with pytest.raises(PluginCompatibilityError):
        await connect("sqlite://", registry=home)
    assert home.database is None


def test_a_capability_that_no_store_has_is_refused(home: ModelRegistry) -> None:
    with pytest.raises(PluginDefinitionError, match="'transaction'.*Did you mean 'transactions'"):
        add(home, "odd", needs=["transaction"])
