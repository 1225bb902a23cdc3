"""Writes down which hook of which plugin ran, and says whether it was as it should."""

import inspect
from collections.abc import Awaitable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from typing import Any

from earnorm.errors import suggestion
from earnorm.plugins import HOOKS, Hook, Implementation
from earnorm.plugins.arguments import Arguments

__all__ = ["RecordedCall", "HookRecorder"]


@dataclass(slots=True, kw_only=True)
class RecordedCall:
    """A hook of a plugin that was called, with all that the hook passes, and the error that it ended with.

    `model` is the class that it was called for, None for a hook that is about no model.
    """

    plugin: str
    hook: str
    model: type | None
    arguments: Mapping[str, Any]
    error: BaseException | None = None

    @property
    def label(self) -> str:
        """Which hook of which plugin: `timestamp.before_save`."""
        return f"{self.plugin}.{self.hook}"

    def __str__(self) -> str:
        model = f"({self.model.__name__})" if self.model is not None else ""
        return f"{self.label}{model}"


class HookRecorder:
    """The calls of hooks, in the order in which they began.

    A call is named `plugin.hook`, or `plugin.hook(Model)` where it matters for which model; a name that no call could
    have is a `LookupError`. Each assertion tells what ran when it fails.
    """

    def __init__(self) -> None:
        self.calls: list[RecordedCall] = []
        self._plugins: set[str] = set()

    @property
    def names(self) -> list[str]:
        """Each call as `plugin.hook(Model)`."""
        return [str(call) for call in self.calls]

    def of(
        self, plugin: str | None = None, hook: str | None = None, model: type | None = None
    ) -> list[RecordedCall]:
        """The calls of a plugin, of a hook, for a model: whatever is given has to fit."""
        return [
            call
            for call in self.calls
            if plugin in (None, call.plugin) and hook in (None, call.hook)
            if model in (None, call.model)
        ]

    def clear(self) -> None:
        """Forgets the calls, so that the next assertions are about what comes now."""
        self.calls.clear()

    def assert_order(self, *names: str) -> None:
        """These ran in this order; others may have run before, between and after."""
        self._check(names)
        calls = iter(self.calls)
        for place, name in enumerate(names):
            if not any(_is(call, name) for call in calls):
                after = f" after {names[place - 1]!r}" if place else ""
                raise self._failure(f"{name!r} did not run{after}", names)

    def assert_exactly(self, *names: str) -> None:
        """These ran in this order, and nothing else did."""
        self._check(names)
        for place, (call, name) in enumerate(zip(self.calls, names, strict=False), start=1):
            if not _is(call, name):
                raise self._failure(f"call {place} was {call}, not {name!r}", names)
        if len(self.calls) != len(names):
            raise self._failure(f"{len(self.calls)} hooks ran, not {len(names)}", names)

    def assert_never(self, *names: str) -> None:
        """None of these ran."""
        self._check(names)
        for name in names:
            if any(_is(call, name) for call in self.calls):
                raise self._failure(f"{name!r} ran, and should not have", ())

    def watch(self, hook: str, implementation: Implementation) -> Implementation:
        """The implementation as it was, except that each call of it is written down here."""
        facts, function, wanted = HOOKS[hook], implementation.function, implementation.arguments
        self._plugins.add(implementation.plugin)

        @wraps(function)
        def run(*given: Any) -> Any:
            arguments = dict(zip(facts.arguments, given, strict=True))
            call = RecordedCall(
                plugin=implementation.plugin,
                hook=hook,
                model=_model_of(arguments),
                arguments=arguments,
            )
            self.calls.append(call)
            with _Noting(call):
                value = function(
                    *[arguments[name] for name in wanted.by_position],
                    **{name: arguments[name] for name in wanted.by_name},
                )
            return _awaited(value, call) if _waits(value, facts) else value

        everything = Arguments(by_position=facts.arguments)
        return replace(implementation, function=run, arguments=everything)

    def __repr__(self) -> str:
        return f"<HookRecorder: {len(self.calls)} calls>"

    def _check(self, names: Sequence[str]) -> None:
        for name in names:
            plugin, _, hook = name.partition("(")[0].rpartition(".")
            if hook not in HOOKS:
                hint = suggestion(hook, HOOKS) or " Write 'plugin.hook' or 'plugin.hook(Model)'."
                raise LookupError(f"{name!r} names no hook: there is no {hook!r}.{hint}")
            if plugin not in self._plugins:
                known = ", ".join(map(repr, sorted(self._plugins))) or "none"
                hint = suggestion(plugin, self._plugins)
                fault = f"{name!r} is about the plugin {plugin!r}, which no model here has.{hint}"
                raise LookupError(f"{fault} The plugins with hooks are: {known}.")

    def _failure(self, fault: str, expected: Sequence[str]) -> AssertionError:
        wanted = ["Expected in this order:", *_numbered(expected)] if expected else []
        ran = ["What ran:", *_numbered(map(_told, self.calls))] if self.calls else ["No hook ran."]
        return AssertionError("\n".join([f"{fault}.", *wanted, *ran]))


class _Noting:
    """Keeps the error of a block in its call."""

    def __init__(self, call: RecordedCall) -> None:
        self._call = call

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self._call.error = error


def _is(call: RecordedCall, name: str) -> bool:
    return name in (call.label, str(call))


def _waits(value: object, hook: Hook) -> bool:
    return inspect.isawaitable(value) and not hook.is_sync


async def _awaited(value: Awaitable[Any], call: RecordedCall) -> Any:
    with _Noting(call):
        return await value


def _model_of(arguments: Mapping[str, Any]) -> type | None:
    """The class that a hook is called for: its argument, or the class of the instance or of the first of many."""
    match arguments:
        case {"model": type() as model}:
            return model
        case {"instance": instance} | {"instances": [instance, *_]}:
            return type(instance)
    return None


def _told(call: RecordedCall) -> str:
    return f"{call} raised {call.error!r}" if call.error is not None else str(call)


def _numbered(lines: Any) -> Iterator[str]:
    return (f"  {number}. {line}" for number, line in enumerate(lines, start=1))
