"""What the stand-ins cannot do, or do against MongoDB's manual, each with the reason.

A test that needs one of these names it, `@pytest.mark.needs("transactions")`, and is skipped on the
stand-ins that lack it. It is never skipped on a real server.
"""

from collections.abc import Mapping

MONGO_JAVA_SERVER: Mapping[str, str] = {
    "transactions": "it knows neither sessions nor transactions",
}

LIMITS: Mapping[str, Mapping[str, str]] = {"mongo-java-server": MONGO_JAVA_SERVER}
"""By the kind of the server."""

FEATURES = frozenset(feature for limits in LIMITS.values() for feature in limits)
