"""A hook's implementations for one list of plugins, compiled to a chain that runs in order."""

import inspect
from collections.abc import (
    AsyncGenerator,
    Callable,
    Coroutine,
    Generator,
    Iterable,
    Iterator,
    Sequence,
)
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from earnorm.plugins.arguments import Arguments
from earnorm.plugins.hookspecs import Hook

__all__ = ["Implementation", "Plan", "note_error", "refuse_awaitable", "run_all"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Implementation:
    """One plugin's function for one hook, with what its marks say."""

    plugin: str
    source: str
    function: Callable[..., Any]
    arguments: Arguments
    is_wrapper: bool = False
    tryfirst: bool = False
    trylast: bool = False
    budget: float | None = None

    @property
    def mark(self) -> str | None:
        """The mark that moves it within the hook: `wrapper`, `tryfirst` or `trylast`."""
        if self.is_wrapper:
            return "wrapper"
        return "tryfirst" if self.tryfirst else "trylast" if self.trylast else None

    @property
    def rank(self) -> tuple[bool, int]:
        """Where it runs: wrappers outside, then `tryfirst`, plain, `trylast`; ties keep their order."""
        return (not self.is_wrapper, 0 if self.tryfirst else 2 if self.trylast else 1)

    @contextmanager
    def blame(self) -> Iterator[None]:
        """Adds a note that names the hook and the plugin to an error that arises in the block.

        For the code that uses what the implementation returned.
        """
        try:
            yield
        except Exception as error:
            note_error(error, self)
            raise


# What a chain is made of: the function over the hook's arguments, whether to await, who it is.
Step = tuple[Callable[..., Any], bool, Implementation]


class Plan:
    """An immutable chain; false when no plugin implements the hook, so that callers can skip it.

    `run` awaits each implementation in turn, in the caller's task: `def` and `async def` mix freely,
    the first error stops the rest, and what an implementation sets in a context variable stays set.
    """

    __slots__ = ("_hook", "_is_first_result", "_steps", "_wrappers", "implementations")

    def __init__(self, hook: Hook, implementations: Iterable[Implementation]) -> None:
        ordered = sorted(implementations, key=lambda implementation: implementation.rank)
        self.implementations = tuple(ordered)
        self._hook = hook
        self._is_first_result = hook.is_first_result
        self._wrappers = tuple(_step(hook, one) for one in ordered if one.is_wrapper)
        self._steps = tuple(_step(hook, one) for one in ordered if not one.is_wrapper)

    def __bool__(self) -> bool:
        return bool(self.implementations)

    @property
    def hook(self) -> str:
        """The name of the hook."""
        return self._hook.name

    def run_sync(self, *arguments: Any) -> list[tuple[Implementation, Any]]:
        """Calls each implementation without a loop; gives who returned what, None left out."""
        results = []
        for function, _, implementation in self._steps:
            try:
                value = function(*arguments)
                refuse_awaitable(value, implementation)
            except BaseException as error:
                note_error(error, implementation)
                raise
            if value is not None:
                results.append((implementation, value))
                if self._is_first_result:
                    break
        return results

    def run(self, *arguments: Any) -> Coroutine[Any, Any, None]:
        """Calls or awaits each implementation in turn, inside the wrappers; to be awaited."""
        # Not `async def`: a coroutine round a coroutine would cost more than a short implementation.
        return self._run_wrapped(arguments) if self._wrappers else self._run_steps(arguments)

    async def _run_steps(self, arguments: Sequence[Any]) -> None:
        for function, is_async, implementation in self._steps:
            try:
                value = function(*arguments)
                if is_async or (value is not None and inspect.isawaitable(value)):
                    await value
            except BaseException as error:
                note_error(error, implementation)
                raise

    async def _run_wrapped(self, arguments: Sequence[Any]) -> None:
        entered: list[tuple[Any, Implementation]] = []
        failure: BaseException | None = None
        try:
            for function, _, implementation in self._wrappers:
                generator = function(*arguments)
                await self._enter(generator, implementation, arguments)
                entered.append((generator, implementation))
            await self._run_steps(arguments)
        except BaseException as error:  # noqa: BLE001 # wrappers see every error, cancellation too
            failure = error
        for generator, implementation in reversed(entered):
            failure = await self._leave(generator, implementation, arguments, failure)
        if failure is not None:
            try:
                raise failure
            finally:
                # A local that names the exception would keep its whole frame alive.
                failure = None

    async def _enter(
        self, generator: Any, implementation: Implementation, arguments: Sequence[Any]
    ) -> None:
        """Runs a wrapper up to its `yield`."""
        await _enter(generator, implementation)

    async def _leave(
        self,
        generator: Any,
        implementation: Implementation,
        arguments: Sequence[Any],
        failure: BaseException | None,
    ) -> BaseException | None:
        """Runs a wrapper from its `yield` to its end; gives the error that goes on outward, if any."""
        return await _leave(generator, implementation, failure)


async def run_all(runs: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Awaits each run of a plan, whatever others raise; raises the first error."""
    failure: Exception | None = None
    for run in runs:
        try:
            await run
        except Exception as error:  # noqa: BLE001 # the others are told all the same
            failure = failure or error
    if failure is not None:
        raise failure


def _step(hook: Hook, implementation: Implementation) -> Step:
    function = implementation.function
    is_async = inspect.iscoroutinefunction(function)
    wanted = tuple(hook.arguments.index(name) for name in implementation.arguments.by_position)
    if by_name := implementation.arguments.by_name:
        named = tuple((name, hook.arguments.index(name)) for name in by_name)
        return _by_name(function, wanted, named), is_async, implementation
    if wanted == tuple(range(len(hook.arguments))):
        return function, is_async, implementation
    if wanted == (0,):
        return lambda first, *_: function(first), is_async, implementation
    return lambda *given: function(*[given[n] for n in wanted]), is_async, implementation


def _by_name(
    function: Callable[..., Any], wanted: Sequence[int], named: Sequence[tuple[str, int]]
) -> Callable[..., Any]:
    return lambda *given: function(
        *[given[n] for n in wanted], **{name: given[n] for name, n in named}
    )


async def _enter(generator: Any, implementation: Implementation) -> None:
    try:
        if inspect.isasyncgen(generator):
            await anext(generator)
        else:
            next(generator)
    except (StopIteration, StopAsyncIteration) as stop:
        raise _yield_error(implementation, "ended before its yield") from stop
    except BaseException as error:
        note_error(error, implementation)
        raise


async def _leave(
    generator: Any, implementation: Implementation, failure: BaseException | None
) -> BaseException | None:
    try:
        if inspect.isasyncgen(generator):
            await _resume_async(generator, failure)
            await generator.aclose()
        else:
            _resume(generator, failure)
            generator.close()
    except (StopIteration, StopAsyncIteration):
        return None
    except BaseException as error:  # noqa: BLE001 # goes on outward, to the next wrapper
        if error is not failure:
            note_error(error, implementation)
        return error
    fault = _yield_error(implementation, "has a second yield")
    fault.__cause__ = failure
    return fault


async def _resume_async(generator: AsyncGenerator[Any, Any], failure: BaseException | None) -> None:
    if failure is None:
        await anext(generator)
    else:
        await generator.athrow(failure)


def _resume(generator: Generator[Any, Any, Any], failure: BaseException | None) -> None:
    if failure is None:
        next(generator)
    else:
        generator.throw(failure)


def _yield_error(implementation: Implementation, fault: str) -> RuntimeError:
    return RuntimeError(
        f"the wrapper {implementation.function.__qualname__} of the plugin {implementation.plugin!r} "
        f"({implementation.source}) {fault}: a wrapper yields exactly once"
    )


def refuse_awaitable(value: object, implementation: Implementation) -> None:
    """Raises `TypeError` for what a hook returned that cannot wait."""
    if inspect.iscoroutine(value):
        value.close()
    if value is not None and inspect.isawaitable(value):
        raise TypeError(
            f"{implementation.function.__qualname__} returned an awaitable, and this hook cannot wait"
        )


def note_error(error: BaseException, implementation: Implementation) -> None:
    """Adds a note to the error that names the hook and the plugin, once."""
    hook = implementation.function.__name__
    note = f"in {hook} of the plugin {implementation.plugin!r} ({implementation.source})"
    if note not in getattr(error, "__notes__", ()):
        error.add_note(note)
