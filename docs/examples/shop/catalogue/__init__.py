"""What is sold, by whom, for how much."""

from shop.catalogue.brand import Brand, Supplier
from shop.catalogue.category import Category
from shop.catalogue.price import Price, Promotion
from shop.catalogue.product import Product, Variant
from shop.catalogue.review import Review

__all__ = [
    "Brand",
    "Category",
    "Price",
    "Product",
    "Promotion",
    "Review",
    "Supplier",
    "Variant",
]
