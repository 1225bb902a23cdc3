"""`earnorm check`: what people and programs are told, and with which exit code."""

import json
from typing import Any

import pytest

from tests.cli.conftest import Directory, squeezed

pytestmark = pytest.mark.once  # the command line is the same on every Python

MODELS = """
import asyncio

from bson import ObjectId

from earnorm import BaseModel, ReferenceField, StringField, connect

class User(BaseModel):
    name = StringField(alias="_name")
    class Meta:
        collection = "users"
        indexes = [{"fields": ["name"]}]

class Order(BaseModel):
    user = ReferenceField("User")
    class Meta:
        collection = "orders"
"""
BROKEN = MODELS.replace('ReferenceField("User")', 'ReferenceField("Usr")')
FILL = """
import asyncio
from bson import ObjectId
from earnorm import connect
from shop import Order

async def main():
    async with connect("sqlite:///shop.db") as database:
        await Order(user=ObjectId()).save()
        await database.store.insert("users", [{"_id": ObjectId(), "_name": 5}])

asyncio.run(main())
"""


@pytest.fixture
def models(directory: Directory) -> Directory:
    directory.write({"shop.py": MODELS})
    return directory


def sarif(directory: Directory, *arguments: str) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(directory.run("check", "shop", "--sarif", *arguments).stdout)
    return log


def test_findings_are_a_table_with_the_remedy(models: Directory) -> None:
    models.write({"shop.py": BROKEN})
    done = models.run("check", "shop")
    assert (done.returncode, done.stderr) == (1, "")
    first = squeezed(done.stdout)[2]
    assert first.startswith("shop.Order.user error earnorm.R001 refers to 'Usr'")
    assert "Did you mean 'User'?" in first


def test_models_without_a_fault_end_with_0(models: Directory) -> None:
    done = models.run("check", "shop", "--silence", "earnorm.N002")
    assert (done.returncode, done.stdout) == (0, "Nothing was found.\n")


@pytest.mark.parametrize(
    ("level", "code"), [("info", 1), ("warning", 1), ("error", 0), ("never", 0)]
)
def test_the_exit_code_follows_the_worst_level(models: Directory, level: str, code: int) -> None:
    assert models.run("check", "shop", "--fail-level", level).returncode == code


def test_a_faulty_module_is_told(models: Directory) -> None:
    models.write({"shop.py": "1 / 0"})
    done = models.run("check", "shop")
    assert (done.returncode, done.stdout) == (1, "")
    assert "shop could not be imported" in done.stderr


def test_programs_get_every_fact(models: Directory) -> None:
    (finding,) = json.loads(models.run("check", "shop", "--json").stdout)
    assert (finding["id"], finding["level"]) == ("earnorm.N002", "warning")
    assert (finding["model"], finding["field"]) == ("shop.User", "name")
    assert finding["hint"] == "Give it an alias without the underscore."


def test_two_forms_of_output_are_refused(models: Directory) -> None:
    done = models.run("check", "shop", "--json", "--sarif")
    assert done.returncode == 2
    assert "Choose one" in done.stderr


def test_with_a_url_the_data_are_checked_and_nothing_is_changed(models: Directory) -> None:
    done = models.run("check", "shop", "sqlite:///shop.db")
    assert done.returncode == 2
    assert not (models.path / "shop.db").exists()

    assert models.run_python("-c", FILL).returncode == 0
    models.write({"shop.py": MODELS.replace('["name"]', '["name", "id"]')})
    done = models.run("check", "shop", "sqlite:///shop.db", "--json")
    assert done.returncode == 1
    found = [(one["id"], one["subject"]) for one in json.loads(done.stdout)]
    assert found == [
        ("earnorm.D002", "shop.Order.user"),
        ("earnorm.D001", "shop.User.name"),
        ("earnorm.D003", "users._name_1__id_1"),
        ("earnorm.D004", "users._name_1"),
        ("earnorm.N002", "shop.User.name"),
    ]


ALONE = """
from earnorm import BaseModel

class Kept(BaseModel):
    pass

class Forgotten(BaseModel):
    pass
"""
KEEP = """
import asyncio
from earnorm import connect
from shop import Kept

async def main():
    async with connect("sqlite:///shop.db"):
        await Kept().save()

asyncio.run(main())
"""


def test_a_model_whose_documents_the_store_has_is_not_unused(models: Directory) -> None:
    models.write({"shop.py": ALONE})

    def unused(*arguments: str) -> list[str]:
        found = json.loads(models.run("check", "shop", *arguments, "--json").stdout)
        return [one["model"] for one in found if one["id"] == "earnorm.U001"]

    assert unused() == ["shop.Forgotten", "shop.Kept"]
    assert models.run_python("-c", KEEP).returncode == 0
    assert unused("sqlite:///shop.db") == ["shop.Forgotten"]


def test_deploy_looks_at_the_environment(models: Directory) -> None:
    done = models.run("check", "shop", "--deploy", "--json", EARNORM_PLUGINS_DISABLED="audit")
    found = [(one["id"], one["subject"]) for one in json.loads(done.stdout)]
    assert found == [
        ("earnorm.E001", "EARNORM_PLUGINS_DISABLED"),
        ("earnorm.E002", "EARNORM_DATABASE_URL"),
        ("earnorm.N002", "shop.User.name"),
    ]
    for url in ("sqlite:///:memory:", "sqlite://"):
        done = models.run("check", "shop", "--deploy", EARNORM_DATABASE_URL=url)
        assert done.returncode == 1
        assert "everything is gone when the process ends" in done.stdout


def test_deploy_names_both_distributions_that_ship_a_module(models: Directory) -> None:
    (models.path / "shop.py").unlink()
    for name in ("acme-shop", "other-shop"):
        models.install(name, "")
        folder = models.site / f"{name.replace('-', '_')}-1.0.dist-info"
        (folder / "RECORD").write_text("shop.py,,\n", "utf-8")
    (models.site / "shop.py").write_text(MODELS.replace('alias="_name"', ""), "utf-8")
    done = models.run("check", "shop", "--deploy", "--json", "--silence", "earnorm.E002")
    found = json.loads(done.stdout)
    assert [(one["id"], one["model"]) for one in found] == [
        ("earnorm.E004", "shop.Order"),
        ("earnorm.E004", "shop.User"),
    ]
    for finding in found:
        assert "is of shop, which" in finding["message"]
        assert "acme-shop 1.0 and by other-shop 1.0" in finding["message"]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite://?busy_timeout=9"])
def test_deploy_finds_a_store_in_memory_however_it_is_written(models: Directory, url: str) -> None:
    found = json.loads(models.run("check", "shop", url, "--deploy", "--json").stdout)
    assert [one["hint"] for one in found if one["id"] == "earnorm.E003"] == [
        "Name a file, sqlite:///shop.db, or a MongoDB server."
    ]


def test_sarif_says_which_rule_was_broken_where(models: Directory) -> None:
    models.write({"shop.py": BROKEN})
    log = sarif(models)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"] == "earnorm"
    assert [rule["id"] for rule in driver["rules"]] == [
        "earnorm.N002",
        "earnorm.R001",
        "earnorm.U001",
    ]
    assert [one["level"] for one in run["results"]] == ["error", "warning", "note"]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["kind"] == "fail"
        assert result["message"]["text"]
    (location,) = run["results"][0]["locations"]
    place = location["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "shop.py"
    line = BROKEN.splitlines().index("class Order(BaseModel):") + 1
    assert place["region"]["startLine"] == line
    assert location["logicalLocations"] == [{"fullyQualifiedName": "shop.Order.user"}]


def test_sarif_names_files_as_parts_of_a_uri(models: Directory) -> None:
    (models.path / "my models").mkdir()
    (models.path / "shop.py").rename(models.path / "my models" / "shöp#1.py")
    (models.path / "shop.py").write_text(
        "import sys\nfrom importlib import import_module\nsys.path.append('my models')\n"
        "sys.modules[__name__] = import_module('shöp#1')\n",
        "utf-8",
    )
    (result, *_) = sarif(models)["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "my%20models/sh%C3%B6p%231.py"


def test_sarif_without_findings_is_a_run_without_results(models: Directory) -> None:
    (run,) = sarif(models, "--silence", "earnorm.N002")["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])
