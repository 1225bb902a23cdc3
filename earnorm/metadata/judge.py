"""Says how much a change of a model asks of those who use it: nothing, a look, or work."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from typing import Any, Final

from earnorm.metadata.changes import (
    FactChanged,
    FieldAdded,
    FieldChanged,
    FieldRemoved,
    IndexAdded,
    IndexRemoved,
    ModelChange,
    PluginAdded,
    PluginChanged,
    PluginRemoved,
    ValidatorAdded,
    ValidatorRemoved,
)

__all__ = ["Level", "Reason", "Verdict", "judge"]


class Level(IntEnum):
    """The part of a version number that a change raises (semver.org, 2.0.0)."""

    NONE = 0
    PATCH = 1
    """Nobody has to know."""
    MINOR = 2
    """What was written keeps working; there is something new, or less is refused."""
    MAJOR = 3
    """Stored documents may not be read or saved as they are, or code that was written for the model may fail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """What one change asks for, and why."""

    change: ModelChange
    level: Level
    why: str

    def __str__(self) -> str:
        return f"{self.level.name.lower()}: {self.change}; {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The highest level of the reasons, and all of them, the weightiest first."""

    level: Level
    reasons: tuple[Reason, ...]


def judge(changes: Iterable[ModelChange]) -> Verdict:
    """What the changes together ask for.

    It is a proposal: what code does with a model cannot be seen from here.
    """
    reasons = [_judged(change) for change in changes]
    reasons.sort(key=lambda reason: -reason.level)
    return Verdict(level=reasons[0].level if reasons else Level.NONE, reasons=tuple(reasons))


def _judged(change: ModelChange) -> Reason:
    level, why = _RULES[type(change)](change)
    return Reason(change=change, level=level, why=why)


Judgement = tuple[Level, str]


def _field_added(change: Any) -> Judgement:
    field: Mapping[str, Any] = change.after
    arguments = field.get("arguments", {})
    if "plugin" in field:
        return Level.MINOR, "its plugin sets it"
    if arguments.get("required", True) is False or _has_default(arguments):
        return Level.MINOR, "stored documents need not have it"
    return Level.MAJOR, "stored documents do not have it, and there is no default"


def _has_default(arguments: Mapping[str, Any]) -> bool:
    return "default" in arguments or "default_factory" in arguments


def _field_changed(change: Any) -> Judgement:
    rule = _ASPECTS.get(change.aspect)
    if rule is None:
        return Level.MAJOR, "stored values may not fit"
    return rule(change.before, change.after)


def _required(before: Any, after: Any) -> Judgement:
    if after is False:
        return Level.MINOR, "what reads it may meet None now"
    return Level.MAJOR, "stored documents may have null, or nothing"


def _bound(*, is_upper: bool) -> Callable[[Any, Any], Judgement]:
    def rule(before: Any, after: Any) -> Judgement:
        if after is None or (before is not None and _is_wider(before, after, is_upper=is_upper)):
            return Level.MINOR, "every value that fitted fits"
        return Level.MAJOR, "stored values may lie outside, and are refused at their next save"

    return rule


def _is_wider(before: Any, after: Any, *, is_upper: bool) -> bool:
    one, other = _comparable(before), _comparable(after)
    if type(one) is not type(other) or "NaN" in (str(one), str(other)):
        return False
    return bool(other >= one if is_upper else other <= one)


def _comparable(bound: Any) -> Any:
    """The bound as something to compare: an exact number, or a text of which the later one is greater."""
    if isinstance(bound, Mapping) and len(bound) == 1:
        ((kind, value),) = bound.items()
        return Decimal(str(value)) if kind in _NUMBERS else value
    return Decimal(str(bound)) if isinstance(bound, (int, float)) else bound


_NUMBERS: Final = ("$numberDecimal", "$numberLong", "$numberDouble", "$seconds")


def _choices(before: Any, after: Any) -> Judgement:
    if after is None or (before is not None and all(one in after for one in before)):
        return Level.MINOR, "every value that fitted fits"
    return Level.MAJOR, "stored values may be none of them"


def _validators(before: Any, after: Any) -> Judgement:
    if all(one in (before or ()) for one in after or ()):
        return Level.MINOR, "less is refused"
    return Level.MAJOR, "stored values may be refused at their next save"


def _constraint(before: Any, after: Any) -> Judgement:
    if after is None:
        return Level.MINOR, "less is refused"
    return Level.MAJOR, "stored values may be refused at their next save"


def _default(before: Any, after: Any) -> Judgement:
    if after is None:
        return Level.MAJOR, "what counts on the default gets an error"
    return Level.MINOR, "new instances have another value"


def _strict(before: Any, after: Any) -> Judgement:
    return (Level.MAJOR, "less is converted") if after else (Level.MINOR, "more is converted")


def _always(level: Level, why: str) -> Callable[..., Judgement]:
    return lambda *change: (level, why)


_ASPECTS: Final[Mapping[str, Callable[[Any, Any], Judgement]]] = {
    "required": _required,
    "minimum": _bound(is_upper=False),
    "maximum": _bound(is_upper=True),
    "min_length": _bound(is_upper=False),
    "max_length": _bound(is_upper=True),
    "choices": _choices,
    "values": _choices,
    "pattern": _constraint,
    "schemes": _choices,
    "validators": _validators,
    "default": _default,
    "strict": _strict,
    "secret": _always(Level.MINOR, "it is shown in other places than before"),
    "on_delete": _always(Level.MINOR, "deleting what it refers to does something else"),
    "stored_name": _always(Level.MAJOR, "stored documents have it under the old name"),
    "plugin": _always(Level.MAJOR, "another sets it"),
}


def _index_added(change: Any) -> Judgement:
    if change.after.get("expire_after") is not None:
        return Level.MAJOR, "stored documents are deleted when their time has come"
    if change.after.get("unique"):
        return Level.MAJOR, "stored documents may have duplicates"
    return Level.PATCH, "queries find the same"


def _index_removed(change: Any) -> Judgement:
    if change.before.get("expire_after") is not None:
        return Level.MINOR, "documents are kept that were deleted after a time"
    if change.before.get("unique"):
        return Level.MINOR, "duplicates are refused no longer"
    return Level.PATCH, "queries find the same"


def _plugin_changed(change: Any) -> Judgement:
    if change.aspect == "version" and _major(change.before) != _major(change.after):
        return Level.MAJOR, "its major version is another one"
    if change.aspect == "version":
        return Level.PATCH, "its major version is the same"
    return Level.MINOR, "it may behave otherwise"


def _major(version: Any) -> str:
    return str(version).partition(".")[0]


def _fact_changed(change: Any) -> Judgement:
    match change.aspect:
        case "documentation" | "order":
            return Level.PATCH, "what is stored and what is refused stays the same"
        case "collection":
            return Level.MAJOR, "the stored documents lie in the old one"
        case "plugin_order":
            return Level.MINOR, "their hooks run in another order"
        case "inheritance" | "discriminator" | "bases":
            return Level.MAJOR, "stored documents say another class"
        case "extra" if change.after != "keep":
            return Level.MAJOR, "keys that no field has are not kept any longer"
        case _:
            return Level.MINOR, "it may behave otherwise"


_RULES: Final[Mapping[type[ModelChange], Callable[[Any], Judgement]]] = {
    FieldAdded: _field_added,
    FieldRemoved: _always(Level.MAJOR, "code that reads it fails"),
    FieldChanged: _field_changed,
    IndexAdded: _index_added,
    IndexRemoved: _index_removed,
    ValidatorAdded: _always(Level.MAJOR, "stored documents may be refused at their next save"),
    ValidatorRemoved: _always(Level.MINOR, "less is refused"),
    PluginAdded: _always(Level.MINOR, "it may change what is written"),
    PluginRemoved: _always(Level.MAJOR, "what it did is done no longer"),
    PluginChanged: _plugin_changed,
    FactChanged: _fact_changed,
}
