"""What an instance knows of itself beside its values."""

from asyncio import Future
from typing import Any

__all__ = ["InstanceState"]


class InstanceState:
    """`stored`: the store has acknowledged the document. `hooks`: how many hooks run on the instance now.

    `extras` holds the document's values that no field declares, under their stored names. `inserting` is
    the insert that is under way, so that a second save waits for it instead of inserting twice.
    """

    __slots__ = ("extras", "hooks", "inserting", "stored")

    def __init__(self, extras: dict[str, Any] | None = None, *, stored: bool = False) -> None:
        self.extras: dict[str, Any] = extras if extras is not None else {}
        self.stored = stored
        self.hooks = 0
        self.inserting: Future[None] | None = None

    def copy(self) -> "InstanceState":
        """The same for another instance, on which no hook runs."""
        return InstanceState(dict(self.extras), stored=self.stored)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.extras, self.stored)


def _rebuild(extras: dict[str, Any], stored: object) -> InstanceState:
    return InstanceState(extras, stored=bool(stored))
