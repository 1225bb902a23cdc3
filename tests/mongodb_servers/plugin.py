"""The fixtures `mongodb_server` and `mongodb_url`, and the marker `needs`.

A test that asks for either fixture runs once on a real server, or once on each stand-in.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from uuid import uuid4

import pytest

from tests.mongodb_servers.builds import BuildFailedError, built, cache_directory
from tests.mongodb_servers.choice import choose, command
from tests.mongodb_servers.limits import LIMITS
from tests.mongodb_servers.server import NOTHING, MongoServer, lacking
from tests.mongodb_servers.sharing import ServerFailedError, share

SOURCES = {source.kind: source for source in choose(os.environ, shutil.which)}


@pytest.fixture(scope="session", params=SOURCES)
def mongodb_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MongoServer]:
    """A server that speaks MongoDB's wire protocol, shared by all tests and workers of this run."""
    source = SOURCES[request.param]
    if source.missing:
        refuse(source.missing, os.environ)
    if source.uri:
        yield MongoServer(uri=source.uri, kind=source.kind)
        return
    # The directory of the run, above those of its workers.
    directory = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        directory = directory.parent
    try:
        lease = share(directory / f"{source.kind}.json", lambda: command(source))
    except (BuildFailedError, ServerFailedError) as error:
        pytest.fail(f"{source.kind} could not be started: {error}", pytrace=False)
    yield MongoServer(uri=lease.uri, kind=source.kind, limits=limits_of(source.kind))
    lease.close()


@pytest.fixture
def mongodb_url(mongodb_server: MongoServer) -> Iterator[str]:
    """The URL of a database of the test's own, which is dropped afterwards."""
    # The environment of the wheel tests, which loads this plugin, has no PyMongo.
    from pymongo import MongoClient  # noqa: PLC0415
    from pymongo.errors import OperationFailure  # noqa: PLC0415

    name = f"earnorm_test_{uuid4().hex}"
    yield mongodb_server.url(name)
    # A stand-in is thrown away anyhow, and may fail here: what is wrong with it is not the test's fault.
    forgiven = (OperationFailure,) if mongodb_server.limits else ()
    with MongoClient[dict[str, object]](mongodb_server.uri) as client, suppress(*forgiven):
        client.drop_database(name)


def refuse(reason: str, environment: Mapping[str, str]) -> None:
    """Skips; on a build server, where the tests must run, fails."""
    if environment.get("CI"):
        pytest.fail(f"These tests may not be skipped where CI is set. {reason}", pytrace=False)
    pytest.skip(reason)


def limits_of(kind: str) -> Mapping[str, str]:
    """What a server of this kind lacks."""
    return LIMITS.get(kind, NOTHING)


def needed(item: pytest.Item) -> tuple[str, ...]:
    """The features that the test needs: its markers name them, or `NEEDS` of its class does.

    `NEEDS = {"test_nan_is_kept": ("not_a_number",)}` is for tests that a class inherits.
    """
    marked = [name for marker in item.iter_markers("needs") for name in marker.args]
    by_test = getattr(getattr(item, "cls", None), "NEEDS", {})
    return (*marked, *by_test.get(getattr(item, "originalname", item.name), ()))


def kind_of(item: pytest.Item) -> str | None:
    """The kind of server that the test is to run on."""
    call = getattr(item, "callspec", None)
    return call.params.get("mongodb_server") if call else None


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "needs(*features): is skipped on a stand-in for MongoDB that lacks one of them",
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """What a server answers is the same on every Python: `tox` asks it in `once` and in `lowest`."""
    if kind_of(item):
        item.add_marker("once")


def pytest_runtest_setup(item: pytest.Item) -> None:
    kind = kind_of(item)
    if kind and (reason := lacking(kind, limits_of(kind), needed(item))):
        pytest.skip(reason)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Builds what the tests need before the first of them: a build takes longer than a test may."""
    if session.config.option.collectonly:
        return
    for kind in {kind for item in session.items if (kind := kind_of(item))}:
        stand_in = SOURCES[kind].stand_in
        if stand_in is None:
            continue
        with suppress(BuildFailedError):  # the fixture tries again, and fails with what was said
            built(stand_in, cache_directory())
