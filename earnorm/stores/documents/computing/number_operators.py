"""`$add`, `$multiply` and the other operators over numbers, in the widest type of their arguments."""

import math
from collections.abc import Callable, Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any

from bson import Decimal128, Int64

from earnorm.stores.documents.arithmetic import DECIMAL128, decimal_of
from earnorm.stores.documents.computing.arguments import null_for_null, taking
from earnorm.stores.documents.computing.expression import Compiler, nullish
from earnorm.stores.documents.computing.rounding import rounded, truncated_to
from earnorm.stores.documents.computing.sums import integer, is_decimal, minus, plus, times
from earnorm.stores.documents.computing.values import date_at, kind_of, milliseconds_of, overflow
from earnorm.stores.documents.numbers import is_number
from earnorm.stores.documents.refusals import bad_value

__all__ = ["NUMBER_OPERATORS"]


def _add(*values: Any) -> Any:
    total: Any = 0
    has_date = False
    for value in values:
        if nullish(value):
            return None
        if is_number(value):
            total = plus(total, value)
        elif _is_date(value):
            if has_date:
                raise bad_value("$add takes at most one date.", 16612)
            has_date = True
            total = plus(total, Int64(milliseconds_of(value) or 0))
        else:
            raise bad_value(f"$add takes numbers and a date, not {kind_of(value)}.", 14)
    return _date_from(total) if has_date else total


def _subtract(first: Any, second: Any) -> Any:
    if is_number(first) and is_number(second):
        return minus(first, second)
    if nullish(first) or nullish(second):
        return None
    if _is_date(first) and _is_date(second):
        return Int64((milliseconds_of(first) or 0) - (milliseconds_of(second) or 0))
    if _is_date(first) and is_number(second):
        return _date_from(minus(Int64(milliseconds_of(first) or 0), second))
    raise bad_value(f"cannot $subtract {kind_of(second)} from {kind_of(first)}.", 14)


def _multiply(*values: Any) -> Any:
    product: Any = 1
    for value in values:
        if nullish(value):
            return None
        if not is_number(value):
            raise bad_value(f"$multiply takes numbers, not {kind_of(value)}.", 14)
        product = times(product, value)
    return product


def _divide(first: Any, second: Any) -> Any:
    if not is_number(first) or not is_number(second):
        return _null_or_refusal("$divide", 14, first, second)
    if not _plain(second):
        raise bad_value("cannot $divide by zero.", 2)
    if is_decimal(first, second):
        return Decimal128(DECIMAL128.divide(decimal_of(first), decimal_of(second)))
    return float(first) / float(second)


def _mod(first: Any, second: Any) -> Any:
    if not is_number(first) or not is_number(second):
        return _null_or_refusal("$mod", 16611, first, second)
    if not _plain(second):
        raise bad_value("cannot $mod by zero.", 16610)
    if is_decimal(first, second):
        return Decimal128(DECIMAL128.remainder(decimal_of(first), decimal_of(second)))
    if isinstance(first, float) or isinstance(second, float):
        return _or_nan(math.fmod, float(first), float(second))
    left = abs(int(first)) % abs(int(second))
    return integer(-left if first < 0 else left, first, second)


def _pow(base: Any, exponent: Any) -> Any:
    if not is_number(base) or not is_number(exponent):
        code = 28762 if not is_number(base) else 28763
        return _null_or_refusal("$pow", code, base, exponent)
    if not _plain(base) and _plain(exponent) < 0:
        raise bad_value("$pow cannot take a base of 0 and a negative exponent.", 28764)
    if is_decimal(base, exponent):
        return Decimal128(DECIMAL128.power(decimal_of(base), decimal_of(exponent)))
    if isinstance(base, float) or isinstance(exponent, float):
        return _float_power(float(base), float(exponent))
    return _integer_power(base, exponent)


def _integer_power(base: int, exponent: int) -> Any:
    if abs(base) <= 1:
        return integer(
            int(base) ** (abs(int(exponent)) % 2 + (2 if exponent else 0)), base, exponent
        )
    if 0 <= exponent < 64 and -(2**63) <= (power := int(base) ** int(exponent)) < 2**63:
        return integer(power, base, exponent)
    return _float_power(float(base), float(exponent))


def _float_power(base: float, exponent: float) -> float:
    try:
        return math.pow(base, exponent)
    except OverflowError:
        return -math.inf if base < 0 and exponent % 2 == 1 else math.inf
    except ValueError:
        return math.nan


def _abs(value: Any) -> Any:
    if isinstance(value, Decimal128):
        return Decimal128(value.to_decimal().copy_abs())
    if isinstance(value, float):
        return abs(value)
    if value == -(2**63):
        raise bad_value("$abs cannot take the least number of 64 bits.", 28680)
    return integer(abs(int(value)), value)


def _ceil(value: Any) -> Any:
    return _whole(value, math.ceil, ROUND_CEILING)


def _floor(value: Any) -> Any:
    return _whole(value, math.floor, ROUND_FLOOR)


def _whole(value: Any, cut: Callable[[float], int], rounding: str) -> Any:
    if isinstance(value, Decimal128):
        return Decimal128(value.to_decimal().to_integral_value(rounding, DECIMAL128))
    if isinstance(value, float) and math.isfinite(value):
        return math.copysign(float(cut(value)), value)
    return value


def _sqrt(value: Any) -> Any:
    if _plain(value) < 0:
        raise bad_value(f"$sqrt takes a number that is not negative, not {value}.", 28714)
    if isinstance(value, Decimal128):
        return Decimal128(DECIMAL128.sqrt(value.to_decimal()))
    return math.sqrt(value)


def _of_number(name: str, apply: Callable[[Any], Any]) -> tuple[str, Compiler]:
    def applied(value: Any) -> Any:
        if not is_number(value):
            raise bad_value(f"{name} takes a number, not {kind_of(value)}.", 28765)
        return apply(value)

    return taking(name, null_for_null(applied))


NUMBER_OPERATORS: Mapping[str, Compiler] = dict(
    [
        taking("$add", _add, least=0, most=None),
        taking("$subtract", _subtract, least=2, most=2),
        taking("$multiply", _multiply, least=0, most=None),
        taking("$divide", _divide, least=2, most=2),
        taking("$mod", _mod, least=2, most=2),
        taking("$pow", _pow, least=2, most=2),
        _of_number("$abs", _abs),
        _of_number("$ceil", _ceil),
        _of_number("$floor", _floor),
        _of_number("$sqrt", _sqrt),
        taking("$round", null_for_null(rounded), least=1, most=2),
        taking("$trunc", null_for_null(truncated_to), least=1, most=2),
    ]
)


def _is_date(value: Any) -> bool:
    return kind_of(value) == "date"


def _date_from(total: Any) -> Any:
    number = _plain(total)
    if not math.isfinite(number):
        raise overflow("the date has more than 64 bits of milliseconds.")
    return date_at(int(Decimal(number).to_integral_value(ROUND_HALF_UP)))


def _plain(value: Any) -> Any:
    return value.to_decimal() if isinstance(value, Decimal128) else value


def _or_nan(compute: Callable[[float, float], float], first: float, second: float) -> float:
    try:
        return compute(first, second)
    except ValueError:
        return math.nan


def _null_or_refusal(name: str, code: int, *values: Any) -> None:
    if not any(map(nullish, values)):
        kinds = " and ".join(map(kind_of, values))
        raise bad_value(f"{name} takes numbers, not {kinds}.", code)
