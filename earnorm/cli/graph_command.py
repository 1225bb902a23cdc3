"""`earnorm graph`: how the models of a target point at each other."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from earnorm.cli.ending import AsJson, finish, load, refusal
from earnorm.cli.graph_facts import ambiguous_faults, describe_graph
from earnorm.cli.graph_parts import graph_parts
from earnorm.cli.printing import facts_as_json, print_parts, print_text, text_of
from earnorm.cli.target import LoadedTarget
from earnorm.errors import EarnORMError
from earnorm.model_registry import RelationshipGraph
from earnorm.schema import to_mermaid, to_svg

__all__ = ["show_graph"]


class Format(StrEnum):
    """What is made of the graph."""

    TEXT = "text"
    MERMAID = "mermaid"
    SVG = "svg"
    JSON = "json"


Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="The models: a module or a package (shop.models), or a registry in a module.",
    ),
]
As = Annotated[Format, typer.Option("--format", help="A tree for people, a picture, or JSON.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write there, and print nothing."),
]
Package = Annotated[
    list[str] | None,
    typer.Option("--package", metavar="PACKAGE", help="Only what lies in it; may be repeated."),
]
Around = Annotated[
    str | None,
    typer.Option("--around", metavar="MODEL", help="Only what is near this model."),
]
Depth = Annotated[int, typer.Option("--depth", min=0, help="How many edges near is, for --around.")]


def show_graph(
    target: Target,
    as_format: As = Format.TEXT,
    as_json: AsJson = False,
    output: Output = None,
    package: Package = None,
    around: Around = None,
    depth: Depth = 1,
) -> None:
    """Shows how the models of TARGET point at each other: as a tree, a picture (SVG, Mermaid), or JSON.

    Exits with 1 when a module or a reference is faulty, and with 2 when there is no such TARGET, package or model, or
    FILE cannot be written.
    """
    loaded = load(target)
    graph = _graph(loaded, package, around, depth)
    chosen = Format.JSON if as_json else as_format
    if chosen is Format.TEXT and output is None:
        print_parts(graph_parts(graph, target))
    else:
        _write(_made(graph, chosen, target), output)
    finish([*loaded.faults, *ambiguous_faults(graph)])


def _graph(
    loaded: LoadedTarget, packages: list[str] | None, around: str | None, depth: int
) -> RelationshipGraph:
    if loaded.registry is None:
        return RelationshipGraph(nodes=(), edges=())
    try:
        return loaded.registry.graph().subgraph(
            packages=packages or None, around=around, depth=depth
        )
    except EarnORMError as error:
        raise refusal(str(error)) from error


def _made(graph: RelationshipGraph, chosen: Format, target: str) -> str:
    match chosen:
        case Format.JSON:
            return facts_as_json(describe_graph(graph))
        case Format.MERMAID:
            return to_mermaid(graph)
        case Format.SVG:
            try:
                return to_svg(graph)
            except EarnORMError as error:
                raise refusal(str(error)) from error
        case _:
            return text_of(graph_parts(graph, target))


def _write(text: str, output: Path | None) -> None:
    if output is None:
        print_text(text)
        return
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise refusal(f"{output} cannot be written: {error.strerror}.") from error
