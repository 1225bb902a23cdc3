"""Finds the name that was probably meant."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches

__all__ = ["edit_distance", "is_typo", "near_names", "suggestion"]

_SHORTEST = 4  # of fewer letters, too many other words are near
_SHORT = 5  # up to here, two edits make another word


def near_names(name: str, candidates: Iterable[str], *, most: int = 3) -> list[str]:
    """Up to `most` candidates that look like `name`, nearest first, case ignored."""
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    return [by_folded[near] for near in get_close_matches(name.casefold(), by_folded, most, 0.6)]


def suggestion(name: str, candidates: Iterable[str]) -> str:
    """A sentence with a leading space, such as " Did you mean 'email'?", or an empty string."""
    near = near_names(name, candidates)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""


def is_typo(name: str, candidates: Collection[str]) -> bool:
    """True when `name` is so near to a candidate that something else can hardly be meant.

    That is one edit for names of four and five letters, two above, or two letters that changed places;
    never for shorter names, and never for a name that is itself a candidate.
    """
    if len(name) < _SHORTEST or name in candidates:
        return False
    most = 1 if len(name) <= _SHORT else 2
    return any(
        edit_distance(name, candidate, most) <= most or _is_swapped(name, candidate)
        for candidate in candidates
    )


def edit_distance(one: str, other: str, most: int) -> int:
    """How many letters to add, drop or replace (Levenshtein); `most + 1` when it is more than `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    row = list(range(len(other) + 1))
    for n, left in enumerate(one, 1):
        previous, row[0] = row[0], n
        for m, right in enumerate(other, 1):
            previous, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, previous + (left != right))
    return min(row[-1], most + 1)


def _is_swapped(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    differing = [n for n, (left, right) in enumerate(zip(one, other, strict=True)) if left != right]
    match differing:
        case [first, second]:
            return (
                second == first + 1 and one[first] == other[second] and one[second] == other[first]
            )
        case _:
            return False
