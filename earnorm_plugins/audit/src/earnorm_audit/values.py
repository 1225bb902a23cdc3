"""Two stored documents compared: the paths that differ, and the way back."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

__all__ = ["ABSENT", "Difference", "apply", "compare", "is_same", "join", "split"]

ABSENT: Final[Any] = type("Absent", (), {"__repr__": lambda _: "ABSENT"})()
"""Stands for a value that is not there."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What was at a path, and what is there; a secret one has no values."""

    path: str
    before: Any
    after: Any
    is_secret: bool = False


def compare(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    is_secret: Callable[[str], bool],
    *,
    is_whole: bool = False,
    above: str = "",
) -> Iterator[Difference]:
    """The paths at which two mappings differ, each as deep as the difference can be said exactly.

    A list is one value. So is a mapping whose keys have moved. Of a secret it says that it differs, and of
    a holder of secrets that came or went too, unless the document did with it (`is_whole`): a part of it would be
    nothing to go back to.
    """
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key, ABSENT), after.get(key, ABSENT)
        if is_same(old, new):
            continue
        path = join(above, key)
        hidden = is_secret(path)
        has_parts = is_whole or _are_there(old, new)
        if has_parts and _has_others(old, new, path, is_secret) if hidden else _is_exact(old, new):
            yield from compare(
                _mapping(old), _mapping(new), is_secret, is_whole=is_whole, above=path
            )
        elif hidden:
            yield Difference(path, _shown(old), _shown(new), is_secret=True)
        else:
            yield Difference(path, old, new)


def is_same(old: Any, new: Any) -> bool:
    """Equality as BSON has it: 1, 1.0 and True are three values, and the keys of a mapping have an order."""
    if type(old) is not type(new):
        return False
    if isinstance(old, dict):
        return list(old) == list(new) and all(is_same(old[key], new[key]) for key in old)
    if isinstance(old, list):
        return len(old) == len(new) and all(map(is_same, old, new))
    if isinstance(old, float):
        return repr(old) == repr(new)  # NaN is itself, and 0.0 is not -0.0
    return bool(old == new)


def apply(document: dict[str, Any], path: str, value: Any) -> None:
    """Puts the value at the path, or takes away what is there; mappings on the way are made."""
    *way, last = split(path)
    for key in way:
        inner = document.get(key)
        if not isinstance(inner, dict):
            if value is ABSENT:
                return
            inner = document[key] = {}
        document = inner
    if value is ABSENT:
        document.pop(last, None)
    else:
        document[last] = value


def join(above: str, key: str) -> str:
    r"""The path of a key below another path; a dot in a key is written as `\.`."""
    written = key.replace("\\", "\\\\").replace(".", "\\.")
    return f"{above}.{written}" if above else written


def split(path: str) -> list[str]:
    """The keys of a path."""
    parts, part, signs = [], "", iter(path)
    for sign in signs:
        if sign == ".":
            parts.append(part)
            part = ""
        else:
            part += next(signs) if sign == "\\" else sign
    return [*parts, part]


def _are_there(old: Any, new: Any) -> bool:
    return old is not ABSENT and new is not ABSENT


def _are_mappings(old: Any, new: Any) -> bool:
    """Whether what is there, before and after, are mappings that hold something."""
    return all(value is ABSENT or (isinstance(value, dict) and value) for value in (old, new))


def _has_others(old: Any, new: Any, path: str, is_secret: Callable[[str], bool]) -> bool:
    """Whether a holder of secrets holds other values too; a secret itself does not even show its keys.

    Below a key with a dot no field would be found, and so no secret.
    """
    if not _are_mappings(old, new):
        return False
    keys = [*_mapping(old), *_mapping(new)]
    return all(map(_is_plain, keys)) and any(not is_secret(join(path, key)) for key in keys)


def _is_exact(old: Any, new: Any) -> bool:
    """Whether differences below two mappings say all, each read in both directions."""
    if not (_are_there(old, new) and _are_mappings(old, new)):
        return False
    return all(map(_is_plain, (*old, *new))) and _keeps_order(list(old), list(new))


def _keeps_order(old: list[str], new: list[str]) -> bool:
    """Whether putting keys at the end, or taking them from there, leads from each order to the other."""
    kept = [key for key in old if key in new]
    return old[: len(kept)] == kept == new[: len(kept)]


def _is_plain(key: str) -> bool:
    # anything else is a key that paths of MongoDB could not name, and stays inside a whole value
    return bool(key) and "." not in key and not key.startswith("$")


def _mapping(value: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = {} if value is ABSENT else value
    return found


def _shown(value: Any) -> Any:
    """Whether there is a value, which is all that is told of a secret."""
    return ABSENT if value is ABSENT else None
