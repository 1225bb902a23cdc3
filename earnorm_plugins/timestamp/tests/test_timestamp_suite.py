"""The published suite for plugins, on this one."""

from earnorm.testing import PluginSuite
from earnorm_timestamp import TimestampPlugin


class TestTimestamp(PluginSuite):
    plugin = TimestampPlugin
    neighbours = ("softdelete",)
