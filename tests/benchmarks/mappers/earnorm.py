"""EarnORM, with no plugin and with two."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from earnorm import connect
from tests.benchmarks.contenders.earnorm import definer
from tests.benchmarks.mapper import Mapper

__all__ = ["OPENERS"]


@asynccontextmanager
async def open_earnorm(
    uri: str, database: str, *, plugins: tuple[str, ...]
) -> AsyncIterator[Mapper]:
    User = definer(*plugins)("User")

    async def save(user: Any) -> None:
        user.age += 1
        await user.save()

    async with connect(f"{uri.rstrip('/')}/{database}", registry=User.__registry__):
        yield Mapper(
            make=lambda values: User(**values),
            insert=User.insert_many,
            find=lambda: User.find().to_list(),
            get=lambda user: User.get(user.id),
            save=save,
        )


OPENERS = {
    "EarnORM": partial(open_earnorm, plugins=()),
    "EarnORM, 2 plugins": partial(open_earnorm, plugins=("timestamp", "softdelete")),
}
