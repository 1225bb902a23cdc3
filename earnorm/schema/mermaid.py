"""A graph of relationships as a flowchart in Mermaid's language."""

from collections.abc import Iterator

from earnorm.model_registry import GraphEdge, RelationshipGraph
from earnorm.schema.pictured import (
    Missing,
    groups,
    label,
    missing_target,
    missing_targets,
    pictured_edges,
    visible,
)

__all__ = ["to_mermaid"]

# What Mermaid, its Markdown and its HTML labels read as text everywhere; the rest is written as entities.
_PLAIN = frozenset(" _.,:()[]?/+")


def to_mermaid(graph: RelationshipGraph) -> str:
    """The graph as a Mermaid flowchart, in which packages are subgraphs; the same for equal graphs.

    A flowchart, since Mermaid's entity diagrams know no groups. Whatever the models are called, their names are
    text in it and nothing else.
    """
    edges = pictured_edges(graph)
    missing = missing_targets(edges)
    ids = {node.key: f"m{n}" for n, node in enumerate(graph.nodes)}
    ghosts = {one: f"x{n}" for n, one in enumerate(missing)}
    lines = ["flowchart LR", *_packages(graph, ids), *_missing(ghosts)]
    lines += [f"  {_edge(edge, ids, ghosts)}" for edge in edges]
    return "\n".join(lines) + "\n"


def _packages(graph: RelationshipGraph, ids: dict[str, str]) -> Iterator[str]:
    for number, group in enumerate(groups(graph)):
        yield f"  subgraph p{number}[{_quoted(group.name)}]"
        yield "    direction LR"
        for node in group.nodes:
            yield f"    {ids[node.key]}[{_quoted(node.name)}]"
        yield "  end"


def _missing(ghosts: dict[Missing, str]) -> Iterator[str]:
    if not ghosts:
        return
    yield "  classDef missing stroke-dasharray: 4 4"
    for one, name in ghosts.items():
        said = f"{one.name}: {', '.join(one.candidates)}" if one.candidates else one.name
        fault = "ambiguous" if one.candidates else "not registered"
        yield f"  {name}([{_quoted(f'{said} ({fault})')}]):::missing"


def _edge(edge: GraphEdge, ids: dict[str, str], ghosts: dict[Missing, str]) -> str:
    target = ids[edge.target] if edge.is_resolved else ghosts[missing_target(edge)]
    line = "-->" if edge.is_resolved and edge.kind != "inheritance" else "-.->"
    return f"{ids[edge.source]} {line}|{_quoted(label(edge))}| {target}"


def _quoted(text: str) -> str:
    """The text in quotes; every character that could mean something is Mermaid's entity for it."""
    safe = (
        one if one.isalnum() or one in _PLAIN else f"#{ord(one)};" for one in visible(text) or " "
    )
    return f'"{"".join(safe)}"'
