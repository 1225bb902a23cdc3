"""Tells observers what the hooks of plugins take and how often they fail."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

__all__ = ["HookCall", "HookObserver", "HookStats", "HookTotals", "Record", "recorder_of"]

Record = Callable[[float, BaseException | None], None]
"""Takes note of one call: its seconds, and what it raised."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HookCall:
    """What is called: one hook of one plugin, for one model.

    `model` is the key of the model, None for what is about a database. `budget` is how many seconds the plugin says
    that a call takes at most, None where it says nothing.
    """

    plugin: str
    source: str
    hook: str
    model: str | None
    budget: float | None = None


class HookObserver:
    """The base of observers; by itself it looks at nothing.

    `registry.observe(observer)` shows it what the plugins of a registry's models do.
    """

    def recorder(self, call: HookCall) -> Record | None:
        """What takes note of such calls, asked for once for each; None leaves them alone.

        It runs after each call, in the thread and task of the call, with the seconds by the wall clock that the
        plugin's function took, awaiting included, and with what it raised. A wrapper counts without what it is round.
        """
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class HookTotals:
    """What was noted of one kind of call. `slow` counts those that took longer than the plugin's budget."""

    call: HookCall
    calls: int
    errors: int
    slow: int
    seconds: float
    longest: float


class HookStats(HookObserver):
    """Counts in memory: calls, errors and seconds for each plugin, hook and model.

    Threads may lose a count to each other: no lock is worth its time here.
    """

    def __init__(self) -> None:
        self._counters: dict[HookCall, _Counter] = {}

    def recorder(self, call: HookCall) -> Record:
        return self._counters.setdefault(call, _Counter(call)).record

    def totals(self) -> list[HookTotals]:
        """What was noted until now, the longest seconds first; what was never called is left out."""
        totals = [counter.totals() for counter in list(self._counters.values())]
        return sorted(
            (one for one in totals if one.calls), key=lambda one: one.seconds, reverse=True
        )

    def clear(self) -> None:
        """Begins to count anew."""
        for counter in list(self._counters.values()):
            counter.clear()


class _Counter:
    """Functions over shared variables, which cost half of what attributes do."""

    def __init__(self, call: HookCall) -> None:
        budget = inf if call.budget is None else call.budget
        calls = errors = slow = 0
        seconds = longest = 0.0

        def record(took: float, error: BaseException | None) -> None:
            nonlocal calls, errors, slow, seconds, longest
            calls += 1
            seconds += took
            if took > longest:  # noqa: PLR1730 # max() costs as much as all the rest here
                longest = took
            if took > budget:
                slow += 1
            if error is not None:
                errors += 1

        def clear() -> None:
            nonlocal calls, errors, slow, seconds, longest
            calls = errors = slow = 0
            seconds = longest = 0.0

        def totals() -> HookTotals:
            return HookTotals(
                call=call, calls=calls, errors=errors, slow=slow, seconds=seconds, longest=longest
            )

        self.record, self.clear, self.totals = record, clear, totals


def recorder_of(observers: Sequence[HookObserver], call: HookCall) -> Record:
    """What takes note of such calls for all of the observers."""
    found = [one for observer in observers if (one := observer.recorder(call)) is not None]
    if len(found) == 1:
        return found[0]

    def record(seconds: float, error: BaseException | None) -> None:
        for one in found:
            one(seconds, error)

    return record
