"""Source code made from models: what type checkers are to know of them."""

from earnorm.codegen.annotation import Annotation, Annotator
from earnorm.codegen.definitions import find_definitions
from earnorm.codegen.field_types import accepted_type, value_type
from earnorm.codegen.typing_module import MARK, TypingModule, write_typing_module

__all__ = [
    "MARK",
    "Annotation",
    "Annotator",
    "TypingModule",
    "accepted_type",
    "find_definitions",
    "value_type",
    "write_typing_module",
]
