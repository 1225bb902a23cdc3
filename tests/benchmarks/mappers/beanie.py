"""Beanie over `AsyncMongoClient`, which it uses itself."""
# mypy: ignore-errors
# The peers are installed in their own environment only, and their models are written in their own terms.

from contextlib import asynccontextmanager

import beanie
from pymongo import AsyncMongoClient

from tests.benchmarks.contenders.beanie import define
from tests.benchmarks.mapper import COLLECTION, Mapper

__all__ = ["OPENERS"]


@asynccontextmanager
async def open_beanie(uri, database):
    User = define("User")
    User.Settings = type("Settings", (), {"name": COLLECTION})

    async def save(user):
        user.age += 1
        await user.save()

    async with AsyncMongoClient(uri) as client:
        await beanie.init_beanie(
            database=client[database], document_models=[User], skip_indexes=True
        )
        yield Mapper(
            make=lambda values: User(**values),
            insert=User.insert_many,
            find=lambda: User.find().to_list(),
            get=lambda user: User.get(user.id),
            save=save,
        )


OPENERS = {"Beanie": open_beanie}
