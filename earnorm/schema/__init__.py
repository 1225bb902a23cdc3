"""Walkers over what the registry knows: each makes another form of it."""

from earnorm.schema.mermaid import to_mermaid
from earnorm.schema.svg import to_svg

__all__ = ["to_mermaid", "to_svg"]
