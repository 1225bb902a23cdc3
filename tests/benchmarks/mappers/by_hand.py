"""PyMongo's asynchronous client with dictionaries, which is what every mapper adds to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pymongo import AsyncMongoClient

from tests.benchmarks.mapper import COLLECTION, Mapper

__all__ = ["OPENERS"]


@asynccontextmanager
async def open_by_hand(uri: str, database: str) -> AsyncIterator[Mapper]:
    async with AsyncMongoClient[dict[str, Any]](uri) as client:
        users = client[database][COLLECTION]

        async def save(user: dict[str, Any]) -> None:
            user["age"] += 1
            await users.update_one({"_id": user["_id"]}, {"$set": {"age": user["age"]}})

        yield Mapper(
            make=lambda values: values,
            insert=users.insert_many,
            # in one batch, as EarnORM asks for them
            find=lambda: users.find({}, batch_size=500).to_list(),
            get=lambda user: users.find_one({"_id": user["_id"]}),
            save=save,
        )


OPENERS = {"by hand": open_by_hand}
