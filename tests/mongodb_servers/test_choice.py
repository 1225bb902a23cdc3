"""A named server is taken before mongod, mongod before the stand-ins, and what is missing is told."""

from collections.abc import Callable

import pytest

from tests.mongodb_servers.choice import choose
from tests.mongodb_servers.plugin import refuse

pytestmark = pytest.mark.once  # of the tests themselves, not of the package

Which = Callable[[str], str | None]
URI = {"EARNORM_TEST_MONGODB_URI": "mongodb://db.example/?replicaSet=rs"}

FERRETDB = {"EARNORM_TEST_FERRETDB": "1"}


def path_with(*programs: str) -> Which:
    """Finds these programs and no others."""
    return lambda name: f"/bin/{name}" if name in programs else None


EVERYTHING = path_with("mongod", "java", "javac", "mvn", "go")


def test_a_named_server_is_taken_first() -> None:
    (source,) = choose(URI, EVERYTHING)
    assert (source.kind, source.uri) == ("mongodb", URI["EARNORM_TEST_MONGODB_URI"])


def test_mongod_is_taken_before_the_stand_ins() -> None:
    (source,) = choose({}, EVERYTHING)
    assert (source.kind, source.program) == ("mongodb", "/bin/mongod")


def test_an_empty_setting_names_no_server() -> None:
    (source,) = choose({"EARNORM_TEST_MONGODB_URI": ""}, EVERYTHING)
    assert source.program == "/bin/mongod"


def test_without_a_real_server_there_is_the_stand_in_that_is_quickly_had() -> None:
    (source,) = choose({}, path_with("java", "javac", "mvn", "go"))
    assert source.kind == "mongo-java-server"


def test_the_other_stand_in_comes_when_it_is_asked_for() -> None:
    sources = choose(FERRETDB, path_with("java", "javac", "mvn", "go"))
    assert [source.kind for source in sources] == ["mongo-java-server", "ferretdb"]
    assert all(source.stand_in and source.missing is None for source in sources)


def test_a_stand_in_without_its_tools_says_what_to_install() -> None:
    java, ferretdb = choose(FERRETDB, path_with("java", "go"))
    assert java.stand_in is None
    assert java.missing == (
        "No javac and no mvn on PATH to have mongo-java-server: install a JDK from 17 on and Maven,"
        " or mongod, or name a server in EARNORM_TEST_MONGODB_URI."
    )
    assert ferretdb.stand_in is not None


def test_with_nothing_installed_every_server_is_missing() -> None:
    sources = choose(FERRETDB, path_with())
    assert [bool(source.missing) for source in sources] == [True, True]


def test_a_missing_server_skips() -> None:
    with pytest.raises(pytest.skip.Exception, match="install Go"):
        refuse("install Go", {})


def test_a_missing_server_fails_where_ci_is_set() -> None:
    with pytest.raises(pytest.fail.Exception, match="where CI is set. install Go"):
        refuse("install Go", {"CI": "true"})
