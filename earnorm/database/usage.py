"""What is known of the use of models: when, how much is stored, and what depends on them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from earnorm.database.kinds import kind_filter
from earnorm.database.store_errors import translate_store_errors
from earnorm.metadata import Finding
from earnorm.model_registry import ModelRegistry
from earnorm.stores import Store

__all__ = ["ModelUsage", "Prepared", "measure_usage", "without_used"]


@dataclass(slots=True)
class Prepared:
    """A model whose first operation may come, as often `extended` as then; `last_used` is a time since the epoch."""

    extended: int
    last_used: float | None = None

    @property
    def moment(self) -> datetime | None:
        """When the model was used last, in UTC."""
        return None if self.last_used is None else datetime.fromtimestamp(self.last_used, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelUsage:
    """The evidence that a model is used. `is_used` says whether there is any.

    `last_used` is when this process used it last with this database, in UTC, None for never. `documents` counts what is
    stored, plugins that hide documents notwithstanding, those of its children included. `dependents` are the keys of
    the models that refer to it or inherit it.
    """

    key: str
    collection: str
    last_used: datetime | None
    documents: int
    dependents: tuple[str, ...]

    @property
    def is_used(self) -> bool:
        """Whether it was used, has documents, or something depends on it."""
        return bool(self.last_used or self.documents or self.dependents)


async def measure_usage(
    store: Store, registry: ModelRegistry, prepared: Mapping[Any, Prepared]
) -> list[ModelUsage]:
    """The usage of each model at home in the registry, those without any evidence first."""
    graph = registry.graph()
    found = []
    for model in registry.models_at_home():
        metadata = model.__metadata__
        with translate_store_errors(store.name):
            documents = await store.count(metadata.collection, kind_filter(model))
        found.append(
            ModelUsage(
                key=metadata.key,
                collection=metadata.collection,
                last_used=known.moment if (known := prepared.get(model)) is not None else None,
                documents=documents,
                dependents=tuple(one.key for one in graph.dependents(metadata.key)),
            )
        )
    return sorted(found, key=lambda one: (one.is_used, one.key))


def without_used(findings: Iterable[Finding], usage: Iterable[ModelUsage]) -> Iterator[Finding]:
    """The findings but for those that call a model unused of whose use there is evidence."""
    used = {one.key for one in usage if one.is_used}
    return (one for one in findings if one.id != "earnorm.U001" or one.model not in used)
