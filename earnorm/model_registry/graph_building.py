"""Makes the graph of the models of a registry."""

import sys
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace

from earnorm.metadata import Metadata, Relationship
from earnorm.model_registry.graph import RelationshipGraph
from earnorm.model_registry.graph_parts import EdgeKind, GraphEdge, GraphNode
from earnorm.model_registry.protocol import Model

__all__ = ["build_graph"]


def build_graph(
    models: Iterable[type[Model]], resolve: Callable[[Relationship], Relationship]
) -> RelationshipGraph:
    """The graph of these models; `resolve` says what a relationship means."""
    by_key = {model.__metadata__.key: model for model in models}
    nodes = [_node(model.__metadata__) for _, model in sorted(by_key.items())]
    edges = (edge for node in nodes for edge in _edges(by_key[node.key], resolve))
    return RelationshipGraph(
        nodes=tuple(nodes), edges=tuple(_known(edge, by_key) for edge in edges)
    )


def _node(metadata: Metadata) -> GraphNode:
    return GraphNode(
        key=metadata.key,
        name=metadata.name,
        module=metadata.module,
        package=_package(metadata.module),
        collection=metadata.collection,
    )


def _package(module: str) -> str:
    """The module itself if it is a package, or has none above it."""
    if hasattr(sys.modules.get(module), "__path__"):
        return module
    return module.rpartition(".")[0] or module


def _edges(
    model: type[Model], resolve: Callable[[Relationship], Relationship]
) -> Iterator[GraphEdge]:
    parent = _concrete_parent(model)
    if parent is not None:
        yield GraphEdge(
            source=model.__metadata__.key,
            field=None,
            target=parent.key,
            kind="inheritance",
            many=False,
            required=True,
        )
    inherited = {one.field for one in parent.relationships} if parent is not None else ()
    for relationship in map(resolve, model.__metadata__.relationships):
        yield _edge(relationship, inherited)


def _edge(relationship: Relationship, inherited: Collection[str]) -> GraphEdge:
    return GraphEdge(
        source=relationship.source,
        field=relationship.field,
        target=relationship.target,
        kind=_kind(relationship),
        many=relationship.many,
        required=relationship.required,
        on_delete=relationship.on_delete,
        is_inherited=relationship.field in inherited,
        pending=relationship.pending,
        candidates=relationship.candidates,
    )


def _kind(relationship: Relationship) -> EdgeKind:
    # A number is a place in a tuple: any other step leads into an embedded model.
    if any(not step.isdigit() for step in relationship.field.split(".")[1:]):
        return "embedded"
    return "list" if relationship.many else "reference"


def _concrete_parent(model: type[Model]) -> Metadata | None:
    for base in model.__mro__[1:]:
        metadata = vars(base).get("__metadata__")
        if isinstance(metadata, Metadata) and not metadata.abstract:
            return metadata
    return None


def _known(edge: GraphEdge, keys: Collection[str]) -> GraphEdge:
    """The edge, pending where its target was unregistered meanwhile, or never was registered here."""
    if edge.is_resolved and edge.target not in keys:
        return replace(edge, pending=True)
    return edge
