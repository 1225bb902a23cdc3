"""The model engine against its peers: what each operation on the document takes, and what an instance weighs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.bars import Bar, engine_bars
from tests.benchmarks.classes import define_and_use, growth
from tests.benchmarks.contender import Contender, Missing, load
from tests.benchmarks.memory import weigh
from tests.benchmarks.table import print_table, print_title
from tests.benchmarks.timer import Effort, Timing, race

__all__ = ["run"]

_OPERATIONS = (
    "construct",
    "construct sparse",
    "decode",
    "decode sparse",
    "trusted",
    "encode",
    "get",
    "set",
)
_GROWING = ("EarnORM", "pydantic")
_LONG_ENOUGH = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineResult:
    """All figures of one run: `timings` with their spread, `figures` for the bars, what could not be had."""

    contenders: tuple[Contender, ...]
    missing: tuple[Missing, ...]
    timings: Mapping[tuple[str, str], Timing]
    figures: Mapping[str, Mapping[str, float]]
    refused: Mapping[str, Mapping[str, int]]


def run(modules: Sequence[str], effort: Effort) -> list[Bar]:
    """Measures, prints the tables, and gives the bars."""
    result = measure(modules, effort)
    _show_times(result)
    _show_sizes(result)
    _show_growth(result)
    _show_contenders(result)
    return list(engine_bars(result.figures))


def measure(modules: Sequence[str], effort: Effort) -> EngineResult:
    """Measures the contenders of these modules, EarnORM's among them."""
    loaded = [one for module in modules for one in load(module)]
    contenders = [one for one in loaded if isinstance(one, Contender)]
    timings = race(
        {
            (one.name, what): statement
            for one in contenders
            for what, statement in _statements(one).items()
        },
        effort,
    )
    figures: dict[str, dict[str, float]] = {one.name: {} for one in contenders}
    for (name, what), timing in timings.items():
        figures[name][what] = timing.best
    for one in contenders:
        figures[one.name] |= weigh(one, effort)
        if one.has_classes:
            costs = define_and_use(one, effort)
            figures[one.name] |= {"define": costs.define, "first use": costs.first_use}
        if one.name in _GROWING:
            figures[one.name] |= {f"among {n}": cost for n, cost in growth(one, effort).items()}
    return EngineResult(
        contenders=tuple(contenders),
        missing=tuple(one for one in loaded if isinstance(one, Missing)),
        timings=timings,
        figures=figures,
        refused={one.name: one.refused() for one in contenders},
    )


def _statements(contender: Contender) -> dict[str, tuple[str, dict[str, object]]]:
    """The statements, each with its scope; constructing and decoding also without what has a default."""
    scope = contender.scope()
    found = {what: (text, scope) for what, text in contender.statements.items()}
    cut = contender.scope(scope["User"], is_sparse=True)
    for what in ("construct", "decode"):
        found[f"{what} sparse"] = (contender.statements[what], cut)
    return found


def _show_times(result: EngineResult) -> None:
    print_title(
        "Operations",
        "Microseconds of processor time (get: nanoseconds), the best of many short rounds, and how many times",
        "EarnORM's. 'sparse' leaves out four of eight values, which have defaults. spread: how much slower the",
        "median pass was than the best, for the worst of the operations that take half a microsecond or more.",
    )
    rows = []
    for one in result.contenders:
        cells = [_time_cell(result, one.name, what) for what in _OPERATIONS]
        spread = max(
            timing.spread
            for (name, _), timing in result.timings.items()
            if name == one.name and timing.best >= _LONG_ENOUGH
        )
        rows.append([one.name, *cells, f"{spread:.0%}"])
    print_table(["", *_OPERATIONS, "spread"], rows)


def _time_cell(result: EngineResult, name: str, what: str) -> str:
    timing = result.timings.get((name, what))
    if timing is None:
        return "-"
    scale, digits = (1000, 0) if what == "get" else (1, 2)
    return f"{timing.best * scale:.{digits}f}{_ratio(result, name, what)}"


def _show_sizes(result: EngineResult) -> None:
    print_title(
        "Instances and classes",
        "Bytes of one instance without its values (see memory.py). Microseconds to define a class, one of",
        "1,000 that share the embedded one, and then to construct, decode and encode with it once: code that",
        "is generated on first use is paid there.",
    )
    rows = []
    for one in result.contenders:
        row = [one.name]
        for what in ("new", "decoded", "define", "first use"):
            value = result.figures[one.name].get(what)
            row.append("-" if value is None else f"{value:,.0f}{_ratio(result, one.name, what)}")
        rows.append(row)
    print_table(["", "bytes new", "bytes decoded", "define", "first use"], rows)


def _show_growth(result: EngineResult) -> None:
    growing = [name for name in _GROWING if name in result.figures]
    numbers = [what for what in result.figures.get("EarnORM", {}) if what.startswith("among ")]
    print_title("Defining many classes", "Microseconds for each of so many.")
    rows = [[name, *(f"{result.figures[name][n]:,.0f}" for n in numbers)] for name in growing]
    print_table(["", *(n.removeprefix("among ") for n in numbers)], rows)


def _show_contenders(result: EngineResult) -> None:
    print_title(
        "What was measured",
        "Of four wrong values (a word for a number, no e-mail address, a dictionary among the strings of a list,",
        "another one level down), how many each refuses when it constructs, decodes, sets.",
    )
    rows = []
    for one in result.contenders:
        refused = result.refused[one.name]
        rows.append([one.name, *(str(refused[what]) for what in ("construct", "decode", "set"))])
    print_table(["", "construct", "decode", "set"], rows)
    print()
    for one in result.contenders:
        print(f"{one.name} ({one.title}): {one.note}.")
    for absent in result.missing:
        print(f"MISSING {absent.name}: {absent.reason}")


def _ratio(result: EngineResult, name: str, what: str) -> str:
    ours = result.figures.get("EarnORM", {}).get(what)
    theirs = result.figures[name].get(what)
    return f" ({theirs / ours:.1f}x)" if ours and theirs else ""
