"""Operators over dates, by the pages of MongoDB's manual."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import DatetimeMS, Decimal128, Int64, ObjectId, Timestamp
from hypothesis import given
from hypothesis import strategies as st
from pymongo.errors import OperationFailure

from earnorm.errors import UnsupportedError
from earnorm.stores.documents.computing import compile_expression

DAY = datetime(2024, 2, 29, 23, 30, 5, 123000, tzinfo=UTC)  # a Thursday
DOCUMENT: dict[str, Any] = {
    "d": DAY,
    "n": None,
    "zone": "Asia/Tokyo",
    "id": ObjectId.from_datetime(DAY),
    "ts": Timestamp(int(DAY.timestamp()), 1),
    "far": DatetimeMS(2**60),
    "summer": datetime(2024, 3, 30, 12, tzinfo=UTC),
}


def evaluate(expression: Any) -> Any:
    return compile_expression(expression)(DOCUMENT, {})


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # year, month and day at least


VALUES: list[tuple[Any, Any]] = [
    ({"$year": "$d"}, 2024),
    ({"$year": ["$d"]}, 2024),
    ({"$month": "$d"}, 2),
    ({"$dayOfMonth": "$d"}, 29),
    ({"$hour": "$d"}, 23),
    ({"$minute": "$d"}, 30),
    ({"$second": "$d"}, 5),
    ({"$millisecond": "$d"}, 123),
    ({"$dayOfWeek": "$d"}, 5),
    ({"$dayOfYear": "$d"}, 60),
    ({"$week": "$d"}, 8),
    ({"$isoDayOfWeek": "$d"}, 4),
    ({"$isoWeek": "$d"}, 9),
    ({"$isoWeekYear": {"date": at(2021, 1, 3)}}, Int64(2020)),
    ({"$year": "$n"}, None),
    ({"$year": "$gone"}, None),
    ({"$year": "$id"}, 2024),
    ({"$hour": "$ts"}, 23),
    ({"$hour": {"date": "$d", "timezone": "+02:00"}}, 1),
    ({"$hour": {"date": "$d", "timezone": "-0130"}}, 22),
    ({"$hour": {"date": "$d", "timezone": "+01"}}, 0),
    ({"$dayOfMonth": {"date": "$d", "timezone": "Europe/Berlin"}}, 1),
    ({"$hour": {"date": "$d", "timezone": "$zone"}}, 8),
    ({"$hour": {"date": "$d", "timezone": "$n"}}, None),
    ({"$hour": {"date": "$d", "timezone": "GMT"}}, 23),
    # texts
    ({"$dateToString": {"date": "$d"}}, "2024-02-29T23:30:05.123Z"),
    ({"$dateToString": {"date": "$d", "timezone": "+01:00"}}, "2024-03-01T00:30:05.123"),
    (
        {"$dateToString": {"date": "$d", "format": "%Y/%m/%d %H:%M:%S.%L %%"}},
        "2024/02/29 23:30:05.123 %",
    ),
    ({"$dateToString": {"date": "$d", "format": "%j %u %w %U %V %G"}}, "060 4 5 08 09 2024"),
    ({"$dateToString": {"date": "$d", "format": "%b %B"}}, "Feb February"),
    ({"$dateToString": {"date": "$d", "format": "%z %Z", "timezone": "-05:30"}}, "-0530 -330"),
    ({"$dateToString": {"date": "$d", "format": "%z %Z"}}, "+0000 +0"),
    ({"$dateToString": {"date": "$d", "format": ""}}, ""),
    ({"$dateToString": {"date": "$n"}}, None),
    ({"$dateToString": {"date": "$gone", "onNull": "never"}}, "never"),
    ({"$dateToString": {"date": "$d", "timezone": "$n"}}, None),
    # steps
    ({"$dateAdd": {"startDate": "$d", "unit": "day", "amount": 1}}, DAY + timedelta(days=1)),
    ({"$dateAdd": {"startDate": "$d", "unit": "week", "amount": -1}}, DAY - timedelta(days=7)),
    (
        {"$dateAdd": {"startDate": "$d", "unit": "year", "amount": 1}},
        DAY.replace(year=2025, day=28),
    ),
    ({"$dateAdd": {"startDate": "$d", "unit": "quarter", "amount": 1}}, DAY.replace(month=5)),
    ({"$dateAdd": {"startDate": at(2024, 1, 31), "unit": "month", "amount": 1}}, at(2024, 2, 29)),
    ({"$dateAdd": {"startDate": "$d", "unit": "hour", "amount": 2.0}}, DAY + timedelta(hours=2)),
    (
        {"$dateAdd": {"startDate": "$d", "unit": "millisecond", "amount": Int64(7)}},
        DAY + timedelta(milliseconds=7),
    ),
    ({"$dateAdd": {"startDate": "$d", "unit": "day", "amount": "$n"}}, None),
    (
        {"$dateSubtract": {"startDate": "$d", "unit": "minute", "amount": 30}},
        DAY - timedelta(minutes=30),
    ),
    (
        {"$dateSubtract": {"startDate": at(2024, 3, 31), "unit": "month", "amount": 1}},
        at(2024, 2, 29),
    ),
    # a day in Berlin is an hour shorter when summer time begins, and an hour is an hour
    (
        {
            "$dateAdd": {
                "startDate": "$summer",
                "unit": "day",
                "amount": 1,
                "timezone": "Europe/Berlin",
            }
        },
        at(2024, 3, 31, 11),
    ),
    (
        {
            "$dateAdd": {
                "startDate": "$summer",
                "unit": "hour",
                "amount": 24,
                "timezone": "Europe/Berlin",
            }
        },
        at(2024, 3, 31, 12),
    ),
    # differences: how many boundaries lie between
    (
        {"$dateDiff": {"startDate": at(2023, 12, 31), "endDate": at(2024, 1, 1), "unit": "year"}},
        Int64(1),
    ),
    (
        {"$dateDiff": {"startDate": at(2024, 1, 1), "endDate": at(2023, 12, 31), "unit": "month"}},
        Int64(-1),
    ),
    (
        {"$dateDiff": {"startDate": at(2024, 3, 31), "endDate": at(2024, 4, 1), "unit": "quarter"}},
        Int64(1),
    ),
    (
        {
            "$dateDiff": {
                "startDate": at(2024, 2, 29, 23, 59),
                "endDate": at(2024, 3, 1),
                "unit": "day",
            }
        },
        Int64(1),
    ),
    (
        {"$dateDiff": {"startDate": at(2024, 3, 2), "endDate": at(2024, 3, 3), "unit": "week"}},
        Int64(1),
    ),
    (
        {
            "$dateDiff": {
                "startDate": at(2024, 3, 2),
                "endDate": at(2024, 3, 3),
                "unit": "week",
                "startOfWeek": "Mon",
            }
        },
        Int64(0),
    ),
    (
        {
            "$dateDiff": {
                "startDate": at(2024, 3, 2, 1, 59),
                "endDate": at(2024, 3, 2, 2),
                "unit": "hour",
            }
        },
        Int64(1),
    ),
    ({"$dateDiff": {"startDate": "$d", "endDate": "$d", "unit": "millisecond"}}, Int64(0)),
    ({"$dateDiff": {"startDate": "$d", "endDate": "$n", "unit": "day"}}, None),
    (
        {
            "$dateDiff": {
                "startDate": at(2024, 2, 29, 22),
                "endDate": at(2024, 2, 29, 23),
                "unit": "day",
                "timezone": "+01:30",
            }
        },
        Int64(1),
    ),
    # bins, which begin at 2000-01-01
    ({"$dateTrunc": {"date": "$d", "unit": "year"}}, at(2024, 1, 1)),
    ({"$dateTrunc": {"date": "$d", "unit": "quarter"}}, at(2024, 1, 1)),
    ({"$dateTrunc": {"date": "$d", "unit": "month", "binSize": 5}}, at(2023, 10, 1)),
    ({"$dateTrunc": {"date": "$d", "unit": "day"}}, at(2024, 2, 29)),
    ({"$dateTrunc": {"date": "$d", "unit": "week"}}, at(2024, 2, 25)),
    ({"$dateTrunc": {"date": "$d", "unit": "week", "startOfWeek": "monday"}}, at(2024, 2, 26)),
    ({"$dateTrunc": {"date": at(2000, 1, 16), "unit": "week", "binSize": 2}}, at(2000, 1, 16)),
    ({"$dateTrunc": {"date": at(2000, 1, 15), "unit": "week", "binSize": 2}}, at(2000, 1, 2)),
    ({"$dateTrunc": {"date": "$d", "unit": "hour", "binSize": 12}}, at(2024, 2, 29, 12)),
    ({"$dateTrunc": {"date": "$d", "unit": "minute", "binSize": 20}}, at(2024, 2, 29, 23, 20)),
    ({"$dateTrunc": {"date": "$d", "unit": "second"}}, DAY.replace(microsecond=0)),
    (
        {"$dateTrunc": {"date": "$d", "unit": "day", "timezone": "Europe/Berlin"}},
        at(2024, 2, 29, 23),
    ),
    ({"$dateTrunc": {"date": at(1999, 12, 31, 23), "unit": "day", "binSize": 3}}, at(1999, 12, 29)),
    ({"$dateTrunc": {"date": "$gone", "unit": "day"}}, None),
    ({"$dateTrunc": {"date": "$far", "unit": "second"}}, DatetimeMS(2**60 // 1000 * 1000)),
]


@pytest.mark.parametrize(("expression", "expected"), VALUES, ids=str)
def test_an_operator_gives_what_the_manual_says(expression: Any, expected: Any) -> None:
    value = evaluate(expression)

    assert value == expected
    assert type(value) is type(expected)


REFUSED: list[tuple[Any, int]] = [
    ({"$year": "x"}, 16006),
    ({"$year": 5}, 16006),
    ({"$hour": {"date": "$d", "timezone": 5}}, 40517),
    ({"$hour": {"date": "$d", "timezone": "Nowhere/Land"}}, 40485),
    ({"$hour": {"date": "$d", "timezone": "../../etc/passwd"}}, 40485),
    ({"$hour": {"date": "$d", "timezone": ""}}, 40485),
    ({"$hour": {"date": "$d", "timezone": "+25:00"}}, 40485),
    ({"$hour": {"date": "$d", "timezone": "a\x00b"}}, 40485),
    ({"$dateToString": {"date": 5}}, 16006),
    ({"$dateToString": {"date": "$d", "format": 5}}, 18533),
    ({"$dateToString": {"date": "$d", "format": {"$concat": ["%", "q"]}}}, 18536),
    ({"$dateAdd": {"startDate": "x", "unit": "day", "amount": 1}}, 5166403),
    ({"$dateAdd": {"startDate": "$d", "unit": 5, "amount": 1}}, 5439013),
    ({"$dateAdd": {"startDate": "$d", "unit": "days", "amount": 1}}, 9),
    ({"$dateAdd": {"startDate": "$d", "unit": "day", "amount": 1.5}}, 5166405),
    ({"$dateAdd": {"startDate": "$d", "unit": "year", "amount": 9999}}, 15),
    ({"$dateAdd": {"startDate": "$d", "unit": "day", "amount": Int64(2**62)}}, 15),
    ({"$dateAdd": {"startDate": "$d", "unit": "hour", "amount": Int64(2**62)}}, 15),
    ({"$dateDiff": {"startDate": "x", "endDate": "$d", "unit": "day"}}, 5166307),
    (
        {"$dateDiff": {"startDate": "$d", "endDate": "$d", "unit": "week", "startOfWeek": "x"}},
        5439016,
    ),
    ({"$dateTrunc": {"date": "x", "unit": "day"}}, 5439012),
    ({"$dateTrunc": {"date": "$d", "unit": "day", "binSize": 0}}, 5439018),
    ({"$dateTrunc": {"date": "$d", "unit": "day", "binSize": "x"}}, 5439017),
    ({"$dateTrunc": {"date": "$d", "unit": "week", "startOfWeek": 1}}, 5439015),
]


@pytest.mark.parametrize(("expression", "code"), REFUSED, ids=str)
def test_values_that_do_not_fit_are_refused_with_mongodbs_code(expression: Any, code: int) -> None:
    compiled = compile_expression(expression)
    with pytest.raises(OperationFailure) as caught:
        compiled(DOCUMENT, {})

    assert caught.value.code == code


MALFORMED: list[tuple[Any, int]] = [
    ({"$year": ["$d", "$d"]}, 16020),
    ({"$year": {"timezone": "UTC"}}, 40539),
    ({"$year": {"date": "$d", "zone": "UTC"}}, 40535),
    ({"$dateToString": 1}, 18629),
    ({"$dateToString": {"format": "%Y"}}, 18628),
    ({"$dateToString": {"date": "$d", "zone": "x"}}, 18534),
    ({"$dateToString": {"date": "$d", "format": "%q"}}, 18536),
    ({"$dateToString": {"date": "$d", "format": "100%"}}, 18535),
    ({"$dateAdd": 1}, 5166400),
    ({"$dateAdd": {"startDate": "$d", "unit": "day"}}, 5166402),
    ({"$dateDiff": {"startDate": "$d"}}, 5166303),
    ({"$dateTrunc": {"date": "$d"}}, 5439009),
    ({"$dateTrunc": {"date": "$d", "unit": "day", "size": 1}}, 5439008),
]


@pytest.mark.parametrize(("expression", "code"), MALFORMED, ids=str)
def test_what_is_malformed_is_refused_before_any_document_is_seen(
    expression: Any, code: int
) -> None:
    with pytest.raises(OperationFailure) as caught:
        compile_expression(expression)

    assert caught.value.code == code


@pytest.mark.parametrize(
    "expression",
    [
        {"$year": "$far"},
        {"$dateToString": {"date": "$far"}},
        {"$dateTrunc": {"date": "$far", "unit": "day"}},
        {"$hour": {"date": {"$literal": at(9999, 12, 31, 23)}, "timezone": "+02:00"}},
    ],
    ids=str,
)
def test_a_date_beyond_the_years_of_python_is_refused_by_name(expression: Any) -> None:
    with pytest.raises(UnsupportedError, match="beyond the years"):
        evaluate(expression)


UNITS = ["year", "quarter", "month", "week", "day", "hour", "minute", "second", "millisecond"]
moments = st.datetimes(datetime(1950, 1, 1), datetime(2050, 1, 1)).map(
    lambda moment: moment.replace(tzinfo=UTC, microsecond=moment.microsecond // 1000 * 1000)
)
zones = st.sampled_from(["UTC", "+05:30", "-03:00", "Europe/Berlin", "America/New_York"])


@given(moments, st.sampled_from(UNITS), st.integers(1, 7), zones)
def test_a_bin_holds_its_date_and_is_its_own_bin(
    moment: datetime, unit: str, size: int, zone: str
) -> None:
    trunc = compile_expression(
        {"$dateTrunc": {"date": "$d", "unit": unit, "binSize": size, "timezone": zone}}
    )
    start = trunc({"d": moment}, {})

    assert start <= moment
    assert trunc({"d": start}, {}) == start


@given(moments, st.sampled_from(UNITS), st.integers(-50, 50))
def test_what_is_added_is_the_difference(moment: datetime, unit: str, amount: int) -> None:
    step = {"startDate": "$d", "unit": unit, "amount": amount}
    later = compile_expression({"$dateAdd": step})({"d": moment}, {})
    counted = compile_expression({"$dateDiff": {"startDate": "$d", "endDate": "$e", "unit": unit}})

    assert counted({"d": moment, "e": later}, {}) == amount


def test_a_decimal_amount_that_is_whole_counts() -> None:
    step = {"startDate": "$d", "unit": "day", "amount": Decimal128("1")}

    assert evaluate({"$dateAdd": step}) == DAY + timedelta(days=1)
