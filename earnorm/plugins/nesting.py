"""Hooks that write run hooks, which may write: how deep, before it is a mistake."""

from contextvars import ContextVar
from typing import Any, Final

from earnorm.errors import HookRecursionError
from earnorm.plugins.plan import Plan

__all__ = ["Nested", "run_nested"]

_MOST: Final = 30
"""How deep hooks may run inside hooks; Python's own limit would come at about three times that."""


async def run_nested(plan: Plan, *arguments: Any) -> None:
    """Runs a plan; raises `HookRecursionError` where hooks run inside hooks without end."""
    if plan:
        with Nested(plan):
            await plan.run(*arguments)


class Nested:
    """A block that runs a plan, once or for one instance after the other; raises as `run_nested`.

    Inside is what somebody waits for: a task that has outlived the hook which started it begins anew.
    """

    __slots__ = ("_outer", "_plan", "_run")

    def __init__(self, plan: Plan) -> None:
        self._plan = plan

    def __enter__(self) -> None:
        outer = _running.get()
        while outer is not None and outer.has_ended:
            outer = outer.outer
        self._outer = outer
        self._run = _Run(outer)
        if self._run.depth > _MOST:
            plugins = dict.fromkeys(one.plugin for one in self._plan.implementations)
            raise HookRecursionError(_MOST, hook=self._plan.hook, plugins=plugins)
        _running.set(self._run)

    def __exit__(self, *error: object) -> None:
        self._run.has_ended = True
        # Not by a token: a coroutine may be closed in another context than the one it ran in.
        _running.set(self._outer)


class _Run:
    """What runs, inside of what."""

    __slots__ = ("depth", "has_ended", "outer")

    def __init__(self, outer: "_Run | None") -> None:
        self.outer = outer
        self.depth: int = 1 if outer is None else outer.depth + 1
        self.has_ended = False


_running: ContextVar[_Run | None] = ContextVar("earnorm_running_hook", default=None)
