"""A model class as the registry sees it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Protocol, Self

from bson import ObjectId

from earnorm.expressions import Expression
from earnorm.metadata import Metadata
from earnorm.plugins import Plans
from earnorm.queries import Query
from earnorm.typing import Document

__all__ = ["Model"]


class Model(Protocol):
    """What every registered class offers; `earnorm.BaseModel` is the one that implements it.

    `id` is left out: mypy and pyright disagree on how a protocol declares what a field's descriptor gives.
    """

    __metadata__: ClassVar[Metadata]
    __plans__: ClassVar[Plans]
    __extended__: ClassVar[int]
    # The home registry, whose class lies in a module that imports this one.
    __registry__: ClassVar[Any]

    # A class whose constructor is typed exactly is a model too: so this takes whatever it takes.
    def __init__(self, *args: Any, **values: Any) -> None: ...

    async def save(self) -> Self:
        """Inserts or replaces the document."""
        ...

    async def delete(self, *, skip_hooks: Collection[str] = ()) -> bool:
        """Deletes the document."""
        ...

    async def reload(self) -> Self:
        """Reads the document again."""
        ...

    @classmethod
    async def get(cls, document_id: ObjectId | str | None) -> Self:
        """The instance with this id."""
        ...

    @classmethod
    def find(cls, *filters: Expression | Document, trusted: bool = False) -> Query[Self]:
        """A query over the model's documents."""
        ...

    @classmethod
    async def create(cls, *args: Any, **values: Any) -> Self:
        """Constructs and saves an instance."""
        ...

    @classmethod
    async def insert_many(cls, instances: Sequence[Self]) -> list[Self]:
        """Inserts all of the instances or none."""
        ...

    def to_document(self) -> dict[str, Any]:
        """What the store keeps of the instance."""
        ...

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """The instance of a stored document."""
        ...
