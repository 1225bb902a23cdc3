"""Beanie: `Document`, initialised on a database that only answers what initialisation asks."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

from contextlib import suppress
from datetime import datetime
from typing import Annotated

import beanie
import pydantic
from beanie.odm.utils.dump import get_dict
from beanie.odm.utils.parsing import parse_obj

from tests.benchmarks.contender import Contender
from tests.benchmarks.document import EMAIL_PATTERN

__all__ = ["CONTENDERS"]

Email = Annotated[str, pydantic.StringConstraints(pattern=EMAIL_PATTERN)]


class Address(pydantic.BaseModel):
    street: str
    city: str
    zip: str


def define(title):
    class User(beanie.Document):
        __qualname__ = title
        model_config = pydantic.ConfigDict(validate_assignment=True)

        name: str
        email: Email
        age: int = 0
        score: float = 0.0
        born: datetime
        active: bool = True
        tags: list[str] = []
        address: Address

    return User


def initialise(model):
    """Runs `init_beanie`, without which no instance can be made; nothing in it waits for a server."""
    database = Database()
    running = beanie.init_beanie(database=database, document_models=[model], skip_indexes=True)
    with suppress(StopIteration):
        running.send(None)


class Database:
    """What `init_beanie` asks a database for; there is no server behind it."""

    def __init__(self):
        self.client = self

    def append_metadata(self, driver):
        pass

    async def command(self, command):
        return {"version": "8.0.0"}

    async def list_collection_names(self, **options):
        return []

    def __getitem__(self, collection):
        return None


CONTENDERS = [
    Contender(
        name="Beanie",
        distributions=("beanie", "pydantic"),
        definer=lambda: define,
        prepare=initialise,
        names={"parse_obj": parse_obj, "get_dict": get_dict},
        construct="user = User(**values)",
        decode="user = parse_obj(User, document)",
        trusted="user = User.model_construct(**document)",
        encode="get_dict(user, to_db=True)",
        note="decode and encode are the functions that find and save call; a pattern for the e-mail, as in "
        "pydantic; validate_assignment is on, state management (its dirty tracking) off; the first use of a "
        "class includes init_beanie, without a server and without indexes",
    ),
]
