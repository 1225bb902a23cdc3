"""The four blocks of the design run as written, each in a process of its own."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest


def _load() -> ModuleType:
    path = Path(__file__).with_name("blocks.py")
    spec = importlib.util.spec_from_file_location("design_blocks", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


blocks = _load()

WARN_OF_SHADOWING = (
    "import warnings\nimport earnorm\n"
    "warnings.simplefilter('default', earnorm.PluginShadowedWarning)\n"
)
NOTHING_INSTALLED = "from earnorm.plugins import installed\ninstalled._found = {}\n"


def run(source: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "error", *options, "-c", source]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("name", [name for name in blocks.BLOCKS if name != "in_process_plugin"])
def test_the_block_runs_as_written(name: str, tmp_path: Path) -> None:
    done = run(blocks.program(name), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_the_in_process_plugin_runs_beside_the_installed_one_and_says_so(tmp_path: Path) -> None:
    source = WARN_OF_SHADOWING + blocks.program("in_process_plugin")
    done = run(source, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "PluginShadowedWarning: the plugin 'timestamp'" in done.stderr
    assert "earnorm-timestamp" in done.stderr


def test_the_in_process_plugin_runs_with_nothing_installed(tmp_path: Path) -> None:
    done = run(NOTHING_INSTALLED + blocks.program("in_process_plugin"), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
