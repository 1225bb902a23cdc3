"""A stand-in is built once; a build that failed half-way is made anew; other sources, other build."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.mongodb_servers.builds import (
    STAND_INS,
    BuildFailedError,
    StandIn,
    built,
    cache_directory,
)

pytestmark = pytest.mark.once  # of the tests themselves, not of the package


class Builder:
    """Counts its builds, and fails as often as it is told to."""

    def __init__(self, failures: int = 0) -> None:
        self.builds = 0
        self.failures = failures

    def __call__(self, sources: Path, target: Path) -> None:
        self.builds += 1
        (target / "program").write_text((sources / "source").read_text())
        if self.builds <= self.failures:
            raise BuildFailedError("no network")


@pytest.fixture
def make(tmp_path: Path) -> Callable[[Builder], StandIn]:
    sources = tmp_path / "sources"
    sources.mkdir()
    (sources / "source").write_text("one")
    return lambda builder: replace(
        STAND_INS["ferretdb"],
        sources=sources,
        build=builder,
        command=lambda target: [(target / "program").read_text()],
    )


def test_a_stand_in_is_built_once(make: Callable[[Builder], StandIn], tmp_path: Path) -> None:
    builder = Builder()
    for _ in range(2):
        assert built(make(builder), tmp_path / "cache") == ["one"]
    assert builder.builds == 1


def test_other_sources_are_built_anew(make: Callable[[Builder], StandIn], tmp_path: Path) -> None:
    builder = Builder()
    stand_in = make(builder)
    built(stand_in, tmp_path / "cache")
    (stand_in.sources / "source").write_text("two")
    assert built(stand_in, tmp_path / "cache") == ["two"]


def test_a_failed_build_is_not_taken_for_done(
    make: Callable[[Builder], StandIn], tmp_path: Path
) -> None:
    stand_in = make(Builder(failures=1))
    with pytest.raises(BuildFailedError, match="no network"):
        built(stand_in, tmp_path / "cache")
    assert built(stand_in, tmp_path / "cache") == ["one"]


def test_builds_lie_in_the_persons_cache(tmp_path: Path) -> None:
    assert cache_directory({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "earnorm-tests"
    assert cache_directory({}) == Path.home() / ".cache" / "earnorm-tests"
