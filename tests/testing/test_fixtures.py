"""The fixtures that pytest has where EarnORM is installed, as a stranger's tests use them."""

import subprocess
import sys

import pytest

from tests.testing.conftest import BESIDE, Stranger

pytestmark = pytest.mark.once

HEAD = """
from datetime import UTC, datetime
import pytest
from earnorm import BaseModel, StringField, UnknownPluginError, now, registry
from earnorm.testing import frozen



class Shout:
    def before_save(self, instance):
        instance.name = instance.name.upper()
"""


def passes(result: pytest.RunResult, count: int = 1) -> None:
    assert result.parseoutcomes() == {"passed": count}, result.stdout.str()


def test_a_test_has_a_registry_a_database_a_clock_and_a_record(stranger: Stranger) -> None:
    result = stranger(
        HEAD
        + """
@pytest.mark.asyncio
async def test_it(earnorm_registry, earnorm_database, earnorm_clock, earnorm_hooks):
    @earnorm_registry.plugin("stamp")
    class Stamp:
        def before_save(self, instance):
            instance.at = now()

    earnorm_registry.plugin("shout")(Shout)

    class User(BaseModel, registry=earnorm_registry):
        name = StringField()
        class Meta:
            plugins = ["stamp", "shout"]

    ada = await User.create(name="Ada")
    earnorm_clock.advance(hours=1)
    bob = await User.create(name="Bob")
    assert (ada.at, bob.at) == (datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, 1, tzinfo=UTC))
    assert await User.find().count() == 2
    earnorm_hooks.assert_exactly(*["stamp.before_save(User)", "shout.before_save(User)"] * 2)
"""
    )
    passes(result)


def test_nothing_of_a_test_is_left_for_the_next(stranger: Stranger) -> None:
    result = stranger(
        HEAD
        + """
@pytest.mark.asyncio
@pytest.mark.parametrize("time", [1, 2])
async def test_it(time, earnorm_registry, earnorm_database, earnorm_hooks):
    earnorm_registry.plugin("shout")(Shout)
    assert earnorm_registry.get_all_models() == [] and earnorm_hooks.calls == []

    class User(BaseModel, registry=earnorm_registry):
        name = StringField()
        class Meta:
            plugins = ["shout"]

    await User.create(name="Ada")
    assert await User.find().count() == 1

def test_the_clock(earnorm_clock):
    assert now() == earnorm_clock.now

def test_without_it():
    assert now().year >= 2024 and abs(now() - datetime.now(UTC)).total_seconds() < 60
"""
    )
    passes(result, 4)


def test_neither_installed_plugins_nor_those_of_the_default_registry_are_found(
    stranger: Stranger,
) -> None:
    result = stranger(
        HEAD
        + """
registry.plugin("everywhere")(Shout)

@pytest.mark.parametrize("name", ["timestamp", "everywhere"])
def test_it(earnorm_registry, name):
    with pytest.raises(UnknownPluginError) as caught:
        class User(BaseModel, registry=earnorm_registry):
            class Meta:
                plugins = [name]
    if name == "timestamp":
        assert "the marker earnorm_plugins('timestamp') of pytest, lets this one in" in str(caught.value)
"""
    )
    passes(result, 2)


@pytest.mark.parametrize("asked", ["timestamp", "*"])
def test_an_installed_plugin_is_found_where_the_marker_asks_for_it(
    stranger: Stranger, asked: str
) -> None:
    result = stranger(
        HEAD
        + f"""
@pytest.mark.earnorm_plugins({asked!r})
def test_it(earnorm_registry):
    class User(BaseModel, registry=earnorm_registry):
        class Meta:
            plugins = ["timestamp"]
    assert "created_at" in earnorm_registry.get_metadata(User).fields
"""
    )
    passes(result)


def test_the_clock_is_seen_by_tasks_that_were_there_before_and_gives_way_to_frozen(
    stranger: Stranger,
) -> None:
    result = stranger(
        HEAD
        + """
import asyncio
THEN = datetime(2020, 2, 2, tzinfo=UTC)

@pytest.mark.asyncio
async def test_it(earnorm_clock):
    earnorm_clock.set(THEN)
    assert now() == THEN == await asyncio.to_thread(now)
    with frozen(datetime(2021, 1, 1, tzinfo=UTC)):
        assert now().year == 2021
    assert earnorm_clock.advance(days=-1).day == 1 == now().day
"""
    )
    passes(result)


def test_a_failed_assertion_tells_what_ran(stranger: Stranger) -> None:
    result = stranger(
        HEAD
        + """
@pytest.mark.asyncio
async def test_it(earnorm_registry, earnorm_database, earnorm_hooks):
    earnorm_registry.plugin("shout")(Shout)

    class User(BaseModel, registry=earnorm_registry):
        name = StringField()
        class Meta:
            plugins = ["shout"]

    await User.create(name="Ada")
    earnorm_hooks.assert_order("shout.before_save", "shout.before_save")
"""
    )
    assert result.parseoutcomes() == {"failed": 1}
    result.stdout.fnmatch_lines(
        [
            "*'shout.before_save' did not run after 'shout.before_save'.",
            "*Expected in this order:",
            "*  2. shout.before_save",
            "*What ran:",
            "*  1. shout.before_save(User)",
        ]
    )


def test_a_project_that_uses_none_of_it_imports_nothing_of_earnorm(stranger: Stranger) -> None:
    result = stranger(
        "import sys\n\ndef test_it():\n"
        "    assert not {name for name in sys.modules if name.partition('.')[0] in {'earnorm', 'bson', 'pymongo'}}\n",
        plugins=(),
    )
    passes(result)


def test_it_adds_no_option_and_no_fixture_but_under_its_own_name(stranger: Stranger) -> None:
    result = stranger("def test_it():\n    pass\n", "--fixtures", "-v")

    lines = result.stdout.lines
    ours = [
        line
        for line in lines
        if "_earnorm_pytest" in line and line.partition(" ")[0].isidentifier()
    ]
    assert ours
    assert all(line.startswith("earnorm_") for line in ours)
    assert "pytest_addoption" not in (BESIDE / "_earnorm_pytest.py").read_text("utf-8")
    assert "autouse" not in (BESIDE / "_earnorm_pytest.py").read_text("utf-8")


def test_testing_without_pytest_has_all_but_the_suites() -> None:
    program = (
        "import sys; sys.modules['pytest'] = None\n"
        "from earnorm.testing import HookRecorder, SettableClock, frozen, isolated_registry\n"
        "print(isolated_registry(recorder=HookRecorder()).get_all_models())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True
    )

    assert done.stdout == "[]\n"


def test_the_entry_point_names_the_module_that_lies_beside_the_package() -> None:
    text = (BESIDE.parents[2] / "pyproject.toml").read_text("utf-8")

    assert '[project.entry-points.pytest11]\nearnorm = "_earnorm_pytest"' in text
    assert '"earnorm/testing/pytest11" = ""' in text
