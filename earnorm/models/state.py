"""What an instance knows of itself beside its values."""

from asyncio import Future
from collections.abc import Mapping
from typing import Any

from earnorm.fields import ABSENT, DYNAMIC

__all__ = ["NO_EXTRAS", "InstanceState", "Recorded", "Trace"]


class InstanceState:
    """`stored`: the store has acknowledged the document. `hooks`: how many hooks run on the instance now.

    `extras` holds the document's values that no field declares, under their stored names. `writing` is
    the write that is under way, so that a second save waits for it. `revision` counts the writes of a
    document whose model asks for that. `former_id` is the id that it had in a transaction which came to nothing:
    references may hold it, so the next save takes it again.

    The rest says what the store has, as far as it is not what the instance has: `changed` maps fields
    whose values cannot change in place to what they were before the first assignment; `pictures` are
    those of the fields whose values can, in the order of the codec; `extras_picture` is that of the extras.
    """

    __slots__ = (
        "changed",
        "extras",
        "extras_picture",
        "former_id",
        "hooks",
        "pictures",
        "revision",
        "stored",
        "writing",
    )

    def __init__(
        self,
        extras: dict[str, Any] | None = None,
        *,
        pictures: tuple[Any, ...] | None = None,
        changed: dict[str, Any] | None = None,
        revision: int | None = None,
    ) -> None:
        """The state of a new instance; of a stored one where there are `pictures`."""
        self.extras: dict[str, Any] = {} if extras is None else extras
        self.stored = pictures is not None
        self.pictures = pictures or ()
        self.changed: dict[str, Any] = {} if changed is None else changed
        self.extras_picture = DYNAMIC.freeze(self.extras) if self.extras else NO_EXTRAS
        self.revision = revision
        self.former_id: Any = None
        self.hooks = 0
        self.writing: Future[None] | None = None

    def copy(self) -> "InstanceState":
        """The same for another instance, on which no hook and no write runs."""
        return _rebuild({name: getattr(self, name) for name in _COPIED})

    def take(self, other: "InstanceState") -> None:
        """Knows from now on what `other` knows of the stored document."""
        for name in _COPIED:
            setattr(self, name, getattr(other, name))

    def remember(self, name: str, values: Mapping[str, Any]) -> None:
        """Keeps the value that the store has, when the first assignment is about to replace it."""
        if (self.stored or self.writing is not None) and name not in self.changed:
            self.changed[name] = values.get(name, ABSENT)

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, ({name: getattr(self, name) for name in _COPIED},)


Trace = InstanceState | tuple[Any, ...] | None
"""What an instance holds in the place of a state that would say little.

None for a new instance without extras; the pictures for a stored one that nothing has touched, those of
embedded values folded in (a tuple less for each).
"""

Recorded = tuple[dict[str, Any], tuple[Any, ...]]
"""The document of an instance, and the pictures of its values in the same moment."""

NO_EXTRAS = DYNAMIC.freeze({})
"""The picture of no extras at all."""

_COPIED = ("changed", "extras", "extras_picture", "pictures", "revision", "stored")


def _rebuild(known: Mapping[str, Any]) -> InstanceState:
    state = InstanceState()
    for name, value in known.items():
        setattr(state, name, dict(value) if isinstance(value, dict) else value)
    return state
