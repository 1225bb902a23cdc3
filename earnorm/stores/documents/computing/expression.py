"""What an expression is compiled into, and the names that it can see while it is compiled."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from earnorm.stores.documents.kinds import MISSING
from earnorm.stores.documents.places import fresh
from earnorm.typing import Document

__all__ = ["Compiler", "Evaluate", "Scope", "Variables", "constant", "nullish"]

Variables = Mapping[str, Any]
"""The values of variables, without the `$$` before their names."""

Evaluate = Callable[[Document, Variables], Any]
"""Gives the value of an expression for a document; `MISSING` where it has none."""

Compiler = Callable[[Any, "Scope"], Evaluate]
"""Makes an `Evaluate` of the operand of an operator; raises for an operand that cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where an expression stands: what compiles the expressions inside it, and the variables that are defined."""

    compile_in: Callable[[Any, "Scope"], Evaluate]
    variables: frozenset[str] = frozenset()

    def compile(self, value: Any) -> Evaluate:
        """Compiles an expression that stands in this scope."""
        return self.compile_in(value, self)

    def defining(self, *names: str) -> "Scope":
        """The scope inside an operator that defines these variables."""
        return Scope(compile_in=self.compile_in, variables=self.variables | set(names))


def nullish(value: object) -> bool:
    """Whether the value is null or missing, which most operators treat alike."""
    return value is None or value is MISSING


def constant(value: Any) -> Evaluate:
    """An expression that has this value for every document."""
    if type(value) in (dict, list):
        return lambda document, variables: fresh(value)
    return lambda document, variables: value
