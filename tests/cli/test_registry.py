"""`earnorm registry`: what is written down of models, and told again."""

import json

import pytest

from tests.cli.conftest import Directory, squeezed

pytestmark = pytest.mark.once  # the command line is the same on every Python

MODELS = """
    from earnorm import BaseModel, StringField

    class User(BaseModel):
        name = StringField(max_length=9)

    class Order(BaseModel):
        pass
"""
CHANGED = MODELS.replace("max_length=9", "max_length=5").partition("class Order")[0]
DATABASE = ("--database", "sqlite:///shop.db")


@pytest.fixture
def models(directory: Directory) -> Directory:
    directory.write({"shop.py": MODELS})
    return directory


def recorded(models: Directory) -> None:
    models.run("registry", "record", "shop", *DATABASE, "--code-version", "1.0")
    models.write({"shop.py": CHANGED})
    done = models.run("registry", "record", "shop", *DATABASE, "--why", "the law", "--complete")
    assert (done.returncode, done.stderr) == (0, "")


def test_what_changed_is_recorded_and_listed(models: Directory) -> None:
    recorded(models)
    done = models.run("registry", "history", *DATABASE, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    facts = [
        (one["operation"], one["model"], one["version"], one["code_version"], one["why"])
        for one in json.loads(done.stdout)
    ]
    assert facts == [
        ("registered", "shop.User", 1, "1.0", None),
        ("registered", "shop.Order", 1, "1.0", None),
        ("changed", "shop.User", 2, None, "the law"),
        ("unregistered", "shop.Order", None, None, "the law"),
    ]
    done = models.run("registry", "history", "User", *DATABASE)
    lines = squeezed(done.stdout)
    assert lines[0] == "Revision Model Change Version Time Code Why"
    assert [line.split()[:4] for line in lines[2:]] == [
        ["1", "shop.User", "registered", "1"],
        ["3", "shop.User", "changed", "2"],
    ]


def test_a_difference_is_told_with_what_it_asks_for(models: Directory) -> None:
    recorded(models)
    done = models.run("registry", "diff", "User", "1", *DATABASE)
    assert (done.returncode, done.stderr) == (0, "")
    assert "name: max_length was 9, is 5" in done.stdout
    assert "Together: major." in done.stdout
    done = models.run("registry", "diff", "User", "1", "2", *DATABASE, "--json")
    (fact,) = json.loads(done.stdout)
    assert (fact["path"], fact["level"]) == ("name", "major")
    done = models.run("registry", "diff", "User", "1", "7", *DATABASE)
    assert (done.returncode, done.stdout) == (2, "")
    assert "shop.User has no version 7" in done.stderr


def test_looking_makes_no_file(models: Directory) -> None:
    done = models.run("registry", "history", *DATABASE)
    assert done.returncode == 2
    assert "there is no file for sqlite:///shop.db" in done.stderr
    assert not (models.path / "shop.db").exists()


def test_nothing_is_recorded_of_what_cannot_be_imported(models: Directory) -> None:
    models.write({"shop.py": "import nowhere"})
    done = models.run("registry", "record", "shop", *DATABASE)
    assert done.returncode == 1
    assert not (models.path / "shop.db").exists()
    models.write({"shop.py": ""})
    done = models.run("registry", "record", "shop", *DATABASE)
    assert (done.returncode, done.stdout) == (2, "")
    assert "shop defines no models" in done.stderr
