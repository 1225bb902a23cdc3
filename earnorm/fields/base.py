"""What every field type shares: presence, defaults, constraints, and how a value is checked."""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypedDict, TypeVar, overload

from earnorm.errors import (
    SECRET,
    FieldDefinitionError,
    FieldFault,
    UnsetFieldError,
    ValidationError,
    reveals,
    suggestion,
)
from earnorm.expressions import Path
from earnorm.fields.arguments import read_arguments
from earnorm.fields.awaitables import is_async, refuse_awaitable
from earnorm.fields.definitions import Definitions
from earnorm.fields.extended_json import from_extended_json, to_extended_json
from earnorm.fields.owner import FieldOwner
from earnorm.fields.pictures import (
    Difference,
    picture_dynamic,
    restore_dynamic,
    whole_difference,
)
from earnorm.fields.stored_values import is_ours, read_single

__all__ = [
    "MISSING",
    "Field",
    "FieldOptions",
    "OptionalFieldOptions",
    "hidden_fault",
]

T = TypeVar("T")
V = TypeVar("V")

MISSING: Any = type("MISSING", (), {"__repr__": lambda self: "MISSING"})()
"""Stands where no value was given at all, because None is a value."""


class _SharedOptions(TypedDict, Generic[V], total=False):
    alias: str
    choices: Collection[V]
    validators: Sequence[Callable[[V], object]]
    strict: bool
    secret: bool


class FieldOptions(_SharedOptions[V], total=False):
    """The options that every field type takes."""

    default: V
    default_factory: Callable[[], V]


class OptionalFieldOptions(_SharedOptions[V], total=False):
    """The same for a field that can be None."""

    default: V | None
    default_factory: Callable[[], V | None]


class Field(Generic[T]):
    """A typed, named part of a document.

    On the model class it reads as a `Path` to compare with; on an instance as the value. It is a
    non-data descriptor: a read is a dictionary hit, and `BaseModel.__setattr__` checks writes.

    `required` (default True) refuses None. `default` is copied for each instance, `default_factory` is
    called for each. `alias` is the stored name. `choices` limits the values. Each of `validators` is
    called with the checked value and raises `ValueError` to refuse it. `strict` refuses what would have
    to be converted; without a word of its own, a field follows its model's `__strict__`. The value of a
    `secret` field is shown nowhere: in no error, no repr, no log.

    A field type may state what it `accepts` beside its own values (`Decimal | int`), for the constructors
    that `earnorm stubs` writes.
    """

    expects = "a value"
    accepts: Any = None
    is_mutable: bool = True
    """Whether a value can be changed without being assigned; a type whose values cannot says False."""
    exact_types: tuple[type, ...] = ()
    """The types that a strict field keeps as they are; none where every type is as good."""
    json_is_python: ClassVar[bool] = False
    """Whether JSON keeps the values as they are."""
    has_keys = False
    """Whether the parts of a value are its keys, which any string may be."""
    reads_naive_dates: ClassVar[bool] = True
    """Whether `decode` takes naive dates for UTC itself; false for types with methods from elsewhere."""
    is_numeric = False
    """Whether `$inc` and `$mul` compute with the values."""
    path_type: ClassVar[type[Path[Any]]] = Path
    name = ""
    contributed_by: str | None = None
    owner: FieldOwner | None = None

    def __init__(  # one keyword for each option of FieldOptions
        self,
        *,
        required: bool = True,
        default: Any = MISSING,
        default_factory: Callable[[], Any] | None = None,
        alias: str | None = None,
        choices: Collection[Any] | None = None,
        validators: Sequence[Callable[[Any], object]] = (),
        strict: bool | None = None,
        secret: bool = False,
        **unknown: Any,
    ) -> None:
        for option in unknown:
            raise FieldDefinitionError(_unknown_option(type(self), option))
        _check_default(default, default_factory, required=required)
        if not isinstance(secret, bool):
            raise FieldDefinitionError(f"secret takes True or False, not {secret!r}")
        self.required = required
        self.default = default
        self.default_factory = default_factory
        self.alias = alias
        self.choices = _read_choices(choices)
        self.validators = _read_validators(validators)
        self.strict = strict
        self.secret = secret
        self.origin: Field[T] = self

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.reads_naive_dates = is_ours(cls.decode) and is_ours(cls.convert)

    def __set_name__(self, owner: type, name: str) -> None:
        # Never raises: Python 3.11 would wrap the error in RuntimeError.
        self.name = self.name or name

    @overload
    def __get__(self, instance: None, owner: type) -> Path[T]: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        if instance is None:
            return self.path_type(self.stored_name, self, self.name)
        raise self.unset_error(owner.__qualname__)

    if TYPE_CHECKING:
        # Declared for type checkers only: at run time its presence would slow down every read.
        def __set__(self, instance: object, value: T) -> None: ...

    def __repr__(self) -> str:
        where = f" {self.owner.__qualname__}.{self.name}" if self.owner is not None else ""
        return f"<{type(self).__name__}{where}>"

    @property
    def stored_name(self) -> str:
        """The name under which the value is kept in documents."""
        return self.alias or self.name

    @property
    def has_default(self) -> bool:
        """Whether an instance gets a value when none is given."""
        return self.default is not MISSING or self.default_factory is not None or not self.required

    @property
    def holds_secrets(self) -> bool:
        """Whether the value, or a part of it, is secret."""
        return _holds_secrets(self, set())

    @property
    def is_hidden(self) -> bool:
        """Whether the value is not to be shown at all; an embedded instance hides its secrets itself."""
        return self.secret or any(inner.is_hidden for _, inner in self.inner_fields())

    def bind(self, owner: FieldOwner, name: str, *, contributed_by: str | None = None) -> Self:
        """A copy that knows its model and its name; the original stays as it was written."""
        bound = object.__new__(type(self))  # as `copy.copy` would, at a third of its price
        vars(bound).update(vars(self))
        bound.owner, bound.name = owner, name
        bound.contributed_by = contributed_by or self.contributed_by
        if self.strict is None:
            bound.strict = getattr(owner, "__strict__", None)
        if self.choices is not None:
            bound.choices = tuple(bound._fitting(choice) for choice in self.choices)
        return bound

    def arguments(self) -> dict[str, Any]:
        """What the constructor of the class takes to make the field again, by parameter; defaults are left out.

        A field type whose constructor takes what it does not keep under the same names overrides it.
        """
        return read_arguments(self, Field)

    def inner_fields(self) -> Iterator[tuple[str, Field[Any]]]:
        """The fields inside this one, each with its path below it (empty for the items of a list)."""
        return iter(())

    def find_part(self, name: str) -> tuple[str, Field[Any]] | None:
        """The stored name and the field of a part of the value; None when it has no such part.

        Through a list it is the part of every item; an item's own name is its position.
        """
        return None

    def item_field(self) -> Field[Any] | None:
        """The field of every item of a list; None for a value that is no list of one kind of items."""
        return None

    def key_text(self, key: object) -> str | None:
        """The name of the part under a key; None for what is no key. Raises `ValidationError`."""
        return key if isinstance(key, str) else None

    def part_names(self) -> Collection[str]:
        """The names of the parts that every value has."""
        return ()

    def make_default(self) -> Any:
        """A fresh default; None for an optional field that has no other."""
        if self.default_factory is not None:
            return self.default_factory()
        return copy.deepcopy(self.default) if self.default is not MISSING else None

    def check(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        """`value` as the field keeps it; what is wrong with it is added to `faults`."""
        if value is None:
            if self.required:
                faults.append(
                    self.fault(path, "required", "a value is required, None is none", None)
                )
            return None
        if self.strict and not self.is_exact(value):
            faults.append(self.strict_fault(path, value))
            return value
        found = len(faults)
        converted = self.convert(value, path, faults)
        if len(faults) == found:
            self.constrain(converted, path, faults)
        if self.secret and len(faults) > found:
            cut = path if self.has_keys else None
            faults[found:] = [hidden_fault(fault, value, cut) for fault in faults[found:]]
        return converted

    def recheck(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        """Like `check`, for a value that the instance holds already: containers keep their identity.

        A value that does not fit stays as it is, so that the next save refuses it again.
        """
        return self.check(value, path, faults)

    def assign(self, value: object) -> Any:
        """`value` as the field keeps it; raises `ValidationError` when it does not fit."""
        faults: list[FieldFault] = []
        checked = self.check(value, self.name, faults)
        self._raise(faults)
        return checked

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        """`value` in the field's own type; field types override it."""
        return value

    def is_exact(self, value: object) -> bool:
        """Whether a strict field takes the value: nothing about it would have to be converted."""
        return not self.exact_types or type(value) in self.exact_types

    def constrain(self, value: Any, path: str, faults: list[FieldFault]) -> None:
        """Adds a fault for each constraint that a value of the right type breaks."""
        if self.choices is not None and value not in self.choices:
            allowed = "the choices" if self.secret else ", ".join(map(repr, self.choices))
            faults.append(self.fault(path, "choices", f"must be one of {allowed}", value))
        for validator in self.validators:
            try:
                answer = validator(value)
            except ValueError as error:
                faults.append(self.fault(path, "validator", str(error) or "is refused", value))
            else:
                refuse_awaitable(answer, validator)

    def encode(self, value: Any) -> Any:
        """A checked value as BSON keeps it."""
        return value

    def decode(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        """A stored value in the field's own type; constraints are left to the next save.

        A naive datetime is UTC here, as in every document.
        """
        if stored is None:
            if self.required:
                faults.append(
                    self.fault(path, "required", "is null, and a value is required", None)
                )
            return None
        return self.convert(read_single(stored), path, faults)

    def freeze(self, value: Any) -> Any:
        """An immutable picture of a value: equal pictures, equal values."""
        return picture_dynamic(self.encode(value)) if self.is_mutable else value

    def thaw(self, picture: Any) -> Any:
        """A fresh value that has this picture."""
        return self.decode(restore_dynamic(picture), self.name, []) if self.is_mutable else picture

    def differences(
        self, picture: Any, value: Any, path: str, stored_path: str
    ) -> Iterator[Difference]:
        """The parts of `value` that are not as in `picture`; either may be None or `ABSENT`."""
        return whole_difference(self, picture, value, path, stored_path)

    def to_json(self, value: Any) -> Any:
        """A checked value as JSON keeps it; Extended JSON for what it has no form for.

        Raises `ValidationError` for a free dictionary that would not come back as it is.
        """
        return value if self.json_is_python else self._extended_json(self.encode(value))

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        """The value of a JSON form; null is None, and constraints are left to the constructor."""
        if data is None:
            return None
        if self.json_is_python:
            return self.convert(data, path, faults)
        found = len(faults)
        stored = from_extended_json(data, path, faults)
        return data if len(faults) > found else self.decode(stored, path, faults)

    def json_schema(self, definitions: Definitions) -> dict[str, Any]:
        """The JSON Schema (2020-12) of the JSON form; embedded models are added to `definitions`."""
        schema = self.value_schema(definitions)
        is_shown = not self.is_hidden
        if self.choices is not None and is_shown:
            schema = {**schema, "enum": [self.to_json(choice) for choice in self.choices]}
        if not self.required:
            schema = {"anyOf": [schema, {"type": "null"}]}
        if self.default is not MISSING and is_shown:
            default = self.check(self.make_default(), self.name, [])
            schema = {**schema, "default": None if default is None else self.to_json(default)}
        if self.contributed_by is not None:
            schema = {**schema, "readOnly": True}
        return schema if is_shown else {**schema, "writeOnly": True}

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        """The JSON Schema of a value that is not None; field types override it."""
        return {}

    encode_item: Callable[[object], Any] | None = None
    """Encodes what a list of the field may contain; None for a field that is no list."""

    def encode_operand(self, value: object) -> Any:
        """The other side of a comparison, as BSON keeps it; a wrong type raises `ValidationError`."""
        if value is None:
            return None
        faults: list[FieldFault] = []
        converted = self.convert(value, self.name, faults)
        self._raise(faults)
        return self.encode(converted)

    def fault(self, path: str, code: str, message: str, value: object) -> FieldFault:
        """A fault of this field; of a secret value it says no more than what is wrong."""
        if self.holds_secrets:
            return hidden_fault(FieldFault(path=path, code=code, message=message), value)
        return FieldFault(path=path, code=code, message=message, input=value)

    def type_fault(self, path: str, value: object) -> FieldFault:
        """The fault of a value that is of another type than the field's."""
        got = type(value).__name__
        return self.fault(path, "type", f"must be {self.expects}, not {got}", value)

    def strict_fault(self, path: str, value: object) -> FieldFault:
        """The fault of a value that a strict field would have to convert."""
        kinds = " or ".join(kind.__name__ for kind in self.exact_types)
        message = f"must be exactly {kinds}, not {type(value).__name__}: the field is strict"
        return self.fault(path, "strict", message, value)

    def unset_error(self, model: str) -> UnsetFieldError:
        """The error for reading the field before it has a value."""
        when = (
            f"the plugin {self.contributed_by!r} sets it when the instance is saved"
            if self.contributed_by
            else "it was deleted or never set; assign it first"
        )
        return UnsetFieldError(
            f"{model}.{self.name} has no value yet: {when}.", model=model, field=self.name
        )

    def _extended_json(self, value: Any) -> Any:
        faults: list[FieldFault] = []
        form = to_extended_json(value, self.name, faults)
        self._raise(faults)
        return form

    def _raise(self, faults: list[FieldFault]) -> None:
        if faults:
            owner = self.owner.__qualname__ if self.owner is not None else type(self).__name__
            raise ValidationError(owner, faults)

    def _fitting(self, choice: object) -> Any:
        faults: list[FieldFault] = []
        converted = self.convert(choice, self.name, faults)
        if faults:
            where = (
                f"{self.owner.__qualname__}.{self.name}" if self.owner is not None else self.name
            )
            shown = SECRET if self.holds_secrets else choice
            raise FieldDefinitionError(
                f"{where}: the choice {shown!r} does not fit the field, it {faults[0].message}"
            )
        return converted


def _holds_secrets(field: Field[Any], seen: set[int]) -> bool:
    # An embedded model may hold itself, by a union that it belongs to.
    if field.secret:
        return True
    for _, inner in field.inner_fields():
        if id(inner) not in seen:
            seen.add(id(inner))
            if _holds_secrets(inner, seen):
                return True
    return False


def hidden_fault(fault: FieldFault, value: object, path: str | None = None) -> FieldFault:
    """The fault of a secret value, without the value, which neither the input nor the message then holds.

    `path` is given for a value whose keys are secret as well: where in it the fault lies is not told.
    """
    # A stranger's words about the value may well repeat it.
    message = "is refused" if reveals(fault.message, value) else fault.message
    where = fault.path if path is None else path
    return FieldFault(path=where, code=fault.code, message=message, input=SECRET)


def _unknown_option(field_type: type, option: str) -> str:
    own = [name for name in signature(field_type).parameters if name != "options"]
    known = list(dict.fromkeys((*own, "required", *FieldOptions.__annotations__)))
    hint = suggestion(option, known) or f" The options are: {', '.join(known)}."
    return f"{field_type.__name__} has no option {option!r}.{hint}"


def _check_default(default: Any, default_factory: object, *, required: bool) -> None:
    if default is not MISSING and default_factory is not None:
        raise FieldDefinitionError("a field takes default or default_factory, not both")
    if default is None and required:
        raise FieldDefinitionError(
            "default=None needs required=False: a required field is never None"
        )
    if default_factory is not None and not callable(default_factory):
        raise FieldDefinitionError(
            f"default_factory={default_factory!r} cannot be called. Give a function without arguments, or "
            "give the value as default."
        )


def _read_choices(choices: object) -> tuple[Any, ...] | None:
    if choices is None:
        return None
    # A string is a collection of its letters, and never what was meant.
    if isinstance(choices, (str, bytes)) or not isinstance(choices, Collection):
        raise FieldDefinitionError(f"choices takes a list of values, not {choices!r}")
    return tuple(choices)


def _read_validators(validators: object) -> tuple[Callable[[Any], object], ...]:
    if not isinstance(validators, (list, tuple)):
        raise FieldDefinitionError(
            f"validators takes a list of functions, not {validators!r}. Write validators=[...]."
        )
    for validator in validators:
        if not callable(validator):
            raise FieldDefinitionError(
                f"validators holds {validator!r}, which cannot be called. Give functions that raise "
                "ValueError; a UniqueValidator belongs in Meta.validators."
            )
        if is_async(validator):
            raise FieldDefinitionError(
                f"validators holds {validator!r}, which is 'async def', and validators are not awaited. "
                "Write it as 'def', or declare a UniqueValidator in Meta.validators."
            )
    return tuple(validators)
