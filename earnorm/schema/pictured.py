"""What a picture of a graph shows: its models in groups, the targets that are missing, and the edges."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from earnorm.model_registry import GraphEdge, GraphNode, RelationshipGraph

__all__ = ["Group", "Missing", "groups", "label", "missing_targets", "pictured_edges", "visible"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The models of one package."""

    name: str
    nodes: tuple[GraphNode, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What an unresolved edge leads to: a name, and the keys that it fits, if any."""

    name: str
    candidates: tuple[str, ...]


def groups(graph: RelationshipGraph) -> list[Group]:
    """The models by package, or by module where all lie in one package; both by name."""
    by_package = _grouped((node.package, node) for node in graph.nodes)
    if len(by_package) == 1:
        by_package = _grouped((node.module, node) for node in graph.nodes)
    return [Group(name=name, nodes=tuple(nodes)) for name, nodes in sorted(by_package.items())]


def pictured_edges(graph: RelationshipGraph) -> list[GraphEdge]:
    """The edges, without those that a child has from a concrete parent which is in the picture as well."""
    children = {edge.source for edge in graph.edges if edge.kind == "inheritance"}
    return [edge for edge in graph.edges if not (edge.is_inherited and edge.source in children)]


def missing_targets(edges: Iterable[GraphEdge]) -> list[Missing]:
    """What the unresolved edges lead to, each once."""
    found = (missing_target(edge) for edge in edges if not edge.is_resolved)
    return sorted(dict.fromkeys(found), key=lambda one: (one.name, one.candidates))


def missing_target(edge: GraphEdge) -> Missing:
    """What this unresolved edge leads to."""
    return Missing(name=edge.target, candidates=edge.candidates)


def label(edge: GraphEdge) -> str:
    """The field, with [] when it may hold several and ? when it may be None."""
    if edge.field is None:
        return "inherits"
    return f"{edge.field}{'[]' if edge.many else '' if edge.required else '?'}"


def visible(text: str) -> str:
    """The text in which what cannot be printed is escaped: no control, no change of direction."""
    return "".join(
        one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in text
    )


def _grouped(pairs: Iterable[tuple[str, GraphNode]]) -> Mapping[str, list[GraphNode]]:
    found: dict[str, list[GraphNode]] = {}
    for name, node in pairs:
        found.setdefault(name, []).append(node)
    return found
