"""A registry that grows to 10,000 models: what registering, looking up and asking for dependents take."""

import gc
from collections.abc import Sequence
from typing import Any

from earnorm import BaseModel, ModelRegistry, ReferenceField, StringField
from tests.benchmarks.bars import Bar
from tests.benchmarks.table import print_table, print_title
from tests.benchmarks.timer import Effort, race, thread_seconds

__all__ = ["run"]

_MOST = 2.0
"""Among ten times as many models: work that grows with them would take ten times as long."""


def run(effort: Effort) -> list[Bar]:
    """Prints the microseconds of each among few and among many models, and gives the bars."""
    few, many = min(effort.classes), max(effort.classes)
    models = _define(many)
    costs = {number: _costs(models[:number], effort) for number in (few, many)}
    print_title(
        "A registry of many models",
        "Microseconds: to register one, to find one by bare name and by key, and to get the dependents of a",
        "model that one refers to, and for each dependent of a model that a tenth of them refer to.",
    )
    heads = list(costs[few])
    rows = [
        [f"{number:,} models", *(f"{cost:.2f}" for cost in costs[number].values())]
        for number in costs
    ]
    print_table(["", *heads], rows)
    return [
        Bar(
            what=f"{what}, among many over among few",
            factor=costs[many][what] / costs[few][what],
            most=_MOST,
        )
        for what in heads
    ]


def _define(number: int) -> list[Any]:
    """Models in a registry of their own; each refers to the one before it, each tenth to the first."""
    home = ModelRegistry("home of many models")
    return [_model(home, position) for position in range(number)]


def _model(home: ModelRegistry, number: int) -> Any:
    target = "Model0" if number % 10 == 0 else f"Model{number - 1}"

    class Model(BaseModel, registry=home):
        __qualname__ = f"Model{number}"
        _collection = f"models_{number}"

        name = StringField()
        to = ReferenceField(target, required=False)

    return Model


def _costs(models: Sequence[Any], effort: Effort) -> dict[str, float]:
    registered = [_register(models) for _ in range(3)]
    registry, _ = registered[-1]
    last = models[-1].__metadata__.key
    scope = {
        "registry": registry,
        "key": last,
        "name": last.rpartition(".")[2],
        "middle": models[-2],
        "popular": models[0],
    }
    statements = {
        "find by name": ("registry.get_model(name)", scope),
        "find by key": ("registry.get_model(key)", scope),
        "one dependent": ("registry.get_dependents(middle)", scope),
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
