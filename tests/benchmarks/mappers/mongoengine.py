"""MongoEngine over the synchronous client, which it uses itself: it saves what awaiting takes."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

from contextlib import asynccontextmanager

import mongoengine as me

from tests.benchmarks.contenders.mongoengine import define
from tests.benchmarks.mapper import COLLECTION, Mapper

__all__ = ["OPENERS"]


@asynccontextmanager
async def open_mongoengine(uri, database):
    User = define("User")
    User._meta["collection"] = COLLECTION
    me.connect(database, host=uri, uuidRepresentation="standard")

    async def insert(users):
        # without load_bulk it does not read them again
        User.objects.insert(users, load_bulk=False)

    async def find():
        return list(User.objects)

    async def get(user):
        return User.objects.get(id=user.id)

    async def save(user):
        user.age += 1
        user.save()

    try:
        yield Mapper(
            make=lambda values: User(**values), insert=insert, find=find, get=get, save=save
        )
    finally:
        me.disconnect()


OPENERS = {"MongoEngine": open_mongoengine}
