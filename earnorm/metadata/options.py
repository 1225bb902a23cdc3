"""The options of `Meta`: what each takes, and what a model makes of those of its bases."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

__all__ = ["OPTIONS", "Merge", "Option", "OptionSource"]


class Merge(StrEnum):
    """What an option of a model has to do with those of its bases."""

    OWN = "its own, never inherited"
    NEAREST = "the nearest class that says it"
    ADDED = "those of the bases first, then its own, each once"
    NAMED = "by plugin and option, the nearest class that says it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option: `takes` says in words what `accepts` tells, `default` is what holds when nobody says it."""

    takes: str
    accepts: Callable[[Any], bool]
    merge: Merge
    default: Any = None

    def fault(self, value: object) -> str | None:
        """What is wrong with a value of the option, None when nothing is."""
        if self.accepts(value):
            return None
        name = next(name for name, option in OPTIONS.items() if option is self)
        return f"Meta.{name} must be {self.takes}, not {value!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSource:
    """One value of an option, or one item of a list, and the class whose `Meta` says it."""

    value: Any
    owner: type


def _truth(*, merge: Merge) -> Option:
    return Option(
        takes="True or False",
        accepts=lambda value: isinstance(value, bool),
        merge=merge,
        default=False,
    )


def _text(*, merge: Merge) -> Option:
    return Option(
        takes="a string", accepts=lambda value: isinstance(value, str) and value != "", merge=merge
    )


def _any(*, takes: str, merge: Merge) -> Option:
    """An option whose values are checked where they are used."""
    return Option(takes=takes, accepts=lambda value: True, merge=merge)


def _choice(*choices: str, merge: Merge) -> Option:
    """One of these strings; the first is the default."""
    *others, last = map(repr, choices)
    return Option(
        takes=f"{', '.join(others)} or {last}",
        accepts=lambda value: isinstance(value, str) and value in choices,
        merge=merge,
        default=choices[0],
    )


def _list(*, merge: Merge) -> Option:
    return Option(
        takes="a list",
        accepts=lambda value: isinstance(value, (list, tuple)),
        merge=merge,
        default=(),
    )


def _is_by_name(value: object) -> bool:
    """Whether it maps strings to mappings of strings."""
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        return False
    return all(
        isinstance(inner, Mapping) and all(isinstance(name, str) for name in inner)
        for inner in value.values()
    )


OPTIONS: Mapping[str, Option] = MappingProxyType(
    {
        "abstract": _truth(merge=Merge.OWN),
        "collection": _any(takes="a name that MongoDB allows", merge=Merge.OWN),
        "discriminator": _text(merge=Merge.OWN),
        "extra": _choice("keep", "ignore", "forbid", merge=Merge.NEAREST),
        "revision": _truth(merge=Merge.NEAREST),
        "silenced_checks": _list(merge=Merge.ADDED),
        "store_options": Option(
            takes="a mapping such as {'max_time': 2.0}",
            accepts=lambda value: value is None or isinstance(value, Mapping),
            merge=Merge.NEAREST,
        ),
        "strict": _truth(merge=Merge.NEAREST),
        "indexes": _list(merge=Merge.ADDED),
        "plugins": _list(merge=Merge.ADDED),
        "plugin_options": Option(
            takes="a mapping of plugins to their options, such as {'softdelete': {'field': 'removed_at'}}",
            accepts=_is_by_name,
            merge=Merge.NAMED,
            default=MappingProxyType({}),
        ),
        "validators": _list(merge=Merge.ADDED),
    }
)
"""Every option by name; the table in docs/guide/inheritance.md is this one."""
