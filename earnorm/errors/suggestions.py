"""Finds the name that was probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["near_names", "suggestion"]


def near_names(name: str, candidates: Iterable[str], *, most: int = 3) -> list[str]:
    """Up to `most` candidates that look like `name`, nearest first, case ignored."""
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    return [by_folded[near] for near in get_close_matches(name.casefold(), by_folded, most, 0.6)]


def suggestion(name: str, candidates: Iterable[str]) -> str:
    """A sentence with a leading space, such as " Did you mean 'email'?", or an empty string."""
    near = near_names(name, candidates)
    return f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
