"""The four blocks of the design run with nothing but what pip installs."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.wheels.conftest import Environment

pytestmark = pytest.mark.wheels


def _load() -> ModuleType:
    path = Path(__file__).parents[1] / "design" / "blocks.py"
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


@pytest.fixture
def with_plugins(core_alone: Environment) -> Iterator[Environment]:
    """The core and the two plugins of this repository."""
    core_alone.install("earnorm-timestamp", "earnorm-softdelete")
    yield core_alone
    core_alone.pip("uninstall", "--yes", "earnorm-timestamp", "earnorm-softdelete")


def test_the_in_process_plugin_needs_the_core_alone(
    core_alone: Environment, tmp_path: Path
) -> None:
    done = core_alone.python("-c", blocks.program("in_process_plugin"), cwd=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_every_block_runs_where_the_plugins_are_installed(
    with_plugins: Environment, tmp_path: Path
) -> None:
    for name in blocks.BLOCKS:
        shadows = name == "in_process_plugin"
        source = (WARN_OF_SHADOWING if shadows else "") + blocks.program(name)
        done = with_plugins.python("-c", source, cwd=tmp_path)

        assert done.returncode == 0, f"{name}\n{done.stderr}"
        if shadows:
            assert "PluginShadowedWarning: the plugin 'timestamp'" in done.stderr
            assert done.stderr.count("Warning: ") == 1
        else:
            assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
