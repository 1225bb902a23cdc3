"""Finds the line of a source file where a class says an option."""

import ast
import inspect
from pathlib import Path
from textwrap import dedent
from typing import Any

__all__ = ["find_place", "place_of"]


def place_of(thing: object) -> str | None:
    """The file of a module, and the file and line of a class or function; None where there is no source."""
    try:
        file = inspect.getsourcefile(inspect.unwrap(thing) if callable(thing) else thing)  # type: ignore[arg-type] # the error says so
        _, first = inspect.getsourcelines(thing)  # type: ignore[arg-type]
    except (OSError, TypeError):
        return None
    return None if file is None else f"{_shown(Path(file))}{f':{first}' if first else ''}"


def find_place(owner: type, option: str, *, item: Any = None) -> str | None:
    """The file and line of the option in `Meta` of the class, or of this item in its list.

    Of the class, where the option is not written there as such; None where there is no source.
    """
    try:
        lines, first = inspect.getsourcelines(owner)
        file = inspect.getsourcefile(owner)
    except (OSError, TypeError):
        return None
    if file is None:
        return None
    node = _find_option(lines, option)
    offset = 0 if node is None else _line(node, _written(owner, option), item) - 1
    return f"{_shown(Path(file))}:{max(first, 1) + offset}"


def _find_option(lines: list[str], option: str) -> ast.expr | None:
    """What is assigned to the option, with lines counted from that of the class."""
    try:
        (definition,) = ast.parse(dedent("".join(lines))).body
    except (SyntaxError, ValueError):
        return None
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    for node in body:
        if not isinstance(node, ast.ClassDef) or node.name != "Meta":
            continue
        if (found := _find_assignment(node.body, option)) is not None:
            return found
    return _find_assignment(body, "_collection") if option == "collection" else None


def _find_assignment(body: list[ast.stmt], name: str) -> ast.expr | None:
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        if any(isinstance(target, ast.Name) and target.id == name for target in targets):
            assert isinstance(node, (ast.Assign, ast.AnnAssign))
            return node.value
    return None


def _line(node: ast.expr, written: Any, item: Any) -> int:
    """The line of the item in a list that is written out; else that of the whole value."""
    items = node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
    is_spelt_out = isinstance(written, (list, tuple)) and len(items) == len(written)
    return items[written.index(item)].lineno if is_spelt_out and item in written else node.lineno


def _written(owner: type, option: str) -> Any:
    return getattr(vars(owner).get("Meta"), option, None)


def _shown(file: Path) -> Path:
    try:
        here = Path.cwd()
    except OSError:  # the directory is gone
        return file
    return file.relative_to(here) if file.is_relative_to(here) else file
