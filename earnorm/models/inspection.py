"""Everything that can be asked of an instance without taking a name from its fields."""

from dataclasses import dataclass

from earnorm.models.base import BaseModel

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


def inspect(instance: BaseModel) -> Inspection:
    """The state of an instance beside its values."""
    return Inspection(instance)
