"""The parts of dates (`$year`, `$dayOfWeek`) and their texts (`$dateToString`)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from bson import Int64

from earnorm.stores.documents.computing.arguments import Named, positional
from earnorm.stores.documents.computing.date_texts import check_format, formatted, local_date
from earnorm.stores.documents.computing.expression import (
    Compiler,
    Evaluate,
    Scope,
    Variables,
    constant,
    nullish,
)
from earnorm.stores.documents.computing.text_operators import text_of
from earnorm.stores.documents.computing.values import kind_of, milliseconds_of
from earnorm.stores.documents.computing.zones import zone_of
from earnorm.stores.documents.kinds import as_document
from earnorm.stores.documents.refusals import bad_value
from earnorm.typing import Document

__all__ = ["DATE_OPERATORS"]


def _part(name: str, part: Callable[[datetime], Any]) -> tuple[str, Compiler]:
    named = Named(
        operator=name,
        required=("date",),
        optional=("timezone",),
        unknown=40535,
        missing=40539,
    )

    def compile(operand: Any, scope: Scope) -> Evaluate:
        fields = as_document(operand)
        if fields is not None and not next(iter(fields), "").startswith("$"):
            arguments = named.compile(operand, scope)
        else:
            arguments = {"date": positional(name, operand, scope)[0]}
        return _of_date(part, arguments["date"], arguments.get("timezone", constant("UTC")))

    return name, compile


def _of_date(part: Callable[[datetime], Any], date: Evaluate, timezone: Evaluate) -> Evaluate:
    def evaluate(document: Document, variables: Variables) -> Any:
        value, zone = date(document, variables), timezone(document, variables)
        if nullish(value) or nullish(zone):
            return None
        return part(local_date(_milliseconds(value), zone_of(zone)))

    return evaluate


def _compile_date_to_string(operand: Any, scope: Scope) -> Evaluate:
    operands = _DATE_TO_STRING.operands(operand)
    arguments = _DATE_TO_STRING.compile(operand, scope)
    date = arguments["date"]
    format = arguments.get("format", constant(_DEFAULT_FORMAT))
    timezone = arguments.get("timezone", constant("UTC"))
    on_null = arguments.get("onNull", constant(None))
    if type(operands.get("format")) is str and not operands["format"].startswith("$"):
        check_format(operands["format"])

    def evaluate(document: Document, variables: Variables) -> Any:
        value, zone = date(document, variables), timezone(document, variables)
        wanted = format(document, variables)
        if nullish(value):
            return on_null(document, variables)
        if nullish(zone) or nullish(wanted):
            return None
        text = text_of(wanted, "the format of $dateToString", 18533)
        check_format(text)
        local = local_date(_milliseconds(value), zone_of(zone))
        if text is _DEFAULT_FORMAT and local.tzinfo is not UTC:
            text = text.removesuffix("Z")
        return formatted(local, text)

    return evaluate


_DEFAULT_FORMAT = "%Y-%m-%dT%H:%M:%S.%LZ"
_DATE_TO_STRING = Named(
    operator="$dateToString",
    required=("date",),
    optional=("format", "timezone", "onNull"),
    no_document=18629,
    unknown=18534,
    missing=18628,
)

DATE_OPERATORS: Mapping[str, Compiler] = {
    "$dateToString": _compile_date_to_string,
    **dict(
        [
            _part("$year", lambda date: date.year),
            _part("$month", lambda date: date.month),
            _part("$dayOfMonth", lambda date: date.day),
            _part("$hour", lambda date: date.hour),
            _part("$minute", lambda date: date.minute),
            _part("$second", lambda date: date.second),
            _part("$millisecond", lambda date: date.microsecond // 1000),
            _part("$dayOfYear", lambda date: date.timetuple().tm_yday),
            _part("$dayOfWeek", lambda date: date.isoweekday() % 7 + 1),
            _part("$week", lambda date: int(date.strftime("%U"))),
            _part("$isoDayOfWeek", lambda date: date.isoweekday()),
            _part("$isoWeek", lambda date: date.isocalendar().week),
            _part("$isoWeekYear", lambda date: Int64(date.isocalendar().year)),
        ]
    ),
}


def _milliseconds(value: Any) -> int:
    milliseconds = milliseconds_of(value)
    if milliseconds is None:
        raise bad_value(f"cannot convert {kind_of(value)} to a date.", 16006)
    return milliseconds
