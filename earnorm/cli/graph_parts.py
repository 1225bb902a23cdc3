"""A graph as people read it: a tree of packages, models and what these point at."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from earnorm.cli.printing import plain
from earnorm.model_registry import GraphEdge, GraphNode, RelationshipGraph
from earnorm.schema.pictured import Group, groups

__all__ = ["graph_parts"]


def graph_parts(graph: RelationshipGraph, target: str) -> Iterator[RenderableType]:
    """A tree for each package, or each module of the only one; the cycles, and how much there is."""
    for group in groups(graph):
        yield _tree(group, graph)
        yield ""
    cycles = graph.cycles()
    for cycle in cycles:
        names = " and ".join(node.name for node in cycle.nodes)
        edges = ", ".join(edge.name for edge in cycle.edges)
        yield Text.assemble(("Cycle: ", "yellow"), plain(names), plain(f" by {edges}", "dim"))
    counts = f"{_count(len(graph.nodes), 'model')}, {_count(len(graph.edges), 'relationship')}"
    yield plain(f"{counts}, {_count(len(cycles), 'cycle')} in {target}", "dim")


def _tree(group: Group, graph: RelationshipGraph) -> Tree:
    tree = Tree(plain(group.name, "bold"), guide_style="dim")
    for node in group.nodes:
        branch = tree.add(Text.assemble(plain(node.name, "bold cyan"), _dependents(node, graph)))
        for edge in graph.edges_from(node):
            branch.add(_edge(edge, graph))
    return tree


def _dependents(node: GraphNode, graph: RelationshipGraph) -> Text:
    names = ", ".join(one.name for one in graph.dependents(node))
    return plain(f"  from {names}" if names else "", "dim")


def _edge(edge: GraphEdge, graph: RelationshipGraph) -> Text:
    target = graph.node(edge.target).name if edge.is_resolved else edge.target
    if edge.field is None:
        return Text.assemble(plain("inherits ", "dim"), plain(target))
    marks = ["many"] if edge.many else [] if edge.required else ["optional"]
    marks += [edge.on_delete] if edge.on_delete != "none" else []
    marks += ["inherited"] if edge.is_inherited else []
    marks += ["pending"] if edge.pending else ["ambiguous"] if edge.candidates else []
    said = f" ({', '.join(marks)})" if marks else ""
    return Text.assemble(plain(edge.field), (" -> ", "dim"), plain(target), plain(said, "yellow"))


def _count(number: int, noun: str) -> str:
    return f"{number or 'no'} {noun}{'' if number == 1 else 's'}"
