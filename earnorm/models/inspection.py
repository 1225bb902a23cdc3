"""Everything that can be asked of an instance without taking a name from its fields."""

from dataclasses import dataclass

from earnorm.errors import UpdateError
from earnorm.models.base import BaseModel
from earnorm.models.changes import Change, find_changes, revert

__all__ = ["Inspection", "inspect"]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What `inspect(instance)` sees; reads the instance anew each time."""

    instance: BaseModel

    @property
    def is_new(self) -> bool:
        """Whether the document was never stored: true through `before_save` of the first save."""
        return not self.instance.__state__.stored

    @property
    def extras(self) -> dict[str, object]:
        """A copy of the values that no field declares, under their stored names."""
        return dict(self.instance.__state__.extras)

    @property
    def changes(self) -> dict[str, Change]:
        """What the next save will write of a stored instance, by path (`address.city`); values are copies.

        Empty for a new instance, all of which is written. What a default filled in for a missing key is
        among them, since the document does not have it yet.
        """
        return find_changes(self.instance)

    @property
    def revision(self) -> int | None:
        """How often the document was written, for a model with `Meta.revision`; None before the first time."""
        return self.instance.__state__.revision

    def revert(self) -> None:
        """Puts every value back to what was last loaded or saved; raises `UpdateError` for a new instance, and during a save."""
        if self.is_new:
            model = type(self.instance).__qualname__
            raise UpdateError(
                f"{model}: the instance was never stored, so there is nothing to go back to"
            )
        if self.instance.__state__.writing is not None:
            model = type(self.instance).__qualname__
            raise UpdateError(
                f"{model}: the instance is being saved. Revert it when that has ended."
            )
        revert(self.instance)


def inspect(instance: BaseModel) -> Inspection:
    """The state of an instance beside its values."""
    return Inspection(instance)
