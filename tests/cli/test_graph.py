"""`earnorm graph`: what people and programs are told of the relationships between models."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from tests.cli.conftest import Directory

pytestmark = pytest.mark.once  # the command line is the same on every Python


def test_people_see_a_tree_of_packages(shop: Directory) -> None:
    done = shop.run("graph", "shop")

    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "shop.orders",
        "├── Order",
        "│   ├── user -> User",
        "│   ├── items -> Product (many)",
        "│   └── address.country -> Country (optional, pending)",
        "└── Product  from Order",
        "",
        "shop.people",
        "└── User  from Order",
        "",
        "3 models, 3 relationships, no cycles in shop",
    ]


def test_inheritance_cycles_and_rules_are_told(directory: Directory) -> None:
    directory.write(
        {
            "app.py": """
            from earnorm import BaseModel, ReferenceField

            class Owner(BaseModel):
                pet = ReferenceField("Animal", required=False, on_delete="nullify")

            class Animal(BaseModel):
                owner = ReferenceField("Owner", on_delete="cascade")

            class Dog(Animal):
                pass
            """
        }
    )

    assert directory.run("graph", "app").stdout.splitlines() == [
        "app",
        "├── Animal  from Dog, Owner",
        "│   └── owner -> Owner (cascade)",
        "├── Dog",
        "│   ├── inherits Animal",
        "│   └── owner -> Owner (cascade, inherited)",
        "└── Owner  from Animal, Dog",
        "    └── pet -> Animal (optional, nullify)",
        "",
        "Cycle: Animal and Owner by app.Animal.owner, app.Owner.pet",
        "3 models, 4 relationships, 1 cycle in app",
    ]


def test_models_of_one_name_are_told_apart_by_their_keys(directory: Directory) -> None:
    user = "from earnorm import BaseModel, ReferenceField\nclass User(BaseModel):\n"
    directory.write(
        {
            "app/__init__.py": "",
            "app/a.py": f"{user}    _collection = 'a'\n",
            "app/b.py": f"{user}    _collection = 'b'\n    twin = ReferenceField('app.a.User')\n",
        }
    )

    assert directory.run("graph", "app").stdout.splitlines() == [
        "app.a",
        "└── User  from app.b.User",
        "",
        "app.b",
        "└── User",
        "    └── twin -> app.a.User",
        "",
        "2 models, 1 relationship, no cycles in app",
    ]


def test_json_is_one_object_and_nothing_else_on_stdout(shop: Directory) -> None:
    done = shop.run("graph", "shop", "--json")
    told = json.loads(done.stdout)

    assert done.returncode == 0
    assert [model["key"] for model in told["models"]] == [
        "shop.orders.Order",
        "shop.orders.Product",
        "shop.people.User",
    ]
    assert told["edges"][1] == {
        "source": "shop.orders.Order",
        "field": "items",
        "target": "shop.orders.Product",
        "kind": "list",
        "many": True,
        "required": True,
        "on_delete": "none",
        "is_inherited": False,
        "pending": False,
        "candidates": [],
    }
    assert told["order"] == ["shop.people.User", "shop.orders.Product", "shop.orders.Order"]
    assert told["cycles"] == []
    assert shop.run("graph", "shop", "--format", "json").stdout == done.stdout


def test_a_picture_is_written_to_a_file(shop: Directory) -> None:
    done = shop.run("graph", "shop", "--format", "svg", "--output", "shop.svg")
    written = (shop.path / "shop.svg").read_text("utf-8")

    assert (done.returncode, done.stdout) == (0, "")
    assert ET.fromstring(written).tag.endswith("svg")
    assert shop.run("graph", "shop", "--format", "svg").stdout == written


@pytest.mark.parametrize("kind", ["text", "mermaid", "json"])
def test_every_form_can_be_written_to_a_file(kind: str, shop: Directory) -> None:
    printed = shop.run("graph", "shop", "--format", kind)
    done = shop.run("graph", "shop", "--format", kind, "-o", "graph.txt")

    assert (done.returncode, done.stdout) == (0, "")
    assert (shop.path / "graph.txt").read_text("utf-8") == printed.stdout


def test_a_file_that_cannot_be_written_is_told(shop: Directory) -> None:
    done = shop.run("graph", "shop", "-o", str(Path("missing") / "graph.txt"))

    assert done.returncode == 2
    assert "cannot be written: No such file or directory" in done.stderr


def test_a_part_is_shown_by_package_and_round_a_model(shop: Directory) -> None:
    by_package = shop.run("graph", "shop", "--package", "shop.people", "--package", "shop.orders")
    near = shop.run("graph", "shop", "--around", "Product", "--depth", "2")
    alone = shop.run("graph", "shop", "--around", "Product", "--depth", "0")

    assert "3 models" in by_package.stdout
    assert "3 models" in near.stdout
    assert alone.stdout.splitlines() == [
        "shop.orders",
        "└── Product",
        "",
        "1 model, no relationships, no cycles in shop",
    ]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--package", "shop.order"), "none of the models lies in a package"),
        (("--around", "Ordr"), "Did you mean"),
        (("--around", "User", "--depth", "-1"), "--depth"),
        (("--format", "png"), "--format"),
    ],
)
def test_what_is_not_there_is_refused(
    arguments: tuple[str, ...], told: str, shop: Directory
) -> None:
    done = shop.run("graph", "shop", *arguments)

    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr


def test_an_ambiguous_reference_is_a_fault_and_the_rest_is_shown(shop: Directory) -> None:
    shop.write(
        {
            "shop/more.py": "from earnorm import BaseModel\nclass User(BaseModel):\n    _collection = 'more'\n"
        }
    )
    done = shop.run("graph", "shop")

    assert done.returncode == 1
    assert "user -> User (ambiguous)" in done.stdout
    assert "shop.orders.Order.user is ambiguous" in done.stderr


def test_a_faulty_module_is_a_fault_and_the_rest_is_shown(shop: Directory) -> None:
    shop.write({"shop/broken.py": "1 / 0"})
    done = shop.run("graph", "shop", "--format", "mermaid")

    assert done.returncode == 1
    assert 'm0["Order"]' in done.stdout
    assert "ZeroDivisionError" in done.stderr
