"""Tests as the author of a plugin writes them, where nothing but wheels is installed."""

import sys
from typing import Any

import pytest

LOADED = {name for name in sys.modules if name.partition(".")[0] in {"earnorm", "pymongo"}}

from earnorm import BaseModel, StringField  # noqa: E402 # only after the line above
from earnorm.testing import PluginSuite  # noqa: E402
from earnorm_timestamp import TimestampPlugin  # noqa: E402


class TestTimestamp(PluginSuite):
    plugin = TimestampPlugin


def test_pytest_itself_imports_nothing_of_it() -> None:
    assert set() == LOADED


@pytest.mark.asyncio
@pytest.mark.earnorm_plugins("timestamp")
async def test_the_fixtures(
    earnorm_registry: Any, earnorm_database: Any, earnorm_clock: Any, earnorm_hooks: Any
) -> None:
    class User(BaseModel, registry=earnorm_registry):
        name = StringField()

        class Meta:
            plugins = ["timestamp"]

    ada: Any = await User.create(name="Ada")

    assert ada.created_at == earnorm_clock.now
    earnorm_hooks.assert_exactly("timestamp.contribute_fields", "timestamp.before_save(User)")
