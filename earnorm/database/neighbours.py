"""The databases of a process that lie in one store, and whose models want the same of it."""

import threading
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

from earnorm.metadata import Finding, Metadata
from earnorm.model_registry import ModelRegistry
from earnorm.model_registry.checks.collections import clashing_shapes, shared_collections
from earnorm.model_registry.origins import Origins
from earnorm.stores import Store

__all__ = ["Neighbours", "find_conflicts"]

_MEMORY = frozenset({"sqlite://", "sqlite:///:memory:"})


class Neighbours:
    """The databases that are open in this process; safe across threads, and keeps none of them alive."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: weakref.WeakSet[Any] = weakref.WeakSet()

    def add(self, database: Any) -> None:
        """Has the database found by the others from now on."""
        with self._lock:
            self._open.add(database)

    def remove(self, database: Any) -> None:
        """Forgets the database, which is closed."""
        with self._lock:
            self._open.discard(database)

    def registries(self, database: Any) -> list[ModelRegistry]:
        """The other registries whose databases lie in the store of this one, as far as URLs tell."""
        with self._lock:
            others = [one for one in self._open if _is_same(one.store, database.store)]
        found = {one.registry: None for one in others if one.registry is not database.registry}
        return sorted(found, key=lambda one: one.name)


def find_conflicts(
    models: Sequence[Any], registry: ModelRegistry, others: Sequence[ModelRegistry]
) -> Iterator[Finding]:
    """What the models and those of other registries want of one collection, and cannot both have."""
    origins = Origins()
    own = [model.__metadata__ for model in models]
    ours = set(map(id, own))
    for other in others:
        foreign = [model.__metadata__ for model in other.models_at_home()]

        def origin(metadata: Metadata, other: ModelRegistry = other) -> str:
            home = registry if id(metadata) in ours else other
            return f" ({', '.join([home.name, *origins.named(metadata.module)])})"

        for check in (clashing_shapes, shared_collections):
            for metadata, against, finding in check([*foreign, *own], origin):
                if id(metadata) in ours and id(against) not in ours:
                    yield finding


def _is_same(one: Store, other: Store) -> bool:
    location = one.name.partition("?")[0]
    if one is other:
        return True
    return location not in _MEMORY and location == other.name.partition("?")[0]
