"""The way back: from a document to those that refer to it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Generic, NoReturn, Self, TypeVar, overload

from bson import ObjectId

from earnorm.errors import FieldDefinitionError, NotFetchedError, UnknownReferenceError
from earnorm.fields import ReferencePath, find_references
from earnorm.queries.query import Query
from earnorm.typing import Selection

__all__ = ["Dependents", "ReverseReference", "load_dependents"]

M = TypeVar("M")

_LOADED = "__dependents__"  # the attribute of an instance that keeps what was prefetched


class Dependents(Query[M]):
    """The documents that refer to one instance: a query, and what was prefetched of it.

    Reading it from an instance never queries. Awaiting it asks the database anew, as with any query;
    `loaded` is what `prefetch` found.
    """

    __slots__ = ("declaration", "instance")

    def __init__(
        self, declaration: ReverseReference[M], instance: object, selection: Selection[M]
    ) -> None:
        source: Any = selection.model
        super().__init__(selection, source.__database__)
        self.declaration = declaration
        self.instance = instance

    @property
    def is_loaded(self) -> bool:
        """Whether `loaded` may be read."""
        return self.declaration.name in vars(self.instance).get(_LOADED, ())

    @property
    def loaded(self) -> list[M]:
        """The documents that were prefetched; raises `NotFetchedError` when none were."""
        if not self.is_loaded:
            raise NotFetchedError(
                f"{type(self.instance).__qualname__}.{self.declaration.name}", reverse=True
            )
        found: list[M] = vars(self.instance)[_LOADED][self.declaration.name]
        return found


class ReverseReference(Generic[M]):
    """Declares, on a model, the documents of `source` that refer to it by `field`.

    It reads as `Dependents`, a query. It is no field: nothing is stored, the constructor does not take
    it, and it cannot be assigned. `source` is a model or its name, looked up as that of a reference is;
    `field` is the name of the reference there, `"user"` or `"lines.product"`.
    """

    @overload
    def __init__(self, source: type[M], field: str) -> None: ...
    @overload
    def __init__(self: ReverseReference[Any], source: str, field: str) -> None: ...
    def __init__(self, source: type[Any] | str, field: str) -> None:
        is_model = isinstance(source, type) and hasattr(source, "__metadata__")
        if not is_model and not (isinstance(source, str) and source):
            raise FieldDefinitionError(
                f"ReverseReference takes a model or its name, not {source!r}"
            )
        if not isinstance(field, str) or not field:
            raise FieldDefinitionError(
                "ReverseReference takes the name of the reference that leads here, as in "
                f"ReverseReference('Order', 'user'), not {field!r}"
            )
        self.source = source
        self.field = field
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.name or name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Dependents[M]: ...
    def __get__(self, instance: object | None, owner: type) -> Any:
        if instance is None:
            return self
        given: Any = instance
        return Dependents(self, instance, self.select(owner, [given.id]))

    def __set__(self, instance: object, value: NoReturn) -> None:
        raise AttributeError(
            f"{type(instance).__qualname__}.{self.name} is what refers to the instance, and cannot be "
            f"assigned: set {self.field!r} of the other documents instead",
            name=self.name,
            obj=instance,
        )

    def __repr__(self) -> str:
        source = self.source if isinstance(self.source, str) else self.source.__qualname__
        return f"<ReverseReference {self.name}: {source}.{self.field}>"

    def find_source(self, model: Any) -> Any:
        """The model that refers to `model`; raises `UnknownModelError` while it is pending."""
        if isinstance(self.source, type):
            return self.source
        try:
            return model.__find_model__(self.source)
        except LookupError as error:
            error.add_note(f"{model.__qualname__}.{self.name} is to be referred to by it")
            raise

    def find_path(self, model: Any) -> ReferencePath:
        """Where the documents of the source refer to `model`; raises `UnknownReferenceError`."""
        source = self.find_source(model)
        found = list(find_references(source.__codec__.fields))
        named = [one for one in found if one.path == self.field]
        for one in named:
            target = one.field.find_target()
            if issubclass(model, target) or issubclass(target, model):
                if not one.is_searchable:
                    where = "inside a dictionary or a list of lists, where no query can look,"
                    raise self._error(model, source, where)
                return one
        if named:
            other = named[0].field.find_target().__metadata__.key
            raise self._error(model, source, f"to {other}, and not to this model")
        known = sorted({one.path for one in found})
        raise UnknownReferenceError(self.field, model=source.__metadata__.key, known=known)

    def select(self, model: Any, ids: Collection[ObjectId | None]) -> Selection[M]:
        """The documents that refer to one of these instances of `model`; an unsaved one has none."""
        path = self.find_path(model)
        stored = [one for one in ids if one is not None]
        condition: dict[str, Any] = {path.stored_path: {"$in": stored}}
        return Selection(model=self.find_source(model), filters=(condition,))

    def _error(self, model: Any, source: Any, where: str) -> UnknownReferenceError:
        fault = (
            f"refers {where} by {self.field!r}, so {model.__qualname__}.{self.name} cannot lead back. "
            "Name another reference"
        )
        key = source.__metadata__.key
        return UnknownReferenceError(self.field, model=key, known=(), fault=fault)


def load_dependents(dependents: Dependents[Any], found: Sequence[Any]) -> None:
    """Makes `found` what `loaded` gives for that instance."""
    held = vars(dependents.instance)
    # A new mapping: a copy of the instance may share the old one.
    held[_LOADED] = {**held.get(_LOADED, {}), dependents.declaration.name: list(found)}
