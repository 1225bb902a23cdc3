"""Graphs that no registry has to hold first."""

from collections.abc import Sequence

from hypothesis import strategies as st

from earnorm import GraphEdge, GraphNode, RelationshipGraph

NAMES = st.text(min_size=1, max_size=12)
"""Whatever a person could call something, and what nobody would."""

HOSTILE = (
    '"]; click m0 href "javascript:alert(1)"',
    "</text></svg><script>alert(1)</script>",
    "<!--",
    "]]>",
    "&amp;",
    "'\" onload='x'",
    "A-->B",
    "end",
    "`**bold**`",
    "#quot;#35;",
    "%%{init: {}}%%",
    "a\nend\nb",
    "\x00\x1b[31m\x7f",
    "\u202egnp.exe",
    "\ud800",
    "\ufffe",
    "模型 🐘",
    "x" * 500,
    " ",
)


def made(
    names: Sequence[tuple[str, str]],
    edges: Sequence[tuple[int, int]],
    *,
    missing: Sequence[tuple[int, str]] = (),
) -> RelationshipGraph:
    """A graph of models with these packages and names, which point at each other by number."""
    keys = [f"{package}.{number:05}.{name}" for number, (package, name) in enumerate(names)]
    nodes = [
        GraphNode(key=key, name=name, module=package, package=package, collection=name)
        for key, (package, name) in zip(keys, names, strict=True)
    ]
    found = [
        GraphEdge(
            source=keys[one],
            field=f"{names[one][1]}.f{n}",
            target=keys[other],
            kind="list" if n % 3 == 0 else "reference",
            many=n % 3 == 0,
            required=n % 2 == 0,
            on_delete="cascade" if n % 2 else "none",
        )
        for n, (one, other) in enumerate(edges)
    ]
    found += [
        GraphEdge(
            source=keys[one],
            field=name,
            target=name,
            kind="reference",
            many=False,
            required=True,
            pending=n % 2 == 0,
            candidates=() if n % 2 == 0 else (name, "other"),
        )
        for n, (one, name) in enumerate(missing)
    ]
    found += [
        GraphEdge(
            source=keys[-1],
            field=None,
            target=keys[0],
            kind="inheritance",
            many=False,
            required=True,
        )
    ]
    order = {key: n for n, key in enumerate(keys)}
    return RelationshipGraph(
        nodes=tuple(nodes), edges=tuple(sorted(found, key=lambda edge: order[edge.source]))
    )


@st.composite
def graphs(draw: st.DrawFn, names: st.SearchStrategy[str] = NAMES) -> RelationshipGraph:
    packages = draw(st.lists(names, min_size=1, max_size=5))
    models = draw(st.lists(st.tuples(st.sampled_from(packages), names), min_size=1, max_size=14))
    number = st.integers(0, len(models) - 1)
    edges = draw(st.lists(st.tuples(number, number), max_size=25))
    missing = draw(st.lists(st.tuples(number, names), max_size=3))
    return made(models, edges, missing=missing)
