"""The shop's documents are without a fault; two planted ones of each kind are found, in either store."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.docs.shop_process import EXAMPLES, run_beside_shop

pytestmark = pytest.mark.once

PROGRAM = """
import asyncio, json, sys
from dataclasses import asdict

from bson import ObjectId

from earnorm import BaseModel, Index, ModelRegistry, ReferenceField, connect, registry
from shop.catalogue import Brand, Category, Product, Review, Variant
from shop.orders import Coupon, Order
from shop.users import Customer, Employee

HOME = {"recipient": "Ada", "street": "12 Square", "postcode": "SW1", "city": "London", "country": "GB"}

async def main(url):
    async with connect(url, indexes="apply", history="off") as database:
        await database.indexes.apply()
        ada, engine = await fill()
        before = await database.check()
        await break_documents(database.store)
        await orphan(database.store, ada, engine)
        await put_indexes_out_of_step(database.store)
        refer_elsewhere()
        after = await database.check()
        print(json.dumps([[asdict(one) for one in found] for found in (before, after)]))

async def fill():
    "Sound documents of eight models, one of which its plugin hides."
    ada = await Customer.create(name="Ada", email="ada@example.org", password_hash="...")
    brand = await Brand.create(name="Analytical")
    tools = await Category.create(slug="tools", title="Tools")
    product = await Product.create(title="Engine", brand=brand, categories=[tools])
    engine = await Variant.create(product=product, sku="ENGINE-XL", grams=4000)
    gone = await Product.create(title="Difference Engine", brand=brand)
    await Review.create(product=gone, customer=ada, stars=5)
    line = {"variant": engine, "quantity": 2, "price": {"amount": "19.90"}}
    await Order.create(number="2026-000001", customer=ada, lines=[line], deliver_to=HOME)
    await gone.delete()
    return ada, engine

async def break_documents(store):
    await store.insert("roles", [{"_id": ObjectId(), "name": "admin", "permissions": "all"}])
    await store.insert("accounts", [
        {"_id": ObjectId(), "_type": "Employee", "name": "Eve", "email": "eve@example.org", "password_hash": "...",
         "number": 7, "roles": [], "deleted_at": None},
    ])

async def orphan(store, ada, engine):
    "A reference of its own, and one in an embedded model in a list."
    await store.insert("reviews", [
        {"_id": ObjectId(), "product": ObjectId(), "customer": ada.id, "stars": 1, "text": ""}
    ])
    [order] = [one async for batch in store.find("orders", {}) for one in batch]
    line = {**order["lines"][0], "variant": ObjectId()}
    await store.insert("orders", [{**order, "_id": ObjectId(), "number": "2026-000002", "lines": [line]}])

async def put_indexes_out_of_step(store):
    "One is gone, one has become another, and two are of nobody."
    await store.drop_index("variants", "sku_1")
    await store.drop_index("parcels", "tracking_number_1")
    await store.create_index("parcels", Index(fields=(("tracking_number", 1),)))
    await store.create_index("brands", Index(fields=(("website", 1),)))
    await store.create_index("teams", Index(fields=(("motto", -1),)))

def refer_elsewhere():
    "Models that refer to one of a registry without a database."
    ledger = type("Ledger", (BaseModel,), {}, registry=ModelRegistry("elsewhere"))
    for name in ("Invoice", "Refund"):
        type(name, (BaseModel,), {"__module__": "shop.planted", "booked": ReferenceField(ledger)})

registry.discover("shop")
asyncio.run(main(sys.argv[1]))
"""

Findings = tuple[list[dict[str, Any]], dict[str, list[dict[str, Any]]]]


def findings(url: str) -> Findings:
    before, after = json.loads(run_beside_shop("-c", PROGRAM, url))
    by_id: dict[str, list[dict[str, Any]]] = {}
    for finding in after:
        by_id.setdefault(finding["id"], []).append(finding)
    return before, by_id


@pytest.fixture(scope="module")
def embedded() -> Findings:
    return findings("sqlite://")


EXPECTED: Mapping[str, tuple[str, list[str], str]] = {
    "earnorm.D001": (
        "error",
        ["users.account.Employee.number", "users.role.Role.permissions"],
        "Mend the documents",
    ),
    "earnorm.D002": (
        "error",
        ["catalogue.review.Review.product", "orders.order.Order.lines.variant"],
        "Let them refer to other documents",
    ),
    "earnorm.D003": (
        "error",
        ["catalogue.product.Variant.sku", "shipping.shipment.Parcel.tracking_number"],
        "Run earnorm indexes apply",
    ),
    "earnorm.D004": (
        "warning",
        ["catalogue.brand.Brand.website", "support.team.Team.None"],
        "earnorm indexes apply --drop",
    ),
    "earnorm.D005": (
        "info",
        ["planted.Invoice.booked", "planted.Refund.booked"],
        "Connect its registry as well",
    ),
}
"""Each check with its level, the models and fields at fault, and what the hint says."""


def test_the_documents_of_the_shop_are_without_a_fault(embedded: Findings) -> None:
    assert embedded[0] == []


@pytest.mark.parametrize("check", EXPECTED)
def test_two_planted_faults_are_found_with_their_hint(embedded: Findings, check: str) -> None:
    assert_told(embedded[1][check], *EXPECTED[check])


def test_every_kind_of_check_has_its_planted_faults(embedded: Findings) -> None:
    page = (EXAMPLES.parent / "guide" / "registry-checks.md").read_text("utf-8")
    told = {row.split("`")[1] for row in page.splitlines() if row.startswith("| `earnorm.D")}
    assert told == embedded[1].keys() == EXPECTED.keys()


@pytest.mark.needs("sparse_index", "ttl_index")
def test_a_server_is_checked_as_a_file_is(mongodb_url: str) -> None:
    before, after = findings(mongodb_url)
    assert before == []
    assert after.keys() == EXPECTED.keys()
    for check, found in after.items():
        assert_told(found, *EXPECTED[check])


def assert_told(found: list[dict[str, Any]], level: str, where: list[str], hint: str) -> None:
    assert [f"{one['model']}.{one['field']}" for one in found] == [f"shop.{one}" for one in where]
    assert {one["level"] for one in found} == {level}
    assert all(hint in one["hint"] for one in found)
