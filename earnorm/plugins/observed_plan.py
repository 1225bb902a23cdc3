"""A plan that tells observers of each call."""

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import perf_counter
from types import MappingProxyType
from typing import Any, Final

from earnorm.plugins.hookspecs import Hook
from earnorm.plugins.observing import HookCall, HookObserver, Record, recorder_of
from earnorm.plugins.plan import Implementation, Plan, note_error, refuse_awaitable

__all__ = ["ObservedPlan"]


TimedStep = tuple[Callable[..., Any], bool, Implementation, Record]


class ObservedPlan(Plan):
    """Runs as a plan does, and takes the time of each implementation."""

    __slots__ = ("_halves", "_key_of", "_observers", "_records", "_timed")

    def __init__(
        self,
        hook: Hook,
        implementations: Iterable[Implementation],
        observers: Sequence[HookObserver],
    ) -> None:
        super().__init__(hook, implementations)
        self._observers = tuple(observers)
        self._key_of = _KEYS[hook.arguments[0]]
        # by the key of the model: the steps with what takes note of each
        self._timed: dict[str | None, list[TimedStep]] = {}
        # by the key of the model and the wrapper
        self._records: dict[tuple[str | None, int], Record] = {}
        # what a wrapper took until its yield, by the generator
        self._halves: dict[int, float] = {}

    def run_sync(self, *arguments: Any) -> list[tuple[Implementation, Any]]:
        """As `Plan.run_sync`, taking the time."""
        results = []
        for function, _, implementation, record in self._timed_steps(arguments):
            began = perf_counter()
            try:
                value = function(*arguments)
                refuse_awaitable(value, implementation)
            except BaseException as error:
                record(perf_counter() - began, error)
                note_error(error, implementation)
                raise
            record(perf_counter() - began, None)
            if value is not None:
                results.append((implementation, value))
                if self._is_first_result:
                    break
        return results

    async def _run_steps(self, arguments: Sequence[Any]) -> None:
        key = self._key_of(arguments[0])
        steps = self._timed.get(key) or self._timed_steps(arguments)
        began = perf_counter()
        for function, is_async, implementation, record in steps:
            try:
                value = function(*arguments)
                if is_async or (value is not None and inspect.isawaitable(value)):
                    await value
            except BaseException as error:
                record(perf_counter() - began, error)
                note_error(error, implementation)
                raise
            # Reading the clock is what costs most, so the end of one is the beginning of the next.
            ended = perf_counter()
            record(ended - began, None)
            began = ended

    async def _enter(
        self, generator: Any, implementation: Implementation, arguments: Sequence[Any]
    ) -> None:
        began = perf_counter()
        try:
            await super()._enter(generator, implementation, arguments)
        except BaseException as error:
            self._record_for(implementation, arguments)(perf_counter() - began, error)
            raise
        self._halves[id(generator)] = perf_counter() - began

    async def _leave(
        self,
        generator: Any,
        implementation: Implementation,
        arguments: Sequence[Any],
        failure: BaseException | None,
    ) -> BaseException | None:
        began = perf_counter()
        left = await super()._leave(generator, implementation, arguments, failure)
        seconds = self._halves.pop(id(generator)) + perf_counter() - began
        error = None if left is failure else left
        self._record_for(implementation, arguments)(seconds, error)
        return left

    def _timed_steps(self, arguments: Sequence[Any]) -> "list[TimedStep]":
        key = self._key_of(arguments[0])
        found = self._timed.get(key)
        if found is None:
            found = self._timed[key] = [(*step, self._record(step[2], key)) for step in self._steps]
        return found

    def _record_for(self, implementation: Implementation, arguments: Sequence[Any]) -> Record:
        key = self._key_of(arguments[0])
        place = key, id(implementation)
        if (found := self._records.get(place)) is None:
            found = self._records[place] = self._record(implementation, key)
        return found

    def _record(self, implementation: Implementation, model: str | None) -> Record:
        call = HookCall(
            plugin=implementation.plugin,
            source=implementation.source,
            hook=self._hook.name,
            model=model,
            budget=implementation.budget,
        )
        return recorder_of(self._observers, call)


def _of_instance(instance: Any) -> str:
    key: str = type(instance).__metadata__.key
    return key


def _of_model(model: Any) -> str:
    return f"{model.__module__}.{model.__qualname__}"


def _of_writes(writes: Any) -> str:
    return _of_model(writes[0].model)


def _of_database(database: Any) -> None:
    return None


_KEYS: Final[Mapping[str, Callable[[Any], str | None]]] = MappingProxyType(
    {
        "instance": _of_instance,
        "model": _of_model,
        "writes": _of_writes,
        "database": _of_database,
    }
)
