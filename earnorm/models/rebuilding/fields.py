"""Makes fields of what a document says of them."""

import inspect
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, Final

from earnorm.fields import Field
from earnorm.models.rebuilding.reading import Reading
from earnorm.models.rebuilding.values import ValueReader
from earnorm.models.table import name_fault

__all__ = ["FieldReader"]

_OURS: Final = "earnorm.fields."


class FieldReader:
    """Makes the fields of one document."""

    def __init__(self, reading: Reading, find_model: Callable[[object, str], Any]) -> None:
        self._reading = reading
        self.values = ValueReader(reading, self.read, find_model)

    def read_all(self, facts: dict[str, Any], path: str) -> dict[str, Any]:
        """The fields of a model or an embedded model in their order, those of plugins left out."""
        described = self._reading.mapping(facts.get("fields"), f"{path}fields")
        order = self._reading.items(facts.get("order"), f"{path}order")
        names = [name for name in order if isinstance(name, str) and name in described]
        if len(names) != len(order) or sorted(names) != sorted(described):
            self._reading.refuse(f"{path}order", "does not name each of the fields once")
        fields = {}
        for name in names:
            below = f"{path}fields.{name}"
            description = self._reading.mapping(described[name], below)
            if wrong := name_fault(name):
                self._reading.refuse(below, wrong)
            elif "plugin" not in description:
                fields[name] = self.read(description, below)
        return fields

    def read(self, description: dict[str, Any], path: str) -> Any:
        """The field; None, and a fault, for what cannot be made."""
        found = len(self._reading.faults)
        kind = self._type(description.get("type"), path)
        written = self._reading.mapping(description.get("arguments", {}), f"{path}.arguments")
        arguments = {
            name: self.values.read(form, f"{path}.{name}") for name, form in written.items()
        }
        if "stored_name" in description:
            arguments["alias"] = self._reading.text(
                description["stored_name"], f"{path}.stored_name"
            )
        if kind is None or len(self._reading.faults) > found:
            return None
        try:
            return _make(kind, arguments)
        except Exception as error:  # noqa: BLE001 # the constructor of anybody's field type, with anything
            message = f"cannot be made: {type(error).__name__}: {error}"
            return self._reading.refuse(path, message, "field")

    def _type(self, name: object, path: str) -> Any:
        if isinstance(name, str) and ":" not in name:
            kind = _field_types().get(name)
            if kind is None:
                self._reading.refuse(path, f"is of the type {name!r}, which EarnORM does not have")
            return kind
        found = self._reading.find(name, path)
        if found is None or (isinstance(found, type) and issubclass(found, Field)):
            return found
        return self._reading.refuse(path, f"is of the type {name!r}, which is no field type")


def _make(kind: Any, arguments: dict[str, Any]) -> Any:
    parameters = inspect.signature(kind.__init__).parameters.values()
    several = next((one.name for one in parameters if one.kind is one.VAR_POSITIONAL), None)
    given = arguments.pop(several, ()) if several is not None else ()
    return kind(*given, **arguments)


@lru_cache(maxsize=1)
def _field_types() -> dict[str, type[Any]]:
    return {kind.__name__: kind for kind in _below(Field) if kind.__module__.startswith(_OURS)}


def _below(kind: type[Any]) -> Iterator[type[Any]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _below(one)
