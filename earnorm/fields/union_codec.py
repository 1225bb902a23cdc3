"""Reads and writes instances of several embedded models, each marked with its name."""

from collections.abc import Iterator, Mapping
from typing import Any

from earnorm.errors import FieldFault
from earnorm.fields.base import Field
from earnorm.fields.kinds import DISCRIMINATOR, Kinds
from earnorm.fields.pictures import Difference
from earnorm.fields.text import StringField

__all__ = ["UnionCodec"]


class UnionCodec:
    """What one embedded model's codec does, for a union of them: the class decides which one does it."""

    __slots__ = ("_kinds",)

    def __init__(self, kinds: Kinds) -> None:
        self._kinds = kinds

    @property
    def fields(self) -> Mapping[str, Field[Any]]:
        """The discriminator, and the fields whose names mean one thing in all of the models.

        A name that is stored differently, or is of different types, can be used by its stored name only.
        """
        found: dict[str, Field[Any]] = {DISCRIMINATOR: _discriminator()}
        ambiguous: set[str] = set()
        for model in self._kinds.models():
            for name, field in model.__codec__.fields.items():
                other = found.setdefault(name, field)
                if (other.stored_name, type(other)) != (field.stored_name, type(field)):
                    ambiguous.add(name)
        return {name: field for name, field in found.items() if name not in ambiguous}

    def check_value(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        """An instance from itself, checked again, or from a mapping of its values and its `_type`."""
        if not isinstance(value, Mapping):
            model: Any = type(value)
            if self._kinds.name_of(value, path, faults) is None:
                return value
            return model.__codec__.check_value(value, path, faults)
        model = self._kinds.model_of(value, path, faults)
        if model is None:
            return value
        found = len(faults)
        instance = model.__codec__.check_value(_without_mark(value), path, faults)
        return value if len(faults) > found else instance

    def encode_value(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        """The stored document of the instance, with its `_type` in front."""
        mark = {DISCRIMINATOR: type(value).__discriminator__}
        return {**mark, **value.__codec__.encode_value(value, path, faults), **mark}

    def decode_value(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        """An instance from its stored document."""
        assert isinstance(stored, Mapping)
        model = self._kinds.model_of(stored, path, faults)
        if model is None:
            return stored
        return model.__codec__.decode_value(_without_mark(stored), path, faults)

    def freeze(self, instance: Any) -> Any:
        """The class, and what its own codec makes of the instance."""
        return type(instance), instance.__codec__.freeze(instance)

    def thaw(self, picture: Any) -> Any:
        """A fresh instance that has this picture."""
        model, inner = picture
        return model.__codec__.thaw(inner)

    def differences(
        self, picture: Any, instance: Any, path: str, stored_path: str
    ) -> Iterator[Difference] | None:
        """The fields that differ; None where another class stands, or only a whole one can tell."""
        model, inner = picture
        if model is not type(instance):
            return None
        found: Iterator[Difference] | None = model.__codec__.differences(
            inner, instance, path, stored_path
        )
        return found


def _without_mark(mapping: Mapping[Any, Any]) -> dict[Any, Any]:
    return {name: item for name, item in mapping.items() if name != DISCRIMINATOR}


def _discriminator() -> Field[Any]:
    field: Field[Any] = StringField()
    field.name = DISCRIMINATOR
    return field
