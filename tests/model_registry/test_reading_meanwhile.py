"""Whoever reads while models come, change and go sees the registry before or after, and never between."""

import asyncio
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from earnorm import (
    AmbiguousModelError,
    ListField,
    ModelRegistry,
    ReferenceField,
    StringField,
    UnknownModelError,
)
from tests.model_registry.conftest import define

THREADS = 8
TASKS = 100

_MOST_EXTENSIONS = 20


class Shop:
    """Models that a writer moves in and out of a registry, by rules that every moment keeps."""

    def __init__(self) -> None:
        home = ModelRegistry("where the models are at home")
        refer = ReferenceField
        # These three refer to each other, and come and go together.
        self.basket = define(
            home, "shop.Basket", left=refer("Left"), both=ListField(refer("Right"))
        )
        self.left = define(home, "shop.Left", other=refer("Right"), in_=refer("Basket"))
        self.right = define(home, "shop.Right", other=refer("Left"))
        self.trio: Any = [self.basket, self.left, self.right]
        # So do these two, so their bare name never means one of them.
        self.twins: Any = [
            define(home, "first.Twin", other=refer("second.Twin")),
            define(home, "second.Twin", other=refer("first.Twin")),
        ]
        # One of these two is always there, and it is what `asking` refers to.
        self.solos: Any = [define(home, f"solo{number}.Solo") for number in range(2)]
        self.asking = define(home, "shop.Asking", solo=refer("Solo"), shop=refer("Version"))
        # These two have one key, and one of them is always there.
        self.versions: Any = [
            define(ModelRegistry(), "shop.Version", number=StringField()) for _ in range(2)
        ]
        # This one and its child get fields, two at a time, and children for the length of a turn.
        self.growing: Any = define(home, "shop.Growing", f0=StringField(default=""))
        self.child: Any = type("Child", (self.growing,), {"__module__": "shop"})
        self.home = home
        self.registry = ModelRegistry("read meanwhile")
        self.registry.register_many([self.growing, self.child])
        self.registry.register_many([self.asking, self.versions[0], self.solos[0]])

    def changes(self) -> Iterator[None]:
        """Changes for ever, one at a time."""
        registry, turn = self.registry, 0
        while True:
            turn += 1
            registry.register_many(self.trio)
            yield
            registry.register_many(self.twins)
            yield
            registry.register(self.versions[turn % 2])
            yield
            registry.register(self.solos[turn % 2])
            yield
            registry.unregister(self.solos[(turn + 1) % 2])
            yield
            registry.unregister(random.choice(self.trio), dependents="cascade")
            yield
            registry.unregister("first.Twin", dependents="cascade")
            yield
            if turn % 8 == 0 and turn <= _MOST_EXTENSIONS * 8:
                names = (f"left{turn}", f"right{turn}")
                self.home.extend(
                    self.growing, fields={name: StringField(default="") for name in names}
                )
            yield

    def read(self) -> None:
        """Asks one thing, and holds the answer against the rules."""
        random.choice(self._questions())()

    def _questions(self) -> list[Callable[[], None]]:
        return [
            self._read_all,
            self._read_references,
            self._read_dependents,
            self._read_twins,
            self._read_solos,
            self._read_versions,
            self._read_growing,
        ]

    def _read_all(self) -> None:
        found = self.registry.get_all_models()
        assert len(found) == len(set(found))
        for together in (self.trio, self.twins):
            assert sum(one in found for one in together) in (0, len(together))
        assert sum(one in found for one in self.versions) == 1
        assert sum(one in found for one in self.solos) in (1, 2)

    def _read_references(self) -> None:
        try:
            assert self.registry.get_references(self.basket) == [self.left, self.right]
            resolved = self.registry.get_relationships("Basket")
            assert [one.target for one in resolved] == ["shop.Left", "shop.Right"]
        except UnknownModelError as error:
            absent = error.name
        else:
            return
        assert absent in ("Basket", "shop.Basket")

    def _read_dependents(self) -> None:
        try:
            found = self.registry.get_dependents(self.left)
            assert set(found) == {self.basket, self.right}
            assert self.registry.get_metadata("shop.Left").fields.keys() == {"id", "other", "in_"}
        except UnknownModelError as error:
            absent = error.name
        else:
            return
        assert absent in ("Left", "shop.Left")

    def _read_twins(self) -> None:
        with pytest.raises((UnknownModelError, AmbiguousModelError)) as caught:
            self.registry.get_model("Twin")
        if isinstance(caught.value, AmbiguousModelError):
            assert caught.value.candidates == ("first.Twin", "second.Twin")

    def _read_solos(self) -> None:
        try:
            assert self.registry.get_model("Solo") in self.solos
        except AmbiguousModelError as error:
            candidates = error.candidates
        else:
            candidates = ("solo0.Solo", "solo1.Solo")
        assert candidates == ("solo0.Solo", "solo1.Solo")
        solo, _ = self.registry.get_relationships(self.asking)
        assert not solo.pending
        assert any(one in self.registry for one in ("solo0.Solo", "solo1.Solo", "shop.Asking"))

    def _read_growing(self) -> None:
        for registry in (self.registry, self.home):
            small = registry.get_metadata(self.growing).fields
            large = registry.get_metadata("Child").fields
            assert large.keys() >= small.keys()
            for fields in (small, large):
                left = {name[4:] for name in fields if name.startswith("left")}
                assert left == {name[5:] for name in fields if name.startswith("right")}
        model: Any = random.choice([self.growing, self.child])
        document = model(f0="x").to_document()
        assert model.from_document(document).to_document()["f0"] == "x"

    def _read_versions(self) -> None:
        assert "shop.Version" in self.registry
        assert self.registry.get_model("shop.Version") in self.versions
        assert self.registry.get_metadata("Version").fields.keys() == {"id", "number"}
        assert self.registry.get_dependents("Version") == [self.asking]


@pytest.fixture
def hasty() -> Iterator[None]:
    """Threads take turns far more often than they usually do."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.usefixtures("hasty")
@pytest.mark.filterwarnings("ignore::earnorm.ModelReplacedWarning")
@pytest.mark.parametrize("seconds", [2, pytest.param(60, marks=pytest.mark.soak)])
async def test_threads_and_tasks_read_whole_registries_while_it_changes(seconds: float) -> None:
    shop = Shop()
    faults: list[BaseException] = []
    end = time.monotonic() + seconds
    counts = {"changes": 0, "reads": 0}

    def run(what: str, step: Callable[[], object]) -> None:
        try:
            while time.monotonic() < end and not faults:
                step()
                counts[what] += 1
        except BaseException as fault:  # noqa: BLE001 # told below, in the thread of the test
            faults.append(fault)

    async def keep_reading() -> None:
        while time.monotonic() < end and not faults:
            shop.read()
            counts["reads"] += 1
            await asyncio.sleep(0)

    changes = shop.changes()
    steps: list[tuple[str, Callable[[], object]]] = [("changes", lambda: next(changes))]
    steps += [("reads", shop.read)] * THREADS
    threads = [threading.Thread(target=run, args=step) for step in steps]
    for thread in threads:
        thread.start()
    try:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(TASKS):
                tasks.create_task(keep_reading())
    finally:
        for thread in threads:
            thread.join()
    assert faults == []
    assert counts["changes"] > 50
    assert counts["reads"] > 1_000


def test_a_reader_whom_every_change_overtakes_gets_an_answer(home: ModelRegistry) -> None:
    """As for one that is slower than models arrive, here while the answer is made."""
    user = define(home, "shop.User")
    order = define(home, "shop.Order", user=ReferenceField("User"))
    pickets = [define(ModelRegistry(), f"shop.Picket{number}") for number in range(100)]

    class Overtaking(str):
        """Registers one more model whenever it is compared."""

        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            if pickets:
                home.register(pickets.pop())
            return str.__eq__(self, other)

    assert home.get_model(Overtaking("User")) is user
    assert len(pickets) < 100
    assert home.get_dependents(user) == [order]
