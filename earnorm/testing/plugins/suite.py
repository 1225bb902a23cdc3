"""The whole suite."""

import pytest

from earnorm.testing.plugins.declaring import DeclaringSuite
from earnorm.testing.plugins.importing import ImportingSuite
from earnorm.testing.plugins.options import OptionsSuite
from earnorm.testing.plugins.ordering import OrderingSuite
from earnorm.testing.plugins.pickling import PicklingSuite
from earnorm.testing.plugins.reentrancy import ReentrancySuite
from earnorm.testing.plugins.transactions import TransactionsSuite
from earnorm.testing.plugins.writes import WritesSuite

__all__ = ["PluginSuite"]


@pytest.mark.asyncio
class PluginSuite(
    DeclaringSuite,
    ImportingSuite,
    OptionsSuite,
    WritesSuite,
    ReentrancySuite,
    OrderingSuite,
    TransactionsSuite,
    PicklingSuite,
):
    """What every plugin should pass. Subclass it, and say which plugin it is.

    `class TestSlug(PluginSuite): plugin = SlugPlugin`
    """

    async def test_what_is_skipped_is_known(self) -> None:
        """A key of `skipped` that names no test would hide nothing, or the wrong thing."""
        tests = [name for name in dir(type(self)) if name.startswith("test_")]
        for name in self.skipped:
            assert name in tests, f"the suite has no test {name!r}"
