"""The suite for plugins on servers that speak MongoDB's protocol."""

import pytest

from earnorm.testing import PluginSuite
from earnorm_audit import AuditPlugin
from earnorm_softdelete import SoftDeletePlugin
from earnorm_timestamp import TimestampPlugin
from tests.mongodb_servers.server import MongoServer


class OnAServer(PluginSuite):
    @pytest.fixture
    def store_url(self, mongodb_server: MongoServer) -> str:
        return mongodb_server.uri


class TestTimestamp(OnAServer):
    plugin = TimestampPlugin
    neighbours = ("softdelete",)


class TestSoftDelete(OnAServer):
    plugin = SoftDeletePlugin
    options = {"field": "removed_at"}


class TestAudit(OnAServer):
    plugin = AuditPlugin
    neighbours = ("softdelete",)
