"""Which servers the tests run against: a real one where there is one, else the stand-ins."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.mongodb_servers.builds import STAND_INS, StandIn, built, cache_directory

MONGOD = Path(__file__).with_name("mongod.py")
URI_SETTING = "EARNORM_TEST_MONGODB_URI"
MONGODB = "mongodb"
ASKED_FOR = {"ferretdb": "EARNORM_TEST_FERRETDB"}
"""The stand-ins that cost minutes to build, and the settings that ask for them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A server to be had, in one of three ways, or why it is not."""

    kind: str
    uri: str | None = None
    """It runs already."""
    program: str | None = None
    """The `mongod` to start."""
    stand_in: StandIn | None = None
    """What to fetch, build and start."""
    missing: str | None = None
    """What to do to have this server."""


def choose(
    environment: Mapping[str, str], which: Callable[[str], str | None]
) -> tuple[Source, ...]:
    """The servers for these environment variables and this way of finding programs on PATH."""
    if uri := environment.get(URI_SETTING):
        return (Source(kind=MONGODB, uri=uri),)
    if program := which("mongod"):
        return (Source(kind=MONGODB, program=program),)
    return tuple(
        _stand_in(stand_in, which)
        for stand_in in STAND_INS.values()
        if stand_in.kind not in ASKED_FOR or environment.get(ASKED_FOR[stand_in.kind])
    )


def command(source: Source) -> list[str]:
    """What starts the server; a stand-in is built first."""
    if source.program:
        return [sys.executable, "-I", str(MONGOD), source.program]
    assert source.stand_in is not None
    return [*built(source.stand_in, cache_directory())]


def _stand_in(stand_in: StandIn, which: Callable[[str], str | None]) -> Source:
    absent = [tool for tool in stand_in.tools if which(tool) is None]
    if not absent:
        return Source(kind=stand_in.kind, stand_in=stand_in)
    return Source(
        kind=stand_in.kind,
        missing=f"No {' and no '.join(absent)} on PATH to have {stand_in.kind}: install"
        f" {stand_in.remedy}, or mongod, or name a server in {URI_SETTING}.",
    )
