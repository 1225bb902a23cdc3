"""The lists of what does not run over the wire name tests that exist, each with a reason."""

import re
from pathlib import Path

import pytest

from tests.wire.deviations import DEVIATIONS
from tests.wire.left_out import LEFT_OUT
from tests.wire.listing import reason_of

pytestmark = pytest.mark.once

LISTED = [*LEFT_OUT, *(entry for listed in DEVIATIONS.values() for entry in listed)]


@pytest.mark.parametrize("entry", LISTED)
def test_what_is_listed_exists(entry: str, root: Path) -> None:
    path, _, name = entry.partition("[")[0].partition("::")
    source = (root / path).read_text("utf-8")
    assert not name or re.search(rf"def {name}\b", source)


def test_each_entry_has_a_reason() -> None:
    assert all(LEFT_OUT.values())
    assert all(reason for listed in DEVIATIONS.values() for reason in listed.values())


def test_no_list_is_for_a_real_server() -> None:
    assert "mongodb" not in DEVIATIONS


@pytest.mark.parametrize(
    ("nodeid", "reason"),
    [
        ("tests/a.py::test_x", "file"),
        ("tests/a.py::test_x[1]", "file"),
        ("tests/b.py::test_y[server-one]", "name"),
        ("tests/b.py::test_z[server-one-2]", "part"),
        ("tests/b.py::test_z[server-two-2]", None),
        ("tests/b.py::test_yy", None),
        ("tests/c.py::test_y", None),
    ],
)
def test_a_test_is_found_by_its_entry(nodeid: str, reason: str | None) -> None:
    listed = {
        "tests/a.py": "file",
        "tests/b.py::test_y": "name",
        "tests/b.py::test_z[one]": "part",
    }
    assert reason_of(nodeid, listed) == reason
