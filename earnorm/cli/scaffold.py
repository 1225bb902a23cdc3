"""A new distribution with a plugin, made from the template beside this module."""

import keyword
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import Version

from earnorm.clock import now
from earnorm.errors import EarnORMError
from earnorm.plugins import CORE_API, installed

__all__ = ["Scaffold", "ScaffoldError", "plan_scaffold", "write_scaffold"]

# As PEP 508 has it; a plugin's name stands in an entry point, and may be any that reads as one word.
_DISTRIBUTION = re.compile(r"[a-z0-9]|[a-z0-9][a-z0-9._-]*[a-z0-9]", re.IGNORECASE)
_PLUGIN = re.compile(r"[a-z][a-z0-9_-]*[a-z0-9]|[a-z]", re.IGNORECASE)
# Not those of GitHub's workflows, which have a dollar before them.
_PLACEHOLDER = re.compile(r"(?<!\$)\{\{ (\w+) \}\}")
_SUFFIX = ".template"


class ScaffoldError(EarnORMError, ValueError):
    """A distribution cannot be made under this name, or there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """What is made: the names, and the text of each file by its path in `directory`."""

    distribution: str
    package: str
    plugin: str
    directory: Path
    files: Mapping[str, str]


def plan_scaffold(distribution: str, *, plugin: str | None = None, parent: Path) -> Scaffold:
    """The new distribution as it would be made in a directory of its name below `parent`.

    Raises `ScaffoldError` for a name that cannot be one, or is taken, and where something is in the way.
    """
    package = _package(distribution)
    named = plugin or _plugin(distribution)
    _refuse_plugin(named)
    directory = parent / distribution
    if not parent.is_dir():
        raise ScaffoldError(f"there is no directory {parent}. Make it, or name another one.")
    if directory.exists() or directory.is_symlink():
        raise ScaffoldError(
            f"{directory} exists. Remove it, or choose another name or --directory."
        )
    values = _values(distribution, package, named)
    template = files("earnorm.cli") / "template"
    rendered = {
        _render(path, values): _render(text, values) for path, text in sorted(_read(template))
    }
    return Scaffold(
        distribution=distribution,
        package=package,
        plugin=named,
        directory=directory,
        files=rendered,
    )


def write_scaffold(scaffold: Scaffold) -> None:
    """Makes the directory with all its files; what could not be finished is taken away again."""
    scaffold.directory.mkdir()
    try:
        for name, text in scaffold.files.items():
            path = scaffold.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8", newline="\n")
    except BaseException:
        shutil.rmtree(scaffold.directory, ignore_errors=True)
        raise


def _package(distribution: str) -> str:
    """The import package of a distribution; raises where it would have none."""
    if not _DISTRIBUTION.fullmatch(distribution):
        raise ScaffoldError(
            f"{distribution!r} is no name of a distribution. Write letters, digits and hyphens, such as acme-ledger."
        )
    package = canonicalize_name(distribution).replace("-", "_")
    if not package.isidentifier() or keyword.iskeyword(package):
        raise ScaffoldError(
            f"{distribution!r} would have the package {package!r}, which no program can import. Choose a name "
            "that starts with a letter and is no word of Python, such as acme-ledger."
        )
    if package in sys.stdlib_module_names or package == "earnorm":
        raise ScaffoldError(
            f"{distribution!r} would have the package {package!r}, which there is already. Choose another name, "
            f"such as earnorm-{distribution}."
        )
    return package


def _plugin(distribution: str) -> str:
    """The plugin's name: without whose it is, which the first word of the distribution says."""
    _, _, rest = canonicalize_name(distribution).partition("-")
    return rest if _PLUGIN.fullmatch(rest) else canonicalize_name(distribution)


def _refuse_plugin(name: str) -> None:
    if not _PLUGIN.fullmatch(name):
        raise ScaffoldError(
            f"{name!r} is no name for a plugin. Write letters, digits, hyphens and underscores: --plugin audit."
        )
    if taken := installed.all().get(name):
        sources = " and ".join(sorted(plugin.info.source for plugin in taken))
        raise ScaffoldError(
            f"the plugin name {name!r} is advertised by {sources}, and two cannot be installed together. Choose "
            "another one with --plugin."
        )


def _values(distribution: str, package: str, plugin: str) -> dict[str, str]:
    """What stands behind the placeholders of the template."""
    core, api = Version(version("earnorm")), Version(CORE_API)
    words = plugin.replace("-", "_")
    return {
        "distribution": distribution,
        "package": package,
        "plugin": plugin,
        "prefix": "".join(word[:1].upper() + word[1:] for word in words.split("_")),
        "field": words,
        "core": f">={core.public},<{core.major + 1}",
        "api": f">={CORE_API},<{api.major + 1}",
        "year": str(now().year),
    }


def _read(folder: Traversable, path: str = "") -> Iterator[tuple[str, str]]:
    for found in folder.iterdir():
        if found.is_dir():
            yield from _read(found, f"{path}{found.name}/")
        elif found.name.endswith(_SUFFIX):
            name = found.name.removesuffix(_SUFFIX)
            yield f"{path}{name}", found.read_text("utf-8")


def _render(text: str, values: Mapping[str, str]) -> str:
    found = _PLACEHOLDER.sub(lambda match: values[match[1]], text)
    return found.replace("__package__", values["package"])
