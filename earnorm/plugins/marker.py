"""The mark that an author puts on a method to choose its place among the implementations of a hook."""

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, overload

import pluggy

from earnorm.plugins.hookspecs import PROJECT

__all__ = ["hookimpl", "is_async_wrapper"]

F = TypeVar("F", bound=Callable[..., Any])

_mark = pluggy.HookimplMarker(PROJECT)
_ASYNC_WRAPPER = "earnorm_async_wrapper"


@overload
def hookimpl(function: F, /) -> F: ...
@overload
def hookimpl(
    *,
    wrapper: bool = ...,
    tryfirst: bool = ...,
    trylast: bool = ...,
    optionalhook: bool = ...,
    specname: str | None = ...,
) -> Callable[[F], F]: ...
def hookimpl(function: F | None = None, /, **options: Any) -> F | Callable[[F], F]:
    """Marks a method as a hook implementation and says how it runs; plain methods need no mark.

    `wrapper=True` makes a generator or an async generator, with one `yield`, run round the others.
    `tryfirst` and `trylast` move it within the order of `Meta.plugins`. `optionalhook=True` allows a
    hook that this core does not have. `specname` says which hook it is, under another method name.
    pluggy's manual describes the same options; its old `hookwrapper=True` is refused.
    """

    def mark(marked: F) -> F:
        given = dict(options)
        if given.get("wrapper") and inspect.isasyncgenfunction(marked):
            # pluggy refuses async generators as wrappers; the plan knows how to run them.
            given["wrapper"] = False
            setattr(marked, _ASYNC_WRAPPER, True)
        _mark(**given)(marked)
        return marked

    return mark if function is None else mark(function)


def is_async_wrapper(function: object) -> bool:
    """Whether `hookimpl(wrapper=True)` was put on an async generator."""
    return getattr(function, _ASYNC_WRAPPER, False) is True
