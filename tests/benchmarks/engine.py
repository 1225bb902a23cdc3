"""Times constructing, decoding and encoding one document of eight fields; ratios in one run.

Run it as a program: `python tests/benchmarks/engine.py`. EarnORM is measured with its generated functions
and with the interpreted path alone; pydantic, msgspec and MongoEngine beside it where they are installed.
Times are the best of many short runs of processor time, so that a busy machine disturbs them least; only
the ratios mean something.
"""

import gc
import importlib.util
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId

from earnorm import (
    BaseModel,
    BooleanField,
    DateTimeField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    FloatField,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
)
from earnorm.models.codec import ModelCodec

Operations = dict[str, Callable[[], Any]]

ADDRESS = {"street": "1 Long Lane", "city": "London", "zip": "N1 1AA"}
VALUES: dict[str, Any] = {
    "name": "Ada Lovelace",
    "email": "ada@example.com",
    "age": 36,
    "score": 1.5,
    "born": datetime(1815, 12, 10, tzinfo=UTC),
    "active": True,
    "tags": ["math", "poetry", "engines"],
    "address": ADDRESS,
}
DOCUMENT = {"_id": ObjectId(), **VALUES}


class Address(EmbeddedModel):
    street = StringField()
    city = StringField()
    zip = StringField()


class User(BaseModel, registry=ModelRegistry("benchmark")):
    name = StringField()
    email = EmailField()
    age = IntegerField()
    score = FloatField()
    born = DateTimeField()
    active = BooleanField()
    tags = ListField(StringField())
    address = EmbeddedField(Address)


def generated() -> Operations:
    user = User.from_document(DOCUMENT)
    return {
        "construct": lambda: User(**VALUES),
        "decode": lambda: User.from_document(DOCUMENT),
        "encode": user.to_document,
    }


def interpreted() -> Operations:
    codec = ModelCodec(User, User.__codec__.fields)
    user = User.from_document(DOCUMENT)
    return {
        "construct": lambda: codec.initialise(object.__new__(User), VALUES),
        "decode": lambda: codec.decode(DOCUMENT, "", []),
        "encode": lambda: codec.encode(user),
    }


def with_pydantic() -> Operations:
    pydantic = importlib.import_module("pydantic")
    fields: dict[str, Any] = dict.fromkeys(ADDRESS, (str, ...))
    address = pydantic.create_model("Address", **fields)
    types = {
        "name": str,
        "email": str,
        "age": int,
        "score": float,
        "born": datetime,
        "active": bool,
        "tags": list[str],
        "address": address,
    }
    model = pydantic.create_model("User", **{name: (kind, ...) for name, kind in types.items()})
    user = model(**VALUES)
    return {
        "construct": lambda: model(**VALUES),
        "decode": lambda: model.model_validate(VALUES),
        "encode": user.model_dump,
    }


def with_msgspec() -> Operations:
    msgspec = importlib.import_module("msgspec")
    address = msgspec.defstruct("Address", [(name, str) for name in ADDRESS])
    types = [
        ("name", str),
        ("email", str),
        ("age", int),
        ("score", float),
        ("born", datetime),
        ("active", bool),
        ("tags", list[str]),
        ("address", address),
    ]
    model = msgspec.defstruct("User", types)
    user = msgspec.convert(VALUES, model)
    return {
        "construct": lambda: msgspec.convert(VALUES, model),
        "decode": lambda: msgspec.convert(VALUES, model),
        "encode": lambda: msgspec.to_builtins(user, builtin_types=(datetime,)),
    }


def with_mongoengine() -> Operations:
    engine = importlib.import_module("mongoengine")
    strings = {name: engine.StringField(required=True) for name in ADDRESS}
    address = type("Address", (engine.EmbeddedDocument,), strings)
    fields = {
        "name": engine.StringField(required=True),
        "email": engine.EmailField(required=True),
        "age": engine.IntField(required=True),
        "score": engine.FloatField(required=True),
        "born": engine.DateTimeField(required=True),
        "active": engine.BooleanField(required=True),
        "tags": engine.ListField(engine.StringField()),
        "address": engine.EmbeddedDocumentField(address, required=True),
    }
    model: Any = type("User", (engine.Document,), fields)

    def construct() -> Any:
        made = model(**{**VALUES, "address": address(**ADDRESS)})
        made.validate()
        return made

    user = construct()
    return {
        "construct": construct,
        "decode": lambda: model._from_son(DOCUMENT),
        "encode": user.to_mongo,
    }


PEERS = {"pydantic": with_pydantic, "msgspec": with_msgspec, "mongoengine": with_mongoengine}


def contenders() -> Iterator[tuple[str, Operations]]:
    yield "earnorm", generated()
    yield "earnorm, interpreted", interpreted()
    for name, make in PEERS.items():
        if importlib.util.find_spec(name) is not None:
            yield name, make()


def best(operation: Callable[[], Any], *, rounds: int = 30, times: int = 400) -> float:
    """Microseconds of processor time for one call, in the best of the rounds."""
    operation()
    least = float("inf")
    for _ in range(rounds):
        started = time.process_time_ns()
        for _ in range(times):
            operation()
        least = min(least, (time.process_time_ns() - started) / times / 1000)
    return least


def main() -> None:
    gc.disable()
    rows = {
        name: {what: best(operation) for what, operation in operations.items()}
        for name, operations in contenders()
    }
    ours = rows["earnorm"]
    print(f"Python {sys.version.split()[0]}; microseconds, and how many times EarnORM's")
    print(f"{'':24}" + "".join(f"{what:>20}" for what in ours))
    for name, row in rows.items():
        cells = (f"{time:9.2f} ({time / ours[what]:5.1f}x)" for what, time in row.items())
        print(f"{name:24}" + "".join(f"{cell:>20}" for cell in cells))


if __name__ == "__main__":
    main()
