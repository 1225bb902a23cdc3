"""`earnorm models`: what people and programs are told of the models, and of what is wrong with them."""

import json
from importlib.metadata import version
from typing import Any

import pytest

from tests.cli.conftest import Directory, squeezed

pytestmark = pytest.mark.once  # the command line is the same on every Python

TIMESTAMP = version("earnorm-timestamp")
SOFTDELETE = version("earnorm-softdelete")


def field(name: str, kind: str, **facts: Any) -> dict[str, Any]:
    """A field as JSON tells it."""
    plain = {"stored_name": name, "type": kind, "required": True, "contributed_by": None}
    return {"name": name, **plain, **facts}


def test_json_is_a_list_with_every_fact_and_nothing_else_on_stdout(shop: Directory) -> None:
    done = shop.run("models", "shop", "--json")

    assert done.returncode == 0
    assert done.stderr == "people are imported\n"
    assert done.stdout.endswith("]\n")
    order, product, user = json.loads(done.stdout)
    assert [order["key"], product["key"]] == ["shop.orders.Order", "shop.orders.Product"]
    assert user == {
        "key": "shop.people.User",
        "name": "User",
        "collection": "users",
        "fields": [
            field("id", "ObjectIdField", stored_name="_id", required=False),
            field("name", "StringField"),
            field("email", "EmailField", stored_name="mail", required=False),
            field("created_at", "DateTimeField", contributed_by="timestamp"),
            field("updated_at", "DateTimeField", contributed_by="timestamp"),
            field("deleted_at", "DateTimeField", contributed_by="softdelete", required=False),
        ],
        "indexes": [
            {
                "fields": [["mail", 1]],
                "unique": True,
                "partial": {"deleted_at": None},
                "sparse": False,
                "expire_after": None,
                "collation": None,
                "name": "mail_1",
                "inherits_collation": False,
            },
            {
                "fields": [["name", 1], ["mail", -1]],
                "unique": False,
                "partial": None,
                "sparse": False,
                "expire_after": None,
                "collation": None,
                "name": "by_name",
                "inherits_collation": False,
            },
        ],
        "validators": [
            {"name": "UniqueValidator", "fields": ["email"]},
            {"name": "shop.people.named", "fields": []},
        ],
        "plugins": [
            {"name": "timestamp", "distribution": "earnorm-timestamp", "version": TIMESTAMP},
            {"name": "softdelete", "distribution": "earnorm-softdelete", "version": SOFTDELETE},
        ],
        "relationships": [],
    }
    plain = {
        "many": False,
        "required": True,
        "on_delete": "none",
        "pending": False,
        "fault": None,
    }
    assert order["relationships"] == [
        {"field": "user", "target": "shop.people.User", **plain},
        {"field": "items", "target": "shop.orders.Product", **plain, "many": True},
        {
            "field": "address.country",
            "target": "Country",
            **plain,
            "required": False,
            "pending": True,
        },
    ]


def test_the_table_says_it_in_short_and_cuts_nothing_off(shop: Directory) -> None:
    done = shop.run("models", "shop")

    assert done.returncode == 0
    lines = squeezed(done.stdout)
    assert lines[0] == "Model Collection Fields Indexes Plugins References"
    assert lines[2:-2] == [
        f"shop.orders.Order order 6 timestamp {TIMESTAMP} user -> shop.people.User",
        "items -> shop.orders.Product (many)",
        "address.country -> Country (pending)",
        "",
        "shop.orders.Product product 1",
        "",
        f"shop.people.User users 6 email (unique, where deleted_at is None) timestamp {TIMESTAMP}",
        f"name, email desc softdelete {SOFTDELETE}",
    ]
    assert lines[-1] == "3 models in shop"
    assert "\x1b" not in done.stdout


def test_where_the_table_does_not_fit_each_model_is_a_block_of_its_own(shop: Directory) -> None:
    done = shop.run("models", "shop", COLUMNS="60")

    assert max(map(len, done.stdout.splitlines())) <= 60
    assert squeezed(done.stdout)[:7] == [
        "shop.orders.Order",
        "Collection order",
        "Fields 6",
        f"Plugins timestamp {TIMESTAMP}",
        "References user -> shop.people.User",
        "items -> shop.orders.Product (many)",
        "address.country -> Country (pending)",
    ]


def test_however_narrow_the_terminal_is_nothing_is_cut_off(shop: Directory) -> None:
    done = shop.run("models", "shop", COLUMNS="20")

    everything = "".join(done.stdout.split())
    assert "…" not in everything
    assert "email(unique,wheredeleted_atisNone)" in everything
    assert "items->shop.orders.Product(many)" in everything


def test_faulty_modules_are_told_one_by_one_and_the_rest_is_listed(shop: Directory) -> None:
    shop.write(
        {
            "shop/pay.py": "import stripe_of_nowhere\n",
            "shop/reports.py": "\n1 / 0\n",
            "shop/syntax.py": "class\n",
            "shop/typo.py": (
                "from earnorm import BaseModel\n"
                "class Log(BaseModel):\n    class Meta:\n        plugins = ['timestmp']\n"
            ),
        }
    )
    done = shop.run("models", "shop", "--json")

    assert done.returncode == 1
    assert len(json.loads(done.stdout)) == 3
    told = done.stderr.split("\n\n")[1:]
    assert [fault.splitlines()[0] for fault in told] == [
        f"Error: shop.{name} could not be imported" for name in ("pay", "reports", "syntax", "typo")
    ]
    assert "No module named 'stripe_of_nowhere'" in told[0]
    assert "Install what provides 'stripe_of_nowhere'" in told[0]
    assert "ZeroDivisionError: division by zero" in told[1]
    assert f"at {shop.path / 'shop' / 'reports.py'}:2" in told[1]
    assert "SyntaxError: invalid syntax" in told[2]
    assert f"{shop.path / 'shop' / 'syntax.py'}:1" in told[2]
    assert "Did you mean 'timestamp'" in told[3]
    assert f"{shop.path / 'shop' / 'typo.py'}:2" in told[3]


def test_the_plugin_whose_hook_fails_at_registration_is_named(shop: Directory) -> None:
    shop.install("picky", "picky = picky", version="2.0")
    shop.site.joinpath("picky.py").write_text("def on_register(model): raise ValueError('no')\n")
    shop.write(
        {
            "shop/logs.py": (
                "from earnorm import BaseModel\n"
                "class Log(BaseModel):\n    class Meta:\n        plugins = ['picky']\n"
            )
        }
    )
    done = shop.run("models", "shop")

    assert done.returncode == 1
    assert "ValueError: no\n  in on_register of the plugin 'picky' (picky 2.0)" in done.stderr


def test_a_module_that_leaves_the_interpreter_does_not_end_the_listing(shop: Directory) -> None:
    shop.write({"shop/quits.py": "raise SystemExit(0)\n"})
    done = shop.run("models", "shop", "--json")

    assert done.returncode == 1
    assert "shop.people.User" in done.stdout
    assert "shop.orders.Order" in done.stdout
    assert "shop.quits ends the program when it is imported" in done.stderr
    assert "quits.py:1" in done.stderr


def test_an_ambiguous_reference_is_a_fault_of_its_own(shop: Directory) -> None:
    model = "from earnorm import BaseModel\nclass Country(BaseModel):\n    _collection = __name__\n"
    shop.write({"shop/geo.py": model, "shop/taxes.py": model})
    done = shop.run("models", "shop", "--json")

    assert done.returncode == 1
    assert "shop.orders.Order.address.country is ambiguous" in done.stderr
    assert "shop.geo.Country, shop.taxes.Country" in done.stderr
    order = next(m for m in json.loads(done.stdout) if m["name"] == "Order")
    assert [rel["target"] for rel in order["relationships"]] == [
        "shop.people.User",
        "shop.orders.Product",
        "Country",
    ]
    assert "fits 2 models" in order["relationships"][2]["fault"]
    assert order["relationships"][2]["pending"] is False


def test_values_that_json_lacks_are_written_in_extended_json(directory: Directory) -> None:
    directory.write(
        {
            "dated.py": """
                from datetime import UTC, datetime
                from bson import ObjectId
                from earnorm import BaseModel, DateTimeField, ObjectIdField

                class Visit(BaseModel):
                    at = DateTimeField()
                    by = ObjectIdField()

                    class Meta:
                        moment = datetime(2026, 1, 2, tzinfo=UTC)
                        indexes = [{"fields": ["at"], "partial": {"at": moment, "by": ObjectId("0" * 24)}}]
                        del moment
            """
        }
    )
    done = directory.run("models", "dated", "--json")

    assert json.loads(done.stdout)[0]["indexes"][0]["partial"] == {
        "at": {"$date": "2026-01-02T00:00:00Z"},
        "by": {"$oid": "0" * 24},
    }
