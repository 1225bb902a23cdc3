"""Points in time: a naive one is local, and all are kept in UTC, cut to milliseconds."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from earnorm import BaseModel, DateTimeField, DictField, ModelRegistry, ValidationError

home = ModelRegistry("moments")


class Event(BaseModel, registry=home):
    at = DateTimeField(required=False)
    data = DictField()


@pytest.mark.parametrize(
    ("naive", "hour"),
    [
        (datetime(2024, 1, 15, 12), 17),
        (datetime(2024, 7, 15, 12), 16),
        (datetime(2024, 11, 3, 1, 30), 5),  # happens twice that night; the first one is meant
        (datetime(2024, 11, 3, 1, 30, fold=1), 6),
    ],
)
def test_a_naive_datetime_means_local_time(new_york: ZoneInfo, naive: datetime, hour: int) -> None:
    event = Event(at=naive, data={"at": naive})
    assert event.at is not None
    assert (event.at.hour, event.at.tzinfo) == (hour, UTC)
    assert event.data["at"] == event.at == naive.replace(tzinfo=new_york).astimezone(UTC)


def test_assigning_means_the_same_as_constructing(new_york: ZoneInfo) -> None:
    event = Event()
    event.at = datetime(2024, 1, 15, 12, 0, 0, 123_999)
    assert event.at == datetime(2024, 1, 15, 17, 0, 0, 123_000, tzinfo=UTC)


@pytest.mark.parametrize("microsecond", [0, 1, 999, 1000, 123_456, 999_999])
@pytest.mark.parametrize("year", [1, 1815, 1969, 2024, 9999])
def test_microseconds_are_cut_and_never_rounded(year: int, microsecond: int) -> None:
    at = datetime(year, 12, 31, 23, 59, 59, microsecond, tzinfo=UTC)
    assert Event(at=at).at == at.replace(microsecond=microsecond // 1000 * 1000)


def test_a_moment_that_leaves_the_calendar_in_utc_is_refused() -> None:
    early = datetime.min.replace(tzinfo=timezone(timedelta(hours=1)))
    with pytest.raises(ValidationError) as caught:
        Event(at=early, data={"at": early})
    assert [fault.path for fault in caught.value.errors] == ["at", "data.at"]
    assert {fault.message for fault in caught.value.errors} == {
        "leaves the years 1 to 9999 when read as UTC"
    }
