"""The arguments of operators: by position (`[a, b]`) or by name (`{"input": a}`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from earnorm.errors.suggestions import suggestion
from earnorm.stores.documents.computing.expression import (
    Compiler,
    Evaluate,
    Scope,
    Variables,
    nullish,
)
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import bad_value
from earnorm.typing import Document

__all__ = ["Named", "null_for_null", "positional", "taking"]


def taking(
    name: str, apply: Callable[..., Any], *, least: int = 1, most: int | None = 1
) -> tuple[str, Compiler]:
    """An operator that computes with the values of its arguments, for a table; `most` None is any number."""

    def compile(operand: Any, scope: Scope) -> Evaluate:
        return _applied(apply, positional(name, operand, scope, least=least, most=most))

    return name, compile


def positional(
    name: str, operand: Any, scope: Scope, *, least: int = 1, most: int | None = 1
) -> list[Evaluate]:
    """The arguments of an array, or one that stands alone."""
    elements = as_array(operand)
    if elements is None:
        elements = [operand]
    count = len(elements)
    if least == most and count != least:
        raise bad_value(f"{name} takes exactly {least} arguments, and {count} were passed.", 16020)
    if count < least or (most is not None and count > most):
        limits = f"at least {least}" if most is None else f"from {least} to {most}"
        raise bad_value(f"{name} takes {limits} arguments, and {count} were passed.", 28667)
    return [scope.compile(element) for element in elements]


def null_for_null(apply: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, but null as soon as one of the values is null or missing."""

    def applied(*values: Any) -> Any:
        return None if any(map(nullish, values)) else apply(*values)

    return applied


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The arguments by name of one operator, with MongoDB's codes for what is wrong with them."""

    operator: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    no_document: int = 9
    unknown: int = 9
    missing: int = 9

    def operands(self, operand: Any) -> Mapping[str, Any]:
        """The arguments as they stand there; raises for a missing or an unknown one."""
        arguments = as_document(operand)
        if arguments is None:
            raise bad_value(
                f"{self.operator} takes a document of {self._listed()}, not {operand!r}.",
                self.no_document,
            )
        known = self.required + self.optional
        for name in arguments:
            if name not in known:
                raise bad_value(
                    f"{self.operator} has no argument {name!r}. It takes {self._listed()}."
                    f"{suggestion(name, known)}",
                    self.unknown,
                )
        for name in self.required:
            if name not in arguments:
                raise bad_value(f"{self.operator} needs the argument {name!r}.", self.missing)
        return arguments

    def compile(self, operand: Any, scope: Scope) -> dict[str, Evaluate]:
        """The compiled arguments; those that are left out are left out."""
        return {name: scope.compile(value) for name, value in self.operands(operand).items()}

    def _listed(self) -> str:
        optional = f" (and {', '.join(self.optional)})" if self.optional else ""
        return f"{', '.join(self.required)}{optional}"


def _applied(apply: Callable[..., Any], arguments: list[Evaluate]) -> Evaluate:
    # most operators have one or two arguments, and no list is made for those
    if len(arguments) == 1:
        only = arguments[0]
        return lambda document, variables: apply(only(document, variables))
    if len(arguments) == 2:
        first, second = arguments
        return lambda document, variables: apply(
            first(document, variables), second(document, variables)
        )

    def evaluate(document: Document, variables: Variables) -> Any:
        return apply(*[argument(document, variables) for argument in arguments])

    return evaluate
