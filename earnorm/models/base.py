"""The class that every model inherits."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, Self

from bson import ObjectId

from earnorm.errors import ModelDefinitionError
from earnorm.expressions import Expression
from earnorm.fields import Field, ObjectIdField
from earnorm.metadata import Metadata
from earnorm.model_registry import ModelRegistry, registry
from earnorm.models.build import build_model, checked_registry
from earnorm.models.structure import Structure
from earnorm.models.tree import Tree, joined_tree
from earnorm.plugins import Plans
from earnorm.queries import Query, TrustedInstances, filter_documents
from earnorm.typing import DatabaseLike, Document, Selection

__all__ = ["BaseModel"]


class BaseModel(Structure):
    """A document of a collection.

    Subclasses declare fields, and options in `class Meta`: `collection`, `indexes`, `validators`,
    `plugins`, `abstract`. A subclass registers itself on the default registry, or on the one it names:
    `class User(BaseModel, registry=other)`.

    `id` is None until the store has acknowledged the first save, unless one was given to the constructor.
    """

    __metadata__: ClassVar[Metadata]
    __plans__: ClassVar[Plans]
    __registry__: ClassVar[ModelRegistry] = registry
    __embedded__: ClassVar[bool] = False
    __tree__: ClassVar[Tree]
    __strict__: ClassVar[bool | None] = None
    __build_seconds__: ClassVar[float] = 0.0
    __extended__: ClassVar[int] = 0

    id: Field[ObjectId | None] = ObjectIdField(required=False, alias="_id")

    def __init_subclass__(
        cls,
        *,
        registry: ModelRegistry | None = None,
        verify: Callable[[type], None] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if registry is not None:
            cls.__registry__ = checked_registry(registry, cls)
        build_model(cls, cls.__registry__)
        if verify is not None:
            verify(cls)  # for a model that is made of its document: before anybody can see it
        if not cls.__metadata__.abstract:
            with joined_tree(cls):
                cls.__registry__.register(cls)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The instance of a stored document, when the plugins' `after_load` have run; raises `DocumentError`.

        Keys that no field declares are kept, and saved again. A naive date is UTC.
        """
        instance: Self = cls.__codec__.load(document)
        if instance.__plans__.after_load.implementations:
            instance.__loaded__()
        return instance

    async def save(self) -> Self:
        """Inserts a new document, or replaces the stored one; returns the instance.

        Runs the plugins' `before_save`, validates every value, looks for duplicates, writes, sets `id`,
        runs `after_save`. Raises `ValidationError`, `DuplicateKeyError`, or `DocumentNotFoundError` when
        the stored document is gone.
        """
        return await self.__database__().save(self)

    async def delete(self, *, skip_hooks: Collection[str] = ()) -> bool:
        """Deletes the document; False when it was gone already. A plugin may mark it instead.

        `skip_hooks` names plugins to leave out; naming the one that marks deletes for good. Raises
        `UpdateError` for an instance that was never saved.
        """
        return await self.__database__().delete(self, skip_hooks=skip_hooks)

    async def reload(self) -> Self:
        """Reads the document again and replaces every value; raises `DocumentNotFoundError`."""
        return await self.__database__().reload(self)

    @classmethod
    async def get(cls, document_id: ObjectId | str | None) -> Self:
        """The instance with this id, an ObjectId or its 24 digits; raises `DocumentNotFoundError`.

        None, the id of an instance that was never saved, finds nothing; so type checkers accept `user.id`.
        """
        return await cls.__database__().get(cls, document_id)

    @classmethod
    def find(cls, *filters: Expression | Document, trusted: bool = False) -> Query[Self]:
        """A query for the documents that fit all of the filters; await it, or iterate with `async for`.

        A filter is an expression (`User.age > 3`) or a mapping in MongoDB's terms, under field names or
        stored names. With `trusted=True` the documents are taken to fit the model: faster, and for
        collections that nothing but the model writes to.
        """
        shape = TrustedInstances(cls) if trusted else None
        selection = Selection(model=cls, filters=filter_documents(filters), shape=shape)
        return Query(selection, cls.__database__)

    @classmethod
    async def create(cls, /, **values: Any) -> Self:
        """Constructs an instance and saves it."""
        return await cls(**values).save()

    @classmethod
    async def insert_many(cls, instances: Sequence[Self]) -> list[Self]:
        """Inserts all of these new instances or none; the hooks run for each one.

        MongoDB keeps those before the first fault, outside a transaction: `PartialWriteError` says which.
        """
        return await cls.__database__().insert_many(instances, model=cls)

    def __loaded__(self) -> None:
        """Runs the plugins' `after_load`; they may set attributes that the model does not declare."""
        state = self.__state__
        state.hooks += 1
        try:
            self.__plans__.after_load.run_sync(self)
        finally:
            state.hooks -= 1

    @classmethod
    def __database__(cls) -> DatabaseLike:
        """The database that the model uses here and now; raises `NotConnectedError`."""
        if cls.__metadata__.abstract:
            raise ModelDefinitionError(
                "is abstract and has no documents. Ask a subclass.", model=cls.__qualname__
            )
        return cls.__registry__.current_database(cls.__qualname__)

    @classmethod
    def __find_model__(cls, target: str) -> Any:
        return cls.__registry__.get_referenced(cls.__module__, cls.__qualname__, target)
