"""Runs tests that a stranger could have written, with the kit loaded as its entry point would load it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

import earnorm.testing

pytest_plugins = ["pytester"]

# Its place in the checkout; a wheel has it beside the package.
BESIDE = Path(earnorm.testing.__file__).with_name("pytest11")

ASYNCIO = "asyncio_mode = strict\nasyncio_default_fixture_loop_scope = function\n"

Stranger = Callable[..., pytest.RunResult]


@pytest.fixture
def stranger(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Stranger:
    """Runs a test module, and what else lies beside it, in an interpreter that loads no plugin but ours."""
    paths = os.pathsep.join(
        filter(None, [str(BESIDE), str(pytester.path), os.environ.get("PYTHONPATH")])
    )
    monkeypatch.setenv("PYTHONPATH", paths)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(
        source: str, *arguments: str, plugins: tuple[str, ...] = ("pytest_asyncio.plugin",)
    ) -> pytest.RunResult:
        pytester.makepyfile(test_it=source)
        pytester.makeini(
            f"[pytest]\naddopts = --strict-markers\nfilterwarnings = error\n{ASYNCIO if plugins else ''}"
        )
        loaded = [part for name in ("_earnorm_pytest", *plugins) for part in ("-p", name)]
        return pytester.runpytest_subprocess("-p", "no:cacheprovider", *loaded, *arguments)

    return run
