"""Holds a plugin object against the hooks, so that a typo never passes silently."""

import inspect
import types
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

import pluggy

from earnorm.errors import PluginDefinitionError
from earnorm.plugins.hookspecs import HOOKS, PROJECT, HookSpecs
from earnorm.plugins.manifest import PluginInfo
from earnorm.plugins.marker import is_async_wrapper

__all__ = ["HookManager", "validate_plugin"]

_PREFIXES = ("before_", "after_", "on_", "around_")
_NEAREST = 2  # edits between a method's name and a hook's that still look like a typo
_FUNCTIONS = (types.FunctionType, staticmethod, classmethod)
_MARK = f"{PROJECT}_impl"


class HookManager(pluggy.PluginManager):
    """pluggy's manager, which registers and validates; plain methods named as a hook count as its implementations."""

    def __init__(self) -> None:
        super().__init__(PROJECT)
        self.add_hookspecs(HookSpecs)

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        options = super().parse_hookimpl_opts(plugin, name)
        if options is None and name in HOOKS and _is_function(plugin, name):
            return pluggy.HookimplOpts(
                wrapper=False,
                hookwrapper=False,
                optionalhook=False,
                tryfirst=False,
                trylast=False,
                specname=None,
            )
        return options


def validate_plugin(plugin: object, info: PluginInfo) -> None:
    """Raises `PluginDefinitionError` for a method that is meant as a hook and could never run as one."""
    for name, function in _public_functions(plugin):
        marks = getattr(function, _MARK, None)
        hook = (marks or {}).get("specname") or name
        if hook in HOOKS:
            fault = _misuse(hook, function, marks or {})
        else:
            fault = (
                None
                if (marks or {}).get("optionalhook")
                else _typo(hook, is_marked=marks is not None)
            )
        if fault:
            raise PluginDefinitionError(fault, plugin=info.name, source=info.source)


def _public_functions(plugin: object) -> Iterator[tuple[str, Any]]:
    names = vars(plugin) if isinstance(plugin, types.ModuleType) else dir(plugin)
    for name in sorted(names):
        if not name.startswith("_") and _is_function(plugin, name):
            function = getattr(plugin, name)
            # A module's imports are not its hooks, unless they carry the mark.
            is_own = getattr(function, "__module__", None) == getattr(plugin, "__name__", None)
            if not isinstance(plugin, types.ModuleType) or is_own or hasattr(function, _MARK):
                yield name, function


def _is_function(plugin: object, name: str) -> bool:
    # Looked up statically: asking for the attribute would run properties.
    return isinstance(inspect.getattr_static(plugin, name, None), _FUNCTIONS)


def _typo(name: str, *, is_marked: bool) -> str | None:
    near = next((hook for hook in HOOKS if _distance(name, hook) <= _NEAREST), None)
    if not (near or is_marked or name.startswith(_PREFIXES)):
        return None
    near = near or next(iter(get_close_matches(name, HOOKS, 1)), None)
    hint = f" Did you mean {near!r}?" if near else ""
    return (
        f"{name!r} looks like a hook, and there is no such hook.{hint} Rename the method, start its name "
        "with an underscore, or mark it @hookimpl(optionalhook=True) if a newer core has this hook."
    )


def _misuse(hook: str, function: Any, marks: dict[str, Any]) -> str | None:
    facts = HOOKS[hook]
    is_wrapper = marks.get("wrapper") or is_async_wrapper(function)
    is_generator = inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)
    if marks.get("hookwrapper"):
        return f"{hook!r} is an old-style hookwrapper. Mark it @hookimpl(wrapper=True) and let errors pass the yield."
    if is_generator and not is_wrapper:
        return f"{hook!r} holds a yield, so it would never run. Mark it @hookimpl(wrapper=True), or remove the yield."
    if is_wrapper and not is_generator:
        return f"{hook!r} is marked as a wrapper and has no yield. Write one yield, round which the others run."
    if facts.is_sync and is_wrapper:
        return f"{hook!r} takes no wrappers. Return a value from a plain method."
    if facts.is_sync and inspect.iscoroutinefunction(function):
        return (
            f"{hook!r} is 'async def', and it runs where nothing can be awaited. Write it as 'def'."
        )
    if unknown := sorted(_required_arguments(function) - set(facts.arguments)):
        return (
            f"{hook!r} asks for {', '.join(map(repr, unknown))}, which this hook does not pass. "
            f"It passes {', '.join(map(repr, facts.arguments))}."
        )
    return None


def _required_arguments(function: Any) -> set[str]:
    return {
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty
        and parameter.kind in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY)
    }


def _distance(one: str, other: str) -> int:
    """Levenshtein's edit distance, or more than `_NEAREST` when the lengths alone say so."""
    if abs(len(one) - len(other)) > _NEAREST:
        return _NEAREST + 1
    row = list(range(len(other) + 1))
    for n, left in enumerate(one, 1):
        previous, row[0] = row[0], n
        for m, right in enumerate(other, 1):
            previous, row[m] = row[m], min(row[m] + 1, row[m - 1] + 1, previous + (left != right))
    return row[-1]
