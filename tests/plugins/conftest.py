"""Distributions that look installed: a folder on `sys.path` with their metadata and modules."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from earnorm import ModelRegistry
from earnorm.plugins import installed

Install = Callable[..., None]


@pytest.fixture
def home() -> ModelRegistry:
    """A registry of the test's own."""
    return ModelRegistry("a test")


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Makes `distribution` look installed, with its entry points and the source of its module."""
    monkeypatch.syspath_prepend(str(tmp_path))
    modules = set(sys.modules)

    def install_distribution(
        distribution: str, points: dict[str, str], source: str = "", *, version: str = "1.0"
    ) -> None:
        folder = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
        folder.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        (folder / "METADATA").write_text(metadata)
        lines = "\n".join(f"{name} = {value}" for name, value in points.items())
        (folder / "entry_points.txt").write_text(f"[earnorm.plugins]\n{lines}\n")
        for value in points.values():
            module = value.partition(":")[0]
            (tmp_path / f"{module}.py").write_text(source)
        installed.refresh()

    yield install_distribution
    for module in set(sys.modules) - modules:
        if str(getattr(sys.modules[module], "__file__", "")).startswith(str(tmp_path)):
            del sys.modules[module]
    monkeypatch.undo()
    installed.refresh()
