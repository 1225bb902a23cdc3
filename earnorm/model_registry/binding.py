"""Which database the models of a registry use, here and now."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from earnorm.typing import DatabaseLike

__all__ = ["override_database", "overriding_database"]

# One variable for the whole module: a ContextVar for each registry would never be collected.
_override: ContextVar[DatabaseLike | None] = ContextVar("earnorm_database", default=None)


@contextmanager
def override_database(database: DatabaseLike) -> Iterator[None]:
    """Within the block, in this task and those it starts, every model uses `database`."""
    token = _override.set(database)
    try:
        yield
    finally:
        _override.reset(token)


def overriding_database() -> DatabaseLike | None:
    """The database of the innermost `override_database` block round the caller, if any."""
    return _override.get()
