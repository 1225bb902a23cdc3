"""Registries of models. Named so because `registry` is the default instance."""

from earnorm.model_registry.binding import override_database
from earnorm.model_registry.graph import RelationshipGraph
from earnorm.model_registry.graph_parts import EdgeKind, GraphCycle, GraphEdge, GraphNode
from earnorm.model_registry.history import because
from earnorm.model_registry.protocol import Model
from earnorm.model_registry.registry import ModelRegistry, registry

__all__ = [
    "EdgeKind",
    "GraphCycle",
    "GraphEdge",
    "GraphNode",
    "Model",
    "ModelRegistry",
    "RelationshipGraph",
    "because",
    "override_database",
    "registry",
]
