"""`earnorm registry size`, `usage`, `prune` and `fold`: what they print and how they end."""

import json

import pytest

from tests.cli.conftest import Directory

pytestmark = pytest.mark.once  # the command line is the same on every Python

MODELS = """from earnorm import BaseModel, StringField


class User(BaseModel):
    name = StringField()
"""
MORE = (
    MODELS
    + """

class Order(BaseModel):
    number = StringField()
"""
)
STORE = ("--database", "sqlite:///shop.db")


def test_size_lists_models_and_fails_where_a_limit_is_passed(directory: Directory) -> None:
    directory.write({"shop.py": MORE})
    listed = directory.run("registry", "size", "shop")
    assert listed.returncode == 0
    assert "models 2, fields 4" in listed.stdout
    passed = directory.run("registry", "size", "shop", "--max-models", "1", "--json")
    assert passed.returncode == 1
    assert json.loads(passed.stdout)[-1]["id"] == "S001"


def test_prune_retires_what_the_program_has_no_more(directory: Directory) -> None:
    directory.write({"shop.py": MORE})
    assert directory.run("registry", "record", "shop", *STORE).returncode == 0
    directory.write({"shop.py": MODELS})
    plan = directory.run("registry", "prune", "shop", *STORE)
    assert "retire" in plan.stdout
    assert "Nothing was written" in plan.stdout
    done = directory.run("registry", "prune", "shop", *STORE, "--apply", "--json")
    assert [one["decision"] for one in json.loads(done.stdout)] == ["retire"]
    removed = directory.run(
        "registry", "prune", "shop", *STORE, "--apply", "--grace", "0", "--json"
    )
    assert [one["decision"] for one in json.loads(removed.stdout)] == ["remove"]
    assert (
        "no model that the program lacks"
        in directory.run("registry", "prune", "shop", *STORE).stdout
    )


def test_usage_says_what_shows_no_sign_of_use(directory: Directory) -> None:
    directory.write({"shop.py": MODELS})
    directory.run("registry", "record", "shop", *STORE)
    assert "no sign of it" in directory.run("registry", "usage", "shop", *STORE).stdout


def test_fold_tells_first_and_folds_when_it_is_told_to(directory: Directory) -> None:
    directory.write({"shop.py": MODELS})
    directory.run("registry", "record", "shop", *STORE)
    directory.write({"shop.py": MORE})
    directory.run("registry", "record", "shop", *STORE)
    young = directory.run("registry", "fold", *STORE)
    assert "Nothing is old enough to be folded: what is not folded begins on 20" in young.stdout
    plan = directory.run("registry", "fold", *STORE, "--grace", "0")
    assert "2 entries would be folded, up to revision 2 of 20" in plan.stdout
    assert "Nothing was written. Do it with: --apply" in plan.stdout
    done = directory.run("registry", "fold", *STORE, "--grace", "0", "--apply", "--json")
    (told,) = json.loads(done.stdout)
    assert (told["revision"], told["folded"], told["left"], told["oldest"]) == (2, 2, 2, None)
    again = directory.run("registry", "fold", *STORE, "--grace", "0", "--apply")
    assert again.stdout == "Nothing is old enough to be folded.\n"
    history = directory.run("registry", "history", *STORE)
    assert "What came before was folded: 2 of these entries" in history.stdout
    as_json = directory.run("registry", "history", "User", *STORE, "--json")
    assert [one["folded"] for one in json.loads(as_json.stdout)] == [True]


def test_fold_does_not_make_a_file_that_is_not_there(directory: Directory) -> None:
    ended = directory.run("registry", "fold", *STORE)
    assert ended.returncode == 2
    assert not (directory.path / "shop.db").exists()


@pytest.mark.parametrize("days", ["nan", "inf", "-1", "1e12"])
def test_a_time_that_there_is_not_is_refused(directory: Directory, days: str) -> None:
    directory.write({"shop.py": MODELS})
    directory.run("registry", "record", "shop", *STORE)
    for command in (["prune", "shop"], ["fold"]):
        done = directory.run("registry", *command, *STORE, f"--grace={days}", "--apply")
        assert done.returncode == 2
        assert "a number of days from 0 to 36,500" in " ".join(done.stderr.split())
