"""What the stand-ins cannot do, or do against MongoDB's manual, each with the reason.

A test that needs one of these names it, `@pytest.mark.needs("transactions")`, and is skipped on the
stand-ins that lack it. It is never skipped on a real server. Each name is that of a probe in
`tests/mongodb_servers/probes`, which says exactly what is meant, and test_limits.py fails when a
stand-in lacks what is not listed, or does what is listed.
"""

from collections.abc import Mapping

from tests.mongodb_servers.ferretdb_limits import FERRETDB
from tests.mongodb_servers.mongo_java_server_limits import MONGO_JAVA_SERVER

LIMITS: Mapping[str, Mapping[str, str]] = {
    "mongo-java-server": MONGO_JAVA_SERVER,
    "ferretdb": FERRETDB,
}
"""By the kind of the server."""

FEATURES = frozenset(feature for limits in LIMITS.values() for feature in limits)
"""All that a test may name."""
