"""A registry that grows to 10,000 models: registering, looking up, documents and checks, beside other registries."""

import gc
import tracemalloc
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from itertools import pairwise
from typing import Any

from earnorm import BaseModel, ListField, ModelRegistry, ReferenceField, StringField
from earnorm.metadata import compare_documents
from tests.benchmarks.bars import Bar
from tests.benchmarks.table import print_table, print_title
from tests.benchmarks.timer import Effort, race, thread_seconds

__all__ = ["run"]

_FLAT = 2.0
"""Among ten times as many models: work that grows with them would take ten times as long."""
_LINEAR = 12.0
"""Ten times as many models in this many times the time, at most."""
_LOOK_UP = 3.0
"""How many times a look-up in a dictionary."""


def run(effort: Effort) -> list[Bar]:
    """Prints what a registry of few and of many models takes, and what others take, and gives the bars."""
    few, many = min(effort.classes), max(effort.classes)
    models = _define(many)
    costs = {number: _costs(models[:number], effort) for number in (few, many)}
    _print_costs(costs)
    _print_others(few)
    return [
        *(
            Bar(
                what=f"{what}, among many over among few",
                factor=costs[many][what] / costs[few][what],
                most=_FLAT,
            )
            for what in costs[many]
            if what != "a look-up in a dictionary"
        ),
        Bar(
            what=f"registering {many:,} models, over {few:,}",
            factor=costs[many]["register"] * many / (costs[few]["register"] * few),
            most=_LINEAR * many / few / 10,
        ),
        *(
            Bar(
                what=f"{what}, over a look-up in a dictionary",
                factor=costs[many][what] / costs[many]["a look-up in a dictionary"],
                most=_LOOK_UP,
            )
            for what in ("get_model", "get_metadata")
        ),
        *_whole(models),
    ]


def _print_costs(costs: dict[int, dict[str, float]]) -> None:
    print_title(
        "A registry of many models, each with three references",
        "Microseconds: to register one, to find one by key and by bare name, to get the dependents of a model",
        "that three others refer to, and for each dependent of a model that a tenth of them refer to.",
    )
    heads = list(next(iter(costs.values())))
    rows = [
        [f"{number:,} models", *(f"{cost:.2f}" for cost in found.values())]
        for number, found in costs.items()
    ]
    print_table(["", *heads], rows)


def _print_others(number: int) -> None:
    print_title(
        f"Registries of others, {number:,} models with three references each",
        "Microseconds: to define a model, which registers it, and to find one.",
    )
    home = ModelRegistry("measured")
    rows = [["EarnORM", *_defined(number, partial(_model, home), home.get_model, "many.")]]
    for name in ("django", "mongoengine"):
        try:
            peer = import_module(f"tests.benchmarks.registries.{name}")
        except ImportError as error:
            print(f"{name} is not measured: {error}")
        else:
            rows.append([name, *_defined(number, peer.define, peer.find)])
    print_table(["", "define", "find"], rows)


def _defined(
    number: int, define: Callable[[int], object], find: Callable[[str], object], prefix: str = ""
) -> list[str]:
    started = thread_seconds()
    for position in range(number):
        define(position)
    cost = (thread_seconds() - started) / number * 1e6
    scope = {"find": find, "key": f"{prefix}Model{number // 2}"}
    found = race({"find": ("find(key)", scope)}, Effort.least())["find"].best
    return [f"{cost:,.0f}", f"{found:.2f}"]


def _define(number: int) -> list[Any]:
    """Models in a registry of their own; each refers to three others, each tenth to the first."""
    home = ModelRegistry("home of many models")
    return [_model(home, position) for position in range(number)]


def _model(home: ModelRegistry, number: int) -> Any:
    first = 0 if number % 10 == 0 else max(number - 1, 0)
    namespace = {
        "__module__": "many",
        "name": StringField(),
        "to": ReferenceField(f"Model{first}", required=False),
        "half": ReferenceField(f"Model{number // 2}", required=False),
        "others": ListField(ReferenceField(f"Model{max(number - 2, 0)}")),
    }
    return type(f"Model{number}", (BaseModel,), namespace, registry=home)


def _costs(models: Sequence[Any], effort: Effort) -> dict[str, float]:
    registered = [_register(models) for _ in range(3)]
    registry, _ = registered[-1]
    last = models[-1].__metadata__.key
    scope = {
        "registry": registry,
        "by_key": {model.__metadata__.key: model for model in models},
        "key": last,
        "name": last.rpartition(".")[2],
        "middle": models[-2],
        "popular": models[0],
    }
    statements = {
        "a look-up in a dictionary": ("by_key[key]", scope),
        "get_model": ("registry.get_model(key)", scope),
        "get_metadata": ("registry.get_metadata(key)", scope),
        "by bare name": ("registry.get_model(name)", scope),
        "few dependents": ("registry.get_dependents(middle)", scope),
        "each of many dependents": ("registry.get_dependents(popular)", scope),
    }
    timings = {what: timing.best for what, timing in race(statements, effort).items()}
    timings["each of many dependents"] /= len(registry.get_dependents(models[0]))
    return {"register": min(cost for _, cost in registered), **timings}


def _register(models: Sequence[Any]) -> tuple[ModelRegistry, float]:
    """A registry with these models, and the microseconds for each."""
    gc.collect()
    registry = ModelRegistry("many models")
    started = thread_seconds()
    for model in models:
        registry.register(model)
    return registry, (thread_seconds() - started) / len(models) * 1e6


def _whole(models: Sequence[Any]) -> list[Bar]:
    """What looks at all models once, against the seconds that it may take; and prints what a model weighs."""
    registry, _ = _register(models)
    seconds = {
        "a snapshot": _seconds(registry.snapshot),
        "a diff of all models": _seconds(lambda: _differences(registry)),
        "the graph": _seconds(registry.graph),
        "checks over code": _seconds(registry.check),
    }
    allowed = {"checks over code": 30.0}
    print_title(
        f"All {len(models):,} models at once",
        f"A model weighs {_weight(models):,.0f} bytes in one.",
    )
    print_table(["", "seconds"], [[what, f"{cost:.2f}"] for what, cost in seconds.items()])
    return [
        Bar(what=f"{what}, over the time that it may take", factor=cost / most, most=1.0)
        for what, cost in seconds.items()
        for most in [allowed.get(what, 5.0)]
    ]


def _differences(registry: ModelRegistry) -> None:
    documents = list(registry.snapshot().documents.values())
    for before, after in pairwise(documents):
        compare_documents(before, after)


def _seconds(work: Callable[[], object]) -> float:
    started = thread_seconds()
    work()
    return thread_seconds() - started


def _weight(models: Sequence[Any]) -> float:
    """The bytes that a registry, and nothing else, has for each model."""
    gc.collect()
    tracemalloc.start()
    try:
        registry = ModelRegistry("weighed")
        before = tracemalloc.get_traced_memory()[0]
        registry.register_many(models)
        return (tracemalloc.get_traced_memory()[0] - before) / len(models)
    finally:
        tracemalloc.stop()
