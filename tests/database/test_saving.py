"""One instance, or many, on the way to the store and back."""

import asyncio
import gc
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    Database,
    DateTimeField,
    DocumentError,
    DocumentNotFoundError,
    DocumentTooLargeError,
    DuplicateKeyError,
    EmailField,
    IntegerField,
    ListField,
    ModelRegistry,
    NotFetchedError,
    ReferenceField,
    StringField,
    UniqueValidator,
    UnknownModelError,
    UpdateError,
    ValidationError,
    connect,
    inspect,
)


def define(home: ModelRegistry, **namespace: Any) -> Any:
    return type("User", (BaseModel,), {"name": StringField(), **namespace}, registry=home)


def meta(**options: Any) -> type:
    return type("Meta", (), options)


class Failing:
    """Fails in the hook that it is told to fail in."""

    def __init__(self, hook: str) -> None:
        self.hook = hook

    async def before_save(self, instance: object) -> None:
        if self.hook == "before_save":
            raise RuntimeError("before")

    async def after_save(self, instance: object) -> None:
        if self.hook == "after_save":
            raise RuntimeError("after")


async def test_what_was_saved_equals_what_is_loaded(home: ModelRegistry) -> None:
    user = define(home, born=DateTimeField(), tags=ListField(StringField()))
    async with connect("sqlite://", registry=home):
        ada = user(name="Ada", born=datetime(1815, 12, 10, 1, 2, 3, 456789, tzinfo=UTC), tags=["x"])
        assert (ada.id, inspect(ada).is_new) == (None, True)
        assert await ada.save() is ada
        assert isinstance(ada.id, ObjectId)
        assert not inspect(ada).is_new
        assert await user.get(ada.id) == ada
        assert await user.get(str(ada.id)) == ada


async def test_saving_again_replaces_the_document(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        ada = await user.create(name="Ada")
        ada.name = "Augusta"
        await ada.save()
        assert [one.name for one in await user.find()] == ["Augusta"]


async def test_values_changed_in_place_are_checked_at_the_save(home: ModelRegistry) -> None:
    user = define(home, tags=ListField(StringField()))
    async with connect("sqlite://", registry=home):
        ada = await user.create(name="Ada", tags=["a"])
        tags = ada.tags
        tags.append(3)
        with pytest.raises(ValidationError, match=r"tags\.1: must be a string"):
            await ada.save()
        tags[1] = "b"
        await ada.save()
        tags.append("c")
        await ada.save()
        assert (await user.get(ada.id)).tags == ["a", "b", "c"]


@pytest.mark.parametrize("hook", ["before_save", "after_save"])
async def test_an_error_in_a_hook(home: ModelRegistry, hook: str) -> None:
    home.plugin("failing")(Failing(hook))
    user = define(home, Meta=meta(plugins=["failing"]))
    async with connect("sqlite://", registry=home):
        ada = user(name="Ada")
        with pytest.raises(RuntimeError) as caught:
            await ada.save()
        assert f"in {hook} of the plugin 'failing'" in caught.value.__notes__[0]
        written = hook == "after_save"
        assert (ada.id is not None) is written
        assert inspect(ada).is_new is not written
        assert await user.find().count() == written


async def test_a_refused_save_leaves_the_instance_new(home: ModelRegistry) -> None:
    user = define(home, Meta=meta(indexes=[{"fields": ["name"], "unique": True}]))
    async with connect("sqlite://", registry=home):
        await user.create(name="Ada")
        second = user(name="Ada")
        with pytest.raises(DuplicateKeyError) as caught:
            await second.save()
        assert (second.id, inspect(second).is_new) == (None, True)
        (fault,) = caught.value.errors
        assert (fault.path, fault.code, fault.input) == ("name", "duplicate", "Ada")
        assert caught.value.index == "name_1"
        assert isinstance(caught.value, ValidationError)
        second.name = "Grace"
        await second.save()
        assert await user.find().count() == 2


async def test_a_duplicate_names_the_field_and_not_the_stored_name(home: ModelRegistry) -> None:
    user = define(
        home,
        email=EmailField(alias="e"),
        Meta=meta(indexes=[{"fields": ["email"], "unique": True}]),
    )
    async with connect("sqlite://", registry=home):
        await user.create(name="A", email="a@example.com")
        with pytest.raises(DuplicateKeyError, match="email: is taken"):
            await user.create(name="B", email="a@example.com")


@pytest.mark.filterwarnings("ignore::earnorm.UnbackedUniqueWarning")  # the validator alone is meant
async def test_a_unique_validator_and_the_index_end_in_one_error(home: ModelRegistry) -> None:
    validated = define(home, Meta=meta(validators=[UniqueValidator("name")], collection="same"))
    async with connect("sqlite://", registry=home):
        ada = await validated.create(name="Ada")
        with pytest.raises(DuplicateKeyError, match=r"name: is taken.*\(got 'Ada'\)") as caught:
            await validated.create(name="Ada")
        assert caught.value.index is None
        await ada.save()


@pytest.mark.filterwarnings("ignore::earnorm.UnbackedUniqueWarning")  # the validator alone is meant
async def test_a_unique_combination(home: ModelRegistry) -> None:
    options = meta(validators=[UniqueValidator("name", "age")])
    user = define(home, age=IntegerField(required=False), Meta=options)
    async with connect("sqlite://", registry=home):
        await user.create(name="Ada", age=36)
        await user.create(name="Ada", age=37)
        await user.create(name="Ada")
        await user.create(name="Ada")
        with pytest.raises(DuplicateKeyError, match="together with this age") as caught:
            await user.create(name="Ada", age=36)
        assert [fault.path for fault in caught.value.errors] == ["name", "age"]


@pytest.mark.filterwarnings("ignore::earnorm.UnbackedUniqueWarning")  # the validator alone is meant
async def test_duplicates_inside_a_batch_are_found_before_the_write(home: ModelRegistry) -> None:
    user = define(home, Meta=meta(validators=[UniqueValidator("name")]))
    async with connect("sqlite://", registry=home):
        await user.create(name="Taken")
        batch = [user(name=name) for name in ("A", "B", "A", "Taken")]
        with pytest.raises(DuplicateKeyError) as caught:
            await user.insert_many(batch)
        assert sorted(fault.path for fault in caught.value.errors) == ["2.name", "3.name"]
        assert await user.find().count() == 1
        assert all(one.id is None for one in batch)


async def test_a_batch_is_all_or_nothing_by_the_index_too(home: ModelRegistry) -> None:
    user = define(home, Meta=meta(indexes=[{"fields": ["name"], "unique": True}]))
    async with connect("sqlite://", registry=home):
        with pytest.raises(DuplicateKeyError, match=r"2\.name: is taken"):
            await user.insert_many([user(name=name) for name in ("A", "B", "A")])
        assert await user.find().count() == 0


async def test_every_faulty_instance_of_a_batch_is_named(home: ModelRegistry) -> None:
    user = define(home, tags=ListField(StringField()))
    async with connect("sqlite://", registry=home):
        batch = [user(name=str(n)) for n in range(3)]
        batch[0].tags.append(1)
        batch[2].tags.append(2)
        with pytest.raises(ValidationError) as caught:
            await user.insert_many(batch)
        assert [fault.path for fault in caught.value.errors] == ["0.tags.0", "2.tags.0"]


async def test_a_batch_refuses_strangers_the_stored_and_the_repeated(home: ModelRegistry) -> None:
    user = define(home)
    other: Any = type("Other", (BaseModel,), {}, registry=home)
    async with connect("sqlite://", registry=home):
        stored, new = await user.create(name="stored"), user(name="new")
        with pytest.raises(ValidationError) as caught:
            await user.insert_many([new, other(), new])
        assert [fault.path for fault in caught.value.errors] == ["1", ""]
        with pytest.raises(ValidationError, match="1: is stored already"):
            await user.insert_many([new, stored])
        assert await user.insert_many([]) == []


async def test_a_models_own_validator_sees_valid_instances_only(home: ModelRegistry) -> None:
    def adult(instance: Any) -> None:
        if instance.age < 18:
            raise ValueError("must be of age")

    user = define(home, age=IntegerField(), Meta=meta(validators=[adult]))
    async with connect("sqlite://", registry=home):
        with pytest.raises(ValidationError, match="must be of age"):
            await user.create(name="Ada", age=3)
        await user.create(name="Ada", age=30)


async def test_saving_a_deleted_document_is_an_error(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        ada = await user.create(name="Ada")
        again = await user.get(ada.id)
        assert await ada.delete() is True
        assert await again.delete() is False
        with pytest.raises(DocumentNotFoundError, match="no document with id"):
            await user.get(ada.id)
        other = await user.create(name="Bob")
        stale = await user.get(other.id)
        await other.delete()
        with pytest.raises(DocumentNotFoundError, match="deleted after the instance was loaded"):
            await stale.save()
        assert await user.find().count() == 0


async def test_a_deleted_instance_can_be_saved_again_under_its_id(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        ada = await user.create(name="Ada")
        old_id = ada.id
        await ada.delete()
        await ada.save()
        assert ada.id == old_id
        assert await user.find().count() == 1


async def test_reload_takes_every_value_and_the_extras(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home) as database:
        ada = await user.create(name="Ada")
        await database.store.replace(
            "user", {"_id": ada.id}, {"name": "Augusta", "planet": "Earth"}
        )
        ada.name = "unsaved"
        assert await ada.reload() is ada
        assert (ada.name, ada.planet) == ("Augusta", "Earth")
        await ada.delete()
        with pytest.raises(DocumentNotFoundError, match="never saved|deleted"):
            await ada.reload()


async def test_a_document_that_does_not_fit_is_named_with_every_path(home: ModelRegistry) -> None:
    user = define(home, age=IntegerField())
    async with connect("sqlite://", registry=home) as database:
        await database.store.insert("user", [{"_id": ObjectId(), "name": 3, "age": "x"}])
        with pytest.raises(DocumentError) as caught:
            await user.find()
        assert [fault.path for fault in caught.value.errors] == ["name", "age"]
        assert str(caught.value.document_id) in str(caught.value)


async def test_an_id_can_be_chosen_and_a_taken_one_is_a_field_error(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        chosen = ObjectId()
        await user(id=chosen, name="Ada").save()
        with pytest.raises(DuplicateKeyError, match="id: is taken"):
            await user(id=chosen, name="Bob").save()


@pytest.mark.parametrize("document_id", ["not an id", 3, None, {"$ne": None}])
async def test_an_impossible_id_finds_nothing(home: ModelRegistry, document_id: Any) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await user.create(name="Ada")
        with pytest.raises(DocumentNotFoundError, match="24 hexadecimal digits"):
            await user.get(document_id)


async def test_a_document_over_the_limit_is_refused(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(DocumentTooLargeError):
            await user.create(name="x" * (17 * 1024 * 1024))
        assert await user.find().count() == 0


async def test_a_reference_holds_an_id_and_is_fetched_when_asked(home: ModelRegistry) -> None:
    user = define(home)
    order: Any = type("Order", (BaseModel,), {"user": ReferenceField("User")}, registry=home)
    async with connect("sqlite://", registry=home):
        ada = await user.create(name="Ada")
        made = await order.create(user=ada)
        assert made.user.loaded is ada
        loaded = await order.get(made.id)
        assert loaded.user.id == ada.id
        with pytest.raises(NotFetchedError, match="Order.user holds an id only"):
            loaded.user.loaded  # noqa: B018 # reading is the point
        assert await loaded.user.fetch() == ada
        assert loaded.user.loaded == ada
        assert await order.find({"user": ada}).count() == 1
        assert await order.find(order.user == ada).count() == 1
        with pytest.raises(ValidationError, match="never saved"):
            order(user=user(name="new"))
        with pytest.raises(ValidationError, match="must be a stored instance"):
            order(user=made)


async def test_a_pending_reference_says_so_when_it_is_fetched(home: ModelRegistry) -> None:
    order: Any = type("Order", (BaseModel,), {"user": ReferenceField("Nobody")}, registry=home)
    async with connect("sqlite://", registry=home):
        made = await order.create(user=ObjectId())
        with pytest.raises(UnknownModelError, match="'Nobody'"):
            await made.user.fetch()


async def test_deleting_an_instance_reaches_a_document_that_queries_hide(
    home: ModelRegistry,
) -> None:
    class Hiding:
        def narrow_query(self, model: type) -> dict[str, Any]:
            return {"name": {"$ne": "hidden"}}

    home.plugin("hiding")(Hiding)
    user = define(home, Meta=meta(plugins=["hiding"]))
    async with connect("sqlite://", registry=home):
        hidden = await user.create(name="hidden")
        with pytest.raises(DocumentNotFoundError, match=r"unless 'hiding' leaves it out.*widen"):
            await user.get(hidden.id)
        assert await hidden.delete() is True
        assert await user.find().widen("hiding").count() == 0
        assert await hidden.delete() is False


async def test_deleting_what_was_never_saved_is_an_error(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(UpdateError, match="never saved"):
            await user(name="Ada").delete()


async def test_a_duplicate_that_queries_hide_is_hinted_at(home: ModelRegistry) -> None:
    class Hiding:
        def narrow_query(self, model: type) -> dict[str, Any]:
            return {"hidden": {"$ne": True}}

    home.plugin("hiding")(Hiding)
    options = meta(plugins=["hiding"], indexes=[{"fields": ["name"], "unique": True}])
    user = define(home, Meta=options)
    async with connect("sqlite://", registry=home):
        await user.create(name="Ada")
        with pytest.raises(DuplicateKeyError) as caught:
            await user.create(name="Ada")
        assert "may be one that 'hiding' leaves out" in caught.value.__notes__[0]


async def test_insert_many_refuses_what_is_no_instance(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(ValidationError, match="0: is no instance of User"):
            await user.insert_many([{"name": "Ada"}])
        with pytest.raises(ValidationError, match="1: is no instance of User"):
            await user.insert_many([user(name="Ada"), {"name": "Bob"}])


class Slow:
    """A store that tells when an insert has begun, and ends it when it is let go."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def insert(self, collection: str, documents: Any, **how: Any) -> None:
        self.begun.set()
        await self.go_on.wait()
        await self._store.insert(collection, documents, **how)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def connect_slowly(home: ModelRegistry) -> tuple[Database, Slow]:
    database = await connect("sqlite://", registry=home)
    slow: Any = Slow(database.store)
    slowed = Database(slow, home)
    home.database = slowed
    return slowed, slow


async def test_a_save_that_was_cancelled_is_not_made_twice(home: ModelRegistry) -> None:
    user = define(home)
    database, slow = await connect_slowly(home)
    ada = user(name="Ada")
    first = asyncio.create_task(ada.save())
    await slow.begun.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    again = asyncio.create_task(ada.save())
    slow.go_on.set()
    await again
    assert not inspect(ada).is_new
    assert [one.id for one in await user.find()] == [ada.id]
    await database.aclose()


async def test_a_save_that_fails_when_its_caller_has_gone_is_reported_by_the_event_loop(
    home: ModelRegistry,
) -> None:
    user = define(home, Meta=meta(indexes=[{"fields": ["name"], "unique": True}]))
    database, slow = await connect_slowly(home)
    slow.go_on.set()
    await user.create(name="Ada")
    slow.begun.clear()
    slow.go_on.clear()
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda loop, context: told.append(repr(context["exception"]))
    )
    twin = user(name="Ada")
    saving = asyncio.create_task(twin.save())
    await slow.begun.wait()
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    slow.go_on.set()
    with pytest.raises(DuplicateKeyError):
        await twin.save()
    gc.collect()
    assert ["DuplicateKeyError" in one for one in told] == [True]
    await database.aclose()


@pytest.mark.filterwarnings("ignore::earnorm.UnbackedUniqueWarning")  # the validator alone is meant
async def test_saves_of_one_new_instance_side_by_side_make_one_document(
    home: ModelRegistry,
) -> None:
    user = define(home, Meta=meta(validators=[UniqueValidator("name")]))
    async with connect("sqlite://", registry=home):
        ada = user(name="Ada")
        await asyncio.gather(*(ada.save() for _ in range(5)))
        assert await user.find().count() == 1


async def test_an_instance_that_another_task_is_saving_is_no_part_of_a_batch(
    home: ModelRegistry,
) -> None:
    user = define(home)
    database, slow = await connect_slowly(home)
    ada = user(name="Ada")
    saving = asyncio.create_task(ada.save())
    await slow.begun.wait()
    batch = asyncio.create_task(user.insert_many([ada, user(name="Bob")]))
    slow.go_on.set()
    await saving
    with pytest.raises(ValidationError, match="0: is stored already"):
        await batch
    assert await user.find().count() == 1
    await database.aclose()


async def test_what_was_found_valid_is_what_is_written(home: ModelRegistry) -> None:
    user = define(home, tags=ListField(StringField()))
    database, slow = await connect_slowly(home)
    ada = user(name="Ada", tags=["a"])
    saving = asyncio.create_task(ada.save())
    await slow.begun.wait()
    ada.tags.append(3)
    slow.go_on.set()
    await saving
    assert [one.tags for one in await user.find()] == [["a"]]
    await database.aclose()


async def test_insert_many_takes_instances_of_its_own_model_only(home: ModelRegistry) -> None:
    user = define(home)
    other: Any = type("Other", (BaseModel,), {}, registry=home)
    async with connect("sqlite://", registry=home):
        with pytest.raises(ValidationError, match="0: is no instance of User"):
            await user.insert_many([other()])
        assert await other.find().count() == 0


async def test_a_hook_that_fails_in_a_batch_tells_the_position(home: ModelRegistry) -> None:
    class Picky:
        def before_save(self, instance: Any) -> None:
            if instance.name == "bad":
                raise RuntimeError("no")

    home.plugin("picky")(Picky)
    user = define(home, Meta=meta(plugins=["picky"]))
    async with connect("sqlite://", registry=home):
        with pytest.raises(RuntimeError) as caught:
            await user.insert_many([user(name="good"), user(name="bad")])
        assert "for the instance at position 1 of the batch" in caught.value.__notes__
        assert await user.find().count() == 0


async def test_a_validator_that_returns_an_awaitable_is_told_so(home: ModelRegistry) -> None:
    async def later() -> None: ...

    def sneaky(instance: Any) -> Any:
        return later()

    user = define(home, Meta=meta(validators=[sneaky]))
    async with connect("sqlite://", registry=home):
        with pytest.raises(TypeError, match="sneaky returned an awaitable"):
            await user.create(name="Ada")
