"""Holds a plugin object against the hooks, so that a typo never passes silently."""

import inspect
import types
from collections.abc import Iterable, Iterator
from dataclasses import fields
from difflib import get_close_matches
from functools import partialmethod, singledispatchmethod
from typing import Any

import pluggy

from earnorm.errors import PluginDefinitionError, edit_distance, is_typo
from earnorm.plugins.arguments import argument_fault
from earnorm.plugins.hookspecs import HOOKS, PROJECT, HookSpecs
from earnorm.plugins.manifest import PluginInfo, PluginManifest
from earnorm.plugins.marker import is_async_wrapper
from earnorm.plugins.options import OPTIONS

__all__ = ["HookManager", "validate_plugin"]

_PREFIXES = ("before_", "after_", "on_", "around_")
_NEAREST = 2  # edits between a method's name and a hook's that still look like a typo
_DECLARED = tuple(field.name for field in fields(PluginManifest))
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
    """Raises `PluginDefinitionError` for what is meant as a hook or a declaration and would be passed over."""
    for fault in _faults(plugin):
        raise PluginDefinitionError(fault, plugin=info.name, source=info.source)


def _faults(plugin: object) -> Iterator[str]:
    for name in _public_names(plugin):
        # Looked up statically: asking for the attribute would run properties.
        value = inspect.getattr_static(plugin, name, None)
        is_own = _is_own(plugin, name, value)
        if not _is_function(plugin, name):
            fault = _value_fault(name, value, is_own=is_own)
        else:
            fault = _function_fault(name, getattr(plugin, name)) if is_own else None
        if fault:
            yield fault


def _public_names(plugin: object) -> list[str]:
    names = vars(plugin) if isinstance(plugin, types.ModuleType) else dir(plugin)
    return sorted(name for name in names if not name.startswith("_"))


def _is_function(plugin: object, name: str) -> bool:
    value = inspect.getattr_static(plugin, name, None)
    if isinstance(value, (staticmethod, classmethod, types.MethodType)):
        value = value.__func__
    return isinstance(value, types.FunctionType)


def _is_own(plugin: object, name: str, value: Any) -> bool:
    """Whether it is the plugin's: what a module imports is not, unless it has a hook's very name or the mark."""
    if not isinstance(plugin, types.ModuleType) or name in HOOKS:
        return True
    return getattr(value, "__module__", None) == plugin.__name__ or hasattr(value, _MARK)


def _function_fault(name: str, function: Any) -> str | None:
    marks = getattr(function, _MARK, None)
    hook = (marks or {}).get("specname") or name
    if hook in HOOKS:
        return _misuse(hook, function, marks or {})
    if (marks or {}).get("optionalhook"):
        return None
    return _typo(hook, is_marked=marks is not None)


def _value_fault(name: str, value: object, *, is_own: bool) -> str | None:
    """The fault of what is no function, and so never an implementation; plain data passes."""
    is_marked = inspect.getattr_static(value, _MARK, None) is not None
    if is_marked or (name in HOOKS and (callable(value) or hasattr(type(value), "__get__"))):
        return (
            f"{name!r} is a {_kind(value)}, and hooks are methods written with def. Write a def that calls "
            "it, or start its name with an underscore."
        )
    # Of classes and properties only a hook's very name says that a hook is meant: they may be data.
    if is_own and _is_callable(value) and not isinstance(value, type):
        return _typo(name, is_marked=False)
    if is_own and isinstance(value, type):
        return _undeclared(name, [OPTIONS])
    if not _is_callable(value) and not isinstance(value, types.ModuleType):
        return _undeclared(name, _DECLARED)
    return None


def _is_callable(value: object) -> bool:
    if isinstance(value, (staticmethod, classmethod)):
        return True
    return callable(value) or isinstance(value, (partialmethod, singledispatchmethod))


def _kind(value: object) -> str:
    inner = getattr(value, "__func__", None)
    name = type(value).__name__.lstrip("_")
    return name if inner is None else f"{name} of a {type(inner).__name__.lstrip('_')}"


def _undeclared(name: str, declared: Iterable[str]) -> str | None:
    for known in declared:
        # Both ways: a short name such as 'after' has too many neighbours for two edits.
        if is_typo(name, [known]) and is_typo(known, [name]):
            return (
                f"{name!r} looks like {known!r}, which a plugin declares, and would be passed over. Rename "
                f"it to {known!r}, or start its name with an underscore."
            )
    return None


def _typo(name: str, *, is_marked: bool) -> str | None:
    near = next((hook for hook in HOOKS if edit_distance(name, hook, _NEAREST) <= _NEAREST), None)
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
    return argument_fault(function, facts)
