"""A graph with a place for everything."""

from collections.abc import Hashable
from dataclasses import dataclass

from earnorm.model_registry import RelationshipGraph
from earnorm.schema.layout.boxes import UNIT, Box, Row, make_clusters
from earnorm.schema.layout.channels import set_places
from earnorm.schema.layout.columns import Frame, make_columns
from earnorm.schema.layout.stacking import stack
from earnorm.schema.layout.trunks import cross_columns, make_trunks

__all__ = ["Picture", "Route", "lay_out"]

MARGIN = 3 * UNIT


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """The way of one edge: corners from the source to the target, both ends included."""

    source: Box
    row: Row
    target: Box
    points: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Everything that is drawn, in units of the picture; those routes stand together that share a line."""

    frames: tuple[Frame, ...]
    boxes: tuple[Box, ...]
    routes: tuple[Route, ...]
    width: int
    height: int


def lay_out(graph: RelationshipGraph) -> Picture:
    """The same places for equal graphs."""
    rank: dict[Hashable, int] = {node.key: n for n, node in enumerate(graph.order())}
    columns = make_columns(make_clusters(graph), rank)
    stack(columns)
    trunks = make_trunks(columns)
    height = cross_columns(columns, trunks)
    width = set_places(columns, trunks, MARGIN)
    routes = (
        Route(source=box, row=row, target=trunk.target, points=tuple(trunk.points(box, row)))
        for trunk in trunks
        for box, row in trunk.ends
    )
    return Picture(
        frames=tuple(one.frame for column in columns for one in column.stacks),
        boxes=tuple(box for column in columns for box in column.boxes()),
        routes=tuple(routes),
        width=width + MARGIN,
        height=height + MARGIN,
    )
