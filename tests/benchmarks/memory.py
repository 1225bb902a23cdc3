"""Weighs instances: the bytes that stay allocated for each."""

import gc
import tracemalloc
from collections.abc import Callable
from typing import Any

from tests.benchmarks.contender import Contender
from tests.benchmarks.document import arrange, document_of, leaves
from tests.benchmarks.timer import Effort

__all__ = ["weigh"]


def weigh(contender: Contender, effort: Effort) -> dict[str, float]:
    """Bytes for each new and each decoded instance, everything in it counted but the values themselves.

    Every instance has values of its own, which exist before and are not counted. Their containers are:
    the arguments or the document are built while we count and dropped when the instance is there, so a
    system pays for what it copies and for what it keeps alive of them, the document included.
    """
    scope = contender.scope()
    given = [leaves(number, aware=contender.aware) for number in range(effort.instances)]
    return {
        "new": _weigh(contender.maker("construct", scope), arrange, given),
        "decoded": _weigh(contender.maker("decode", scope), document_of, given),
    }


def _weigh(
    make: Callable[[dict[str, Any]], Any],
    build: Callable[[tuple[Any, ...]], dict[str, Any]],
    given: list[tuple[Any, ...]],
) -> float:
    # What a system keeps once, caches and compiled code, is there before we count.
    for one in given[:200]:
        make(build(one))
    kept: list[Any] = [None] * len(given)
    gc.collect()
    tracemalloc.start(1)
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number, one in enumerate(given):
            kept[number] = make(build(one))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / len(given)
