"""What becomes of references when the document that they refer to is deleted."""

import sys
from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    DeleteRestrictedError,
    DictField,
    DocumentError,
    DocumentNotFoundError,
    EmbeddedField,
    EmbeddedModel,
    FieldDefinitionError,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    NotConnectedError,
    ReferenceField,
    StringField,
    UnbackedUniqueWarning,
    UniqueValidator,
    ValidationError,
    connect,
)
from earnorm.clock import frozen


def define(base: Any, name: str, home: ModelRegistry, /, **namespace: Any) -> Any:
    """A model with an index on each plain reference, as the guide advises."""
    meta = {"plugins": namespace.pop("plugins", []), "validators": namespace.pop("validators", [])}
    names = {"__module__": "shop", "__qualname__": name, **namespace}
    if base is BaseModel:
        names["Meta"] = type("Meta", (), {"collection": name.lower(), **meta})
    return type(name, (base,), names, registry=home)


@pytest.fixture
def user(home: ModelRegistry) -> Any:
    return define(BaseModel, "User", home, name=StringField(default="ada"))


# --- none


async def test_without_a_rule_the_reference_stays_and_dangles(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    order = define(BaseModel, "Order", home, user=ReferenceField("User"))
    ada = await user.create()
    made = await order.create(user=ada)
    counted.forget()
    await ada.delete()
    assert (counted.finds, counted.writes) == ([], [("delete", "user")])
    with pytest.raises(DocumentNotFoundError):
        await (await order.get(made.id)).user.fetch()


# --- restrict


async def test_restrict_refuses_and_names_who_refers(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    order = define(BaseModel, "Order", home, user=ReferenceField(user, on_delete="restrict"))
    cart = define(BaseModel, "Cart", home, owner=ReferenceField("User", on_delete="restrict"))
    ada, bob = await user.insert_many([user(), user(name="bob")])
    orders = await order.insert_many([order(user=ada) for _ in range(5)])
    await cart.create(owner=ada)
    with pytest.raises(DeleteRestrictedError) as caught:
        await ada.delete()
    error = caught.value
    assert isinstance(error, RuntimeError)
    assert error.model == "shop.User"
    assert [(one.model, one.field, one.count) for one in error.restrictions] == [
        ("shop.Order", "user", 5),
        ("shop.Cart", "owner", 1),
    ]
    assert error.restrictions[0].document_ids == tuple(one.id for one in orders[:3])
    assert str(error).startswith(
        "shop.User: nothing was deleted, because it is still referred to by user of 5 documents of "
        f"shop.Order ({orders[0].id}, {orders[1].id}, {orders[2].id}, …); owner of 1 document of shop.Cart"
    )
    with pytest.raises(DeleteRestrictedError):
        await user.find().delete()
    assert await user.find().count() == 2
    assert await bob.delete()
    await order.find().delete()
    await cart.find().delete()
    assert await ada.delete()


async def test_restrict_counts_what_a_plugin_hides(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    rule = ReferenceField(user, on_delete="restrict")
    order = define(BaseModel, "Order", home, user=rule, plugins=["softdelete"])
    ada = await user.create()
    made = await order.create(user=ada)
    await made.delete()
    with pytest.raises(DeleteRestrictedError):
        await ada.delete()
    await made.delete(skip_hooks=["softdelete"])
    assert await ada.delete()


async def test_what_is_deleted_together_does_not_restrict(
    home: ModelRegistry, counted: Any
) -> None:
    rule = ReferenceField("Place", required=False, on_delete="restrict")
    place = define(BaseModel, "Place", home, within=rule)
    world = await place.create()
    europe = await place.create(within=world)
    await place.insert_many([place(within=europe) for _ in range(3)])
    world.within = world
    await world.save()
    with pytest.raises(DeleteRestrictedError):
        await world.delete()
    with pytest.raises(DeleteRestrictedError):
        await place.find(place.id != europe.id).delete()
    assert await place.find().delete() == 5


# --- cascade


async def test_cascade_takes_dependents_of_dependents_and_nothing_else(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    order = define(BaseModel, "Order", home, user=ReferenceField(user, on_delete="cascade"))
    line = define(BaseModel, "Line", home, order=ReferenceField(order, on_delete="cascade"))
    ada, bob = await user.insert_many([user(), user(name="bob")])
    orders = await order.insert_many([order(user=one) for one in (ada, ada, bob)])
    await line.insert_many([line(order=one) for one in orders for _ in range(2)])
    counted.forget()
    assert await ada.delete()
    assert [name for _, name in counted.writes] == ["line", "order", "user"]
    assert [one.user.id for one in await order.find()] == [bob.id]
    assert await line.find().count() == 2
    assert await user.find(user.name == "bob").delete() == 1
    assert [await model.find().count() for model in (user, order, line)] == [0, 0, 0]


async def test_cascade_goes_round_cycles_and_through_diamonds_once(
    home: ModelRegistry, counted: Any
) -> None:
    node = define(
        BaseModel, "Node", home, links=ListField(ReferenceField("Node", on_delete="cascade"))
    )
    one, two, three = await node.insert_many([node() for _ in range(3)])
    one.links, two.links, three.links = [three, one], [one], [two, one]
    for each in (one, two, three):
        await each.save()
    other = await node.create()
    assert await two.delete()
    assert [each.id for each in await node.find()] == [other.id]


async def test_a_chain_may_be_deeper_than_functions_can_be_nested(
    home: ModelRegistry, counted: Any
) -> None:
    class Link(BaseModel, registry=home):
        to = ReferenceField("Link", required=False, on_delete="cascade")

        class Meta:
            indexes = [{"fields": ["to"]}]

    ids = [ObjectId() for _ in range(sys.getrecursionlimit() + 100)]
    await Link.insert_many(
        [Link(id=one, to=before) for one, before in zip(ids, [None, *ids], strict=False)]
    )
    await (await Link.get(ids[0])).delete()
    assert await Link.find().count() == 0


async def test_a_query_counts_what_it_matched(home: ModelRegistry, counted: Any) -> None:
    node = define(
        BaseModel, "Node", home, to=ReferenceField("Node", required=False, on_delete="cascade")
    )
    first = await node.create()
    await node.insert_many([node(to=first) for _ in range(1_200)])
    assert await node.find().delete() == 1_201


async def test_dependents_go_through_their_own_hooks_and_plugins(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    calls: list[Any] = []

    @home.plugin("log")
    class Log:
        def before_delete(self, model: Any, filter: Any) -> None:
            calls.append(("before", model.__name__, filter))

        async def after_delete(self, model: Any, filter: Any, deleted: int) -> None:
            calls.append(("after", model.__name__, deleted))

    rule = ReferenceField(user, on_delete="cascade")
    order = define(BaseModel, "Order", home, user=rule, plugins=["log"])
    note = define(BaseModel, "Note", home, user=rule, plugins=["softdelete", "timestamp"])
    comment = define(BaseModel, "Comment", home, note=ReferenceField(note, on_delete="restrict"))
    ada = await user.create()
    made = await order.create(user=ada)
    with frozen(datetime(2024, 1, 1, tzinfo=UTC)):
        marked = await note.create(user=ada)
        long_gone = await note.create(user=ada)
        await long_gone.delete()
    await comment.create(note=marked)
    with frozen(datetime(2025, 1, 1, tzinfo=UTC)):
        assert await ada.delete()
    assert calls == [("before", "Order", {"_id": {"$in": [made.id]}}), ("after", "Order", 1)]
    assert await note.find().count() == 0
    both = {one.id: one for one in await note.find().widen("softdelete")}
    assert both[marked.id].deleted_at.year == both[marked.id].updated_at.year == 2025
    assert both[long_gone.id].deleted_at.year == 2024
    assert await comment.find().count() == 1


async def test_marking_dependents_passes_by_no_hook(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    @home.plugin("shout")
    class Shout:
        def before_save(self, instance: Any) -> None:
            instance.text = instance.text.upper()

    rule = ReferenceField(user, on_delete="cascade")
    note = define(
        BaseModel, "Note", home, user=rule, text=StringField(), plugins=["shout", "softdelete"]
    )
    ada = await user.create()
    made = await note.create(user=ada, text="a")
    await note.find().update({"$set": {"text": "b"}}, skip_hooks=["shout"])
    await ada.delete()
    (one,) = await note.find({"_id": made.id}).widen("softdelete")
    assert one.text == "B"
    assert one.deleted_at is not None


async def test_a_restrict_anywhere_below_stops_everything(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    order = define(BaseModel, "Order", home, user=ReferenceField(user, on_delete="cascade"))
    note = define(BaseModel, "Note", home, user=ReferenceField(user, on_delete="cascade"))
    line = define(BaseModel, "Line", home, order=ReferenceField(order, on_delete="cascade"))
    bill = define(BaseModel, "Bill", home, line=ReferenceField(line, on_delete="restrict"))
    ada, bob = await user.insert_many([user(), user()])
    await note.insert_many([note(user=ada) for _ in range(3)])
    orders = await order.insert_many([order(user=bob), order(user=ada)])
    lines = await line.insert_many([line(order=one) for one in orders])
    await bill.create(line=lines[1])
    counted.forget()
    with pytest.raises(
        DeleteRestrictedError, match=r"shop\.Line: .* line of 1 document of shop\.Bill"
    ):
        await user.find().delete()
    assert counted.writes == []
    assert await bob.delete()
    assert [await model.find().count() for model in (user, note, order, line)] == [1, 3, 1, 1]


async def test_a_soft_delete_is_no_delete(home: ModelRegistry, counted: Any) -> None:
    user = define(BaseModel, "User", home, plugins=["softdelete"])
    order = define(BaseModel, "Order", home, user=ReferenceField(user, on_delete="cascade"))
    bill = define(BaseModel, "Bill", home, user=ReferenceField(user, on_delete="restrict"))
    ada = await user.create()
    await order.create(user=ada)
    kept = await bill.create(user=ada)
    await ada.delete()
    await user.find().widen("softdelete").delete()
    assert await order.find().count() == 1
    with pytest.raises(DeleteRestrictedError):
        await ada.delete(skip_hooks=["softdelete"])
    await kept.delete()
    assert await user.find().widen("softdelete").delete(skip_hooks=["softdelete"]) == 1
    assert await order.find().count() == 0


# --- nullify


class Shapes:
    """A reference held in every way, from one document to another."""

    def __init__(self, home: ModelRegistry, target: Any, **options: Any) -> None:
        def reference(**more: Any) -> Any:
            return ReferenceField(target, on_delete="nullify", **more)

        self.part = define(
            EmbeddedModel, "Part", home, who=reference(required=False, alias="w"), n=IntegerField()
        )
        self.model = define(
            BaseModel,
            "Holder",
            home,
            plain=reference(required=False, alias="p"),
            listed=ListField(reference()),
            keyed=DictField(reference()),
            part=EmbeddedField(self.part, required=False),
            parts=ListField(EmbeddedField(self.part)),
            grid=ListField(ListField(reference())),
            tree=DictField(ListField(EmbeddedField(self.part))),
            other=StringField(default="x"),
            **options,
        )


async def test_nullify_takes_the_reference_out_however_it_is_held(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    holder = Shapes(home, user).model
    ada, bob = await user.insert_many([user(), user()])
    made = await holder.create(
        plain=ada,
        listed=[ada, bob, ada],
        keyed={"a": ada, "b.c": ada, "$d": bob, "": ada},
        part={"who": ada, "n": 1},
        parts=[{"who": ada, "n": 2}, {"who": bob, "n": 3}, {"who": None, "n": 4}],
        grid=[[ada], [bob, ada], []],
        tree={"x.y": [{"who": ada, "n": 5}, {"who": bob, "n": 6}]},
    )
    untouched = await holder.create(plain=bob, listed=[bob])
    await ada.delete()
    one = await holder.get(made.id)
    assert one.plain is None
    assert [item.id for item in one.listed] == [bob.id]
    assert {key: item.id for key, item in one.keyed.items()} == {"$d": bob.id}
    assert (one.part.who, one.part.n) == (None, 1)
    assert [part.who.id if part.who else None for part in one.parts] == [None, bob.id, None]
    assert [[item.id for item in items] for items in one.grid] == [[], [bob.id], []]
    first, second = one.tree["x.y"]
    assert (first.who, first.n, second.who.id) == (None, 5, bob.id)
    assert one.other == "x"
    assert await holder.get(untouched.id) == untouched


async def test_nullify_passes_the_update_hooks(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    holder = Shapes(home, user, plugins=["timestamp", "softdelete"]).model
    ada = await user.create()
    with frozen(datetime(2024, 1, 1, tzinfo=UTC)):
        made = await holder.create(plain=ada)
        listed = await holder.create(listed=[ada])
        gone = await holder.create(plain=ada)
        await gone.delete()
    with frozen(datetime(2025, 1, 1, tzinfo=UTC)):
        await ada.delete()
    for one in (made, listed, gone):
        await one.reload()
        assert (one.plain, one.listed) == (None, [])
        assert (one.created_at.year, one.updated_at.year) == (2024, 2025)
    assert gone.deleted_at.year == 2024


async def test_nullify_loads_and_saves_where_a_hook_or_validator_looks_at_instances(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    seen: list[Any] = []

    @home.plugin("shout")
    class Shout:
        def before_save(self, instance: Any) -> None:
            seen.append(instance.id)

    def never_alone(instance: Any) -> None:
        if instance.plain is None and not instance.listed:
            raise ValueError("refers to nobody")

    with pytest.warns(UnbackedUniqueWarning):
        hooked = define(
            BaseModel,
            "Hooked",
            home,
            plain=ReferenceField(user, required=False, on_delete="nullify"),
            listed=ListField(ReferenceField(user, on_delete="nullify")),
            plugins=["shout"],
            validators=[never_alone, UniqueValidator("plain")],
        )
    ada, bob = await user.insert_many([user(), user()])
    made = await hooked.create(plain=ada, listed=[ada, bob])
    seen.clear()
    await ada.delete()
    await made.reload()
    assert made.plain is None
    assert [one.id for one in made.listed] == [bob.id]
    assert seen == [made.id, made.id]
    with pytest.raises(ValidationError, match="refers to nobody"):
        await bob.delete()
    assert await user.find().count() == 1


async def test_nullify_touches_nothing_that_is_deleted_anyway(
    home: ModelRegistry, counted: Any
) -> None:
    rule = ReferenceField("Node", required=False, on_delete="nullify")
    node = define(BaseModel, "Node", home, to=rule)
    first = await node.create()
    second = await node.create(to=first)
    third = await node.create(to=second)
    counted.forget()
    assert await node.find(node.id != third.id).delete() == 2
    assert counted.writes == [("update", "node"), ("delete", "node")]
    assert (await node.get(third.id)).to is None


async def test_a_document_that_does_not_fit_its_model_is_told_and_nothing_is_lost(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    holder = Shapes(home, user).model
    ada = await user.create()
    made = await holder.create(parts=[{"who": ada, "n": 1}])
    await counted.update("holder", {"_id": made.id}, {"$set": {"parts": [{"w": ada.id, "n": "x"}]}})
    with pytest.raises(DocumentError, match=r"parts\.0\.n"):
        await ada.delete()
    assert await user.find().count() == 1


async def test_what_another_writer_adds_meanwhile_is_kept(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    holder = Shapes(home, user).model
    ada, bob = await user.insert_many([user(), user()])
    made = await holder.create(listed=[ada])
    update = counted.update
    meddled: list[str] = []

    async def meddling(collection: str, *args: Any, **how: Any) -> Any:
        if not meddled:
            meddled.append(collection)
            await holder.find({"_id": made.id}).update({"$set": {"listed": [bob, ada, bob]}})
            await holder.create(plain=ada)
        changed: int = await update(collection, *args, **how)
        return changed

    counted.update = meddling
    await ada.delete()
    assert meddled == ["holder"]
    assert [one.id for one in (await holder.get(made.id)).listed] == [bob.id, bob.id]
    assert await holder.find(holder.plain == ada.id).count() == 0


# --- which models, which databases


async def test_models_of_other_registries_that_are_listed_here_are_kept_too() -> None:
    home, elsewhere = ModelRegistry("home"), ModelRegistry("elsewhere")
    user = define(BaseModel, "User", home)
    order = define(BaseModel, "Order", elsewhere, user=ReferenceField(user, on_delete="restrict"))
    async with connect("sqlite://", registry=home):
        ada = await user.create()
        home.register(order)
        with pytest.raises(NotConnectedError, match="Order"):
            await ada.delete()
        async with connect("sqlite://", registry=elsewhere):
            made = await order.create(user=ada)
            with pytest.raises(DeleteRestrictedError):
                await ada.delete()
            await made.delete()
            assert await ada.delete()


async def test_a_database_that_is_named_is_the_one_that_is_kept_whole(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    order = define(BaseModel, "Order", home, user=ReferenceField(user, on_delete="cascade"))
    async with connect("sqlite://", registry=ModelRegistry()) as tenant:
        ada = await tenant.save(user())
        await tenant.save(order(user=ada))
        await order.create(user=ada.id)
        await tenant.delete(ada)
        with tenant.use():
            assert await order.find().count() == 0
        assert await order.find().count() == 1


async def test_a_rule_that_arrives_later_is_kept(
    home: ModelRegistry, counted: Any, user: Any
) -> None:
    ada, bob = await user.insert_many([user(), user()])
    assert await ada.delete()
    order = define(BaseModel, "Order", home, user=ReferenceField("User", on_delete="restrict"))
    await order.create(user=bob)
    with pytest.raises(DeleteRestrictedError):
        await bob.delete()


# --- the declaration


@pytest.mark.parametrize("rule", ["cascad", "CASCADE", None, "", 1, True, ["cascade"]])
def test_a_rule_that_does_not_exist_is_refused(rule: Any) -> None:
    with pytest.raises(
        FieldDefinitionError, match="on_delete takes 'none', 'restrict', 'cascade', 'nul"
    ):
        ReferenceField("User", on_delete=rule)


def test_a_near_rule_is_named() -> None:
    wrong: Any = "nulify"
    with pytest.raises(FieldDefinitionError, match=r"Did you mean 'nullify'\?"):
        ReferenceField("User", on_delete=wrong)


def test_what_cannot_be_taken_away_is_refused_at_the_class_line(home: ModelRegistry) -> None:
    with pytest.raises(ModelDefinitionError, match="'user' is required, so on_delete='nullify'"):
        define(BaseModel, "Order", home, user=ReferenceField("User", on_delete="nullify"))
    with pytest.raises(ModelDefinitionError, match="'who' is required"):
        define(EmbeddedModel, "Part", home, who=ReferenceField("User", on_delete="nullify"))
    items = ListField(ReferenceField("User", on_delete="nullify"), min_length=1)
    with pytest.raises(ModelDefinitionError, match="'items' has a min_length"):
        define(BaseModel, "Order", home, items=items)
    assert home.get_all_models() == []


def test_a_reference_to_an_abstract_model_is_refused(home: ModelRegistry) -> None:
    class Base(BaseModel, registry=home):
        class Meta:
            abstract = True

    with pytest.raises(
        FieldDefinitionError, match=r"Base is abstract\. Refer to one of the models"
    ):
        ReferenceField(Base)


def test_relationships_tell_the_rule(home: ModelRegistry, user: Any) -> None:
    order = define(
        BaseModel,
        "Order",
        home,
        user=ReferenceField(user, on_delete="restrict"),
        items=ListField(ReferenceField("User")),
    )
    told = {one.field: one.on_delete for one in home.get_relationships(order)}
    assert told == {"user": "restrict", "items": "none"}
