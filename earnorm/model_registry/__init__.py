"""Registries of models. Named so because `registry` is the default instance."""

from earnorm.model_registry.async_subscription import AsyncSubscription
from earnorm.model_registry.binding import override_database
from earnorm.model_registry.checks import audible, in_order
from earnorm.model_registry.events import (
    ConflictFound,
    ModelChanged,
    ModelRegistered,
    ModelShape,
    ModelUnregistered,
    PluginBound,
    PluginUnbound,
    RegistryEvent,
    StoreBound,
    StoreUnbound,
)
from earnorm.model_registry.graph import RelationshipGraph
from earnorm.model_registry.graph_parts import EdgeKind, GraphCycle, GraphEdge, GraphNode
from earnorm.model_registry.history import because
from earnorm.model_registry.protocol import Model
from earnorm.model_registry.registry import ModelRegistry, registry
from earnorm.model_registry.sizes import ModelSize, RegistrySize, SizeLimits
from earnorm.model_registry.subscription import ListenerFailed, Subscription

__all__ = [
    "ModelSize",
    "RegistrySize",
    "SizeLimits",
    "ConflictFound",
    "PluginBound",
    "PluginUnbound",
    "StoreBound",
    "StoreUnbound",
    "AsyncSubscription",
    "EdgeKind",
    "GraphCycle",
    "GraphEdge",
    "GraphNode",
    "ListenerFailed",
    "Model",
    "ModelRegistry",
    "RelationshipGraph",
    "audible",
    "because",
    "in_order",
    "ModelChanged",
    "ModelRegistered",
    "ModelShape",
    "ModelUnregistered",
    "RegistryEvent",
    "Subscription",
    "override_database",
    "registry",
]
