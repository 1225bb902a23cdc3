"""Adds fields to a model that exists: to the class itself, which others hold, and to those that inherit it."""

import gc
import threading
from collections.abc import Mapping
from typing import Any

from earnorm.errors import EarnORMError, ModelDefinitionError
from earnorm.metadata import Metadata
from earnorm.models.build import complete, design_model, warn_of_races
from earnorm.models.draft import Draft
from earnorm.models.table import RESERVED
from earnorm.typing import Listings

__all__ = ["check_extension", "extend_model"]

_FIXED = ("abstract", "collection", "discriminator", "strict")
"""What stored documents, and fields that are built, depend on."""

_LOCK = threading.RLock()


def check_extension(model: Any, fields: Mapping[str, Any], meta: Mapping[str, Any]) -> None:
    """Raises `ModelDefinitionError` for what would change a model where it is to be added to."""
    key = model.__metadata__.key
    for name in fields:
        if hasattr(model, name) and name not in RESERVED:
            what = "field" if name in model.__metadata__.fields else "attribute"
            fault = (
                f"has the {what} {name!r} already, and an extension only adds. Choose another name."
            )
            raise ModelDefinitionError(fault, model=key)
    for option in _FIXED:
        if option in meta:
            fault = f"exists, and Meta.{option} can be said on its class line only. Define the class again."
            raise ModelDefinitionError(fault, model=key)
    if "__slots__" in vars(model):
        fault = "has __slots__, which its instances cannot outgrow. Leave them out."
        raise ModelDefinitionError(fault, model=key)


def extend_model(model: type[Any], body: Mapping[str, Any], listings: Listings) -> None:
    """Adds `body` to that of the class, and builds it and those that inherit it anew.

    All of them are designed before the first is changed. When a plugin that is added refuses one, they are what they were.
    """
    with _LOCK:
        designs = _design_alive(model, body)
        before = {one: dict(vars(one)) for one in designs}
        listings.begin(designs)
        try:
            _apply(model, body, designs)
            listings.renew(designs)
            while late := [one for one in _family(model) if one not in before]:
                # Defined by another thread over what the model was when it began.
                before |= {one: dict(vars(one)) for one in late}
                listings.begin(late)
                designs = _design(model, {})
                _apply(model, {}, designs)
                listings.renew(designs)
        except BaseException:
            for one, namespace in before.items():
                _restore(one, namespace)
            listings.undo(before)
            raise


def _design_alive(model: type[Any], body: Mapping[str, Any]) -> Mapping[type[Any], Any]:
    try:
        return _design(model, body)
    except EarnORMError:
        # What is left of a class until it is collected must not decide.
        gc.collect()
        return _design(model, body)


def _design(model: type[Any], body: Mapping[str, Any]) -> dict[type[Any], Mapping[str, Any]]:
    draft = Draft({model: body})
    designs: dict[type[Any], Mapping[str, Any]] = {}
    for one in _family(model):
        designs[one] = design_model(one, one.__registry__, draft)
        draft.note(one, designs[one])
    return designs


def _apply(
    model: type[Any], body: Mapping[str, Any], designs: Mapping[type[Any], Mapping[str, Any]]
) -> None:
    if "Meta" in body:
        model.Meta = body["Meta"]
    for one, design in designs.items():
        inherited: set[Any] = set(one.__metadata__.validators)
        complete(one, design)
        one.__extended__ += 1
        one.__registry__.plugins.hold(one, one.__plans__.plugins)
        if "__init__" in vars(one) and hasattr(one.__init__, "__earnorm__"):
            _ = one.__codec__.init  # takes the place of the one that knows fewer fields
        if not one.__metadata__.abstract:
            warn_of_races(one.__metadata__, inherited)


def _family(model: type[Any]) -> list[type[Any]]:
    """The model and the classes below it that are complete, each after all that it inherits."""
    found, left = {model}, [model]
    while left:
        below = [one for one in left.pop().__subclasses__() if one not in found]
        found.update(below)
        left += below
    complete = [one for one in found if isinstance(vars(one).get("__metadata__"), Metadata)]
    return sorted(complete, key=lambda one: len(one.__mro__))


def _restore(model: Any, namespace: Mapping[str, Any]) -> None:
    for name in [name for name in vars(model) if name not in namespace]:
        delattr(model, name)
    for name, value in namespace.items():
        if vars(model).get(name) is not value:
            setattr(model, name, value)
