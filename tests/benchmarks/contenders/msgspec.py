"""msgspec: `Struct` with the id renamed, made by `convert`, which is where it validates."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

from datetime import datetime
from typing import Annotated, Any

import msgspec
from bson import ObjectId

from tests.benchmarks.contender import Contender
from tests.benchmarks.document import EMAIL_PATTERN

__all__ = ["CONTENDERS"]

Email = Annotated[str, msgspec.Meta(pattern=EMAIL_PATTERN)]


class Address(msgspec.Struct):
    street: str
    city: str
    zip: str


def define(title):
    class User(msgspec.Struct, kw_only=True, rename={"id": "_id"}):
        __qualname__ = title

        id: Any = None
        name: str
        email: Email
        age: int = 0
        score: float = 0.0
        born: datetime
        active: bool = True
        tags: list[str] = []
        address: Address

    return User


CONTENDERS = [
    Contender(
        name="msgspec",
        distributions=("msgspec",),
        definer=lambda: define,
        names={
            "convert": msgspec.convert,
            "dump": msgspec.to_builtins,
            "kept": (ObjectId, datetime),
        },
        construct="user = convert(values, User)",
        decode="user = convert(document, User)",
        encode="dump(user, builtin_types=kept)",
        note="no document mapper: no tracking of any kind; one error at a time; its own constructor and its "
        "attributes check nothing",
    ),
]
