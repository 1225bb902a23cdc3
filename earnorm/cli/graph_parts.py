"""A graph as people read it: a tree of packages, models and what these point at."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from earnorm.cli.printing import plain
from earnorm.model_registry import GraphEdge, GraphNode, RelationshipGraph
from earnorm.schema.pictured import Group, groups

__all__ = ["graph_parts"]


def graph_parts(graph: RelationshipGraph, target: str) -> Iterator[RenderableType]:
    """A tree for each package, or each module of the only one; the cycles, and how much there is."""
    names = _names(graph)
    for group in groups(graph):
        yield _tree(group, graph, names)
        yield ""
    cycles = graph.cycles()
    for cycle in cycles:
        models = " and ".join(names[node.key] for node in cycle.nodes)
        edges = ", ".join(edge.name for edge in cycle.edges)
        yield Text.assemble(("Cycle: ", "yellow"), plain(models), plain(f" by {edges}", "dim"))
    counts = f"{_count(len(graph.nodes), 'model')}, {_count(len(graph.edges), 'relationship')}"
    yield plain(f"{counts}, {_count(len(cycles), 'cycle')} in {target}", "dim")


def _names(graph: RelationshipGraph) -> dict[str, str]:
    """The names by which models are told apart: keys, where several have one name."""
    often = Counter(node.name for node in graph.nodes)
    return {node.key: node.name if often[node.name] == 1 else node.key for node in graph.nodes}


def _tree(group: Group, graph: RelationshipGraph, names: Mapping[str, str]) -> Tree:
    tree = Tree(plain(group.name, "bold"), guide_style="dim")
    for node in group.nodes:
        branch = tree.add(
            Text.assemble(plain(node.name, "bold cyan"), _dependents(graph.dependents(node), names))
        )
        for edge in graph.edges_from(node):
            branch.add(_edge(edge, names))
    return tree


def _dependents(nodes: Iterable[GraphNode], names: Mapping[str, str]) -> Text:
    told = ", ".join(names[node.key] for node in nodes)
    return plain(f"  from {told}" if told else "", "dim")


def _edge(edge: GraphEdge, names: Mapping[str, str]) -> Text:
    target = names[edge.target] if edge.is_resolved else edge.target
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
