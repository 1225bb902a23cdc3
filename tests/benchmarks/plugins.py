"""Many installed plugins and many models with the same ones: what finding, defining, saving and memory take."""

import gc
import importlib
import sys
import tempfile
import tracemalloc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import importlib_metadata

from earnorm import BaseModel, ModelRegistry, StringField
from earnorm.plugins.discovery import GROUP, Catalogue
from earnorm.plugins.manager import PluginManager
from tests.benchmarks.bars import Bar
from tests.benchmarks.plan import CALLS, calling, drive
from tests.benchmarks.table import print_table, print_title
from tests.benchmarks.timer import Effort, race, thread_seconds

__all__ = ["run"]

_FEW, _MANY = 2, 300
_SAME = 1.1
"""What counts as the same: the best runs of equal code lie within a tenth of each other on a busy machine."""

_SOURCE = """
class Plugin:
    {how} before_save(self, instance):
        pass
"""


def run(effort: Effort) -> list[Bar]:
    """Prints what each takes, and gives the bars."""
    with _installed("few", _FEW) as few, _installed("many", _MANY) as many:
        bars = [*_compare_installed({_FEW: few, _MANY: many}, effort), *_share(few, effort)]
    with _installed("scan", _MANY):
        return [*bars, _scan(effort)]


class _Top:
    """The manager that has the plugins of one folder, and the names of the two that models enable."""

    def __init__(self, prefix: str, catalogue: Catalogue) -> None:
        self.manager = PluginManager(f"{prefix} installed", catalogue=catalogue)
        self.enabled = [f"{prefix}_0", f"{prefix}_1"]

    def registry(self) -> ModelRegistry:
        """A fresh registry that finds these plugins."""
        return ModelRegistry("models", manager=PluginManager("models", parent=self.manager))


@contextmanager
def _installed(prefix: str, number: int) -> Iterator[_Top]:
    """Distributions with a plugin each, found by one scan."""
    with tempfile.TemporaryDirectory() as folder:
        for position in range(number):
            _write(Path(folder), f"{prefix}_{position}", is_async=bool(position % 2))
        sys.path.insert(0, folder)
        try:
            catalogue = Catalogue()
            catalogue.refresh()
            assert sum(name.startswith(f"{prefix}_") for name in catalogue.all()) == number
            yield _Top(prefix, catalogue)
        finally:
            sys.path.remove(folder)
            importlib.invalidate_caches()


def _write(folder: Path, name: str, *, is_async: bool) -> None:
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {name}:Plugin\n")
    (folder / f"{name}.py").write_text(_SOURCE.format(how="async def" if is_async else "def"))


def _compare_installed(tops: Mapping[int, _Top], effort: Effort) -> list[Bar]:
    number = effort.classes[0]
    programs = {count: partial(_define, top, number) for count, top in tops.items()}
    seconds = _turns(programs, max(2, effort.passes // 4))
    lines = {count: took / number * 1e6 for count, took in seconds.items()}
    statements = {
        count: ("drive(call())", {"drive": drive, "call": calling(_define(top, 1)[0])})
        for count, top in tops.items()
    }
    plans = {count: timing.best / CALLS for count, timing in race(statements, effort).items()}
    print_title(
        "Installed plugins",
        "Microseconds for the class line of a model with two plugins, and for its plan of before_save.",
    )
    rows = [
        [f"EarnORM, {count} installed", f"{lines[count]:.1f}", f"{plans[count]:.3f}"]
        for count in tops
    ]
    print_table(["", "class line", "plan"], rows)
    return [
        Bar(
            what=f"{what}, {_MANY} installed over {_FEW}",
            factor=costs[_MANY] / costs[_FEW],
            most=_SAME,
        )
        for what, costs in (("a class line", lines), ("a plan", plans))
    ]


def _share(top: _Top, effort: Effort) -> list[Bar]:
    number = max(effort.classes)
    _define(top, 1)  # imports the plugins
    plain, _ = _weigh(lambda: _define(top, number, plugins=[]))
    heavy, plans = _weigh(lambda: _define(top, number))
    print_title(
        "Models that share plans",
        f"{number:,} models with the same two plugins: bytes for each, and how many objects are their plans.",
    )
    rows = [["without plugins", f"{plain / number:,.0f}", "-"]]
    rows.append(["with two", f"{heavy / number:,.0f}", str(plans)])
    print_table(["", "bytes", "plans"], rows)
    return [Bar(what=f"plans of {number:,} models, over one", factor=float(plans), most=1.0)]


def _scan(effort: Effort) -> Bar:
    catalogue = Catalogue()

    def ours() -> None:
        catalogue.refresh()
        catalogue.all()

    def theirs() -> None:
        importlib.invalidate_caches()
        importlib_metadata.entry_points(group=GROUP)

    seconds = _turns({"EarnORM": ours, "importlib_metadata": theirs}, max(2, effort.passes // 3))
    print_title(
        "Discovery", f"Milliseconds to scan {_MANY} distributions beside the installed ones."
    )
    print_table(["", "ms"], [[what, f"{cost * 1e3:.2f}"] for what, cost in seconds.items()])
    factor = seconds["EarnORM"] / seconds["importlib_metadata"]
    return Bar(what="discovery, over importlib_metadata's", factor=factor, most=1.3)


def _define(top: _Top, number: int, plugins: Sequence[str] | None = None) -> list[Any]:
    registry = top.registry()
    enabled = list(top.enabled if plugins is None else plugins)
    return [_model(registry, position, enabled) for position in range(number)]


def _model(registry: ModelRegistry, number: int, enabled: list[str]) -> Any:
    class Model(BaseModel, registry=registry):
        __qualname__ = f"Model{number}"
        _collection = f"models_{number}"

        name = StringField()

        class Meta:
            plugins = enabled

    return Model


def _turns(programs: Mapping[Any, Callable[[], Any]], turns: int) -> dict[Any, float]:
    """The least seconds of each; they take turns, with the collector off."""
    best: dict[Any, float] = {}
    for _ in range(turns):
        for what, program in programs.items():
            gc.collect()
            gc.disable()
            try:
                started = thread_seconds()
                program()
                took = thread_seconds() - started
            finally:
                gc.enable()
            best[what] = min(best.get(what, took), took)
    return best


def _weigh(define: Callable[[], list[Any]]) -> tuple[int, int]:
    """The bytes that the models keep, and the number of their plans."""
    gc.collect()
    tracemalloc.start(1)
    try:
        before, _ = tracemalloc.get_traced_memory()
        models = define()
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return after - before, len({id(model.__plans__) for model in models})
