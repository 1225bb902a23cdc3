"""Who is acting: what every entry that is written meanwhile says."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from earnorm import BaseModel

__all__ = ["acting_as", "actor_name", "current_actor"]


@contextmanager
def acting_as(actor: BaseModel | str) -> Iterator[None]:
    """Within the block, in this task and those it starts, entries name this actor: a name, or a stored instance.

    An inner block takes the place of an outer one. Raises `ValueError` for an instance that was never saved.
    """
    token = _actor.set(actor_name(actor))
    try:
        yield
    finally:
        _actor.reset(token)


def current_actor() -> str | None:
    """Who acts here and now; None if nobody said."""
    return _actor.get()


def actor_name(actor: BaseModel | str) -> str:
    """How entries name an actor: a name as it is, an instance by its class and id (`User:65f0...`)."""
    if isinstance(actor, str):
        return actor
    if actor.id is None:
        raise ValueError(
            f"{type(actor).__name__}: an actor needs an id, and this instance was never saved. Save it first, "
            "or give a name."
        )
    return f"{type(actor).__name__}:{actor.id}"


_actor: ContextVar[str | None] = ContextVar("earnorm_audit_actor", default=None)
