"""References: a field that holds another document's id, and the value that it reads as."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Literal,
    Protocol,
    TypedDict,
    TypeVar,
    Unpack,
    get_args,
    overload,
)

from bson import ObjectId

from earnorm.errors import SECRET, FieldDefinitionError, FieldFault, NotFetchedError, suggestion
from earnorm.expressions import Path
from earnorm.fields.base import Field
from earnorm.fields.definitions import Definitions
from earnorm.fields.identity import OBJECT_ID_SCHEMA, as_object_id
from earnorm.fields.owner import FieldOwner

__all__ = [
    "OnDelete",
    "Reference",
    "ReferenceField",
    "ReferenceOptions",
    "load_reference",
    "target_of",
]

OnDelete = Literal["none", "restrict", "cascade", "nullify"]
"""What becomes of a reference when the document that it refers to is deleted."""

M = TypeVar("M")
T = TypeVar("T")
W = TypeVar("W")


class _NotFound:
    """Stands where a target would be that was looked for and is not there."""


class Fetching(Protocol):
    """How a reference finds its target: the field that it belongs to."""

    owner: FieldOwner | None
    name: str

    def find_target(self) -> Any:
        """The model that is referred to."""
        ...

    def describe(self) -> str:
        """What to call the reference in messages."""
        ...


class Reference(Generic[M]):
    """The id of another document, and that document once it was fetched.

    Reading a reference never queries. References are equal when their ids are; they are hashable.
    """

    __slots__ = ("_field", "_target", "id")

    def __init__(self, target_id: ObjectId, field: Fetching, target: M | None = None) -> None:
        self.id = target_id
        self._field = field
        self._target: Any = target

    @property
    def is_loaded(self) -> bool:
        """Whether `loaded` may be read."""
        return self._target is not None and self._target is not _NotFound

    @property
    def loaded(self) -> M:
        """The target, once it was fetched, prefetched or assigned; raises `NotFetchedError` before."""
        target: Any = self._target
        if target is None or target is _NotFound:
            shown = SECRET if getattr(self._field, "secret", False) else self.id
            missing = shown if target is _NotFound else None
            raise NotFetchedError(self._field.describe(), missing=missing)
        loaded: M = target
        return loaded

    async def fetch(self) -> M:
        """Reads the target from its database and keeps it; raises `DocumentNotFoundError` if it is gone."""
        target: M = await self._field.find_target().get(self.id)
        self._target = target
        return target

    def __deepcopy__(self, memo: dict[int, Any]) -> Reference[M]:
        return Reference(self.id, self._field, copy.deepcopy(self._target, memo))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.id, self._field.owner, self._field.name, self._target)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            what = self._field.describe()
            raise AttributeError(
                f"{what} is a reference, and has no attribute {name!r}; the document that it refers to may: "
                f"'await reference.fetch()' reads it, 'reference.loaded' is it afterwards",
                name=name,
                obj=self,
            )

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Reference):
            return bool(self.id == other.id)
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.id)

    def __repr__(self) -> str:
        shown = SECRET if getattr(self._field, "secret", False) else str(self.id)
        return f"Reference({self._field.describe()}, {shown!r})"


def load_reference(reference: Reference[Any], target: object | None) -> None:
    """Makes `target` what the reference has loaded; None says that it was looked for and not found."""
    reference._target = _NotFound if target is None else target


def target_of(reference: Reference[Any]) -> Any:
    """The model that the reference refers to; raises `UnknownModelError` while it is pending."""
    return reference._field.find_target()


class ReferenceOptions(TypedDict, total=False):
    """The options that a reference takes beside its target."""

    alias: str
    strict: bool
    secret: bool
    on_delete: OnDelete


class ReferenceField(Field[T], Generic[T, W]):
    """The id of a document of another model; reads as a `Reference`.

    `to` is the model, or its name: a bare name (`"User"`) is looked up from the referring class's
    module outwards, a qualified one (`"shop.models.User"`) as it is. The target may be defined later.
    A stored instance of it, its id or a `Reference` can be assigned.

    `on_delete` says what becomes of a document that refers to one that is deleted: "none" (nothing, the id
    stays), "restrict" (the delete is refused), "cascade" (it is deleted too), "nullify" (the reference is
    taken away).
    """

    expects = "a stored instance, its id or a reference"
    is_mutable = False

    @overload
    def __init__(
        self: ReferenceField[Reference[M], M | Reference[M] | ObjectId | str],
        to: type[M],
        *,
        required: Literal[True] = ...,
        **options: Unpack[ReferenceOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: ReferenceField[Reference[M] | None, M | Reference[M] | ObjectId | str | None],
        to: type[M],
        *,
        required: Literal[False],
        **options: Unpack[ReferenceOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: ReferenceField[Reference[Any], Any],
        to: str,
        *,
        required: Literal[True] = ...,
        **options: Unpack[ReferenceOptions],
    ) -> None: ...
    @overload
    def __init__(
        self: ReferenceField[Reference[Any] | None, Any],
        to: str,
        *,
        required: Literal[False],
        **options: Unpack[ReferenceOptions],
    ) -> None: ...
    def __init__(
        self,
        to: type[Any] | str,
        *,
        required: bool = True,
        on_delete: OnDelete = "none",
        **options: Any,
    ) -> None:
        super().__init__(required=required, **options)
        _check_target(to)
        if on_delete not in get_args(OnDelete):
            raise FieldDefinitionError(_unknown_rule(on_delete))
        self.to = to
        self.on_delete = on_delete

    if TYPE_CHECKING:
        # Takes more than it gives; both are declared here so that pyright sees the difference.
        @overload  # type: ignore[override]
        def __get__(self, instance: None, owner: type) -> Path[W]: ...
        @overload
        def __get__(self, instance: object, owner: type) -> T: ...
        def __get__(self, instance: object | None, owner: type) -> Any: ...
        def __set__(self, instance: object, value: W) -> None: ...  # type: ignore[override]

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if isinstance(value, Reference):
            return self._convert_reference(value, path, faults)
        target_id = as_object_id(value)
        if target_id is not None:
            return Reference(target_id, self)
        return self._convert_instance(value, path, faults)

    def is_exact(self, value: object) -> bool:
        return isinstance(value, Reference) or hasattr(type(value), "__metadata__")

    def strict_fault(self, path: str, value: object) -> FieldFault:
        message = (
            f"must be an instance or a reference, not {type(value).__name__}: the field is strict"
        )
        return self.fault(path, "strict", message, value)

    def encode(self, value: Any) -> Any:
        return value.id

    def to_json(self, value: Any) -> Any:
        return str(value.id)

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        if data is None:
            return None
        target_id = as_object_id(data)
        if target_id is None:
            faults.append(self.type_fault(path, data))
            return data
        return Reference(target_id, self)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return dict(OBJECT_ID_SCHEMA)

    def find_target(self) -> Any:
        """The model that is referred to; raises `UnknownModelError` while it is pending."""
        if isinstance(self.to, type):
            return self.to
        if self.owner is None:
            raise FieldDefinitionError("this reference belongs to no model yet")
        try:
            return self.owner.__find_model__(self.to)
        except LookupError as error:
            error.add_note(f"{self.describe()} refers to {self.to!r}")
            raise

    def describe(self) -> str:
        """The model and field, such as `Order.user`."""
        owner = self.owner.__qualname__ if self.owner is not None else "?"
        return f"{owner}.{self.name}"

    def _convert_reference(self, value: Reference[Any], path: str, faults: list[FieldFault]) -> Any:
        if value._field is self:
            return value
        if not self._accepts_target(value):
            faults.append(self.type_fault(path, value))
            return value
        return Reference(value.id, self, value._target)

    def _convert_instance(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        metadata = getattr(type(value), "__metadata__", None)
        if metadata is None or not self._accepts(type(value)):
            faults.append(self.type_fault(path, value))
            return value
        target_id = getattr(value, "id", None)
        if target_id is None:
            message = "refers to an instance that was never saved; save it first"
            faults.append(self.fault(path, "unsaved", message, value))
            return value
        return Reference(target_id, self, value)

    def _accepts_target(self, reference: Reference[Any]) -> bool:
        try:
            return self._accepts(reference._field.find_target())
        except (LookupError, FieldDefinitionError):
            return True  # nothing is known of its target yet, but its id

    def _accepts(self, model: type) -> bool:
        try:
            return issubclass(model, self.find_target())
        except LookupError:
            # While the target is pending or ambiguous, its bare name is all that is known of it.
            return model.__name__ == str(self.to).rpartition(".")[2]


def _check_target(to: object) -> None:
    if isinstance(to, str) and to:
        return
    metadata = getattr(to, "__metadata__", None) if isinstance(to, type) else None
    if metadata is None:
        raise FieldDefinitionError(f"ReferenceField takes a model or its name, not {to!r}")
    if metadata.abstract:
        raise FieldDefinitionError(
            f"ReferenceField takes a model that has documents, and {metadata.key} is abstract. Refer to "
            "one of the models that inherit it."
        )


def _unknown_rule(rule: object) -> str:
    known = get_args(OnDelete)
    hint = suggestion(rule, known) if isinstance(rule, str) else ""
    return f"on_delete takes {', '.join(map(repr, known))}, not {rule!r}.{hint}"


def _rebuild(target_id: ObjectId, owner: Any, name: str, target: Any) -> Reference[Any]:
    """An unpickled reference, with the field that its model has now."""
    field = next(_references_in(owner.__codec__.fields[name]))
    return Reference(target_id, field, target)


def _references_in(field: Field[Any]) -> Iterator[Any]:
    if isinstance(field, ReferenceField):
        yield field
    for _, inner in field.inner_fields():
        yield from _references_in(inner)
