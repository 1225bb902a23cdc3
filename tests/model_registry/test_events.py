"""What a registry tells of itself, and in which order."""

import gc
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    ConflictFound,
    EventRevisionError,
    IntegerField,
    ModelChanged,
    ModelDefinitionError,
    ModelRegistered,
    ModelRegistry,
    ModelReplacedWarning,
    ModelUnregistered,
    PluginBound,
    PluginConflictError,
    PluginFields,
    PluginUnbound,
    RegistryEvent,
    StoreBound,
    StoreUnbound,
    StringField,
    connect,
)
from earnorm.plugins import PluginManager
from earnorm.testing import frozen
from tests.model_registry.conftest import define, define_plain

NOON = datetime(2026, 1, 2, 12, 0, 0, 345678, tzinfo=UTC)


@pytest.fixture
def failing(home: ModelRegistry) -> str:
    """The name of a plugin whose `on_register` raises."""

    class Failing:
        def on_register(self, model: type) -> None:
            raise RuntimeError("no")

    home.plugin("failing")(Failing)
    return "failing"


def told(events: list[RegistryEvent]) -> list[tuple[str, str | None]]:
    return [(event.kind, event.model) for event in events]


def keys_of(home: ModelRegistry) -> set[str]:
    return {model.__metadata__.key for model in home.get_all_models()}


def test_registering_and_unregistering_are_told_in_order(home: ModelRegistry) -> None:
    define(home, "shop.User")
    define(home, "shop.Order")
    home.unregister("shop.User")
    assert told(home.events()) == [
        ("model_registered", "shop.User"),
        ("model_registered", "shop.Order"),
        ("model_unregistered", "shop.User"),
    ]


def test_an_event_says_when_where_and_which(home: ModelRegistry) -> None:
    with frozen(NOON):
        define(home, "shop.User")
    (event,) = home.events()
    assert isinstance(event, ModelRegistered)
    assert (event.registry, event.collection) == ("a test", "shop.User")
    assert event.time == NOON.replace(microsecond=345000)
    assert event.time.tzinfo is UTC


def test_the_revision_of_an_event_is_that_of_the_registry_after_it(home: ModelRegistry) -> None:
    seen: list[tuple[int, int]] = []
    with home.subscribe(lambda event: seen.append((event.revision, home.revision))):
        define(home, "shop.User")
        define(home, "shop.Order")
    assert [revision for revision, _ in seen] == [after for _, after in seen]
    assert seen[0] < seen[1]


def test_registering_a_model_again_is_no_event(home: ModelRegistry) -> None:
    user = define(home, "shop.User")
    before = home.revision
    home.register(user)
    assert (home.revision, len(home.events())) == (before, 1)


def test_a_redefined_model_tells_what_it_was_and_what_it_is(home: ModelRegistry) -> None:
    define(home, "shop.User", name=StringField())
    with pytest.warns(ModelReplacedWarning):
        define(home, "shop.User", name=IntegerField(), age=IntegerField())
    change = home.events()[-1]
    assert isinstance(change, ModelChanged)
    assert (change.model, change.reason) == ("shop.User", "redefined")
    assert change.old.fields == {"id": "ObjectIdField", "name": "StringField"}
    assert change.new.fields == {
        "id": "ObjectIdField",
        "name": "IntegerField",
        "age": "IntegerField",
    }
    assert hash(change) == hash(home.events()[-1])


def test_a_registration_that_fails_is_no_event(home: ModelRegistry, failing: str) -> None:
    with pytest.raises(RuntimeError):
        define(home, "shop.User", Meta=type("Meta", (), {"plugins": [failing]}))
    assert home.events() == []


def test_a_redefinition_that_fails_is_no_event(home: ModelRegistry, failing: str) -> None:
    define(home, "shop.User", name=StringField())
    with pytest.warns(ModelReplacedWarning), pytest.raises(RuntimeError):
        define(home, "shop.User", Meta=type("Meta", (), {"plugins": [failing]}))
    assert [event.kind for event in home.events()] == ["model_registered"]


def test_registering_many_tells_of_all_or_of_none(home: ModelRegistry, failing: str) -> None:
    other = ModelRegistry()
    good = define(other, "shop.User")
    bad: Any = type("Bad", (BaseModel,), {"__module__": "shop"}, registry=other)
    bad.__plans__ = home.plugins.plans(home.plugins.resolve([failing], {}, model="x").plugins)
    seen: list[RegistryEvent] = []
    with home.subscribe(seen.append), pytest.raises(RuntimeError):
        home.register_many([good, bad])
    assert home.get_all_models() == []
    assert seen == []


def test_a_model_tells_which_plugins_it_has_got_and_lost(home: ModelRegistry) -> None:
    for name in ("one", "two"):
        home.plugin(name)(type(name, (), {"before_save": lambda self, instance: None}))

    def with_plugins(*names: str) -> type[BaseModel]:
        return define(home, "shop.User", Meta=type("Meta", (), {"plugins": [*names]}))

    user = with_plugins("one")
    with pytest.warns(ModelReplacedWarning):
        with_plugins("two")
    bound = home.events(kinds=(PluginBound, PluginUnbound))
    assert [(event.kind, event.model, getattr(event, "plugin", "")) for event in bound] == [
        ("plugin_bound", "shop.User", "one"),
        ("plugin_bound", "shop.User", "two"),
        ("plugin_unbound", "shop.User", "one"),
    ]
    other = ModelRegistry()
    other.register(user)
    assert other.events(kinds=PluginBound) == []


async def test_a_registry_tells_which_database_its_models_have(home: ModelRegistry) -> None:
    seen: list[RegistryEvent] = []
    with home.subscribe(seen.append):
        async with connect("sqlite://", registry=home) as database:
            bound = seen[-1]
            await database.aclose()
    assert isinstance(bound, StoreBound)
    unbound = seen[-1]
    assert isinstance(unbound, StoreUnbound)
    assert len(seen) == 2
    assert bound.store == unbound.store == database.url
    assert (bound.model, "subject" in bound.as_cloud_event()) == (None, False)


def test_a_collection_that_would_be_shared_by_accident_is_told(home: ModelRegistry) -> None:
    define_plain(home, "shop.User")
    seen: list[RegistryEvent] = []
    with home.subscribe(seen.append), pytest.raises(ModelDefinitionError) as caught:
        define_plain(home, "forum.User")
    (conflict,) = seen
    assert isinstance(conflict, ConflictFound)
    assert (conflict.about, conflict.name) == caught.value.contested == ("collection", "user")
    assert conflict.origins == caught.value.origins == ("shop.User", "forum.User")
    assert conflict.model == "forum.User"


def test_a_field_that_two_plugins_bring_is_told_with_both(home: ModelRegistry) -> None:
    for name in ("one", "two"):
        mixin = type("Mixin", (PluginFields,), {"at": StringField()}, plugin=name)
        home.plugin(name)(type(name, (), {"contribute_fields": lambda self, m=mixin: m}))
    with pytest.raises(PluginConflictError, match="both contribute the field 'at'"):
        define(home, "shop.User", Meta=type("Meta", (), {"plugins": ["one", "two"]}))
    (conflict,) = home.events(kinds=ConflictFound)
    assert (conflict.model, conflict.about, conflict.name) == ("shop.User", "field", "at")
    assert conflict.origins == ("one (this process)", "two (this process)")
    assert json.loads(json.dumps(conflict.as_dict()))["origins"] == list(conflict.origins)


def test_a_bare_name_that_two_models_have_is_told_when_the_second_comes(
    home: ModelRegistry,
) -> None:
    define(home, "shop.User")
    define(home, "forum.User")
    (conflict,) = home.events(kinds=ConflictFound)
    assert (conflict.about, conflict.name) == ("name", "User")
    assert conflict.origins == ("shop.User", "forum.User")


def test_a_class_that_is_garbage_is_told_as_collected(home: ModelRegistry) -> None:
    def make() -> None:
        class Local(BaseModel, registry=home):
            name = StringField()

    make()
    gc.collect()
    event = home.events()[-1]
    assert isinstance(event, ModelUnregistered)
    assert event.reason == "collected"


def test_events_do_not_keep_a_local_class_alive(home: ModelRegistry) -> None:
    seen: list[RegistryEvent] = []

    def make() -> type[BaseModel]:
        class Local(BaseModel, registry=home):
            name = StringField()

        return Local

    with home.subscribe(seen.append):
        first = make()
        make()
        del first
        gc.collect()
        define(home, "shop.User")
    assert [event.kind for event in seen] == [
        "model_registered",
        "model_changed",
        "model_unregistered",
        "model_registered",
    ]
    assert keys_of(home) == {"shop.User"}


def test_events_after_a_revision_and_of_a_kind_can_be_read(home: ModelRegistry) -> None:
    define(home, "shop.User")
    define(home, "shop.Order")
    home.unregister("shop.User")
    first, second, third = home.events()
    assert home.events(since=first.revision) == [second, third]
    assert home.events(since=home.revision) == []
    assert home.events(kinds=ModelUnregistered) == [third]
    assert home.events(kinds=(ModelRegistered, ModelUnregistered)) == [first, second, third]
    assert home.events(first.revision, kinds=ModelRegistered) == [second]
    with pytest.raises(TypeError, match="kinds holds 'model', which is no kind of event"):
        home.events(kinds=["model"])  # type: ignore[list-item] # the point of the test


def test_an_event_that_is_not_kept_any_more_is_an_error_that_names_the_oldest() -> None:
    home = ModelRegistry("small", manager=PluginManager("small"), events_kept=4)
    for number in range(20):
        define(home, f"shop.Model{number}")
    oldest = home.events()[0].revision
    assert home.events()[-1].model == "shop.Model19"
    assert 4 <= len(home.events()) <= 5
    with pytest.raises(EventRevisionError, match=f"the oldest that is kept is {oldest}") as caught:
        home.events(since=0)
    assert (caught.value.since, caught.value.oldest, caught.value.newest) == (
        0,
        oldest,
        home.revision,
    )
    assert home.events(since=oldest - 1) == home.events()


def test_a_revision_that_is_yet_to_come_is_an_error(home: ModelRegistry) -> None:
    with pytest.raises(EventRevisionError, match="is at revision 0 and has not come to 7 yet"):
        home.subscribe(print, since=7)


def test_an_event_is_json(home: ModelRegistry) -> None:
    with frozen(NOON):
        define(home, "shop.User", name=StringField())
        with pytest.warns(ModelReplacedWarning):
            define(home, "shop.User")
    registered, changed = (json.loads(json.dumps(event.as_dict())) for event in home.events())
    assert registered == {
        "kind": "model_registered",
        "revision": home.events()[0].revision,
        "time": "2026-01-02T12:00:00.345Z",
        "registry": "a test",
        "run": home.events()[0].run,
        "model": "shop.User",
        "collection": "shop.User",
    }
    assert changed["old"] == {
        "collection": "shop.User",
        "fields": {"id": "ObjectIdField", "name": "StringField"},
        "plugins": [],
    }


def replayed(events: list[RegistryEvent]) -> set[str]:
    """The models that are registered according to the events."""
    known: set[str] = set()
    for event in events:
        if isinstance(event, ModelRegistered):
            assert event.model not in known
            known.add(event.model)
        elif isinstance(event, ModelUnregistered):
            known.remove(event.model)
    return known


@pytest.mark.filterwarnings("ignore::earnorm.ModelReplacedWarning")
def test_the_events_replayed_are_the_registry(home: ModelRegistry) -> None:
    models: list[Any] = [define(home, f"shop.Model{number % 7}") for number in range(20)]
    for model in models:
        if model in home:
            home.unregister(model)
            home.register(model)
    home.unregister("shop.Model3")
    assert replayed(home.events()) == keys_of(home)
