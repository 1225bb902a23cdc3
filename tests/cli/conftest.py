"""A directory with a package of models and with what looks like installed distributions."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

from tests.cli.warm_process import WarmProcess

# -P, and not the directory itself: the command is to find it as a console script would.
COMMAND = (sys.executable, "-P", "-W", "error", "-c", "from earnorm.cli import main; main()")


# What a person or a build server sets, and what changes the output.
SETTINGS = ("COLUMNS", "FORCE_COLOR", "NO_COLOR", "PYTHONWARNINGS", "TERM")


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Where a command is run; `site` lies on the path of Python."""

    path: Path
    site: Path

    def write(self, files: Mapping[str, str]) -> None:
        """Writes sources by their paths."""
        for name, source in files.items():
            target = self.path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(dedent(source), "utf-8")

    def install(self, distribution: str, points: str, *, version: str = "1.0") -> None:
        """Makes a distribution look installed; `points` are lines such as `name = module:object`."""
        folder = self.site / f"{distribution.replace('-', '_')}-{version}.dist-info"
        folder.mkdir(parents=True)
        metadata = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        (folder / "METADATA").write_text(metadata, "utf-8")
        (folder / "entry_points.txt").write_text(f"[earnorm.plugins]\n{points}\n", "utf-8")

    def run(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Runs the earnorm command in a process of its own, in no terminal."""
        if environment:  # which what is imported may have read
            return self.run_python(*COMMAND[1:], *arguments, **environment)
        return _warm_process().run(arguments, directory=self.path, environment=self._environment())

    def run_python(self, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """Runs Python in the directory."""
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.path,
            env={**self._environment(), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(self.site), *sys.path])
        ours = {"PYTHONPATH": path, "PYTHONIOENCODING": "utf-8", "PYTHONDONTWRITEBYTECODE": "1"}
        inherited = {key: value for key, value in os.environ.items() if key not in SETTINGS}
        return {**inherited, **ours}


def squeezed(text: str) -> list[str]:
    """The lines, with each run of spaces as one."""
    return [" ".join(line.split()) for line in text.splitlines()]


@pytest.fixture(autouse=True)
def _plain_output(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    """An empty directory."""
    (tmp_path / "here").mkdir()
    return Directory(path=tmp_path / "here", site=tmp_path / "site")


@pytest.fixture
def here(directory: Directory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Directory]:
    """The directory as the current one of this process, which forgets what it imports from there."""
    monkeypatch.chdir(directory.path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    modules = set(sys.modules)
    yield directory
    for name in set(sys.modules) - modules:
        if str(directory.path) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


SHOP = {
    "shop/__init__.py": "",
    "shop/people.py": """
        from earnorm import BaseModel, EmailField, StringField, UniqueValidator
        from earnorm_softdelete import LIVING

        print("people are imported")


        def named(user):
            if not user.name:
                raise ValueError("has no name")


        class User(BaseModel):
            name = StringField()
            email = EmailField(alias="mail", required=False)

            class Meta:
                collection = "users"
                indexes = [
                    {"fields": [("email", 1)], "unique": True, "partial": LIVING},
                    {"fields": ["name", ("email", -1)], "name": "by_name"},
                ]
                validators = [UniqueValidator("email"), named]
                plugins = ["timestamp", "softdelete"]
    """,
    "shop/orders.py": """
        from earnorm import BaseModel, EmbeddedModel, EmbeddedField, ListField, ReferenceField


        class Address(EmbeddedModel):
            country = ReferenceField("Country", required=False)


        class Product(BaseModel):
            pass


        class Order(BaseModel):
            user = ReferenceField("User")
            items = ListField(ReferenceField("Product"))
            address = EmbeddedField(Address)

            class Meta:
                plugins = ["timestamp"]
    """,
}
"""A package of three models, one of which refers to a model that does not exist."""


@pytest.fixture
def shop(directory: Directory) -> Directory:
    """The directory with the package `shop`."""
    directory.write(SHOP)
    return directory


@cache
def _warm_process() -> WarmProcess:
    return WarmProcess()
