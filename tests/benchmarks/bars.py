"""What the figures have to reach, and whether they do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

__all__ = ["Bar", "Figures", "engine_bars"]

Figures = Mapping[str, Mapping[str, float]]
"""Figures by system and by what was measured; the smaller the better."""

_OURS = "EarnORM"
_RIVALS = ("Beanie", "ODMantic", "uMongo", "pydantic")
_MEASURES = ("construct", "decode", "encode", "new", "decoded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One demand: `factor` must be at least `least`, or at most `most`; no factor when a system is missing."""

    what: str
    factor: float | None
    least: float | None = None
    most: float | None = None

    @property
    def verdict(self) -> str:
        """`reached`, `MISSED` or `not measured`."""
        if self.factor is None:
            return "not measured"
        reached = (self.least is None or self.factor >= self.least) and (
            self.most is None or self.factor <= self.most
        )
        return "reached" if reached else "MISSED"

    @property
    def row(self) -> list[str]:
        """The bar for a table."""
        wanted = f">= {self.least:g}x" if self.least is not None else f"<= {self.most:g}x"
        measured = "-" if self.factor is None else f"{self.factor:.2f}x"
        return [self.what, wanted, measured, self.verdict]


def engine_bars(figures: Figures) -> Iterator[Bar]:
    """The bars of the model engine: MongoEngine by far, every other mapper and pydantic at all."""
    for measure in _MEASURES:
        least = 3.0 if measure in ("new", "decoded") else 15.0
        yield _against(figures, "MongoEngine", measure, least=least)
    for rival in _RIVALS:
        for measure in _MEASURES:
            yield _against(figures, rival, measure, least=1.0)
    yield _against(figures, "pydantic", "trusted", least=1.0)
    # "Beside" msgspec: no more than a quarter slower than its convert, which does check.
    yield _against(figures, "msgspec", "decode", ours="trusted", least=0.8)
    yield _against(figures, "pydantic", "define", least=1.0)
    yield Bar(
        what="a class among many, over one among the fewest", factor=_growth(figures), most=1.3
    )


_TITLES = {
    "construct": "construct",
    "decode": "decode",
    "encode": "encode",
    "new": "bytes of a new instance",
    "decoded": "bytes of a decoded instance",
    "trusted": "trusted decode",
    "define": "defining a class",
}


def _against(figures: Figures, rival: str, measure: str, *, least: float, ours: str = "") -> Bar:
    mine = figures.get(_OURS, {}).get(ours or measure)
    theirs = figures.get(rival, {}).get(measure)
    factor = theirs / mine if mine and theirs else None
    what = (
        f"{_TITLES[ours or measure]}, {rival}'s {_TITLES[measure]}"
        if ours
        else (f"{_TITLES[measure]}, {rival}")
    )
    return Bar(what=what, factor=factor, least=least)


def _growth(figures: Figures) -> float | None:
    """What a class costs among the most, over what it costs among the fewest."""
    mine = figures.get(_OURS, {})
    among = {int(name.split()[1]): cost for name, cost in mine.items() if name.startswith("among ")}
    return among[max(among)] / among[min(among)] if len(among) > 1 else None
