"""The benchmark program runs; what it measures is for people to read, and never for a test to judge."""

import sys
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import PARTS, main
from tests.benchmarks.bars import Bar, engine_bars
from tests.benchmarks.contender import Contender, Missing, load

pytestmark = pytest.mark.once


@pytest.mark.parametrize("part", PARTS)
def test_each_part_runs_without_any_peer(part: str, capsys: pytest.CaptureFixture[str]) -> None:
    main([part, "--quick", "--only"])

    printed = capsys.readouterr().out
    assert "EarnORM" in printed or part == "registry"
    tables, _, bars = printed.partition("\nThe bars\n")
    assert any(character.isdigit() for character in tables)
    assert len(bars.splitlines()) > 5


def test_earnorm_does_what_is_timed_and_refuses_what_is_wrong() -> None:
    product, interpreted = load("earnorm")

    assert isinstance(product, Contender)
    assert isinstance(interpreted, Contender)
    assert product.refused() == interpreted.refused() == {"construct": 4, "decode": 3, "set": 4}


def test_a_peer_that_is_not_installed_is_missing_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "umongo", None)
    monkeypatch.delitem(sys.modules, "tests.benchmarks.contenders.umongo", raising=False)

    (missing,) = load("umongo")

    assert isinstance(missing, Missing)
    assert missing.reason.startswith("ModuleNotFoundError: ")
    assert "umongo" in missing.reason


def test_a_contender_whose_result_is_wrong_is_missing_with_the_reason(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    product, *_ = load("earnorm")
    assert isinstance(product, Contender)
    forgetful = Contender(
        name="Forgetful",
        distributions=("earnorm",),
        definer=product.definer,
        construct=product.construct,
        decode=product.decode,
        encode="{'_id': 1, 'address': document['address']}",
        aware=True,
    )
    module = sys.modules["tests.benchmarks.contenders.earnorm"]
    monkeypatch.setattr(module, "CONTENDERS", [forgetful])

    (missing,) = load("earnorm")

    assert missing == Missing(name="Forgetful", reason="AssertionError: encode loses a key")


@pytest.mark.parametrize(
    ("bar", "verdict"),
    [
        (Bar(what="fast", factor=15.0, least=15.0), "reached"),
        (Bar(what="slow", factor=14.99, least=15.0), "MISSED"),
        (Bar(what="cheap", factor=0.5, most=0.5), "reached"),
        (Bar(what="dear", factor=0.51, most=0.5), "MISSED"),
        (Bar(what="unknown", factor=None, most=0.5), "not measured"),
    ],
)
def test_a_bar_is_reached_missed_or_not_measured(bar: Bar, verdict: str) -> None:
    assert bar.verdict == verdict


def test_the_bars_are_what_the_peers_take_over_what_we_take() -> None:
    figures = {
        "EarnORM": {"construct": 2.0, "trusted": 1.0, "among 10": 100.0, "among 20": 150.0},
        "MongoEngine": {"construct": 40.0},
        "msgspec": {"decode": 0.9},
    }

    bars = {bar.what: (bar.factor, bar.verdict) for bar in engine_bars(figures)}

    assert bars["construct, MongoEngine"] == (20.0, "reached")
    assert bars["trusted decode, msgspec's decode"] == (0.9, "reached")
    assert bars["a class among many, over one among the fewest"] == (1.5, "MISSED")
    assert bars["encode, MongoEngine"] == (None, "not measured")


def test_tox_installs_every_peer(root: Path) -> None:
    tox = (root / "tox.ini").read_text("utf-8").partition("[testenv:benchmarks]")[2]

    for module in (root / "tests" / "benchmarks" / "contenders").glob("*.py"):
        assert f"\n    {module.stem}" in tox or module.stem == "earnorm"
