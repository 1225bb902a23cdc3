"""The published suite for plugins, on this one."""

from earnorm.testing import PluginSuite
from earnorm_audit import AuditPlugin


class TestAudit(PluginSuite):
    plugin = AuditPlugin
    neighbours = ("softdelete",)
