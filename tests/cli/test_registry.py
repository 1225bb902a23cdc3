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


FILL = """
import asyncio
from earnorm import connect
from shop import User

async def main():
    async with connect("sqlite:///shop.db"):
        await User(name="Ada").save()

asyncio.run(main())
"""


def test_what_was_exported_is_planned_and_restored_with_the_documents(models: Directory) -> None:
    models.write({"fill.py": FILL})
    recorded(models)
    models.run_python("fill.py")
    done = models.run("registry", "export", *DATABASE, "-o", "out", "--data", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    (report,) = json.loads(done.stdout)
    assert (report["models"], report["entries"], report["collections"]) == (1, 4, {"user": 1})

    other = ("--database", "sqlite:///other.db")
    done = models.run("registry", "import", "out", *other, "--data", "--plan")
    assert "4 entries would be restored: revision 0 to 4." in done.stdout
    assert not (models.path / "other.db").exists()
    done = models.run("registry", "import", "out", *other, "--data")
    assert (done.returncode, done.stderr) == (0, "")
    assert "4 entries were restored: revision 0 to 4." in done.stdout
    done = models.run("registry", "import", "out", *other, "--data", "--plan", "--json")
    (plan,) = json.loads(done.stdout)
    assert (plan["entries"], plan["done"], plan["refusals"]) == (0, False, [])
    assert plan["collections"] == [{"name": "user", "documents": 1, "stored": 1, "alike": 1}]


def test_a_restoration_that_would_lose_something_is_refused(models: Directory) -> None:
    recorded(models)
    models.run("registry", "export", *DATABASE, "-o", "out")
    models.write({"other.py": MODELS.replace("User", "Somebody")})
    other = ("--database", "sqlite:///other.db")
    models.run("registry", "record", "other", *other)
    done = models.run("registry", "import", "out", *other, "--plan")
    assert done.returncode == 1
    assert "its history has 2 entries, from revision 1 on" in done.stderr
    done = models.run("registry", "import", "out", *other)
    assert (done.returncode, done.stdout) == (2, "")


def test_a_directory_that_is_not_there_is_named_with_what_to_do(models: Directory) -> None:
    done = models.run("registry", "export", "shop", "--output", "backups/out")
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no directory 'backups' to write 'out' in. Make it" in done.stderr
    assert not (models.path / "backups").exists()


def test_models_are_exported_without_a_store(models: Directory) -> None:
    done = models.run("registry", "export", "shop", "--output", "out")
    assert (done.returncode, done.stderr) == (0, "")
    assert "out was written: 2 models, 2 entries" in done.stdout
    assert not (models.path / "earnorm.db").exists()
    (models.path / "out").write_text((models.path / "out").read_text().replace("title", "tittle"))
    done = models.run("registry", "import", "out", *DATABASE)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the exported registry cannot be trusted: line 2, snapshot" in done.stderr
