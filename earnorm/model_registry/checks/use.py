"""Checks of models that nothing seems to need."""

from collections.abc import Iterator

from earnorm.metadata import Finding
from earnorm.model_registry.checks.subject import Subject

__all__ = ["find_unused_models"]


def find_unused_models(subject: Subject) -> Iterator[Finding]:
    """Models that stand alone: none refers to them, they refer to none, and none inherits them."""
    linked = {edge.source for edge in subject.graph.edges}
    linked |= {edge.target for edge in subject.graph.edges}
    for key in subject.models.keys() - linked:
        yield Finding(
            id="earnorm.U001",
            level="info",
            model=key,
            message="stands alone: no model refers to it, and it refers to none.",
            hint="If nothing uses it any more, take it out; otherwise silence this check for it.",
        )
