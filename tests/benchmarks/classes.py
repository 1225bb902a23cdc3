"""Times defining classes, and using each for the first time."""

import gc
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.contender import Contender
from tests.benchmarks.timer import Effort, thread_seconds

__all__ = ["ClassCosts", "define_and_use", "growth"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassCosts:
    """Microseconds for one class: to define it, and to construct, decode and encode with it once."""

    define: float
    first_use: float


def define_and_use(contender: Contender, effort: Effort) -> ClassCosts:
    """The better of two runs over `effort.classes[0]` fresh classes with names of their own."""
    runs = [_run(contender, effort.classes[0]) for _ in range(2)]
    return ClassCosts(
        define=min(run.define for run in runs), first_use=min(run.first_use for run in runs)
    )


def growth(contender: Contender, effort: Effort) -> dict[int, float]:
    """Microseconds for one class where so many are defined, for each of the numbers."""
    return {
        number: min(_define(contender, number)[1] for _ in range(2)) for number in effort.classes
    }


def _run(contender: Contender, number: int) -> ClassCosts:
    models, define = _define(contender, number)
    scope = contender.scope()
    statements = ("construct", "decode", "encode")
    program = "\n".join(contender.statements[what] for what in statements)
    code = compile(program, f"<first use of {contender.name}>", "exec")
    scope["prepare"] = contender.prepare or (lambda model: None)
    started = thread_seconds()
    for model in models:
        scope["User"] = model
        scope["prepare"](model)
        exec(code, scope)
    return ClassCosts(define=define, first_use=(thread_seconds() - started) / number * 1e6)


def _define(contender: Contender, number: int) -> tuple[list[Any], float]:
    """Fresh classes, and the microseconds for each; the classes of an earlier run are gone."""
    gc.collect()
    gc.disable()
    try:
        define = contender.definer()
        titles = [_title(contender) for _ in range(number)]
        started = thread_seconds()
        models = [define(title) for title in titles]
        return models, (thread_seconds() - started) / number * 1e6
    finally:
        gc.enable()


_used: dict[str, int] = {}


def _title(contender: Contender) -> str:
    """A name that no class of this process has had; some registries are for the whole process."""
    _used[contender.name] = _used.get(contender.name, 0) + 1
    return f"User{_used[contender.name]}"
