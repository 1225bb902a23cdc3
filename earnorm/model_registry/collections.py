"""Which models keep their documents in which collection."""

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

    def discard(self, key: str, collection: str) -> None:
        """Forgets the model."""
        self._by_name.get(collection, {}).pop(key, None)

    def find_clash(self, metadata: Metadata) -> Metadata | None:
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
