"""Puts the updates that a query is given together into one, in MongoDB's terms."""

from collections.abc import Mapping, Sequence
from typing import Any

from earnorm.errors import SECRET, UpdateError
from earnorm.expressions import Update
from earnorm.typing import Document, MutableDocument

__all__ = ["update_document"]


def update_document(model: Any, updates: Sequence[Update | Document]) -> Document:
    """One mapping of operators; raises `UpdateError` for two updates that change one place.

    Also for an expression of another model, which would change values that no field declares.
    """
    if len(updates) == 1 and isinstance(updates[0], Mapping):
        return updates[0]
    if not updates:
        raise UpdateError(
            "update() needs something to change, such as User.age.inc(1) or {'$set': {'name': 'Ada'}}"
        )
    for update in updates:
        if isinstance(update, Update) and not _declares(model, update.name.partition(".")[0]):
            raise UpdateError(
                f"{model.__qualname__} has no field that is stored as {update.name!r}, which {update.operator} "
                "changes: the expression is of another model"
            )
    merged: dict[str, MutableDocument] = {}
    changed: dict[str, str] = {}  # path -> the operator that changes it
    for operator, name, operand in (one for update in updates for one in _entries(model, update)):
        _check_conflict(operator, name, changed)
        changed[name] = operator
        merged.setdefault(operator, {})[name] = operand
    return merged


def _declares(model: Any, stored_name: str) -> bool:
    """Whether the model, or one that inherits from it, has such a field."""
    fields = model.__codec__.fields.values()
    return any(field.stored_name == stored_name for field in fields) or any(
        _declares(child, stored_name) for child in model.__subclasses__()
    )


def _entries(model: Any, update: object) -> list[tuple[str, str, Any]]:
    if isinstance(update, Update):
        return [(update.operator, update.name, update.operand)]
    if not isinstance(update, Mapping) or not update:
        raise UpdateError(
            f"update() takes expressions such as User.age.inc(1), or a mapping of operators, not {_shown(model, update)!r}"
        )
    found = []
    for operator, changes in update.items():
        if not isinstance(changes, Mapping):
            raise UpdateError(
                f"{operator} takes a mapping of fields, not {_shown(model, changes)!r}"
            )
        found += [(operator, name, operand) for name, operand in changes.items()]
    return found


def _shown(model: Any, value: object) -> object:
    return SECRET if model.__codec__.holds_secrets else value


def _check_conflict(operator: str, name: str, changed: Mapping[str, str]) -> None:
    for other, other_operator in changed.items():
        if (
            name == other
            or f"{name}.".startswith(f"{other}.")
            or f"{other}.".startswith(f"{name}.")
        ):
            raise UpdateError(
                f"{other_operator} of {other!r} and {operator} of {name!r} are in conflict: one update "
                "changes each place once. Make two updates of it."
            )
