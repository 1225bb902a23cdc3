"""`$sum`, `$avg`, `$min`, `$max` and the standard deviations over arguments, or over one array."""

from collections.abc import Mapping
from typing import Any

from earnorm.stores.documents.computing.accumulators import ACCUMULATORS
from earnorm.stores.documents.computing.arguments import taking
from earnorm.stores.documents.computing.expression import Compiler
from earnorm.stores.documents.kinds import as_array

__all__ = ["FOLDING_OPERATORS"]


def _folding(name: str) -> tuple[str, Compiler]:
    def fold(*values: Any) -> Any:
        elements = as_array(values[0]) if len(values) == 1 else None
        accumulator = ACCUMULATORS[name]()
        for value in values if elements is None else elements:
            accumulator.add(value)
        return accumulator.result()

    return taking(name, fold, least=0, most=None)


FOLDING_OPERATORS: Mapping[str, Compiler] = dict(
    map(_folding, ("$sum", "$avg", "$min", "$max", "$stdDevPop", "$stdDevSamp"))
)
