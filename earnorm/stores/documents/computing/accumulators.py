"""What `$group` and the operators over lists of values gather: sums, means, extremes, arrays."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from bson import Decimal128

from earnorm.stores.documents.arithmetic import DECIMAL128
from earnorm.stores.documents.computing.bounds import size_of
from earnorm.stores.documents.computing.expression import nullish
from earnorm.stores.documents.computing.object_operators import merged
from earnorm.stores.documents.computing.sums import RunningSum
from earnorm.stores.documents.computing.values import comparison_key
from earnorm.stores.documents.kinds import MISSING
from earnorm.stores.documents.numbers import is_number

__all__ = ["ACCUMULATORS", "Accumulator"]


class Accumulator(Protocol):
    """Takes values one after the other, and has a result at any time."""

    def add(self, value: Any) -> int:
        """Takes a value, which may be `MISSING`; returns about how many more bytes are kept."""
        ...

    def result(self) -> Any:
        """What the values so far come to."""
        ...


class _Sum:
    __slots__ = ("_sum",)

    def __init__(self) -> None:
        self._sum = RunningSum()

    def add(self, value: Any) -> int:
        if is_number(value):
            self._sum.add(value)
        return 0

    def result(self) -> Any:
        return self._sum.total()


class _Average(_Sum):
    __slots__ = ()

    def result(self) -> Any:
        if not self._sum.count:
            return None
        total = self._sum.total()
        if isinstance(total, Decimal128):
            return Decimal128(DECIMAL128.divide(total.to_decimal(), self._sum.count))
        return float(total) / self._sum.count


class _Extreme:
    """The least value, or the greatest; null and missing ones count for nothing."""

    __slots__ = ("_key", "_least", "_size", "_value")

    def __init__(self, *, least: bool) -> None:
        self._least = least
        self._value: Any = None
        self._key: bytes | None = None
        self._size = 0

    def add(self, value: Any) -> int:
        if nullish(value):
            return 0
        key = comparison_key(value)
        if self._key is not None and (key >= self._key if self._least else key <= self._key):
            return 0
        before = self._size
        self._value, self._key, self._size = value, key, size_of(value)
        return self._size - before

    def result(self) -> Any:
        return self._value


class _First:
    __slots__ = ("_has_value", "_value")

    def __init__(self) -> None:
        self._has_value = False
        self._value: Any = None

    def add(self, value: Any) -> int:
        if self._has_value:
            return 0
        self._has_value, self._value = True, None if value is MISSING else value
        return size_of(value)

    def result(self) -> Any:
        return self._value


class _Last:
    __slots__ = ("_size", "_value")

    def __init__(self) -> None:
        self._value: Any = None
        self._size = 0

    def add(self, value: Any) -> int:
        before = self._size
        self._value, self._size = None if value is MISSING else value, size_of(value)
        return self._size - before

    def result(self) -> Any:
        return self._value


class _Push:
    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: list[Any] = []

    def add(self, value: Any) -> int:
        if value is MISSING:
            return 0
        self._values.append(value)
        return size_of(value)

    def result(self) -> Any:
        return list(self._values)


class _Set:
    __slots__ = ("_values",)

    def __init__(self) -> None:
        self._values: dict[bytes, Any] = {}

    def add(self, value: Any) -> int:
        if value is MISSING or (key := comparison_key(value)) in self._values:
            return 0
        self._values[key] = value
        return len(key) + size_of(value)

    def result(self) -> Any:
        return list(self._values.values())


class _Merged:
    __slots__ = ("_fields",)

    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}

    def add(self, value: Any) -> int:
        before = len(self._fields)
        self._fields.update(merged(value))
        return size_of(value) if len(self._fields) > before else 0

    def result(self) -> Any:
        return dict(self._fields)


class _Deviation:
    """The standard deviation by Welford's method; numbers only count."""

    __slots__ = ("_count", "_mean", "_sample", "_squares")

    def __init__(self, *, sample: bool) -> None:
        self._sample = sample
        self._count = 0
        self._mean = 0.0
        self._squares = 0.0

    def add(self, value: Any) -> int:
        if is_number(value):
            number = float(value.to_decimal() if isinstance(value, Decimal128) else value)
            self._count += 1
            distance = number - self._mean
            self._mean += distance / self._count
            self._squares += distance * (number - self._mean)
        return 0

    def result(self) -> Any:
        divisor = self._count - self._sample
        return math.sqrt(self._squares / divisor) if divisor > 0 else None


ACCUMULATORS: Mapping[str, Callable[[], Accumulator]] = {
    "$sum": _Sum,
    "$avg": _Average,
    "$min": lambda: _Extreme(least=True),
    "$max": lambda: _Extreme(least=False),
    "$first": _First,
    "$last": _Last,
    "$push": _Push,
    "$addToSet": _Set,
    "$mergeObjects": _Merged,
    "$stdDevPop": lambda: _Deviation(sample=False),
    "$stdDevSamp": lambda: _Deviation(sample=True),
}
"""Makes what gathers, for each accumulator but `$count`, which is a sum of ones."""
