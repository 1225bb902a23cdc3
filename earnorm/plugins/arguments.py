"""How an implementation takes what its hook passes: by position, by name, or not at all."""

from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any, Self

from earnorm.plugins.hookspecs import Hook

__all__ = ["Arguments", "argument_fault"]

_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
_STARRED = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arguments:
    """The hook's arguments that a function asks for: those that lead its parameters, and the others."""

    by_position: tuple[str, ...]
    by_name: tuple[str, ...] = ()

    @classmethod
    def read(cls, function: Any, hook: Hook) -> Self:
        """What the bound `function` asks for; parameters that the hook does not pass keep their defaults."""
        leading = _leading(_parameters(function), hook)
        return cls(
            by_position=tuple(leading),
            by_name=tuple(
                parameter.name
                for parameter in _parameters(function)
                if parameter.name in hook.arguments and parameter.name not in leading
            ),
        )


def argument_fault(function: Any, hook: Hook) -> str | None:
    """What is wrong with the parameters of an implementation, and what to do."""
    parameters = _parameters(function)
    passed = f"It passes {', '.join(map(repr, hook.arguments))}."
    for parameter in parameters:
        if parameter.kind in _STARRED:
            return (
                f"{hook.name!r} takes '{parameter}', and a hook passes only what an implementation "
                f"names. Name what it wants. {passed}"
            )
    if unknown := sorted(
        parameter.name for parameter in parameters if _is_missing(parameter, hook)
    ):
        return (
            f"{hook.name!r} asks for {', '.join(map(repr, unknown))}, which this hook does not pass. "
            f"{passed}"
        )
    leading = _leading(parameters, hook)
    for parameter in parameters[len(leading) :]:
        if parameter.kind is Parameter.POSITIONAL_ONLY and parameter.name in hook.arguments:
            return (
                f"{hook.name!r} takes {parameter.name!r} by position only, behind a parameter that this hook "
                "does not pass. Remove the '/'."
            )
    return None


def _parameters(function: Any) -> list[Parameter]:
    return list(signature(function).parameters.values())


def _leading(parameters: list[Parameter], hook: Hook) -> list[str]:
    names: list[str] = []
    for parameter in parameters:
        if parameter.kind not in _POSITIONAL or parameter.name not in hook.arguments:
            break
        names.append(parameter.name)
    return names


def _is_missing(parameter: Parameter, hook: Hook) -> bool:
    return parameter.default is parameter.empty and parameter.name not in hook.arguments
