"""Gives documents other shapes: included and computed fields, new ones, fewer, another document altogether."""

from earnorm.stores.documents.shaping.projecting import Shape, compile_project
from earnorm.stores.documents.shaping.update_pipeline import SHAPES, compile_update_pipeline

__all__ = ["SHAPES", "Shape", "compile_project", "compile_update_pipeline"]
