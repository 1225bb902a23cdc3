"""The server that a test is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import urlsplit, urlunsplit

import pytest

from tests.mongodb_servers.limits import FEATURES

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class MongoServer:
    """Where a server listens, what it is, and what it cannot do."""

    uri: str
    kind: str
    """`mongodb` for a real one, else the name of the stand-in."""
    limits: Mapping[str, str] = field(default_factory=lambda: NOTHING, repr=False)
    """Features that a stand-in lacks or gets wrong, each with the reason; a real server has none."""

    def url(self, database: str) -> str:
        """The URI with this database, and with the options that it has."""
        parts = urlsplit(self.uri)
        query = parts.query
        if "@" in parts.netloc and len(parts.path) > 1 and "authSource=" not in query:
            # The database in a URI is also where its user is known.
            query = "&".join(filter(None, (query, f"authSource={parts.path[1:]}")))
        return urlunsplit(parts._replace(path=f"/{database}", query=query))

    def requires(self, *features: str) -> None:
        """Skips the test on a stand-in that lacks one of the features. Unknown names raise."""
        if reason := lacking(self.kind, self.limits, features):
            pytest.skip(reason)


def lacking(kind: str, limits: Mapping[str, str], features: tuple[str, ...]) -> str | None:
    """Why a server with these limits does not do for the features, if so."""
    for feature in features:
        if feature not in FEATURES:
            known = ", ".join(sorted(FEATURES))
            raise LookupError(f"No stand-in is known to lack '{feature}'. Known: {known}.")
        if feature in limits:
            return f"{kind} lacks '{feature}': {limits[feature]}"
    return None
