"""What the checks look at: the models of a registry as they were at one moment."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from earnorm.metadata import Metadata
from earnorm.model_registry.entry import bare_name
from earnorm.model_registry.graph import RelationshipGraph
from earnorm.model_registry.graph_building import build_graph
from earnorm.model_registry.lookup import Lookup
from earnorm.model_registry.protocol import Model

__all__ = ["Subject", "describe_subject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The registered models by key, how they refer to each other, and the bare names of those that are gone."""

    label: str
    models: Mapping[str, type[Model]]
    graph: RelationshipGraph
    gone: frozenset[str]

    def metadata(self) -> list[Metadata]:
        """What is known of each model."""
        return [model.__metadata__ for model in self.models.values()]


def describe_subject(label: str, lookup: Lookup, gone: Iterable[str]) -> Subject:
    """What the registry `label` holds now; `gone` are keys of models that it held before."""
    models = lookup.models()
    return Subject(
        label=label,
        models={model.__metadata__.key: model for model in models},
        graph=build_graph(models, lookup.resolve),
        gone=frozenset(map(bare_name, gone)),
    )
