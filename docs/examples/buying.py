"""Discovers the shop, whose forty models lie beside this file, and places an order in it."""

import asyncio

from earnorm import connect, registry
from shop.catalogue import Brand, Category, Product, Supplier, Variant
from shop.orders import Order
from shop.users import Customer

HOME = {
    "recipient": "Ada Lovelace",
    "street": "12 St James's Square",
    "postcode": "SW1Y 4JH",
    "city": "London",
    "country": "GB",
}


async def main() -> None:
    registry.discover("shop")
    async with connect("sqlite://"):
        order = await place_order(await new_customer(), await new_variant())
        await tell(await Order.get(order.id))


async def new_customer() -> Customer:
    return await Customer.create(name="Ada Lovelace", email="ada@example.org", password_hash="…")


async def new_variant() -> Variant:
    brand = await Brand.create(name="Analytical")
    supplier = await Supplier.create(name="Babbage", email="charles@example.org", postal=HOME)
    tools = await Category.create(slug="tools", title="Tools")
    engine = await Product.create(
        title="Engine", brand=brand, suppliers=[supplier], categories=[tools]
    )
    return await Variant.create(product=engine, sku="ENGINE-XL", grams=4000)


async def place_order(customer: Customer, variant: Variant) -> Order:
    line = {"variant": variant, "quantity": 2, "price": {"amount": "19.90"}}
    return await Order.create(
        number="2026-000001", customer=customer, lines=[line], deliver_to=HOME
    )


async def tell(order: Order) -> None:
    customer = await order.customer.fetch()
    line = order.lines[0]
    product = await (await line.variant.fetch()).product.fetch()
    total = line.quantity * line.price.amount
    print(f"{order.number}: {line.quantity} × {product.title} for {customer.name}, {total} EUR")
    print(f"{len(await customer.orders)} order of {len(registry.get_all_models())} models")


asyncio.run(main())
