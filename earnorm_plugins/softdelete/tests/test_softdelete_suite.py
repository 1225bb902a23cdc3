"""The published suite for plugins, on this one."""

from earnorm.testing import PluginSuite
from earnorm_softdelete import SoftDeletePlugin


class TestSoftDelete(PluginSuite):
    plugin = SoftDeletePlugin
    neighbours = ("timestamp",)


class TestSoftDeleteUnderAnotherName(PluginSuite):
    plugin = SoftDeletePlugin
    options = {"field": "removed_at"}
