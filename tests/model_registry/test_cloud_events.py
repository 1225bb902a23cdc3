"""The events of a registry are CloudEvents 1.0, as the SDK of the specification reads them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from earnorm import ModelRegistry, ModelReplacedWarning, RegistryEvent, StringField, connect
from earnorm.plugins import PluginManager
from earnorm.testing import frozen
from tests.model_registry.conftest import define

NOON = datetime(2026, 1, 2, 12, 0, 0, 345678, tzinfo=UTC)


def read_by_the_sdk(event: RegistryEvent, **options: Any) -> Any:
    """The event after a walk through JSON; the SDK raises for an attribute that the specification does not allow."""
    return JSONFormat().read(CloudEvent, json.dumps(event.as_cloud_event(**options)))


def add(home: ModelRegistry) -> None:
    define(home, "shop.User", name=StringField())


def change(home: ModelRegistry) -> None:
    add(home)
    with pytest.warns(ModelReplacedWarning):
        define(home, "shop.User")


def remove(home: ModelRegistry) -> None:
    add(home)
    home.unregister("shop.User")


@pytest.mark.parametrize(
    ("happen", "kind"),
    [
        (add, "earnorm.registry.model_registered"),
        (change, "earnorm.registry.model_changed"),
        (remove, "earnorm.registry.model_unregistered"),
    ],
)
def test_the_sdk_reads_what_happened(
    home: ModelRegistry, happen: Callable[[ModelRegistry], None], kind: str
) -> None:
    with frozen(NOON):
        happen(home)
    event = home.events()[-1]
    read = read_by_the_sdk(event)
    assert read.get_specversion() == "1.0"
    assert read.get_type() == kind
    assert read.get_source() == "urn:earnorm:registry:a%20test"
    assert read.get_subject() == "shop.User"
    assert read.get_time() == event.time == NOON.replace(microsecond=345000)
    assert read.get_datacontenttype() == "application/json"
    assert read.get_data() == event.as_dict()


async def test_the_sdk_reads_every_kind_of_event(home: ModelRegistry) -> None:
    home.plugin("quiet")(type("Quiet", (), {"before_save": lambda self, instance: None}))
    define(home, "shop.User", Meta=type("Meta", (), {"plugins": ["quiet"]}))
    with pytest.warns(ModelReplacedWarning):
        define(home, "shop.User")
    define(home, "forum.User")
    home.unregister("forum.User")
    async with connect("sqlite://", registry=home):
        pass
    names = {type(event).__name__ for event in home.events()}
    assert names == {kind.__name__ for kind in RegistryEvent.__subclasses__()}
    for event in home.events():
        assert read_by_the_sdk(event).get_data() == event.as_dict()


def test_the_sdk_writes_what_it_read(home: ModelRegistry) -> None:
    add(home)
    (event,) = home.events()
    written = json.loads(JSONFormat().write(read_by_the_sdk(event)))
    moments = (written.pop("time"), event.as_cloud_event()["time"])
    assert {datetime.fromisoformat(str(moment)) for moment in moments} == {event.time}
    assert written == {
        name: value for name, value in event.as_cloud_event().items() if name != "time"
    }


def test_an_id_is_unique_within_its_source() -> None:
    registries = [ModelRegistry("shop", manager=PluginManager("shop")) for _ in range(2)]
    for registry in registries:
        add(registry)
        define(registry, "shop.Order")
    events = [read_by_the_sdk(event) for registry in registries for event in registry.events()]
    assert len({event.get_source() for event in events}) == 1
    assert len({event.get_id() for event in events}) == 4


def test_a_program_may_say_where_it_happened(home: ModelRegistry) -> None:
    add(home)
    read = read_by_the_sdk(home.events()[0], source="https://shop.example/registry")
    assert read.get_source() == "https://shop.example/registry"
