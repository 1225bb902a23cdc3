"""What a save of a stored instance sends, and what the instance knows when it went wrong."""

import asyncio
import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earnorm import (
    BaseModel,
    Change,
    ConflictError,
    Database,
    DictField,
    DocumentNotFoundError,
    DuplicateKeyError,
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
    UniqueValidator,
    UpdateError,
    ValidationError,
    connect,
    inspect,
)


class Inner(EmbeddedModel):
    city = StringField(alias="c")
    tags = ListField(StringField())


class Recorder:
    """A store that tells what it was asked to write, and can be made to wait or to fail."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.calls: list[tuple[str, Any]] = []
        self.arrived = asyncio.Event()
        self.gate: asyncio.Event | None = None
        self.failure: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def _through(self, what: str, *arguments: Any, **how: Any) -> Any:
        self.calls.append((what, copy.deepcopy(arguments[-1])))
        if self.gate is not None:
            self.arrived.set()
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        return await getattr(self._store, what)(*arguments, **how)

    async def update(self, *arguments: Any, **how: Any) -> Any:
        return await self._through("update", *arguments, **how)

    async def replace(self, *arguments: Any, **how: Any) -> Any:
        return await self._through("replace", *arguments, **how)

    async def insert(self, *arguments: Any, **how: Any) -> Any:
        return await self._through("insert", *arguments, **how)

    def updates(self) -> list[Any]:
        taken = [operand for what, operand in self.calls if what == "update"]
        self.calls.clear()
        return taken


def define(home: ModelRegistry, **options: Any) -> Any:
    fields: dict[str, Any] = {
        "name": StringField(alias="n"),
        "age": IntegerField(default=0),
        "tags": ListField(StringField()),
        "notes": DictField(),
        "home": EmbeddedField(Inner, required=False),
        "Meta": type("Meta", (), options),
    }
    return type("Person", (BaseModel,), fields, registry=home)


@pytest.fixture
async def recorder(home: ModelRegistry) -> AsyncIterator[Recorder]:
    async with connect("sqlite://", registry=home) as database:
        recorder: Any = Recorder(database.store)
        home.database = Database(recorder, home)
        yield recorder
        home.database = database


async def stored(model: Any, document_id: Any) -> Any:
    return (await model.get(document_id)).to_document()


async def test_only_changed_paths_are_sent(home: ModelRegistry, recorder: Recorder) -> None:
    model = define(home)
    person = await model.create(name="Ada", home={"city": "Paris"}, notes={"a": 1, "b": 2})
    recorder.calls.clear()
    person.name = "Bob"
    person.home.city = "Rome"
    person.home.tags.append("x")
    person.notes["c"] = 3
    del person.notes["a"]
    await person.save()
    assert recorder.updates() == [
        {
            "$set": {"n": "Bob", "notes.c": 3, "home.c": "Rome", "home.tags": ["x"]},
            "$unset": {"notes.a": ""},
        }
    ]
    assert inspect(person).changes == {}
    assert await stored(model, person.id) == person.to_document()


async def test_writers_of_different_fields_do_not_undo_each_other(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home)
    one = await model.create(name="Ada", home={"city": "Paris"})
    two = await model.get(one.id)
    one.home.city, two.age = "Rome", 3
    await one.save()
    await two.save()
    both = await model.get(one.id)
    assert (both.home.city, both.age) == ("Rome", 3)


async def test_nothing_changed_means_nothing_written_and_a_gone_document_is_told(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home)
    person = await model.create(name="Ada")
    recorder.calls.clear()
    person.name = "Ada"
    await person.save()
    assert recorder.calls == []
    await model.find().delete()
    with pytest.raises(DocumentNotFoundError):
        await person.save()


async def test_extras_and_filled_in_defaults_are_sent(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home)
    document = {"_id": ObjectId(), "n": "Ada", "more": {"deep": [1]}, "gone": 1}
    await recorder.insert("person", [document])
    recorder.calls.clear()
    person = await model.get(document["_id"])
    person.more["deep"].append(2)
    del person.gone
    await person.save()
    assert recorder.updates() == [
        {
            "$set": {"age": 0, "tags": [], "notes": {}, "more": {"deep": [1, 2]}},
            "$unset": {"gone": ""},
        }
    ]


async def test_a_key_that_no_path_can_name_is_written_with_the_whole(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home)
    document = {"_id": ObjectId(), "n": "Ada", "a.b": [1]}
    await recorder.insert("person", [document])
    person = await model.get(document["_id"])
    vars(person)["__trace__"].extras["a.b"].append(2)
    person.notes["c.d"] = 1
    await person.save()
    found = await model.get(person.id)
    assert inspect(found).extras == {"a.b": [1, 2]}
    assert found.notes == {"c.d": 1}


async def test_a_failed_save_leaves_the_changes_changed(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home)
    person = await model.create(name="Ada")
    person.name = "Bob"
    person.tags.append("x")
    recorder.failure = RuntimeError("no disk")
    with pytest.raises(RuntimeError, match="no disk"):
        await person.save()
    assert set(inspect(person).changes) == {"name", "tags"}
    recorder.failure = None
    await person.save()
    assert (await model.get(person.id)).name == "Bob"
    person.age = 3
    person.tags.append(5)
    with pytest.raises(ValidationError):
        await person.save()
    assert set(inspect(person).changes) == {"age", "tags"}


async def test_what_changes_during_a_save_belongs_to_the_next(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home)
    person = await model.create(name="Ada")
    recorder.calls.clear()
    recorder.gate = asyncio.Event()
    person.name = "Bob"
    first = asyncio.create_task(person.save())
    await recorder.arrived.wait()
    person.name = "Cleo"
    person.tags.append("x")
    second = asyncio.create_task(person.save())
    await asyncio.sleep(0)
    recorder.gate.set()
    await asyncio.gather(first, second)
    assert recorder.updates() == [{"$set": {"n": "Bob"}}, {"$set": {"n": "Cleo", "tags": ["x"]}}]
    assert inspect(person).changes == {}


async def test_a_cancelled_save_is_either_written_or_still_to_be_written(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home)
    person = await model.create(name="Ada")
    recorder.calls.clear()
    recorder.gate = asyncio.Event()
    person.name = "Bob"
    saving = asyncio.create_task(person.save())
    await recorder.arrived.wait()
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    recorder.gate.set()
    await person.save()  # waits for the write that the store had begun
    assert recorder.updates() == [{"$set": {"n": "Bob"}}]
    assert (await model.get(person.id)).name == "Bob"


async def test_hooks_see_changes_and_add_to_them(home: ModelRegistry, recorder: Recorder) -> None:
    seen: list[Any] = []

    @home.plugin("watch")
    class Watch:
        def before_save(self, instance: Any) -> None:
            seen.append(sorted(inspect(instance).changes))
            instance.age += 1

        def after_save(self, instance: Any) -> None:
            seen.append(sorted(inspect(instance).changes))

    model = define(home, plugins=["watch"])
    person = await model.create(name="Ada")
    person.name = "Bob"
    recorder.calls.clear()
    await person.save()
    assert seen == [[], [], ["name"], []]
    assert recorder.updates() == [{"$set": {"n": "Bob", "age": 2}}]


@pytest.mark.filterwarnings("ignore::earnorm.UnbackedUniqueWarning")  # the validator alone is meant
async def test_uniqueness_is_looked_up_only_for_what_changed(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home, validators=[UniqueValidator("name")])
    await model.create(name="Ada")
    bob = await model.create(name="Bob")
    bob.age = 3
    await bob.save()
    bob.name = "Ada"
    with pytest.raises(DuplicateKeyError):
        await bob.save()
    assert set(inspect(bob).changes) == {"name"}


async def test_a_reload_forgets_the_changes(home: ModelRegistry, recorder: Recorder) -> None:
    model = define(home)
    person = await model.create(name="Ada")
    person.name = "Bob"
    person.tags.append("x")
    await person.reload()
    assert (person.name, person.tags, inspect(person).changes) == ("Ada", [], {})


async def test_a_deleted_instance_is_inserted_whole(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home)
    person = await model.create(name="Ada", tags=["x"])
    await person.delete()
    person.age = 2
    await person.save()
    assert await stored(model, person.id) == person.to_document()


async def test_a_lost_race_is_a_conflict_and_nothing_else(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home, revision=True)
    one = await model.create(name="Ada")
    two = await model.get(one.id)
    assert (inspect(one).revision, inspect(two).revision) == (1, 1)
    two.age = 2
    await two.save()
    one.name = "Bob"
    with pytest.raises(ConflictError) as caught:
        await one.save()
    assert (caught.value.expected, caught.value.found) == (1, 2)
    assert caught.value.document_id == one.id
    assert not isinstance(caught.value, DuplicateKeyError)
    assert set(inspect(one).changes) == {"name"}
    with pytest.raises(ConflictError):
        await one.delete()
    await one.reload()
    one.name = "Bob"
    await one.save()
    assert inspect(one).revision == 3
    await one.delete()
    with pytest.raises(DocumentNotFoundError):
        await two.save()


async def test_every_way_to_write_counts(home: ModelRegistry, recorder: Recorder) -> None:
    model = define(home, revision=True)
    people = await model.insert_many([model(name="a"), model(name="b")])
    assert [inspect(person).revision for person in people] == [1, 1]
    await model.find().update({"$set": {"age": 1}})
    await model.find().update({"$inc": {"age": 1}})
    await model.find().update({"$set": {"age": 5}}, each=True)
    found = await model.find()
    assert [inspect(person).revision for person in found] == [4, 4]
    assert [person.to_document()["_revision"] for person in found] == [4, 4]
    await found[0].save()
    assert inspect(found[0]).revision == 4
    assert inspect(found[0]).extras == {}
    with pytest.raises(UpdateError, match="'_revision' counts the writes"):
        await model.find().update({"$set": {"_revision": 1}})


async def test_documents_from_before_the_option_begin_to_count(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home, revision=True)
    document = {"_id": ObjectId(), "n": "Ada", "age": 1, "tags": [], "notes": {}, "home": None}
    await recorder.insert("person", [document])
    one, two = await model.get(document["_id"]), await model.get(document["_id"])
    assert inspect(one).revision is None
    one.age = 2
    await one.save()
    assert inspect(one).revision == 1
    two.age = 3
    with pytest.raises(ConflictError):
        await two.save()


async def test_of_many_racing_writers_every_increment_counts(home: ModelRegistry) -> None:
    model = define(home, revision=True)
    async with connect("sqlite://", registry=home):
        document_id = (await model.create(name="Ada")).id

        async def increase() -> None:
            person = await model.get(document_id)
            while True:
                person.age += 1
                try:
                    await person.save()
                except ConflictError:
                    await person.reload()
                else:
                    return

        await asyncio.gather(*(increase() for _ in range(20)))
        assert (await model.get(document_id)).age == 20


async def test_what_changes_during_the_first_insert_belongs_to_the_next_save(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home)
    recorder.gate = asyncio.Event()
    person = model(name="Ada")
    saving = asyncio.create_task(person.save())
    await recorder.arrived.wait()
    person.name = "Bob"
    recorder.gate.set()
    await saving
    assert inspect(person).changes == {"name": Change("Ada", "Bob")}
    await person.save()
    assert (await model.get(person.id)).name == "Bob"


async def test_a_delete_waits_for_the_save_that_is_under_way(
    home: ModelRegistry, recorder: Recorder
) -> None:
    model = define(home, revision=True)
    person = await model.create(name="Ada")
    recorder.gate = asyncio.Event()
    person.name = "Bob"
    saving = asyncio.create_task(person.save())
    await recorder.arrived.wait()
    deleting = asyncio.create_task(person.delete())
    await asyncio.sleep(0)
    recorder.gate.set()
    await saving
    assert await deleting
    assert not await model.find().exists()


async def test_a_reload_and_a_save_wait_for_each_other(home: ModelRegistry) -> None:
    model = define(home, revision=True)
    async with connect("sqlite://", registry=home):
        person = await model.create(name="Ada")
        person.name = "Bob"
        await asyncio.gather(person.reload(), person.save())
        stored_name = (await model.get(person.id)).name
        assert (person.name, inspect(person).changes) == (stored_name, {})


async def test_nothing_is_reverted_during_a_save(home: ModelRegistry, recorder: Recorder) -> None:
    model = define(home)
    person = await model.create(name="Ada")
    recorder.gate = asyncio.Event()
    person.name = "Bob"
    saving = asyncio.create_task(person.save())
    await recorder.arrived.wait()
    with pytest.raises(UpdateError, match="is being saved"):
        inspect(person).revert()
    recorder.gate.set()
    await saving


async def test_an_update_over_the_base_counts_for_a_child_that_counts(home: ModelRegistry) -> None:
    base = define(home)
    child: Any = type(
        "Child", (base,), {"Meta": type("Meta", (), {"revision": True})}, registry=home
    )
    async with connect("sqlite://", registry=home):
        one = await child.create(name="Ada")
        await base.find().update({"$set": {"age": 5}})
        one.age = 6
        with pytest.raises(ConflictError):
            await one.save()


MUTATIONS: list[Any] = [
    lambda p, t, n: setattr(p, "name", t),
    lambda p, t, n: setattr(p, "age", n),
    lambda p, t, n: p.tags.append(t),
    lambda p, t, n: p.tags.clear(),
    lambda p, t, n: p.notes.update({t: n}),
    lambda p, t, n: p.notes.update({"list": [n, {"t": t}]}),
    lambda p, t, n: p.notes.get("list", []).append(t),
    lambda p, t, n: p.notes.pop(t, None),
    lambda p, t, n: setattr(p, "home", {"city": t, "tags": []}),
    lambda p, t, n: setattr(p, "home", None),
    lambda p, t, n: setattr(p.home or Inner(city=""), "city", t),
    lambda p, t, n: (p.home or Inner(city="")).tags.append(t),
]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.lists(
            st.tuples(
                st.integers(0, len(MUTATIONS) - 1),
                st.sampled_from(["a", "b", "", "x.y", "$z", "é"]),
                st.integers(-2, 2),
            ),
            max_size=6,
        ),
        max_size=4,
    )
)
def test_after_any_changes_the_store_has_what_the_instance_has(rounds: list[Any]) -> None:
    async def run() -> None:
        home = ModelRegistry("a property")
        model = define(home)
        async with connect("sqlite://", registry=home):
            person = await model.create(name="Ada")
            for mutations in rounds:
                for number, text, integer in mutations:
                    MUTATIONS[number](person, text, integer)
                await person.save()
                assert inspect(person).changes == {}
                loaded = await model.get(person.id)
                assert loaded == person
                assert inspect(loaded).changes == {}

    asyncio.run(run())
