"""How models refer to each other, as a value."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from earnorm.errors import AmbiguousModelError, UnknownModelError, UnknownPackageError
from earnorm.metadata import Metadata
from earnorm.model_registry.entry import bare_name
from earnorm.model_registry.graph_components import components
from earnorm.model_registry.graph_parts import GraphCycle, GraphEdge, GraphNode

__all__ = ["RelationshipGraph"]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class RelationshipGraph:
    """The models of a registry and how they point at each other, as they were when the graph was made.

    Immutable, so it may be read from any thread; graphs of the same content are equal. `nodes` are in the order of
    their keys, `edges` in that of their sources, those of one source as it declares them. A model is given as its
    class, its node, its key, or its bare name where that is unambiguous; another one raises `UnknownModelError`
    or `AmbiguousModelError`. Every answer is computed in a time that is linear in what it looks at.
    """

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    _by_key: Mapping[str, GraphNode] = field(init=False, compare=False)
    _outgoing: Mapping[str, list[GraphEdge]] = field(init=False, compare=False)
    _incoming: Mapping[str, list[GraphEdge]] = field(init=False, compare=False)
    _names: Mapping[str, list[str]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        outgoing: dict[str, list[GraphEdge]] = {node.key: [] for node in self.nodes}
        incoming: dict[str, list[GraphEdge]] = {node.key: [] for node in self.nodes}
        names: dict[str, list[str]] = {}
        for node in self.nodes:
            names.setdefault(bare_name(node.key), []).append(node.key)
        for edge in self.edges:
            outgoing[edge.source].append(edge)
            if edge.is_resolved:
                incoming[edge.target].append(edge)
        computed = {
            "_by_key": {node.key: node for node in self.nodes},
            "_outgoing": outgoing,
            "_incoming": incoming,
            "_names": names,
        }
        for name, value in computed.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<RelationshipGraph: {len(self.nodes)} models, {len(self.edges)} edges>"

    def __contains__(self, model: object) -> bool:
        return _key_of(model) in self._by_key

    def node(self, model: object) -> GraphNode:
        """The node of this model."""
        return self._by_key[self._key(model)]

    def edges_from(self, model: object) -> tuple[GraphEdge, ...]:
        """How this model points at others, pending and ambiguous edges included."""
        return tuple(self._outgoing[self._key(model)])

    def edges_to(self, model: object) -> tuple[GraphEdge, ...]:
        """How others point at this model."""
        return tuple(self._incoming[self._key(model)])

    def references(self, model: object, *, transitive: bool = False) -> tuple[GraphNode, ...]:
        """The models that this one points at, or with `transitive` leads to, nearest first.

        The model itself is among them when it stands on a cycle.
        """
        return self._reached(self._key(model), self._next, transitive=transitive)

    def dependents(self, model: object, *, transitive: bool = False) -> tuple[GraphNode, ...]:
        """The models that point at this one, or with `transitive` lead to it, nearest first.

        The model itself is among them when it stands on a cycle. Children of a concrete model depend on it.
        """
        return self._reached(self._key(model), self._previous, transitive=transitive)

    def order(self) -> tuple[GraphNode, ...]:
        """Every model after those that it points at; the models of a cycle stand together, by key."""
        return tuple(self.nodes[n] for group in self._components() for n in group)

    def cycles(self) -> tuple[GraphCycle, ...]:
        """The cycles, in the order of `order`: each as large as it can be, so no two share a model."""
        return tuple(
            cycle
            for group in self._components()
            if (cycle := self._cycle([self.nodes[n] for n in group])).edges
        )

    def subgraph(
        self,
        *,
        models: Iterable[object] | None = None,
        packages: Iterable[str] | None = None,
        around: object | None = None,
        depth: int = 1,
    ) -> "RelationshipGraph":
        """The part that has only these models, those of these packages, and those at most `depth` edges from one.

        What is left out narrows nothing. Edges to what is not in the part are left out; pending and ambiguous ones
        stay. Raises `UnknownPackageError` for a package that none of the models lies in.
        """
        kept = dict.fromkeys(self._by_key)
        if models is not None:
            kept = _both(kept, map(self._key, models))
        if packages is not None:
            kept = _both(kept, self._in_packages(list(packages)))
        if around is not None:
            kept = _both(kept, self._around(self._key(around), depth))
        return RelationshipGraph(
            nodes=tuple(self._by_key[key] for key in kept),
            edges=tuple(
                edge
                for key in kept
                for edge in self._outgoing[key]
                if edge.target in kept or not edge.is_resolved
            ),
        )

    def _key(self, model: object) -> str:
        key = _key_of(model)
        if key in self._by_key:
            return key
        prefix = key.rpartition(".")[0]
        found = [
            one
            for one in self._names.get(bare_name(key), ())
            if not prefix or one.startswith(f"{prefix}.")
        ]
        if len(found) > 1:
            raise AmbiguousModelError(key, found)
        if not found:
            raise UnknownModelError(key, known=self._by_key)
        return found[0]

    def _next(self, key: str) -> Iterable[str]:
        return (edge.target for edge in self._outgoing[key] if edge.is_resolved)

    def _previous(self, key: str) -> Iterable[str]:
        return (edge.source for edge in self._incoming[key])

    def _reached(self, start: str, step: Any, *, transitive: bool) -> tuple[GraphNode, ...]:
        found = dict.fromkeys(step(start))
        waiting = deque(found if transitive else ())
        while waiting:
            for key in step(waiting.popleft()):
                if key not in found:
                    found[key] = None
                    waiting.append(key)
        return tuple(self._by_key[key] for key in found)

    def _components(self) -> list[list[int]]:
        places = {node.key: place for place, node in enumerate(self.nodes)}
        return components([[places[key] for key in self._next(node.key)] for node in self.nodes])

    def _cycle(self, nodes: list[GraphNode]) -> GraphCycle:
        keys = {node.key for node in nodes}
        edges = (edge for node in nodes for edge in self._outgoing[node.key])
        inside = tuple(edge for edge in edges if edge.is_resolved and edge.target in keys)
        return GraphCycle(nodes=tuple(nodes), edges=inside)

    def _in_packages(self, packages: list[str]) -> Iterable[str]:
        for package in packages:
            if not any(node.is_in(package) for node in self.nodes):
                raise UnknownPackageError(package, known={node.package for node in self.nodes})
        return (node.key for node in self.nodes if any(node.is_in(package) for package in packages))

    def _around(self, start: str, depth: int) -> Iterable[str]:
        if depth < 0:
            raise ValueError(f"depth={depth}: give the number of edges to follow, 0 or more")
        found, edge_of_it = {start: None}, [start]
        for _ in range(depth):
            near = (key for at in edge_of_it for key in (*self._next(at), *self._previous(at)))
            edge_of_it = [key for key in dict.fromkeys(near) if key not in found]
            if not edge_of_it:
                break
            found.update(dict.fromkeys(edge_of_it))
        return found


def _key_of(model: object) -> str:
    if isinstance(model, GraphNode):
        return model.key
    metadata = getattr(model, "__metadata__", None)
    return metadata.key if isinstance(metadata, Metadata) else str(model)


def _both(kept: Mapping[str, None], chosen: Iterable[str]) -> dict[str, None]:
    """What is in both, in the order of the first."""
    wanted = set(chosen)
    return {key: None for key in kept if key in wanted}
