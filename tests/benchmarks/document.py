"""The document that every system is measured on: eight fields and an id, as its author and as the driver give it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import bson
from bson.codec_options import CodecOptions

__all__ = ["EMAIL_PATTERN", "WRONG", "Leaves", "arrange", "document_of", "leaves", "sparse"]

EMAIL_PATTERN = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
"""What an e-mail address must look like, for systems that let us say so."""

WRONG: Mapping[str, Any] = {
    "age": "old",
    "email": "nobody",
    "tags": ["math", {"no": "string"}],
    "address": {"street": "1 Long Lane", "city": {"no": "string"}, "zip": "N1 1AA"},
}
"""One value for each of four fields that a system which checks it must refuse."""

Leaves = tuple[Any, ...]
"""The values of one document, without the containers that hold them."""

_DEFAULTED = ("age", "score", "active", "tags")


def leaves(number: int, *, aware: bool) -> Leaves:
    """The values of the document with this number, which no other document shares.

    A moment is there twice: as an author writes it and as the driver gives it, aware where a system asks
    for that, naive otherwise, which is PyMongo's default.
    """
    document = {
        "_id": bson.ObjectId(number.to_bytes(12)),
        "name": f"Ada Lovelace {number}",
        "email": f"ada{number}@example.com",
        "age": 1000 + number,
        "score": 1.5 + number,
        "born": datetime.fromtimestamp(1_000_000_000 + number),
        "tags": [f"math {number}", f"poetry {number}", f"engines {number}"],
        "address": {
            "street": f"{number} Long Lane",
            "city": f"London {number}",
            "zip": f"N{number}",
        },
    }
    options = CodecOptions[dict[str, Any]](tz_aware=aware)
    read = bson.decode(bson.encode(document), codec_options=options)
    tags, address = read.pop("tags"), read.pop("address")
    written = read["born"].replace(tzinfo=UTC if aware else None)
    return (*read.values(), written, *tags, *address.values())


def arrange(leaves: Leaves) -> dict[str, Any]:
    """The arguments of a constructor, in containers of their own."""
    _, name, email, age, score, _, born, *rest = leaves
    first, second, third, street, city, zip_code = rest
    return {
        "name": name,
        "email": email,
        "age": age,
        "score": score,
        "born": born,
        "active": True,
        "tags": [first, second, third],
        "address": {"street": street, "city": city, "zip": zip_code},
    }


def document_of(leaves: Leaves) -> dict[str, Any]:
    """The stored document, in containers of its own."""
    return {"_id": leaves[0], **arrange(leaves), "born": leaves[5]}


def sparse(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same without the four fields that have a default."""
    return {name: value for name, value in values.items() if name not in _DEFAULTED}
