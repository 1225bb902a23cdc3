"""ODMantic over Motor, which it uses itself."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

from contextlib import asynccontextmanager

import odmantic
from motor.motor_asyncio import AsyncIOMotorClient

from tests.benchmarks.contenders.odmantic import define
from tests.benchmarks.mapper import Mapper

__all__ = ["OPENERS"]


@asynccontextmanager
async def open_odmantic(uri, database):
    User = define("User")
    client = AsyncIOMotorClient(uri)
    engine = odmantic.AIOEngine(client=client, database=database)

    async def save(user):
        user.age += 1
        await engine.save(user)

    try:
        yield Mapper(
            make=lambda values: User(**values),
            insert=engine.save_all,
            find=lambda: engine.find(User),
            get=lambda user: engine.find_one(User, User.id == user.id),
            save=save,
        )
    finally:
        client.close()


OPENERS = {"ODMantic": open_odmantic}
