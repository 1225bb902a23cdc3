"""What the README tells to type is what CI runs, and what pyproject.toml allows is what tox tries."""

import configparser
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

pytestmark = pytest.mark.once


@pytest.mark.parametrize("marker", ["quickstart", "tests"])
def test_the_readme_has_the_command_that_ci_runs(marker: str, root: Path) -> None:
    readme = (root / "README.md").read_text("utf-8")
    block = rf"^<!-- {marker} -->\n+```\w*\n(?P<command>[^`]+)^```$"

    assert len(re.findall(block, readme, re.MULTILINE)) == 1
    assert "for name in quickstart tests" in (root / ".ci" / "run").read_text("utf-8")


def test_the_lowest_versions_that_are_tried_are_those_that_are_allowed(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    allowed = project["dependencies"] + [one for extra in extras for one in extra]
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(root / "tox.ini", "utf-8")
    tried = {
        Requirement(line).name: Requirement(line).specifier
        for line in tox["testenv:lowest"]["deps"].split()
        if "==" in line
    }

    lower_bounds = {
        requirement.name: next(s.version for s in requirement.specifier if s.operator == ">=")
        for requirement in map(Requirement, allowed)
    }

    assert tried.keys() == lower_bounds.keys()
    for name, version in lower_bounds.items():
        assert version in tried[name], name


@pytest.mark.parametrize("plugin", ["timestamp", "softdelete", "audit"])
def test_a_plugin_has_the_version_of_the_core_and_allows_it(plugin: str, root: Path) -> None:
    core = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    path = root / "earnorm_plugins" / plugin / "pyproject.toml"
    project = tomllib.loads(path.read_text("utf-8"))["project"]
    requirements = list(map(Requirement, project["dependencies"]))

    assert project["name"] == f"earnorm-{plugin}"
    assert requirements[0].name == "earnorm"
    # all that is made here has one version
    for requirement in requirements:
        assert requirement.name.startswith("earnorm")
        assert core["version"] in requirement.specifier


def test_every_dependency_has_its_reason_written_down(root: Path) -> None:
    pyproject = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))
    groups = [entry for group in pyproject["dependency-groups"].values() for entry in group]
    declared = pyproject["project"]["dependencies"] + [e for e in groups if isinstance(e, str)]
    page = (root / "docs" / "decisions" / "dependencies.md").read_text("utf-8")

    for requirement in map(Requirement, declared):
        assert requirement.name in page
    for requirement in map(Requirement, pyproject["project"]["dependencies"]):
        bounds = ",".join(sorted(map(str, requirement.specifier), reverse=True))
        assert f"`{bounds}`" in page, requirement
