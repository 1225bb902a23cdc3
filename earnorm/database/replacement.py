"""The update that a plugin makes in the place of a delete."""

from dataclasses import dataclass
from typing import Any

from earnorm.database.kinds import plugins_below
from earnorm.database.updates import shape_update
from earnorm.plugins import Plans
from earnorm.typing import MutableDocument

__all__ = ["Replacement", "find_replacement", "is_replaced", "lifted_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """The update that a plugin makes instead of a delete, under stored names."""

    plugin: str
    update: dict[str, MutableDocument]


def find_replacement(model: Any, plans: Plans) -> Replacement | None:
    """What a plugin does instead of deleting, if any does."""
    for implementation, update in plans.replace_delete.run_sync(model):
        with implementation.blame():
            shaped = shape_update(model.__metadata__, update)
        return Replacement(plugin=implementation.plugin, update=shaped)
    return None


def is_replaced(model: Any) -> bool:
    """Whether one of the model's plugins puts something in the place of deletes."""
    return find_replacement(model, model.__plans__) is not None


def lifted_by(model: Any, replacement: Replacement | None) -> frozenset[str]:
    """The plugins whose narrowing does not count when documents are deleted by their ids.

    However queries are narrowed, these documents are meant; only what replaces deletes knows the deleted.
    """
    replacing = {replacement.plugin} if replacement is not None else set()
    return frozenset(plugins_below(model)) - replacing
