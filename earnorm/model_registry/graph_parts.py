"""What a graph of relationships is made of."""

from dataclasses import dataclass
from typing import Literal

from earnorm.fields import OnDelete

__all__ = ["EdgeKind", "GraphCycle", "GraphEdge", "GraphNode"]

EdgeKind = Literal["reference", "list", "embedded", "inheritance"]
"""How a model points at another: by a field of its own, by the items of a list or dictionary, from inside an
embedded model, or as the child of a concrete model, with which it shares a collection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphNode:
    """A model: `package` is the Python package that its `module` lies in, or is."""

    key: str
    name: str
    module: str
    package: str
    collection: str

    def is_in(self, package: str) -> bool:
        """Whether the model was defined in this package or module, or below it."""
        return f"{self.module}.".startswith(f"{package}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphEdge:
    """That the model `source` points at the model `target`, both keys.

    `field` is the path of the reference, None for `kind` "inheritance". `many` says that a document may hold
    several, `required` that the reference is never None, `is_inherited` that a concrete model above has the
    same one. While `pending`, no registered model has the name, and several have it when there are
    `candidates`; then `target` is the name as the author wrote it.
    """

    source: str
    field: str | None
    target: str
    kind: EdgeKind
    many: bool
    required: bool
    on_delete: OnDelete = "none"
    is_inherited: bool = False
    pending: bool = False
    candidates: tuple[str, ...] = ()

    @property
    def cardinality(self) -> Literal["one", "many"]:
        """To how many documents one document points."""
        return "many" if self.many else "one"

    @property
    def is_resolved(self) -> bool:
        """Whether exactly one registered model is meant."""
        return not (self.pending or self.candidates)

    @property
    def name(self) -> str:
        """The edge in words: `shop.orders.order.Order.lines.variant`, or the key of a child."""
        return f"{self.source}.{self.field}" if self.field is not None else self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphCycle:
    """Models each of which points, by way of others or directly, at all of them; and the edges between them."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
