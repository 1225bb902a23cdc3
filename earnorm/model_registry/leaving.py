"""Takes models out of a registry, with what depends on them or without."""

from collections.abc import Callable, Iterator
from typing import Any, Literal, get_args

from earnorm.errors import ModelInUseError
from earnorm.model_registry.entry import children_first
from earnorm.model_registry.lookup import Lookup
from earnorm.model_registry.protocol import Model
from earnorm.model_registry.table import ModelTable

__all__ = ["Dependents", "take_out"]

Dependents = Literal["ignore", "refuse", "cascade"]
"""What becomes of the models that refer to one that is unregistered, or inherit it."""


def take_out(
    table: ModelTable,
    model: type[Model],
    dependents: Dependents,
    leave: Callable[[type[Model]], object],
    note: Callable[[str], object],
) -> list[type[Model]]:
    """Calls `leave` for each model that is to go, dependents first, and then takes out all at once; returns them.

    `note` is called with the key of each while nobody else can change anything.

    Raises `ModelInUseError` for dependents that are refused. When `leave` raises, all of them stay.
    """
    if dependents not in get_args(Dependents):
        known = ", ".join(map(repr, get_args(Dependents)))
        raise ValueError(f"unregister takes one of {known} for dependents, not {dependents!r}")
    left: dict[type[Model], None] = {}
    while True:
        going = table.read(lambda models: _going(models, model, dependents))
        for one in going:
            if one not in left:
                leave(one)
                left[one] = None
        with table.lock:
            # Another thread may have registered one more meanwhile, which is asked too.
            if left.keys() >= set(_going(table.lookup, model, dependents)):
                gone = table.drop(going)
                for one in children_first(gone):
                    note(one.__metadata__.key)
                return gone


def _going(models: Lookup, model: type[Model], dependents: Dependents) -> list[type[Model]]:
    if dependents == "ignore":
        return [model]
    found = _with_dependents(models, model)
    if dependents == "refuse" and len(found) > 1:
        key = model.__metadata__.key
        raise ModelInUseError(key, [one.__metadata__.key for one in found if one is not model])
    return found


def _with_dependents(models: Lookup, model: type[Model]) -> list[type[Model]]:
    """The model and all that depend on it, directly or not; each after what depends on it, but for cycles."""
    found: list[type[Model]] = []
    seen = {model}
    path = [(model, _dependents(models, model))]
    while path:
        current, others = path[-1]
        following = next((one for one in others if one not in seen), None)
        if following is None:
            found.append(current)
            path.pop()
        else:
            seen.add(following)
            path.append((following, _dependents(models, following)))
    return found


def _dependents(models: Lookup, model: type[Model]) -> Iterator[type[Model]]:
    yield from models.dependents(model.__metadata__.key)
    yield from _children(models, model)


def _children(models: Lookup, model: Any) -> Iterator[type[Model]]:
    for child in model.__subclasses__():
        if models.has(child):
            yield child
        else:
            yield from _children(models, child)
