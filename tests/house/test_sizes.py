"""Keeps modules and functions small enough to read."""

import ast
from pathlib import Path
from statistics import median, quantiles

import pytest

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
MODULES = sorted(
    path
    for pattern in ("earnorm/**/*.py", "earnorm_plugins/*/src/**/*.py")
    for path in ROOT.glob(pattern)
)


def lengths_of_functions(modules: list[Path]) -> dict[str, int]:
    """The lines of each function, its decorators and docstring left out."""
    found: dict[str, int] = {}
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                start = body[0].lineno if body else node.lineno
                name = f"{module.relative_to(ROOT)}:{node.lineno} {node.name}"
                found[name] = (node.end_lineno or start) - start + 1 if body else 0
    return found


def test_there_is_something_to_measure() -> None:
    assert len(MODULES) > 40


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_has_at_most_500_lines(module: Path) -> None:
    assert len(module.read_text("utf-8").splitlines()) <= 500


def test_modules_are_short_in_the_median() -> None:
    assert median(len(path.read_text("utf-8").splitlines()) for path in MODULES) <= 150


def test_functions_are_short() -> None:
    lengths = lengths_of_functions(MODULES)
    assert median(lengths.values()) <= 8
    assert quantiles(lengths.values(), n=20)[-1] <= 40
    assert {name: lines for name, lines in lengths.items() if lines > 60} == {}
