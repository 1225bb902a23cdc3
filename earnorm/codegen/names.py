"""What the typing base of each model is called."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any

from earnorm.codegen.definitions import key_of

__all__ = ["typing_names"]

_SUFFIX = "Typing"


def typing_names(definitions: Sequence[type[Any]], *, package: str) -> dict[str, str]:
    """The name for each class, by key: `UserTyping`, `Outer_InnerTyping` for a nested class.

    Classes of one name have their modules in it, `people_UserTyping` and `staff_UserTyping`; so none of
    them depends on which class came first.
    """
    names = {key_of(cls): _joined(cls.__qualname__) for cls in definitions}
    shared = _shared(names.values())
    for cls in definitions:
        if names[key_of(cls)] in shared:
            module = cls.__module__.removeprefix(package).strip(".")
            names[key_of(cls)] = _joined(f"{module}.{cls.__qualname__}")
    return _numbered(names)


def _joined(path: str) -> str:
    parts = (part.strip("_") for part in path.split("."))
    # A leading underscore would make it private, and nobody could import it without a complaint.
    name = "_".join(part for part in parts if part) + _SUFFIX
    return name if name.isidentifier() else f"Model{name}"


def _shared(names: Iterable[str]) -> set[str]:
    return {name for name, times in Counter(names).items() if times > 1}


def _numbered(names: dict[str, str]) -> dict[str, str]:
    """The same, with numbers where two paths look alike without their dots (`a.b_C` and `a_b.C`)."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for key, name in sorted(names.items()):
        unique = next(name for name in _variants(name) if name not in taken)
        taken.add(unique)
        found[key] = unique
    return found


def _variants(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name}{number}" for number in count(2))
