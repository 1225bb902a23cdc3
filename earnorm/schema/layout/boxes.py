"""Models as boxes: a header, and a row for each edge that leaves."""

import unicodedata
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from earnorm.model_registry import GraphEdge, RelationshipGraph
from earnorm.schema.pictured import (
    Group,
    Missing,
    groups,
    label,
    missing_target,
    missing_targets,
    pictured_edges,
    visible,
)

__all__ = ["HEADER", "ROW", "UNIT", "Box", "Cluster", "Row", "make_clusters", "text_width"]

UNIT = 10
"""The distance of neighbouring lines; everything stands on a grid of it."""

HEADER = 4 * UNIT
ROW = 2 * UNIT

_LONGEST = 34
_NARROW = frozenset("ijlI.,:;'|!()[]/ ft")
_BROAD = frozenset("mwMW@%")


@dataclass(slots=True, kw_only=True, eq=False)
class Row:
    """An edge as its source shows it; `words` stand at the right end. `y` is where the line leaves."""

    edge: GraphEdge
    text: str
    words: str
    target: Hashable
    y: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class Box:
    """A model, or with `is_missing` the name of one; `name` is what is told in full."""

    key: Hashable
    name: str
    title: str
    subtitle: str
    rows: list[Row] = field(default_factory=list)
    is_missing: bool = False
    column: int = 0
    x: int = 0
    y: int = 0
    width: int = 0

    @property
    def height(self) -> int:
        """As high as its header and rows."""
        return HEADER + ROW * len(self.rows) + (UNIT if self.rows else 0)

    @property
    def port(self) -> int:
        """Where references arrive."""
        return self.y + 2 * UNIT

    def place(self, y: int) -> None:
        """Moves the box and its rows there."""
        self.y = y
        for number, row in enumerate(self.rows):
            row.y = y + HEADER + ROW * number + UNIT


@dataclass(slots=True, kw_only=True, eq=False)
class Cluster:
    """The boxes of one package; `is_missing` for those that stand for no model."""

    name: str
    boxes: list[Box]
    is_missing: bool = False

    @property
    def width(self) -> int:
        """What its name takes, with a margin."""
        return text_width(self.name, 13, is_bold=True) + 2 * UNIT


def make_clusters(graph: RelationshipGraph) -> list[Cluster]:
    """The boxes of the graph, by package; their places are still to be found."""
    edges = pictured_edges(graph)
    rows: dict[str, list[Row]] = {node.key: [] for node in graph.nodes}
    for edge in edges:
        rows[edge.source].append(_row(edge))
    made = [_cluster(group, rows) for group in groups(graph)]
    missing = missing_targets(edges)
    if missing:
        boxes = [_missing_box(one) for one in missing]
        made.append(Cluster(name="not found", boxes=boxes, is_missing=True))
    return made


def text_width(text: str, size: float, *, is_bold: bool = False) -> int:
    """How broad the text is at most, in the fonts that are likely to show it."""
    return round(sum(map(_em, text)) * size * (1.12 if is_bold else 1.0)) + 1


def _em(character: str) -> float:
    if character in _NARROW:
        return 0.42
    if character in _BROAD or unicodedata.east_asian_width(character) in "WF":
        return 1.05
    return 0.75 if character.isupper() else 0.65


def _row(edge: GraphEdge) -> Row:
    target: Hashable = edge.target if edge.is_resolved else missing_target(edge)
    words = "" if edge.on_delete == "none" else edge.on_delete
    return Row(edge=edge, text=_short(label(edge)), words=words, target=target)


def _cluster(group: Group, rows: dict[str, list[Row]]) -> Cluster:
    boxes = [
        Box(
            key=node.key,
            name=f"{node.key}, collection {node.collection}",
            title=_short(node.name),
            subtitle=_short(node.collection),
            rows=rows[node.key],
        )
        for node in group.nodes
    ]
    _widen(boxes)
    return Cluster(name=_short(group.name), boxes=boxes)


def _missing_box(one: Missing) -> Box:
    said = f"could be {' or '.join(one.candidates)}" if one.candidates else "no model is called so"
    box = Box(
        key=one,
        name=f"{one.name}: {said}",
        title=_short(one.name),
        subtitle=f"{len(one.candidates)} models" if one.candidates else "not registered",
        is_missing=True,
    )
    _widen([box])
    return box


def _widen(boxes: Iterable[Box]) -> None:
    """Makes each as broad as what it shows."""
    for box in boxes:
        lines = [text_width(box.title, 13, is_bold=True), text_width(box.subtitle, 10)]
        lines += [text_width(row.text, 11) + text_width(row.words, 10) + 12 for row in box.rows]
        box.width = 24 + max(lines)


def _short(text: str) -> str:
    shown = visible(text)
    if len(shown) <= _LONGEST:
        return shown
    half = _LONGEST // 2
    return f"{shown[:half]}…{shown[-half:]}"
