"""A graph of relationships as a picture, in SVG."""

from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from earnorm.errors import PictureTooLargeError
from earnorm.model_registry import RelationshipGraph
from earnorm.schema.layout import Box, Frame, Route, lay_out
from earnorm.schema.layout.boxes import HEADER, UNIT, text_width
from earnorm.schema.pictured import visible
from earnorm.schema.svg_colours import RED, Hues, colour, hues, line_colours
from earnorm.schema.svg_path import rounded

__all__ = ["to_svg"]

_SOLID, _DOTTED, _DASHED = "none", "2 3", "6 4"
_LINES = {
    (_SOLID, "#374151", "#374151"): "refers to",
    (_DOTTED, "#374151", "#fff"): "is a child of, in the same collection",
    (_DASHED, RED, ""): "not registered, or ambiguous",
}
_WORDS = (
    "name? may be None · name[] may hold several · restrict, cascade, nullify: what becomes of it when its target is "
    "deleted"
)
_MOST = 1_000
_LEGEND_HEIGHT = 6 * UNIT
_NARROWEST = 76 * UNIT
# Under a class, since an SVG that is put into a page shares its styles with it.
_STYLE = """
.earnorm-graph text{font-family:Verdana,"DejaVu Sans",Geneva,sans-serif;fill:#1f2937}
.earnorm-graph .title{font-size:16px;font-weight:bold}
.earnorm-graph .package,.earnorm-graph .model{font-size:13px;font-weight:bold}
.earnorm-graph .field{font-size:11px}
.earnorm-graph .fault{font-size:11px;fill:#c81e1e}
.earnorm-graph .words{font-size:10px;fill:#6b7280}
.earnorm-graph path.line{fill:none;stroke-width:1.5}
.earnorm-graph path.under{fill:none;stroke:#fff;stroke-width:5;opacity:.85}
.earnorm-graph .edge:hover path.line{stroke-width:3}
"""


def to_svg(graph: RelationshipGraph, *, title: str | None = None) -> str:
    """The graph as an SVG picture of packages, models and edges; the same for equal graphs.

    It needs no script and nothing from elsewhere. Whatever the models are called, their names are text in it and
    nothing else. Raises `PictureTooLargeError` for more than 1,000 models: `graph.subgraph` narrows the graph.
    """
    if len(graph.nodes) > _MOST:
        raise PictureTooLargeError(len(graph.nodes), most=_MOST)
    picture = lay_out(graph)
    width = max(picture.width, _NARROWEST)
    height = picture.height + _LEGEND_HEIGHT
    shown = title if title is not None else _summary(graph)
    hue_of = hues(picture)
    size = f'width="{width}" height="{height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="earnorm-graph" {size}',
        f'  viewBox="0 0 {width} {height}" role="img" aria-label={_attribute(shown)}>',
        f"<title>{_text(shown)}</title>",
        f"<style>{_STYLE}</style>",
        f'<rect {size} fill="#fff"/>',
        _label(30, 32, shown, "title"),
        *(_frame(frame, hue_of) for frame in picture.frames),
        *_edges(picture.routes, line_colours(picture, hue_of)),
        *(part for box in picture.boxes for part in _box(box, hue_of)),
        *_legend(picture.height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _summary(graph: RelationshipGraph) -> str:
    return f"{len(graph.nodes)} models, {len(graph.edges)} relationships"


def _frame(frame: Frame, hue_of: Hues) -> str:
    hue = hue_of[frame.cluster]
    fill = "#f9fafb" if hue is None else colour(hue, 0.965, 0.6)
    stroke = "#d1d5db" if hue is None else colour(hue, 0.82, 0.5)
    return (
        f'<rect x="{frame.x}" y="{frame.y}" width="{frame.width}" height="{frame.height}" rx="8" '
        f'fill="{fill}" stroke="{stroke}"/>'
        + _label(frame.x + UNIT, frame.y + 20, frame.cluster.name, "package")
    )


def _box(box: Box, hue_of: Hues) -> Iterator[str]:
    hue = hue_of[box.key]
    stroke = RED if hue is None else colour(hue, 0.55, 0.45)
    dashes = ' stroke-dasharray="4 3"' if box.is_missing else ""
    yield f"<g><title>{_text(box.name)}</title>"
    yield (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" rx="5" '
        f'fill="#fff" stroke="{stroke}"{dashes}/>'
    )
    if box.rows:
        y = box.y + HEADER
        yield f'<path d="M{box.x} {y}h{box.width}" stroke="{stroke}" stroke-opacity=".4"/>'
    yield _label(box.x + 10, box.y + 18, box.title, "model")
    yield _label(box.x + 10, box.y + 32, box.subtitle, "words")
    for row in box.rows:
        kind = "field" if row.edge.is_resolved else "fault"
        yield _label(box.x + 10, row.y + 4, row.text, kind)
        if row.words:
            yield _label(
                box.x + box.width - 10, row.y + 4, row.words, "words", ' text-anchor="end"'
            )
    yield "</g>"


def _edges(routes: Iterable[Route], colours: Mapping[object, str]) -> Iterator[str]:
    """Each line on a white ground, so that it is seen which one goes on where two cross."""
    together: dict[tuple[object, tuple[int, int]], list[Route]] = {}
    for route in routes:
        together.setdefault((route.target.key, route.points[-1]), []).append(route)
    for line in together.values():
        paths = [rounded(route.points) for route in line]
        yield '<g class="edge">'
        yield from (f'<path class="under" d="{path}"/>' for path in paths)
        yield "</g>"
        stroke = colours[line[0].target.key]
        for route, path in zip(line, paths, strict=True):
            yield from _edge(route, path, stroke)
        yield _arrow(line[0], stroke)


def _edge(route: Route, path: str, stroke: str) -> Iterator[str]:
    edge = route.row.edge
    dashes = _SOLID if edge.is_resolved else _DASHED
    if edge.kind == "inheritance":
        dashes = _DOTTED
    x, y = route.points[0]
    yield f'<g class="edge"><title>{_text(f"{edge.name} → {edge.target}")}</title>'
    yield f'<path class="line" d="{path}" stroke="{stroke}" stroke-dasharray="{dashes}"/>'
    yield f'<circle cx="{x}" cy="{y}" r="2.5" fill="{stroke}"/></g>'


def _arrow(route: Route, stroke: str) -> str:
    (before, _), (x, y) = route.points[-2:]
    back = 8 if before > x else -8
    fill = "#fff" if route.row.edge.kind == "inheritance" else stroke
    return f'<path d="M{x} {y}l{back} -4.5v9z" fill="{fill}" stroke="{stroke}" stroke-linejoin="round"/>'


def _legend(y: int) -> Iterator[str]:
    x = 30
    for (dashes, stroke, head), words in _LINES.items():
        end = f'<path d="M0 0l8 -4.5v9z" fill="{head}" stroke="{stroke}"/>' if head else ""
        yield (
            f'<g transform="translate({x} {y + 10})"><path d="M0 0h26" stroke="{stroke}" '
            f'stroke-width="1.5" stroke-dasharray="{dashes}"/>{end}</g>'
        )
        yield _label(x + 34, y + 14, words, "words")
        x += 34 + text_width(words, 10) + 20
    yield _label(30, y + 36, _WORDS, "words")


def _label(x: int, y: int, text: str, kind: str, more: str = "") -> str:
    return f'<text class="{kind}" x="{x}" y="{y}"{more}>{_text(text)}</text>'


def _text(text: str) -> str:
    return escape(visible(text))


def _attribute(text: str) -> str:
    return quoteattr(visible(text))
