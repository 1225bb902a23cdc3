"""`earnorm indexes`: what is told of differences, and what is done about them."""

import json

import pytest

from tests.cli.conftest import Directory, squeezed

pytestmark = pytest.mark.once  # the command line is the same on every Python

MODELS = """
    from earnorm import BaseModel, StringField

    class User(BaseModel):
        name = StringField()
        email = StringField()

        class Meta:
            collection = "users"
            indexes = [{"fields": ["email"], "unique": True}, {"fields": ["name"]}]
"""
CHANGED = MODELS.replace(', {"fields": ["name"]}]', "]").replace(', "unique": True', "")
FILL = """
import asyncio
from earnorm import connect
from shop import User

async def main():
    async with connect("sqlite:///shop.db", indexes="off"):
        for _ in range(2):
            await User(name="Ada", email="ada@example.com").save()

asyncio.run(main())
"""
URL = "sqlite:///shop.db"


@pytest.fixture
def models(directory: Directory) -> Directory:
    directory.write({"shop.py": MODELS})
    return directory


def test_a_plan_changes_nothing_and_makes_no_file(models: Directory) -> None:
    done = models.run("indexes", "plan", "shop", URL)
    assert done.returncode == 2
    assert "there is no file for sqlite:///shop.db" in done.stderr
    assert not (models.path / "shop.db").exists()


def test_what_is_missing_is_created(models: Directory) -> None:
    done = models.run("indexes", "apply", "shop", URL)
    assert (done.returncode, done.stderr) == (0, "")
    assert squeezed(done.stdout)[2:] == [
        "users.email_1 created [('email', 1)], unique",
        "users.name_1 created [('name', 1)]",
    ]
    done = models.run("indexes", "plan", "shop", EARNORM_DATABASE_URL=URL)
    assert (done.returncode, done.stdout) == (0, "The indexes are in step with the models.\n")


def test_what_changed_and_what_is_extra_is_left_until_it_may_be_dropped(models: Directory) -> None:
    models.run("indexes", "apply", "shop", URL)
    models.write({"shop.py": CHANGED})

    done = models.run("indexes", "plan", "shop", URL, "--json")
    assert done.returncode == 1
    changed, extra = json.loads(done.stdout)
    assert [changed["kind"], changed["collection"], changed["done"]] == ["changed", "users", False]
    assert (changed["index"]["unique"], changed["stored"]["unique"]) == (False, True)
    assert (extra["kind"], extra["index"]["name"], extra["stored"]) == ("extra", "name_1", None)

    done = models.run("indexes", "apply", "shop", URL)
    assert done.returncode == 1
    assert "Error: users.email_1 could not be built" in done.stderr

    done = models.run("indexes", "apply", "shop", URL, "--drop", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    told = [(one["kind"], one["index"]["name"], one["done"]) for one in json.loads(done.stdout)]
    assert told == [("extra", "name_1", True), ("changed", "email_1", True)]
    assert models.run("indexes", "plan", "shop", URL).returncode == 0


def test_an_extra_index_alone_is_told_and_is_no_fault(models: Directory) -> None:
    models.run("indexes", "apply", "shop", URL)
    models.write({"shop.py": MODELS.replace(', {"fields": ["name"]}]', "]")})
    done = models.run("indexes", "plan", "shop", URL)
    assert done.returncode == 0
    assert "users.name_1 extra [('name', 1)]" in squeezed(done.stdout)


def test_what_was_done_before_a_fault_of_any_kind_is_told(models: Directory) -> None:
    swedish = '{"fields": ["name"], "collation": {"locale": "sv"}}'
    models.write({"shop.py": MODELS.replace('{"fields": ["name"]}', swedish)})
    done = models.run("indexes", "apply", "shop", URL)
    assert done.returncode == 1
    assert squeezed(done.stdout)[2:] == ["users.email_1 created [('email', 1)], unique"]
    assert "Error: users.name_1 could not be built" in done.stderr
    assert "not supported" in done.stderr


def test_values_that_json_lacks_are_in_extended_json(models: Directory) -> None:
    partial = '{"fields": ["name"], "partial": {"email": uuid.UUID(int=1)}}'
    code = MODELS.replace('{"fields": ["name"]}', partial).replace(
        "from", "import uuid\n    from", 1
    )
    models.write({"shop.py": code, "shop.db": ""})
    done = models.run("indexes", "plan", "shop", URL, "--json")
    assert (done.returncode, done.stderr) == (1, "")
    value = json.loads(done.stdout)[1]["index"]["partial"]["email"]
    assert value == {"$binary": {"base64": "AAAAAAAAAAAAAAAAAAAAAQ==", "subType": "04"}}


def test_documents_that_break_a_unique_index_are_named(models: Directory) -> None:
    models.write({"fill.py": FILL})
    assert models.run_python("fill.py").stderr == ""
    done = models.run("indexes", "apply", "shop", URL, "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout) == []
    assert "Error: users.email_1 could not be built" in done.stderr
    assert "email: is taken" in done.stderr


@pytest.mark.parametrize("command", ["plan", "apply"])
@pytest.mark.parametrize(
    ("arguments", "code", "fault"),
    [
        (("nowhere", URL), 2, "no module is called 'nowhere'"),
        (("broken", URL), 1, "broken could not be imported"),
        (("empty", URL), 2, "empty defines no models"),
        (("shop", "postgres://x/y"), 2, "'postgres' is not the scheme of a store"),
        (("shop", "sqlite:///no/such/directory.db"), 2, "no"),
        (("shop", "mongodb://127.0.0.1:1/x?serverSelectionTimeoutMS=200"), 2, "cannot be reached"),
    ],
)
def test_without_models_or_a_store_nothing_is_done(
    models: Directory, command: str, arguments: tuple[str, ...], code: int, fault: str
) -> None:
    models.write({"broken.py": "1 / 0", "empty.py": ""})
    done = models.run("indexes", command, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert fault in done.stderr
    assert "Traceback" not in done.stderr
    assert not (models.path / "shop.db").exists()


def test_over_the_wire_the_same_is_done(models: Directory, mongodb_url: str) -> None:
    assert models.run("indexes", "plan", "shop", mongodb_url).returncode == 1
    done = models.run("indexes", "apply", "shop", mongodb_url)
    assert (done.returncode, done.stderr) == (0, "")
    assert models.run("indexes", "plan", "shop", mongodb_url).returncode == 0
