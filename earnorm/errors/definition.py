"""Faults in what an author wrote: a class, its fields, its `Meta`."""

from collections.abc import Sequence

from earnorm.errors.base import EarnORMError, EarnORMWarning
from earnorm.errors.validation import FieldFault

__all__ = [
    "FieldDefinitionError",
    "ModelDefinitionError",
    "ModelReplacedWarning",
    "ModelSchemaError",
    "UnbackedUniqueWarning",
]


class ModelDefinitionError(EarnORMError, TypeError):
    """A model cannot be built as it was written; nothing was registered.

    `contested` is what two models want, such as `("collection", "users")`, and `origins` are their keys; None and
    empty for every other fault.
    """

    def __init__(
        self,
        fault: str,
        *,
        model: str,
        contested: tuple[str, str] | None = None,
        origins: Sequence[str] = (),
    ) -> None:
        super().__init__(f"{model}: {fault}")
        self.model = model
        self.fault = fault
        self.contested = contested
        self.origins = tuple(origins)


class ModelSchemaError(ModelDefinitionError):
    """A JSON Schema says what no model can; `faults` holds all of it, each with its JSON Pointer as `path`."""

    def __init__(self, faults: Sequence[FieldFault], *, model: str) -> None:
        lines = "".join(f"\n  {fault}" for fault in faults)
        super().__init__(
            f"no model can be what this JSON Schema says:{lines}\nTake these parts out of the schema, or say them in "
            "a validator of a class among the bases.",
            model=model,
        )
        self.faults = tuple(faults)


class FieldDefinitionError(EarnORMError, TypeError):
    """A field was declared with options that contradict each other or that it does not have."""


class ModelReplacedWarning(EarnORMWarning):
    """A model took the place of another with the same key, as a reloaded module does."""


class UnbackedUniqueWarning(EarnORMWarning):
    """A model declares a `UniqueValidator`, and no unique index that would hold when two writers race."""
