"""Expressions of MongoDB's aggregation, compiled into functions over one document."""

from earnorm.stores.documents.computing.accumulators import ACCUMULATORS, Accumulator
from earnorm.stores.documents.computing.bounds import MEMORY_LIMIT, size_of
from earnorm.stores.documents.computing.compiling import (
    compile_expression,
    compile_normalized_expression,
    normalized_value,
)
from earnorm.stores.documents.computing.expression import Evaluate, Variables
from earnorm.stores.documents.computing.operator_table import EXPRESSIONS
from earnorm.stores.documents.computing.values import comparison_key, is_true

__all__ = [
    "ACCUMULATORS",
    "EXPRESSIONS",
    "MEMORY_LIMIT",
    "Accumulator",
    "Evaluate",
    "Variables",
    "comparison_key",
    "compile_expression",
    "compile_normalized_expression",
    "is_true",
    "normalized_value",
    "size_of",
]
