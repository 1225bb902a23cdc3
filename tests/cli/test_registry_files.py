"""`earnorm registry export` and `import`: what they leave behind, and how they end."""

import pytest

from tests.cli.conftest import Directory

pytestmark = pytest.mark.once  # the command line is the same on every Python

MODELS = """from earnorm import BaseModel, StringField


class User(BaseModel):
    name = StringField()
"""
STORE = ("--database", "sqlite:///shop.db")


def test_modules_are_exported_as_the_same_bytes_each_time(directory: Directory) -> None:
    directory.write({"shop.py": MODELS})
    for name in ("first", "second"):
        assert directory.run("registry", "export", "shop", "-o", name).returncode == 0
    first, second = (directory.path / name for name in ("first", "second"))
    assert first.read_bytes() == second.read_bytes()
    for name in ("first", "second"):
        assert directory.run("registry", "import", name, *STORE).returncode == 0


def test_an_import_that_is_refused_makes_no_database(directory: Directory) -> None:
    directory.write({"shop.py": MODELS, "bad": "no export\n"})
    refused = directory.run("registry", "import", "bad", *STORE)
    assert refused.returncode == 2
    assert "line 1" in refused.stderr
    assert not (directory.path / "shop.db").exists()


def test_an_export_does_not_replace_the_database_that_it_reads(directory: Directory) -> None:
    directory.write({"shop.py": MODELS})
    assert directory.run("registry", "record", "shop", *STORE).returncode == 0
    refused = directory.run("registry", "export", *STORE, "-o", "shop.db")
    assert refused.returncode == 2
    assert "is a database" in refused.stderr
    assert "User" in directory.run("registry", "history", *STORE).stdout
