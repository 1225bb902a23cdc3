"""What a distribution takes from those who use an older version of it. Needs the extra `check`."""

import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution
from pathlib import Path
from tempfile import TemporaryDirectory

import griffe
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from earnorm.errors import EarnORMError
from earnorm.metadata import Finding, FindingLevel
from earnorm.plugins import HOOKS

__all__ = ["WheelError", "examine_changes"]

# How their functions are called is for the core to know: it passes what they name.
_PARAMETERS = {
    griffe.BreakageKind.PARAMETER_MOVED,
    griffe.BreakageKind.PARAMETER_REMOVED,
    griffe.BreakageKind.PARAMETER_CHANGED_KIND,
    griffe.BreakageKind.PARAMETER_CHANGED_DEFAULT,
    griffe.BreakageKind.PARAMETER_CHANGED_REQUIRED,
    griffe.BreakageKind.PARAMETER_ADDED_REQUIRED,
}


class WheelError(EarnORMError, ValueError):
    """A file is no wheel of the distribution that is checked."""


def examine_changes(
    wheel: Path, *, distribution: str, version: str, packages: Iterable[Path]
) -> list[Finding]:
    """What the installed `packages` lack or do otherwise that the wheel of an older version has.

    Nothing is imported. An error where the version does not say so, after semantic versioning; else a warning. Raises
    `WheelError` for what is no wheel of the distribution.
    """
    with TemporaryDirectory() as place:
        older, newer = _unpacked(wheel, Path(place), distribution), _version(version)
        level: FindingLevel = "warning" if _may_break(older, newer) else "error"
        hint = f"Keep what {older} has, or make it {_next(older)} and install it again."
        findings = [
            Finding(id="api-change", level=level, subject=subject, message=message, hint=hint)
            for package in packages
            if (Path(place) / package.name).is_dir()
            for subject, message in _breakages(package, Path(place))
        ]
    if findings:
        return findings
    message = f"breaks nothing of {older}"
    return [Finding(id="api-change", level="ok", subject=distribution, message=message)]


def _unpacked(wheel: Path, place: Path, distribution: str) -> Version:
    """The version of the wheel, which is in `place` then."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(place)
        (info,) = place.glob("*.dist-info")
        found = Distribution.at(info)
        name, version = found.metadata["Name"], found.version
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        remedy = f"Fetch the older version: pip download --no-deps {distribution}."
        raise WheelError(f"{wheel} is no wheel that can be read. {remedy}") from error
    if canonicalize_name(name) != canonicalize_name(distribution):
        raise WheelError(f"{wheel} is a wheel of {name}, and not of {distribution}.")
    return _version(version)


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion as error:
        raise WheelError(f"{text!r} is no version that can be compared (PEP 440).") from error


def _breakages(package: Path, older: Path) -> Iterator[tuple[str, str]]:
    """Each object that changed, with what is wrong."""
    before, after = _load(package.name, older), _load(package.name, package.parent)
    for breakage in griffe.find_breaking_changes(before, after):
        if breakage.kind in _PARAMETERS and breakage.obj.name in HOOKS:
            continue
        values = (breakage.old_value, breakage.new_value)
        names = [value.name for value in values if isinstance(value, griffe.Parameter)]
        parameter = f"({names[0]})" if names else ""
        yield f"{breakage.obj.path}{parameter}", _told(breakage.kind)


def _load(package: str, place: Path) -> griffe.Object | griffe.Alias:
    return griffe.load(
        package,
        search_paths=[place],
        allow_inspection=False,
        resolve_aliases=True,
        resolve_external=False,
    )


def _told(kind: griffe.BreakageKind) -> str:
    return kind.value[:1].lower() + kind.value[1:]


def _may_break(older: Version, newer: Version) -> bool:
    """Whether the version says that things were taken away: a major one, a minor one of 0, whatever comes before 1.0."""
    if older.is_prerelease or newer.major > older.major:
        return True
    return older.major == 0 and newer.release[:2] > older.release[:2]


def _next(older: Version) -> str:
    return f"{older.major + 1}.0.0" if older.major else f"0.{older.minor + 1}.0"
