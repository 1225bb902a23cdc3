"""Finds paths of one update that would change the same place twice."""

from collections.abc import Iterable

from pymongo.errors import WriteError

from earnorm.stores.documents.places import UpdatePath
from earnorm.stores.documents.refusals import write_error
from earnorm.stores.documents.update_paths import identifier

__all__ = ["check_conflicts"]


def check_conflicts(paths: Iterable[UpdatePath]) -> None:
    """Raises PyMongo's `WriteError` (40) when one path is another or lies in it.

    Beside `a.$[]` or `a.$[name]` no element of `a` may be named in another way.
    """
    ends: set[UpdatePath] = set()
    # what lies above a path -> whether its next segment is for elements that a filter chooses
    chooses: dict[UpdatePath, bool] = {}
    for path in sorted(paths, key=len):
        for length in range(1, len(path) + 1):
            if path[:length] in ends:
                raise _conflict(path, path[:length])
        for length in range(1, len(path)):
            is_chosen = identifier(path[length]) is not None
            if chooses.setdefault(path[:length], is_chosen) is not is_chosen:
                raise _conflict(path, path[:length])
        ends.add(path)


def _conflict(path: UpdatePath, at: UpdatePath) -> WriteError:
    return write_error(
        f"updating the path {'.'.join(path)!r} would create a conflict at {'.'.join(at)!r}: name each "
        "field once.",
        40,
    )
