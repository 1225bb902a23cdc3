"""`earnorm doctor`, `backup`, `compact` and `copy`: what they print, what they do, how they end."""

import json
import shutil

import pytest

from earnorm.stores import open_store
from tests.cli.conftest import Directory, squeezed

pytestmark = pytest.mark.once  # the command line is the same on every Python

MODELS = """
    from earnorm import BaseModel, StringField

    class User(BaseModel):
        name = StringField()

        class Meta:
            collection = "users"
            indexes = [{"fields": ["name"]}]
"""
URL = "sqlite:///shop.db"
GONE = "mongodb://ada:secret@127.0.0.1:1/x?serverSelectionTimeoutMS=200"


@pytest.fixture
async def filled(directory: Directory) -> Directory:
    directory.write({"shop.py": MODELS})
    store = await open_store(f"sqlite:///{directory.path}/shop.db")
    await store.insert("users", [{"_id": n, "name": f"user {n}"} for n in range(300)])
    await store.delete("users", {"_id": {"$gte": 20}})
    await store.aclose()
    return directory


def test_the_doctor_tells_facts_and_errors(filled: Directory) -> None:
    done = filled.run("doctor", URL)
    assert (done.returncode, done.stderr) == (0, "")
    assert "integrity ok every document and every index entry is sound" in squeezed(done.stdout)

    done = filled.run("doctor", URL, "--models", "shop", "--json")
    assert done.returncode == 1
    findings = json.loads(done.stdout)
    (error,) = (one for one in findings if one["level"] == "error")
    assert (error["id"], error["subject"]) == ("indexes", "users.name_1")
    assert done.stderr.splitlines()[1:] == [
        "Error: users.name_1: is missing: [('name', 1)]",
        "  earnorm indexes apply TARGET URL",
    ]
    assert "users.name_1" not in filled.run("doctor", URL, "--models", "shop").stdout

    filled.run("indexes", "apply", "shop", URL)
    assert filled.run("doctor", URL, "--models", "shop").returncode == 0


def test_the_doctor_finds_a_connection_that_fails_and_keeps_the_password(
    filled: Directory,
) -> None:
    done = filled.run("doctor", GONE, "--json")
    assert done.returncode == 1
    assert [one["level"] for one in json.loads(done.stdout)] == ["ok", "ok", "ok", "error"]
    assert "cannot be reached" in done.stderr
    assert "secret" not in done.stdout + done.stderr


def test_the_doctor_finds_a_file_that_is_no_store(filled: Directory) -> None:
    (filled.path / "text.db").write_text("this is no database" * 100)
    done = filled.run("doctor", "sqlite:///text.db")
    assert done.returncode == 1
    assert "file is not a database" in done.stderr


def test_a_backup_is_a_store_of_its_own_and_overwrites_nothing(filled: Directory) -> None:
    done = filled.run("backup", URL, "copy.db")
    assert (done.returncode, done.stdout, done.stderr) == (0, "copy.db was written.\n", "")
    assert filled.run("doctor", "sqlite:///copy.db").returncode == 0
    before = (filled.path / "copy.db").read_bytes()
    done = filled.run("backup", URL, "copy.db")
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert (filled.path / "copy.db").read_bytes() == before


def test_compacting_tells_what_it_saved(filled: Directory) -> None:
    before = (filled.path / "shop.db").stat().st_size
    done = filled.run("compact", URL)
    assert (done.returncode, done.stderr) == (0, "")
    after = (filled.path / "shop.db").stat().st_size
    assert done.stdout == f"The file is smaller by {before - after:,} bytes.\n"
    assert after <= before


@pytest.mark.parametrize(
    "arguments",
    [
        ("doctor", "sqlite:///none.db"),
        ("backup", "sqlite:///none.db", "copy.db"),
        ("compact", "sqlite:///none.db"),
        ("copy", "sqlite:///none.db", "sqlite:///copy.db"),
        ("doctor", URL, "--models", "nowhere"),
        ("backup", GONE, "copy.db"),
        ("compact", GONE),
        ("copy", URL, GONE),
        ("copy", GONE, "sqlite:///copy.db"),
        ("copy", URL, URL),
        ("copy", URL, "sqlite://"),
        ("copy", URL, "postgres://x"),
        ("copy", URL, "sqlite:///copy.db", "--collections", "usres"),
    ],
)
def test_what_cannot_be_begun_is_told_and_makes_no_file(
    filled: Directory, arguments: tuple[str, ...]
) -> None:
    done = filled.run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stderr
    assert not (filled.path / "none.db").exists()


def test_a_copy_is_told_as_a_table_and_as_json(filled: Directory) -> None:
    filled.run("indexes", "apply", "shop", URL)
    done = filled.run("copy", URL, "sqlite:///other.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert squeezed(done.stdout)[2:] == ["users 20 20 1 yes"]

    done = filled.run("copy", URL, "sqlite:///other.db")
    assert (done.returncode, done.stderr) == (0, "")
    assert squeezed(done.stdout)[2:] == ["users 20 0 1 yes"]

    shutil.copy(filled.path / "shop.db", filled.path / "another.db")
    again = ("copy", "sqlite:///another.db", "sqlite:///other.db")
    done = filled.run(*again)
    assert done.returncode == 2
    assert "'users' there is not empty" in done.stderr

    done = filled.run(*again, "--replace", "--collections", "users", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    (users,) = json.loads(done.stdout)
    assert users["source_hash"] == users["target_hash"]
    assert (users["exact"], users["written"], users["indexes"]) == (True, 20, ["name_1"])


def test_over_the_wire_a_copy_goes_up_and_comes_back(filled: Directory, mongodb_url: str) -> None:
    up = filled.run("copy", URL, mongodb_url, "--json")
    assert (up.returncode, up.stderr) == (0, "")
    down = filled.run("copy", mongodb_url, "sqlite:///back.db", "--json")
    assert (down.returncode, down.stderr) == (0, "")
    hashes = [json.loads(done.stdout)[0]["source_hash"] for done in (up, down)]
    assert hashes[0] == hashes[1]
    done = filled.run("backup", mongodb_url, "copy.db")
    assert done.returncode == 2
    assert "mongodump" in done.stderr
