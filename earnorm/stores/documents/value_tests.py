"""What every operator of a filter is compiled into, and how such tests are put together."""

from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["Test", "ValueTest", "all_of", "any_value", "negated"]

Test = Callable[[list[Any]], bool]
"""Says whether a condition holds, given every value that its path leads to."""

ValueTest = Callable[[Any], bool]
"""Says whether one value fits."""


def all_of(tests: Sequence[Test]) -> Test:
    """Holds when each of the tests does, be it for different values."""
    if len(tests) == 1:
        return tests[0]
    return lambda values: all(test(values) for test in tests)


def any_value(test: ValueTest) -> Test:
    """Holds when one value fits."""

    def holds(values: list[Any]) -> bool:
        return any(map(test, values))

    return holds


def negated(test: Test) -> Test:
    """Holds when the test does not."""
    return lambda values: not test(values)
