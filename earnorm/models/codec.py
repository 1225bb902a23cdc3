"""Checks, encodes and decodes the instances of one class, field by field.

This interpreted path is the reference: any faster one must give the same values and the same errors.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from earnorm.errors import FieldFault, ModelDefinitionError, ValidationError, suggestion
from earnorm.fields import Field, copy_containers, is_storable_name, recheck_dynamic
from earnorm.models.state import InstanceState

__all__ = ["AbstractCodec", "ModelCodec"]


class ModelCodec:
    """The codec of one class, over its field table; immutable."""

    __slots__ = ("_by_stored_name", "fields", "model")

    def __init__(self, model: type[Any], fields: Mapping[str, Field[Any]]) -> None:
        self.model = model
        self.fields = fields
        self._by_stored_name = {field.stored_name: field for field in fields.values()}

    def initialise(self, instance: Any, values: dict[str, Any]) -> None:
        """Fills a new instance from the arguments of its constructor; raises `ValidationError`."""
        faults: list[FieldFault] = []
        state = self.construct(values, "", faults)
        if faults:
            raise ValidationError(self.model.__qualname__, faults)
        object.__setattr__(instance, "__state__", InstanceState())
        vars(instance).update(state)

    def construct(
        self, values: Mapping[str, Any], path: str, faults: list[FieldFault]
    ) -> dict[str, Any]:
        """The checked values of a new instance, defaults filled in."""
        state = {}
        for name, field in self.fields.items():
            if name in values and field.contributed_by is None:
                state[name] = field.check(values[name], f"{path}{name}", faults)
            elif field.has_default:
                state[name] = field.check(field.make_default(), f"{path}{name}", faults)
            elif field.contributed_by is None:
                faults.append(field.fault(f"{path}{name}", "required", "is required", None))
        faults += self._unknown_arguments(values, path)
        return state

    def validate(self, instance: Any, path: str, faults: list[FieldFault]) -> None:
        """Checks every value again, as nested ones may have been changed in place; puts them in order."""
        state = vars(instance)
        for name, field in self.fields.items():
            if name in state:
                state[name] = field.recheck(state[name], f"{path}{name}", faults)
            elif field.required:
                message = (
                    f"has no value: the plugin {field.contributed_by!r} should have set it before the save"
                    if field.contributed_by
                    else "has no value"
                )
                faults.append(field.fault(f"{path}{name}", "required", message, None))
        extras = instance.__state__.extras
        for name in list(extras):
            extras[name] = recheck_dynamic(extras[name], f"{path}{name}", faults)

    def check_extra(self, name: str) -> Iterator[FieldFault]:
        """What is wrong with storing a value under `name` beside those of the fields."""
        field = self._by_stored_name.get(name)
        if field is not None:
            message = f"is the stored name of the field {field.name!r}; assign that one"
            yield FieldFault(path=name, code="key", message=message)
        elif not is_storable_name(name):
            message = "is no stored name: it is empty, starts with '$', or holds a NUL or a lone surrogate"
            yield FieldFault(path=name, code="key", message=message)

    def encode(self, instance: Any) -> dict[str, Any]:
        """The document of a valid instance: `_id` first when it has one, extras last."""
        document = {}
        state = vars(instance)
        for name, field in self.fields.items():
            if name in state:
                value = state[name]
                document[field.stored_name] = None if value is None else field.encode(value)
        if document.get("_id", True) is None:
            del document["_id"]
        document.update(copy_containers(instance.__state__.extras))
        return document

    def decode(self, document: Mapping[str, Any], path: str, faults: list[FieldFault]) -> Any:
        """A stored instance; what does not fit is added to `faults`. Unknown keys become extras."""
        state: dict[str, Any] = {}
        for name, field in self.fields.items():
            stored_name = field.stored_name
            if stored_name in document:
                state[name] = field.decode(document[stored_name], f"{path}{stored_name}", faults)
            elif field.has_default:
                state[name] = field.check(field.make_default(), f"{path}{stored_name}", faults)
            elif field.contributed_by is not None:
                continue  # stored before the plugin was enabled; the next save sets it
            else:
                message = "is missing, and a value is required"
                faults.append(field.fault(f"{path}{stored_name}", "required", message, None))
        known = self._by_stored_name
        extras = {
            key: copy_containers(value) for key, value in document.items() if key not in known
        }
        return self.assemble(state, InstanceState(extras, stored=True))

    def assemble(self, state: dict[str, Any], instance_state: InstanceState) -> Any:
        """An instance with exactly these values, unchecked."""
        instance = object.__new__(self.model)
        object.__setattr__(instance, "__state__", instance_state)
        vars(instance).update(state)
        return instance

    def check_value(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        """An embedded instance from itself, checked again, or from a mapping of its values."""
        below = f"{path}." if path else ""
        if isinstance(value, self.model):
            if type(value) is self.model:
                self.validate(value, below, faults)
            else:
                faults.append(self._type_fault(value, path))
            return value
        if not isinstance(value, Mapping):
            faults.append(self._type_fault(value, path))
            return value
        found = len(faults)
        state = self.construct(value, below, faults)
        return value if len(faults) > found else self.assemble(state, InstanceState())

    def encode_value(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        """What another document keeps of an instance: an embedded one whole, a stored one's id."""
        if self.model.__embedded__:
            return self.encode(value)
        if value.id is None:
            message = "refers to an instance that was never saved; save it first"
            faults.append(FieldFault(path=path, code="unsaved", message=message, input=value))
        return value.id

    def decode_value(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        """An embedded instance from its stored document."""
        assert isinstance(stored, Mapping)
        return self.decode(stored, f"{path}.", faults)

    def _type_fault(self, value: object, path: str) -> FieldFault:
        name = self.model.__name__
        message = f"must be an instance of {name} or a mapping of its values"
        if isinstance(value, self.model):
            message = f"must be an instance of {name} itself: what a subclass adds would be lost"
        return FieldFault(path=path, code="type", message=message, input=value)

    def _unknown_arguments(self, names: Iterable[str], path: str) -> Iterator[FieldFault]:
        guesses = _MOST_GUESSES
        for name in names:
            field = self.fields.get(name)
            if field is None:
                hint = suggestion(name, self.fields) if guesses else ""
                guesses -= bool(guesses)
                message = f"is no field of {self.model.__name__}.{hint}"
            elif field.contributed_by is not None:
                message = f"is set by the plugin {field.contributed_by!r}, and is no argument"
            else:
                continue
            yield FieldFault(path=f"{path}{name}", code="unknown", message=message)


class AbstractCodec(ModelCodec):
    """The codec of an abstract model, which has no instances."""

    __slots__ = ()

    def initialise(self, instance: Any, values: dict[str, Any]) -> None:
        raise ModelDefinitionError(
            "is abstract and has no instances. Define a subclass.", model=self.model.__qualname__
        )


# Looking for near names takes time, and whoever sends thousands of wrong ones has not mistyped them.
_MOST_GUESSES = 20
