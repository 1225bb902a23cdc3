"""The published suite judges: what it says of stores that lie, refuse, or declare too much."""

import subprocess
import sys
from pathlib import Path

import pytest

from earnorm.testing import StoreSuite
from earnorm.testing.stores.proving import proven

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.once

HEAD = """
from earnorm.stores import Store, open_store
from earnorm.stores.sqlite import SqliteStore
from earnorm.errors import UnsupportedError
from earnorm.testing import StoreSuite

class Opens(StoreSuite):
    async def open_store(self) -> Store:
        return await open_store("sqlite://")
"""


def outcome(pytester: pytest.Pytester, source: str, *arguments: str) -> pytest.RunResult:
    """How a stranger's test module fares, with the strict mode that pytest-asyncio has by default."""
    pytester.makepyfile(HEAD + source)
    pytester.makeini(
        "[pytest]\nasyncio_mode = strict\nasyncio_default_fixture_loop_scope = function"
    )
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q", "-k", "TestIt", *arguments)


def test_three_lines_run_the_suite(pytester: pytest.Pytester) -> None:
    result = outcome(
        pytester, "class TestIt(Opens):\n    pass\n", "-k", "TestIt and types and date"
    )

    outcomes = result.parseoutcomes()
    assert outcomes["passed"] > 5
    assert set(outcomes) <= {"passed", "deselected"}


def test_a_wrong_answer_fails_with_the_name_of_its_case(pytester: pytest.Pytester) -> None:
    source = """
class Lying(SqliteStore):
    async def count(self, *arguments, **options):
        return 1 + await super().count(*arguments, **options)

class TestIt(StoreSuite):
    async def open_store(self):
        return await Lying.open(None, name="lying")
"""
    result = outcome(pytester, source, "-k", "TestIt and test_a_filter_finds and numbers")

    assert result.parseoutcomes()["failed"] > 10
    result.stdout.fnmatch_lines(["*test_a_filter_finds[[]filters/numbers/equality[]]*"])


def test_what_is_declared_unsupported_must_be_refused(pytester: pytest.Pytester) -> None:
    source = """
class TestIt(Opens):
    unsupported = {"filters/logic": "says who"}
"""
    result = outcome(pytester, source, "-k", "TestIt and test_a_filter_finds and logic")

    assert set(result.parseoutcomes()) == {"failed", "deselected"}
    result.stdout.fnmatch_lines(["*declares 'filters/logic/$or' unsupported (says who)*"])


def test_what_is_refused_and_declared_passes(pytester: pytest.Pytester) -> None:
    source = """
class Refusing(SqliteStore):
    async def distinct(self, *arguments, **options):
        raise UnsupportedError("distinct", where="this store")

class TestIt(StoreSuite):
    unsupported = {"distinct": "there is no distinct"}

    async def open_store(self):
        return await Refusing.open(None, name="refusing")
"""
    result = outcome(pytester, source, "-k", "TestIt and test_distinct")

    assert set(result.parseoutcomes()) == {"passed", "deselected"}


def test_a_declaration_of_no_case_is_an_error(pytester: pytest.Pytester) -> None:
    source = """
class TestIt(Opens):
    skipped = {"filters/nonesuch": "a typo"}
"""
    result = outcome(pytester, source, "-k", "TestIt and declared")

    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["*no case, group or area 'filters/nonesuch'*"])


def test_a_suite_that_opens_nothing_says_what_to_write(pytester: pytest.Pytester) -> None:
    result = outcome(
        pytester, "class TestIt(StoreSuite):\n    pass\n", "-k", "TestIt and test_a_commit"
    )

    result.stdout.fnmatch_lines(["*TestIt does not say which store it tests*open_store*"])


@pytest.mark.parametrize("missing", ["pytest", "pytest_asyncio"])
def test_without_pytest_the_error_names_both(missing: str, tmp_path: Path) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "import earnorm.testing\n"
        "assert callable(earnorm.testing.frozen)\n"
        "try:\n    earnorm.testing.StoreSuite\n"
        "except ModuleNotFoundError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )

    assert "needs pytest and pytest-asyncio" in done.stdout
    assert repr(missing) in done.stdout
    assert "pip install pytest pytest-asyncio" in done.stdout


def test_testing_imports_no_pytest_until_the_suite_is_asked_for() -> None:
    program = "import sys, earnorm.testing; print('pytest' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )

    assert done.stdout == "False\n"


def test_no_part_of_the_suite_hides_a_test_of_another() -> None:
    parts = StoreSuite.__mro__[1:-1]
    names = [name for part in parts for name in vars(part) if name.startswith("test_")]
    cases = [name for part in parts for name in proven(part)]

    assert len(names) == len(set(names))
    assert len(names) > 100
    assert len(set(cases)) > 700
