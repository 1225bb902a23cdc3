"""What `earnorm plugins check` finds in the metadata of a distribution."""

import importlib.util
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from earnorm.cli.plugin_survey import SeenPlugin
from earnorm.metadata import Finding
from earnorm.plugins import DistributionFacts

__all__ = [
    "KEYWORD",
    "examine_metadata",
    "examine_typing",
    "packages_of",
    "required_distributions",
    "warning",
]

KEYWORD = "earnorm-plugin"
"""What people search an index for."""

_CORE = "earnorm"


def examine_metadata(about: DistributionFacts) -> Iterator[Finding]:
    """The version, and what pip and people read before they install it."""
    yield Finding(id="version", level="ok", subject=about.name, message=about.version)
    yield from _core(about)
    said = (
        (
            "requires-python",
            about.requires_python,
            "which Pythons it runs on",
            'requires-python = ">=3.11"',
        ),
        ("summary", about.summary, "in a line what it does", 'description = "…"'),
        ("license", about.license, "under which license it is", 'license = "MIT"'),
        ("readme", about.readme, "more than a line about itself", 'readme = "README.md"'),
    )
    for check, fact, what, remedy in said:
        if fact is None:
            hint = f"Write {remedy} in pyproject.toml."
            yield warning(check, about.name, f"does not say {what}", hint)
    if KEYWORD not in about.keywords:
        hint = f'Write keywords = ["earnorm", "{KEYWORD}"] in pyproject.toml.'
        yield warning("keywords", about.name, f"does not have the keyword {KEYWORD!r}", hint)


def examine_typing(plugins: Iterable[SeenPlugin]) -> Iterator[Finding]:
    """Whether type checkers read the packages in which the plugins are."""
    for package, places in packages_of(plugins).items():
        subject = f"package {package}"
        if any((place / "py.typed").is_file() for place in places):
            message = "has py.typed, so type checkers read it"
            yield Finding(id="typing", level="ok", subject=subject, message=message)
        else:
            what = "has no py.typed" if places else "is a single module, which can have no py.typed"
            hint = f"Put an empty file py.typed into the package {package}."
            message = f"{what}, so type checkers do not read it"
            yield warning("typing", subject, message, hint)


def packages_of(plugins: Iterable[SeenPlugin]) -> dict[str, list[Path]]:
    """The packages in which the plugins are, each with its directories, of which a single module has none."""
    names = ((seen.point or "").partition(":")[0].partition(".")[0].strip() for seen in plugins)
    found = {name: _places(name) for name in dict.fromkeys(names)}
    return {name: places for name, places in found.items() if places is not None}


def required_distributions(about: DistributionFacts) -> set[str]:
    """The names of those that pip installs with it, extras left out, and its own; normalised (PEP 503)."""
    names = (canonicalize_name(found.name) for found in _requirements(about))
    return {canonicalize_name(about.name), *names}


def warning(check: str, subject: str, message: str, hint: str) -> Finding:
    """What need not be an error, and what to do about it."""
    return Finding(id=check, level="warning", subject=subject, message=message, hint=hint)


def _core(about: DistributionFacts) -> Iterator[Finding]:
    """Which versions of EarnORM pip takes for it."""
    here = version(_CORE)
    wanted = (
        f'Require the versions that you have tried: "{_CORE}>={here},<{Version(here).major + 1}".'
    )
    ranges = [found.specifier for found in _requirements(about) if found.name == _CORE]
    if not ranges:
        yield warning("core", about.name, f"does not require {_CORE}", wanted)
        return
    allowed = ranges[0]
    if not allowed.contains(here, prereleases=True):
        message = f"requires {_CORE} {allowed}, and this is {here}"
        hint = "Install a version of it that was made for this one."
        yield Finding(id="core", level="error", subject=about.name, message=message, hint=hint)
    elif allowed.contains(f"{Version(here).major + 1}.0"):
        message = (
            f"requires {_CORE} {allowed or 'of any version'}, which allows the next major version"
        )
        yield warning("core", about.name, message, wanted)
    else:
        message = f"requires {_CORE} {allowed}"
        yield Finding(id="core", level="ok", subject=about.name, message=message)


def _requirements(about: DistributionFacts) -> Iterator[Requirement]:
    for text in about.requires:
        try:
            found = Requirement(text)
        except InvalidRequirement:
            continue  # which pip would have told
        if found.marker is None or "extra" not in str(found.marker):
            yield found


def _places(package: str) -> list[Path] | None:
    """The directories of a package, none of a single module; None where it cannot be found."""
    try:
        spec = importlib.util.find_spec(package) if package else None
    except (ImportError, ValueError):
        return None
    if spec is None:
        return None
    return [Path(place) for place in spec.submodule_search_locations or ()]
