"""pydantic: `BaseModel` with an alias for the id; assignments validated, as a mapper needs it."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

from datetime import datetime
from typing import Annotated

import pydantic
from bson import ObjectId

from tests.benchmarks.contender import Contender
from tests.benchmarks.document import EMAIL_PATTERN

__all__ = ["CONTENDERS"]

Email = Annotated[str, pydantic.StringConstraints(pattern=EMAIL_PATTERN)]


class Address(pydantic.BaseModel):
    street: str
    city: str
    zip: str


def define(title):
    class User(pydantic.BaseModel):
        __qualname__ = title
        model_config = pydantic.ConfigDict(arbitrary_types_allowed=True, validate_assignment=True)

        id: ObjectId | None = pydantic.Field(default=None, alias="_id")
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
        name="pydantic",
        distributions=("pydantic",),
        definer=lambda: define,
        construct="user = User(**values)",
        decode="user = User.model_validate(document)",
        trusted="user = User.model_construct(**document)",
        encode="user.model_dump(by_alias=True)",
        note="a pattern for the e-mail, not EmailStr, which takes some ten times as long as all the rest; "
        "validate_assignment is on; model_construct leaves the address a dictionary",
    ),
]
