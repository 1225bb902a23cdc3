"""Which models keep their documents in which collection."""

from earnorm.errors import ModelDefinitionError
from earnorm.metadata import Metadata

__all__ = ["CollectionIndex"]


class CollectionIndex:
    """The collections of one registry, and the models that keep documents in each."""

    __slots__ = ("_by_name",)

    def __init__(self) -> None:
        self._by_name: dict[str, dict[str, Metadata]] = {}  # collection -> key -> metadata

    def add(self, metadata: Metadata) -> None:
        """Says that the model keeps its documents in its collection."""
        self._by_name.setdefault(metadata.collection, {})[metadata.key] = metadata

    def claim(self, metadata: Metadata) -> None:
        """As `add`; raises `ModelDefinitionError` for a collection that would be shared by accident."""
        other = self._find_clash(metadata)
        if other is not None:
            fault = (
                f"keeps its documents in the collection {metadata.collection!r}, and so does {other.key}: "
                "each would find, change and delete those of the other. Give one of them another "
                f"Meta.collection, or write collection = {metadata.collection!r} in both if they are to "
                "share it."
            )
            raise ModelDefinitionError(
                fault,
                model=metadata.key,
                contested=("collection", metadata.collection),
                origins=[other.key, metadata.key],
            )
        self.add(metadata)

    def discard(self, metadata: Metadata) -> None:
        """Forgets the model."""
        self._by_name.get(metadata.collection, {}).pop(metadata.key, None)

    def _find_clash(self, metadata: Metadata) -> Metadata | None:
        """Another model in the same collection, unless sharing it is meant.

        It is when both name it, and when one inherits the other or both inherit a third.
        """
        for key, other in self._by_name.get(metadata.collection, {}).items():
            if key == metadata.key or _root(metadata) == _root(other):
                continue
            if not (_names_it(metadata) and _names_it(other)):
                return other
        return None


def _root(metadata: Metadata) -> str:
    return metadata.root or metadata.key


def _names_it(metadata: Metadata) -> bool:
    return metadata.options.get("collection") is not None
