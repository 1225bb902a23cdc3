"""Makes the embedded models that a document has under `$defs`."""

from collections.abc import Iterator
from types import new_class
from typing import Any, Final
from urllib.parse import unquote

from earnorm.fields import EmbeddedField
from earnorm.fields.embedded import is_embedded_model
from earnorm.metadata import EXTENSION, canonical_json
from earnorm.model_registry import ModelRegistry
from earnorm.models.embedded import EmbeddedModel
from earnorm.models.rebuilding.fields import FieldReader
from earnorm.models.rebuilding.methods import read_methods
from earnorm.models.rebuilding.names import read_name
from earnorm.models.rebuilding.reading import Reading

__all__ = ["EmbeddedModels", "KnownModels", "known_models"]

KnownModels = dict[tuple[Any, ...], Any]
"""What is said of embedded models, with the classes that it refers to -> the class that was made of it."""

_PREFIX: Final = "#/$defs/"


def known_models(model: Any, content: dict[str, Any]) -> KnownModels:
    """The embedded models of a model, `content` being that of its document."""
    classes = {f"{one.__module__}.{one.__qualname__}": one for one in _embedded_in(model)}
    facts = {
        name: (definition[EXTENSION], definition.get("description"))
        for name, definition in content.get("$defs", {}).items()
        if EXTENSION in definition
    }
    by_name = {name: classes.get(own["key"]) for name, (own, _) in facts.items()}
    known = {}
    for name, (own, description) in facts.items():
        parts = [by_name.get(str(_name_of(one))) for one in _references(own)]
        known[(canonical_json(own), description, *parts)] = by_name[name]
    return {said: one for said, one in known.items() if None not in (one, *said[2:])}


def _embedded_in(model: Any) -> set[Any]:
    found: set[Any] = set()
    left: list[Any] = list(model.__codec__.fields.values())
    while left:
        field = left.pop()
        left += [inner for _, inner in field.inner_fields() if not isinstance(field, EmbeddedField)]
        for _, one in field.variants() if isinstance(field, EmbeddedField) else ():
            for base in one.__mro__:
                if is_embedded_model(base) and base not in found:
                    found.add(base)
                    left += base.__codec__.fields.values()
    return found


class EmbeddedModels:
    """The embedded models of one document, each made when it is referred to for the first time.

    Those that are `known` are not made again, so that models which shared one share it still.
    """

    def __init__(
        self,
        content: dict[str, Any],
        reading: Reading,
        home: ModelRegistry,
        known: KnownModels,
    ) -> None:
        self._definitions = reading.mapping(content.get("$defs", {}), "$defs")
        self._reading = reading
        self._home = home
        self._known = known
        self._making: set[str] = set()
        self._found: dict[str, Any] = {}  # name under $defs -> class
        self.fields = FieldReader(reading, self.find)

    def find(self, reference: object, path: str) -> Any:
        """The class that a `$ref` means; None, and a fault, when there is none."""
        name = _name_of(reference)
        if name not in self._definitions:
            return self._reading.refuse(path, f"refers to {reference!r}, which is none of $defs")
        return self._get(str(name), path)

    def make_unions(self, schema: Any) -> None:
        """Makes the models of every union in their order, in which a union finds the subclasses of its models."""
        if isinstance(schema, dict):
            if "discriminator" in schema and isinstance(schema.get("oneOf"), list):
                for one in schema["oneOf"]:
                    self.find(one.get("$ref") if isinstance(one, dict) else None, "oneOf")
            schema = list(schema.values())
        for part in schema if isinstance(schema, list) else ():
            self.make_unions(part)

    def all(self) -> tuple[Any, ...]:
        """Every embedded model, also those that only a union knows as a subclass of one of its own."""
        made = [
            self._get(name, f"$defs.{name}")
            for name, definition in self._definitions.items()
            # Other parts of the JSON Schema have a name as well, such as that of a point.
            if isinstance(definition, dict) and EXTENSION in definition
        ]
        return tuple(dict.fromkeys(made))

    def _get(self, name: str, path: str) -> Any:
        if name in self._making:
            return self._reading.refuse(path, f"refers to {name!r}, which is made with it: a cycle")
        if name not in self._found:
            self._making.add(name)
            self._found[name] = self._make(name)
            self._making.remove(name)
        return self._found[name]

    def _make(self, name: str) -> Any:
        path = f"$defs.{name}"
        definition = self._reading.mapping(self._definitions[name], path)
        facts = self._reading.mapping(definition.get(EXTENSION), f"{path}.{EXTENSION}")
        found = len(self._reading.faults)
        parts = [self.find(one, path) for one in _references(facts)]
        if len(self._reading.faults) > found:
            return None
        # The variant of a union says the same of itself as its model.
        said = (canonical_json(facts), definition.get("description"), *parts)
        if said not in self._known:
            made = self._build(facts, definition.get("description"), path)
            if made is None:
                return None
            self._known[said] = made
        return self._known[said]

    def _build(self, facts: dict[str, Any], description: object, path: str) -> Any:
        found = len(self._reading.faults)
        named = read_name(facts, self._reading, path)
        fields = self.fields.read_all(facts, f"{path}.")
        methods = read_methods(facts, self._reading, f"{path}.", EmbeddedModel)
        bases = [
            self.fields.values.read(one, f"{path}.bases")
            for one in self._reading.items(facts.get("bases", []), f"{path}.bases")
        ]
        if len(self._reading.faults) > found:
            return None
        body = named.namespace(description) | methods | fields
        options = {
            "registry": self._home,
            "extra": facts.get("extra"),
            "discriminator": facts.get("discriminator"),
        }
        try:
            return new_class(
                named.name,
                tuple(bases) or (EmbeddedModel,),
                options,
                lambda namespace: namespace.update(body),
            )
        except Exception as error:  # noqa: BLE001 # whatever a class line raises
            message = f"cannot be made: {type(error).__name__}: {error}"
            return self._reading.refuse(path, message, "model")


def _name_of(reference: object) -> str | None:
    """The name under `$defs`, as `Definitions` writes it."""
    if not isinstance(reference, str) or not reference.startswith(_PREFIX):
        return None
    return unquote(reference.removeprefix(_PREFIX)).replace("~1", "/").replace("~0", "~")


def _references(form: Any) -> Iterator[Any]:
    if isinstance(form, dict):
        if form.keys() == {"$ref"} and isinstance(form["$ref"], str):
            yield form["$ref"]
        form = list(form.values())
    if isinstance(form, list):
        for item in form:
            yield from _references(item)
