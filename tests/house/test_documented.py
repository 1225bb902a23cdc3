"""Holds the reference against the code: nothing public is undocumented, nothing documented is gone."""

import importlib
import importlib.util
import inspect
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import typer

import earnorm
import earnorm.cli
import earnorm.errors
import earnorm.fields
from earnorm.plugins import HOOKS

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "docs" / "reference"
PLUGINS = ["earnorm_timestamp", "earnorm_softdelete", "earnorm_audit"]

CODE = re.compile(r"`([^`]+)`")
NAME = re.compile(r"[A-Za-z_][\w.-]*")

ERRORS = [
    name
    for name in earnorm.errors.__all__
    if inspect.isclass(value := getattr(earnorm.errors, name)) and issubclass(value, Exception)
]
FIELDS = [name for name in earnorm.fields.__all__ if name.endswith("Field")]
COMMANDS = sorted(
    {
        name
        for found in pkgutil.walk_packages(earnorm.cli.__path__, "earnorm.cli.")
        for value in vars(importlib.import_module(found.name)).values()
        if isinstance(value, typer.Typer)
        for name in typer.main.get_group(value).commands
    }
)
SETTINGS = sorted(
    {
        setting
        for module in (ROOT / "earnorm").rglob("*.py")
        for setting in re.findall(r"\bEARNORM_[A-Z_]+", module.read_text("utf-8"))
    }
)


def names(text: str) -> Iterator[str]:
    """The names in backticks, without `earnorm`, arguments and options."""
    for code in CODE.findall(text):
        if match := NAME.match(code.removeprefix("earnorm ").removeprefix("earnorm.")):
            yield match[0]


def headings(page: Path) -> set[str]:
    """The names that have a section of their own."""
    lines = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.M | re.S).splitlines()
    return {name for line in lines if line.startswith("#") for name in names(line)}


def documented(*pages: str) -> set[str]:
    """The names that a section, or a table's first column, of these pages explains."""
    found: set[str] = set()
    for page in (REFERENCE / f"{page}.md" for page in pages):
        rows = [line for line in page.read_text("utf-8").splitlines() if line.startswith("|")]
        found |= headings(page) | {name for row in rows for name in names(row.split("|")[1])}
    return found


@pytest.mark.parametrize("name", earnorm.__all__)
def test_a_public_name_is_documented(name: str) -> None:
    assert name in documented("api", "fields", "errors", "hooks")


@pytest.mark.parametrize("name", HOOKS)
def test_a_hook_is_documented(name: str) -> None:
    assert name in documented("hooks")


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_documented(name: str) -> None:
    assert name in documented("errors")


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_type_is_documented(name: str) -> None:
    assert name in documented("fields")


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_documented(name: str) -> None:
    assert name in documented("settings")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented(name: str) -> None:
    assert name in documented("commands")


@pytest.mark.parametrize("page", ["api", "fields", "errors", "hooks", "settings", "commands"])
def test_a_section_of_the_reference_is_about_something_that_exists(page: str) -> None:
    known = {*HOOKS, *SETTINGS, *COMMANDS}
    gone = {name for name in headings(REFERENCE / f"{page}.md") if name not in known}
    assert {name for name in gone if not exists(name)} == set()


@pytest.mark.parametrize("plugin", PLUGINS)
def test_what_a_plugin_exports_is_in_its_readme(plugin: str) -> None:
    directory = ROOT / "earnorm_plugins" / plugin.removeprefix("earnorm_")
    readme = (directory / "README.md").read_text("utf-8")
    for name in importlib.import_module(plugin).__all__:
        assert f"`{name}" in readme, name


def modules() -> Iterator[ModuleType]:
    """Every module of the core and of the two plugins."""
    for root in (earnorm, *map(importlib.import_module, PLUGINS)):
        yield root
        for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            if found.name != "earnorm.mypy" or importlib.util.find_spec("mypy") is not None:
                yield importlib.import_module(found.name)


def public(module: ModuleType) -> Iterator[tuple[str, object]]:
    """The public classes and functions that a module defines, and the public methods of its classes."""
    for name in getattr(module, "__all__", ()):
        value = getattr(module, name)
        if not callable(value) or getattr(value, "__module__", None) != module.__name__:
            continue
        yield f"{module.__name__}.{name}", value
        for method in vars(value) if inspect.isclass(value) else ():
            member = inspect.getattr_static(value, method)
            if not method.startswith("_") and (inspect.isroutine(member) or is_descriptor(member)):
                yield f"{module.__name__}.{name}.{method}", getattr(value, method)


# An overriding method inherits its docstring; one that fills a protocol does not, and need not repeat it.
PROMISED = {
    method
    for module in modules()
    for protocol in vars(module).values()
    if inspect.isclass(protocol) and getattr(protocol, "_is_protocol", False)
    for method, member in vars(protocol).items()
    if inspect.getdoc(member)
}


def is_descriptor(member: object) -> bool:
    return isinstance(member, property | classmethod | staticmethod)


@pytest.mark.parametrize("module", list(modules()), ids=lambda module: str(module.__name__))
def test_what_is_public_says_what_it_does(module: ModuleType) -> None:
    assert module.__doc__
    silent = {name for name, value in public(module) if not inspect.getdoc(value)}
    assert {name for name in silent if name.rpartition(".")[2] not in PROMISED} == set()


def exists(name: str) -> bool:
    """Whether the dotted name leads anywhere from the front door, the errors or the fields."""
    for start in (earnorm, earnorm.errors, earnorm.fields):
        value: object = start
        for part in name.split("."):
            value = getattr(value, part, None)
        if value is not None:
            return True
    return False
