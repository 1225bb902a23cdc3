"""Methods of a model that look at several of its fields at once."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import FunctionType
from typing import Any, TypeVar

from earnorm.errors import (
    SECRET,
    FieldDefinitionError,
    FieldFault,
    ModelDefinitionError,
    reveals,
    suggestion,
)
from earnorm.fields import Field, refuse_awaitable
from earnorm.fields.awaitables import is_async

__all__ = ["MethodValidator", "accepts", "find_validators", "harmless_message", "validates"]

F = TypeVar("F", bound=Callable[[Any], None])


def validates(*fields: str) -> Callable[[F], F]:
    """Has the method called when an instance is constructed and before it is saved, once these fields fit.

    The method takes nothing but the instance, and raises `ValueError` to refuse it. Its words become the
    fault of each of the fields.
    """
    if not fields or not all(isinstance(field, str) for field in fields):
        raise FieldDefinitionError(
            "validates takes the names of the fields that the method looks at: write @validates('starts', 'ends')"
        )

    def mark(method: F) -> F:
        if not isinstance(method, FunctionType):
            raise FieldDefinitionError(
                f"validates marks a method, and {method!r} is none. Write @validates(...) right above 'def'."
            )
        vars(method)[_MARK] = fields
        return method

    return mark


_MARK = "__validates__"


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodValidator:
    """A method under `validates`: its name, and the fields that it looks at."""

    name: str
    fields: tuple[str, ...]

    def applies(self, instance: Any) -> bool:
        """Whether every field has a value."""
        values = vars(instance)
        return all(name in values for name in self.fields)

    def run(self, instance: Any) -> None:
        """Calls the method; raises `TypeError` when it answers, because nobody would listen."""
        answer = getattr(instance, self.name)()
        if answer is None:
            return
        method = getattr(type(instance), self.name)
        refuse_awaitable(answer, method)
        raise TypeError(
            f"the validator {method.__qualname__} returned {type(answer).__name__}, and its answer means nothing: "
            "it refuses by raising ValueError, and returns None."
        )

    def faults(self, instance: Any, path: str, *, is_whole: bool) -> Iterator[FieldFault]:
        """A fault for each field when the method refuses the instance.

        Where other fields do not fit, whatever else the method meets is their fault, and is passed over.
        """
        try:
            self.run(instance)
        except ValueError as error:
            message = harmless_message(instance, error)
            fields = instance.__codec__.fields
            for name in self.fields:
                shown = SECRET if fields[name].holds_secrets else vars(instance)[name]
                yield FieldFault(
                    path=f"{path}{name}", code="validator", message=message, input=shown
                )
        except Exception:
            if is_whole:
                raise


def accepts(validators: Sequence[MethodValidator], instance: Any) -> bool:
    """Whether none of the methods refuses the instance, whose fields all fit."""
    try:
        for validator in validators:
            if validator.applies(instance):
                validator.run(instance)
    except ValueError:
        return False
    return True


def find_validators(
    model: Any, fields: Mapping[str, Field[Any]], *, key: str
) -> tuple[MethodValidator, ...]:
    """The marked methods of a class and of its bases; raises `ModelDefinitionError` for a faulty one.

    A method that overrides a marked one is called in its place, for the same fields unless it is marked
    itself. None in its place takes it out.
    """
    marked: dict[str, tuple[str, ...]] = {}
    for base in reversed(model.__mro__):
        if base is object or (base is not model and _is_root(base)):
            continue  # for speed: they hold none
        for name, value in vars(base).items():
            if type(value) is FunctionType and _MARK in vars(value):
                marked[name] = vars(value)[_MARK]
            elif value is None:
                marked.pop(name, None)
    for name, names in marked.items():
        _check_method(model, name, key)
        _check_fields(name, names, fields, key)
    return tuple(MethodValidator(name=name, fields=names) for name, names in marked.items())


def harmless_message(instance: Any, error: ValueError) -> str:
    """What a validator said of the instance, unless it repeats a secret."""
    message = str(error) or "is refused"
    values = vars(instance)
    secrets = (
        values.get(name) for name, field in instance.__codec__.fields.items() if field.holds_secrets
    )
    return "is refused" if any(reveals(message, secret) for secret in secrets) else message


def _is_root(base: Any) -> bool:
    """Whether it is one of the classes that every model inherits."""
    return hasattr(base, "to_document") and "__codec__" not in vars(base)


def _check_method(model: Any, name: str, key: str) -> None:
    method = inspect.getattr_static(model, name)
    if type(method) is not FunctionType:
        fault = f"{name!r} takes the place of a validator of its base, and is no method. Write None to take that out."
        raise ModelDefinitionError(fault, model=key)
    if is_async(method):
        fault = (
            f"the validator {name!r} is 'async def', and validators are not awaited. Write it as 'def', or declare a "
            "UniqueValidator in Meta.validators."
        )
        raise ModelDefinitionError(fault, model=key)
    try:
        inspect.signature(method).bind(None)
    except TypeError:
        fault = (
            f"the validator {name!r} takes more than the instance. Write def {name}(self) -> None, and read the "
            "values from self."
        )
        raise ModelDefinitionError(fault, model=key) from None


def _check_fields(
    name: str, names: Sequence[str], fields: Mapping[str, Field[Any]], key: str
) -> None:
    for field in names:
        if field not in fields:
            hint = suggestion(field, fields) or f" The fields are: {', '.join(fields)}."
            fault = f"the validator {name!r} looks at the unknown field {field!r}.{hint}"
            raise ModelDefinitionError(fault, model=key)
