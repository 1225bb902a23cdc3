"""Checks of what references lead to."""

import sys
from collections.abc import Iterator
from typing import Any

from earnorm.errors import suggestion
from earnorm.fields import find_references
from earnorm.metadata import Finding
from earnorm.model_registry.checks.subject import Subject
from earnorm.model_registry.entry import bare_name
from earnorm.model_registry.graph import RelationshipGraph
from earnorm.model_registry.graph_parts import GraphCycle, GraphEdge

__all__ = ["find_bad_references", "find_required_cycles"]

_MOST_SUGGESTED = (
    20  # names that are looked for among all models: each look-up reads all of their names
)


def find_bad_references(subject: Subject) -> Iterator[Finding]:
    """References that lead to no registered model, or to several."""
    names = {node.name for node in subject.graph.nodes}
    suggested: dict[str, str] = {}
    for edge in subject.graph.edges:
        if edge.is_inherited:
            continue  # told of the model that declares it
        if edge.candidates:
            yield _ambiguous(edge)
        elif edge.pending and (why := _dangles(edge, subject)):
            yield _dangling(edge, why)
        elif edge.pending:
            if edge.target not in suggested and len(suggested) < _MOST_SUGGESTED:
                suggested[edge.target] = suggestion(bare_name(edge.target), names)
            yield _pending(edge, suggested.get(edge.target, ""))


def find_required_cycles(subject: Subject) -> Iterator[Finding]:
    """Models each of which needs a document of another one to be there first."""
    graph = subject.graph
    needed = tuple(
        edge for edge in graph.edges if edge.required and not edge.many and edge.field is not None
    )
    # Without the other edges, every cycle is one of required references.
    for cycle in RelationshipGraph(nodes=graph.nodes, edges=needed).cycles():
        yield _cycle(cycle)


def _pending(edge: GraphEdge, meant: str) -> Finding:
    return _fault(
        "earnorm.R001",
        edge,
        f"{edge.target!r}, and no registered model has that name.",
        hint=f"Import the module that defines it, or mend the name.{meant}",
    )


def _ambiguous(edge: GraphEdge) -> Finding:
    return _fault(
        "earnorm.R002",
        edge,
        f"{edge.target!r}, which may be any of {', '.join(edge.candidates)}.",
        hint=f"Write the key of the one that is meant: ReferenceField({edge.candidates[0]!r}).",
    )


def _dangling(edge: GraphEdge, why: str) -> Finding:
    return _fault(
        "earnorm.R003",
        edge,
        f"{edge.target!r}, {why}.",
        hint="Register that model here as well, or let the reference lead to a model that is registered.",
    )


def _fault(id: str, edge: GraphEdge, target: str, *, hint: str) -> Finding:
    message = f"refers to {target}"
    return Finding(
        id=id, level="error", model=edge.source, field=edge.field, message=message, hint=hint
    )


def _dangles(edge: GraphEdge, subject: Subject) -> str | None:
    """Why the target is not here although it is or was somewhere; None where nothing is known of it."""
    target = _class_meant(subject.models[edge.source], edge)
    if target is not None and target.__registry__.name != subject.label:
        return f"which is registered on {target.__registry__.name} and not here"
    if target is not None or bare_name(edge.target) in subject.gone:
        return "which was unregistered"
    return None


def _class_meant(model: Any, edge: GraphEdge) -> Any:
    """The model class that the reference holds, or that its module has under the name; None for neither."""
    for path in find_references(model.__metadata__.fields):
        if path.path != edge.field:
            continue
        module = getattr(path.field.owner, "__module__", model.__module__)
        name = path.field.to
        return name if isinstance(name, type) else _named(module, name)
    return None


def _named(module: str, name: str) -> Any:
    where, _, last = name.rpartition(".")
    found = getattr(sys.modules.get(where or module), last, None)
    is_model = isinstance(found, type) and hasattr(found, "__metadata__")
    return found if is_model and hasattr(found, "__registry__") else None


def _cycle(cycle: GraphCycle) -> Finding:
    first = cycle.edges[0]
    others = [edge.name for edge in cycle.edges]
    return Finding(
        id="earnorm.R004",
        level="warning",
        model=first.source,
        field=first.field,
        message=(
            f"is required and part of a circle of required references ({', '.join(others)}): none of their documents can "
            "be saved first."
        ),
        hint="Make one of them required=False, and set it when both documents are there.",
    )
