"""Walkers over what the registry knows: each makes another form of it."""

from earnorm.schema.bson_schema import to_bson_schema
from earnorm.schema.class_diagram import to_class_diagram
from earnorm.schema.json_schema import to_json_schema
from earnorm.schema.mermaid import to_mermaid
from earnorm.schema.svg import to_svg

__all__ = ["to_bson_schema", "to_class_diagram", "to_json_schema", "to_mermaid", "to_svg"]
