"""Times statements against each other on a machine that is never quiet."""

import gc
import time
import timeit
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any, TypeVar

__all__ = ["Effort", "Timing", "race", "thread_seconds"]

K = TypeVar("K", bound=Hashable)

thread_seconds = time.thread_time
"""The clock: processor time of this thread, which does not run while a neighbour has the processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How long to measure: `passes` over all statements, in each `rounds` of some `seconds`.

    `instances` are made to weigh them, `classes` are defined to time that, once and in larger numbers.
    `compiles`: processes find bytecode of this run, and not what happens to be there.
    """

    passes: int = 60
    rounds: int = 3
    seconds: float = 0.001
    instances: int = 5_000
    classes: tuple[int, ...] = (1_000, 2_000, 5_000, 10_000)
    compiles: bool = True

    @classmethod
    def least(cls) -> "Effort":
        """As little as shows that the program runs; the figures mean nothing."""
        return cls(
            passes=2, rounds=1, seconds=0.0001, instances=50, classes=(10, 20), compiles=False
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The best round of all, in microseconds for one call, and how far the passes lie apart.

    `spread` is how much slower the median pass was than the best one, each by its best round: 0.05 is 5%.
    """

    best: float
    spread: float


def race(statements: Mapping[K, tuple[str, dict[str, Any]]], effort: Effort) -> dict[K, Timing]:
    """The timing of each statement in its scope; the statements take turns, with the collector off.

    What an empty statement takes, the loop alone, is taken off.
    """
    timers = {key: _timer(*statement) for key, statement in statements.items()}
    numbers = {key: _calls(timer, effort.seconds) for key, timer in timers.items()}
    empty = _timer("pass", {})
    loop = min(empty.repeat(20, 10_000)) / 10_000
    passes: dict[K, list[float]] = {key: [] for key in timers}
    for _ in range(effort.passes):
        for key, timer in timers.items():
            gc.collect(0)
            rounds = timer.repeat(effort.rounds, numbers[key])
            passes[key].append(min(rounds) / numbers[key] - loop)
    return {key: _timing(found) for key, found in passes.items()}


def _timer(statement: str, scope: dict[str, Any]) -> timeit.Timer:
    # timeit switches the garbage collector off while it runs.
    return timeit.Timer(statement, timer=thread_seconds, globals=scope)


def _calls(timer: timeit.Timer, seconds: float) -> int:
    """How many calls take about as long as a round shall last."""
    timer.timeit(3)
    once = min(timer.repeat(3, 20)) / 20
    return max(10, int(seconds / max(once, 1e-8)))


def _timing(passes: list[float]) -> Timing:
    best = max(min(passes), 1e-10)
    return Timing(best=best * 1e6, spread=median(passes) / best - 1)
