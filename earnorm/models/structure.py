"""What models and embedded models share: values under fields, checked when they are set."""

from collections.abc import Mapping
from inspect import getattr_static
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from earnorm.errors import (
    SECRET,
    ModelDefinitionError,
    ValidationError,
    suggestion,
)
from earnorm.fields import encode_dynamic
from earnorm.models.codec import ModelCodec
from earnorm.models.state import InstanceState, Trace
from earnorm.models.validates import MethodValidator

__all__ = ["Structure"]


class Structure:
    """An object whose attributes are fields; equal to another of its class with equal values."""

    # An instance has one of its own in its `__dict__` as soon as there is something to know.
    __trace__: Trace = None
    __codec__: ClassVar[ModelCodec]
    __validators__: ClassVar[tuple[MethodValidator, ...]] = ()
    __embedded__: ClassVar[bool]

    def __init__(self, /, **values: Any) -> None:
        try:
            codec = self.__codec__
        except AttributeError:
            raise ModelDefinitionError(
                "is abstract and has no instances. Define a subclass.",
                model=type(self).__qualname__,
            ) from None
        codec.initialise(self, values)

    @property
    def __state__(self) -> InstanceState:
        """The state of the instance, made when it is first asked for."""
        trace = self.__trace__
        if isinstance(trace, InstanceState):
            return trace
        pictures = None if trace is None else self.__codec__.unfold(trace)
        state = vars(self)["__trace__"] = InstanceState(pictures=pictures)
        return state

    @property
    def __extras__(self) -> Mapping[str, Any]:
        """The values that no field declares; to be read only."""
        trace = self.__trace__
        return trace.extras if type(trace) is InstanceState else _NO_EXTRAS

    def to_document(self) -> dict[str, Any]:
        """What the store keeps of the instance: BSON values under stored names."""
        return self.__codec__.encode(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The instance of a stored document; raises `DocumentError` when it does not fit.

        Keys that no field declares are kept, and saved again.
        """
        instance: Self = cls.__codec__.load(document)
        return instance

    def __assign__(self, name: str, value: Any) -> None:
        """What setting an attribute does."""
        codec = self.__codec__
        assign = codec.setters.get(name) or codec.make_setter(name)
        if assign is not None:
            assign(self, value)
        elif name.startswith("_"):
            object.__setattr__(self, name, value)
        elif hasattr(getattr_static(type(self), name, None), "__set__"):
            object.__setattr__(self, name, value)  # a property
        else:
            _set_extra(self, name, value)

    def __find_missing__(self, name: str) -> Any:
        """What reading an attribute does when the usual look-up has failed."""
        if name.startswith("__"):
            # What is read below has such a name itself, and may be what is missing.
            return object.__getattribute__(self, name)
        field = self.__codec__.fields.get(name)
        if field is not None:
            self.__codec__.fill(self)
            if name in vars(self):
                return vars(self)[name]
            raise field.unset_error(type(self).__qualname__)
        if hasattr(type(self), name):
            return object.__getattribute__(self, name)  # a property failed, and says why itself
        if not name.startswith("_") and name in self.__extras__:
            return self.__extras__[name]
        raise _no_attribute(self, name)

    if not TYPE_CHECKING:
        # Type checkers that saw these two would take any name for an attribute.
        __setattr__ = __assign__
        __getattr__ = __find_missing__

    def __delattr__(self, name: str) -> None:
        if name in self.__codec__.fields:
            raise AttributeError(
                f"{type(self).__qualname__}.{name} is a field and cannot be deleted; assign None to an "
                "optional field instead",
                name=name,
                obj=self,
            )
        if not name.startswith("_") and name in self.__extras__:
            del self.__state__.extras[name]
        else:
            object.__delattr__(self, name)

    def __copy__(self) -> Self:
        copied = object.__new__(type(self))
        vars(copied).update(vars(self))
        if type(self.__trace__) is InstanceState:
            vars(copied)["__trace__"] = self.__trace__.copy()
        return copied

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return bool(_public(self) == _public(other) and self.__extras__ == other.__extras__)

    __hash__ = None  # type: ignore[assignment] # equality follows the values, which can change

    def __repr__(self) -> str:
        fields = self.__codec__.fields
        shown = {
            name: SECRET if fields[name].is_hidden and value is not None else value
            for name, value in _public(self).items()
        }
        shown.update(self.__extras__)
        inside = ", ".join(f"{name}={_shortened(value)}" for name, value in shown.items())
        return f"{type(self).__qualname__}({inside})"


def _set_extra(instance: Structure, name: str, value: Any) -> None:
    state = instance.__state__
    keeps = instance.__codec__.rules.extra == "keep"
    is_open = (state.hooks and keeps) or name in state.extras
    if not is_open or hasattr(type(instance), name):
        raise _no_attribute(instance, name)
    faults = list(instance.__codec__.check_extra(name))
    encoded = encode_dynamic(value, name, faults)
    if faults:
        raise ValidationError(type(instance).__qualname__, faults)
    state.extras[name] = encoded


def _no_attribute(instance: Structure, name: str) -> AttributeError:
    model = type(instance).__qualname__
    known = [*instance.__codec__.fields, *instance.__extras__]
    return AttributeError(
        f"{model} has no field {name!r}.{suggestion(name, known)}",
        name=name,
        obj=instance,
    )


def _public(instance: Structure) -> dict[str, Any]:
    state = vars(instance)
    return {name: state[name] for name in instance.__codec__.fields if name in state}


_NO_EXTRAS: Mapping[str, Any] = MappingProxyType({})
_LONGEST_SHOWN = 80


def _shortened(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 1]}…"
