"""Reads what `earnorm.metadata.value_forms` writes: arguments and options, from JSON."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from earnorm.errors import FieldFault
from earnorm.fields.extended_json import from_extended_json
from earnorm.metadata.value_forms import EMBEDDED, IMPORT, OPAQUE
from earnorm.models.rebuilding.reading import Reading

__all__ = ["ValueReader", "is_field"]


def is_field(form: object) -> bool:
    """Whether a form describes a field; a mapping that looks like one is written as `$map`."""
    return isinstance(form, dict) and "type" in form and "kind" in form


class ValueReader:
    """Makes values of their forms; what is none becomes a fault of the reading.

    `read_field` makes the fields that are held by others, `find_model` gives the embedded models.
    """

    def __init__(
        self,
        reading: Reading,
        read_field: Callable[[Any, str], Any],
        find_model: Callable[[object, str], Any],
    ) -> None:
        self._reading = reading
        self._read_field = read_field
        self._find_model = find_model

    def read(self, form: Any, path: str) -> Any:
        """The value; None, and a fault, for what is no form."""
        if isinstance(form, list):
            return [self.read(item, f"{path}.{n}") for n, item in enumerate(form)]
        if not isinstance(form, dict):
            return form
        if is_field(form):
            return self._read_field(form, path)
        word = next((key for key in form if key.startswith("$")), None)
        if word is None:
            return {key: self.read(item, f"{path}.{key}") for key, item in form.items()}
        return self._unwrapped(word, form, path)

    def _unwrapped(self, word: str, form: dict[str, Any], path: str) -> Any:
        if word == IMPORT:
            return self._reading.find(form[word], path)
        if word == "$ref":
            return self._find_model(form[word], path)
        if word == OPAQUE:
            return self._read_opaque(form[word], path)
        if word == "$secret":
            message = (
                "is secret, so the document does not hold it. Define the model in code, or leave the value out: a "
                "default_factory can read it from where secrets are kept"
            )
            return self._reading.refuse(path, message, "secret")
        return self._attempted(word, form, path)

    def _read_opaque(self, name: object, path: str) -> Any:
        if name == "...":
            return ...
        message = f"is {name}, which cannot be imported. Give it a name at the top of a module, or define the model in code"
        return self._reading.refuse(path, message, "opaque")

    def _attempted(self, word: str, form: dict[str, Any], path: str) -> Any:
        found = len(self._reading.faults)
        try:
            if word == "$map":
                pairs = [(self.read(key, path), self.read(item, path)) for key, item in form[word]]
                return {_hashable(key): item for key, item in pairs}
            if word == "$set":
                return {_hashable(self.read(item, path)) for item in form[word]}
            if word == EMBEDDED:
                return self._instance(form, path)
            if word in _PARSERS:
                return _PARSERS[word](form)
            return self._extended(form, path)
        except (
            ArithmeticError,
            AttributeError,
            LookupError,
            TypeError,
            ValueError,
            re.error,
        ) as error:
            if len(self._reading.faults) == found:
                message = f"is no form of a value: {type(error).__name__}: {error}"
                self._reading.refuse(path, message, "value")
        return None

    def _instance(self, form: dict[str, Any], path: str) -> Any:
        found = len(self._reading.faults)
        model = self.read(form[EMBEDDED], path)
        values = {name: self.read(item, f"{path}.{name}") for name, item in form["values"].items()}
        if len(self._reading.faults) > found:
            return None
        return model(**values)

    def _extended(self, form: dict[str, Any], path: str) -> Any:
        faults: list[FieldFault] = []
        value = from_extended_json(form, path, faults)
        if value is form or value == form:
            self._reading.refuse(path, f"is no form of a value: {', '.join(form)}", "value")
        self._reading.faults += faults
        return value


def _hashable(value: Any) -> Any:
    """The value as a set or a mapping holds it: a tuple was written as a list."""
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def _digits(form: dict[str, Any], word: str) -> str:
    text = form[word]
    if not isinstance(text, str):
        raise TypeError(f"{word} holds a string, not {type(text).__name__}")
    return text


_PARSERS: Final[dict[str, Callable[[dict[str, Any]], Any]]] = {
    "$numberLong": lambda form: int(_digits(form, "$numberLong")),
    "$numberDouble": lambda form: float(_digits(form, "$numberDouble")),
    "$numberDecimal": lambda form: Decimal(_digits(form, "$numberDecimal")),
    "$date": lambda form: datetime.fromisoformat(_digits(form, "$date")),
    "$day": lambda form: date.fromisoformat(_digits(form, "$day")),
    "$seconds": lambda form: timedelta(seconds=form["$seconds"]),
    "$microseconds": lambda form: timedelta(microseconds=int(_digits(form, "$microseconds"))),
    "$pattern": lambda form: re.compile(_digits(form, "$pattern"), form["flags"]),
}
