"""What the command line tells of a graph: plain values, for JSON."""

from dataclasses import dataclass

from earnorm.cli.faults import Fault
from earnorm.errors import AmbiguousModelError
from earnorm.model_registry import GraphEdge, GraphNode, RelationshipGraph

__all__ = ["CycleFacts", "GraphFacts", "ambiguous_faults", "describe_graph"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CycleFacts:
    """A cycle: the keys of its models, and its edges as `key.field`."""

    models: tuple[str, ...]
    edges: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphFacts:
    """A graph; `order` has the keys of its models, each after those that it points at."""

    models: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    order: tuple[str, ...]
    cycles: tuple[CycleFacts, ...]


def describe_graph(graph: RelationshipGraph) -> GraphFacts:
    """The graph, and what is computed from it."""
    return GraphFacts(
        models=graph.nodes,
        edges=graph.edges,
        order=tuple(node.key for node in graph.order()),
        cycles=tuple(
            CycleFacts(
                models=tuple(node.key for node in cycle.nodes),
                edges=tuple(edge.name for edge in cycle.edges),
            )
            for cycle in graph.cycles()
        ),
    )


def ambiguous_faults(graph: RelationshipGraph) -> list[Fault]:
    """The edges that could mean several models."""
    return [
        Fault(
            subject=f"{edge.name} is ambiguous",
            lines=(str(AmbiguousModelError(edge.target, edge.candidates)),),
        )
        for edge in graph.edges
        if edge.candidates
    ]
