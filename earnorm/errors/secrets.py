"""What stands in the place of a secret value, and how to tell whether a text gives one away."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["SECRET", "holds_secret_instance", "reveals"]


class _Secret:
    """The type of `SECRET`, which is one of a kind."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __str__(self) -> str:
        return "***"

    def __reduce__(self) -> str:
        return "SECRET"


SECRET: Any = _Secret()
"""Stands where the value of a field with `secret=True` would be shown."""


def reveals(text: str, value: object) -> bool:
    """Whether the text holds the value, or a value inside it; True when there is too much to tell."""
    folded = text.casefold()
    parts = enumerate(_parts(value, 0))
    return any(count >= _MOST_PARTS or _holds(folded, part.casefold()) for count, part in parts)


def holds_secret_instance(value: Any, depth: int = 0) -> bool:
    """Whether the value is an instance of a model with secret fields, or a container of some."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, (list, tuple)) and depth < _DEEPEST:
        return any(holds_secret_instance(item, depth + 1) for item in value[:_MOST_PARTS])
    return bool(getattr(getattr(type(value), "__codec__", None), "holds_secrets", False))


_MOST_PARTS = 1_000
_DEEPEST = 20
_SHORT = 4  # a shorter text is part of many words, so it counts as a word of its own only


def _holds(text: str, part: str) -> bool:
    if not part:
        return False
    if len(part) >= _SHORT:
        return part in text
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) is not None


def _parts(value: object, depth: int) -> Iterator[str]:
    """The texts of a value and of all that it holds."""
    if value is None or isinstance(value, bool) or depth > _DEEPEST:
        return
    if isinstance(value, str):
        yield str.__str__(value)
        yield repr(str.__str__(value))[1:-1]
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _parts(item, depth + 1)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _parts(item, depth + 1)
    elif hasattr(type(value), "__codec__"):
        yield from _parts(vars(value), depth + 1)
    else:
        yield from _texts_of(value)


def _texts_of(value: Any) -> Iterator[str]:
    try:
        yield str(value)
        yield repr(value)
        if isinstance(value, (bytes, bytearray)):
            yield value.decode("utf-8", "replace")
    except Exception:  # noqa: BLE001 # a stranger's repr must not hide the fault
        return
