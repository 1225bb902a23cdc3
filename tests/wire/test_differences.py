"""What differs on MongoDB by design, as docs/guide/mongodb.md says."""

import asyncio

import pytest

from earnorm import BaseModel, Database, ModelRegistry, PartialWriteError, StringField, connect
from earnorm.errors import WrongEventLoopError

pytestmark = pytest.mark.once


async def test_a_batch_is_stored_up_to_its_first_fault(mongodb_url: str) -> None:
    home = ModelRegistry("a test")

    class User(BaseModel, registry=home):
        name = StringField()

        class Meta:
            indexes = [{"fields": ["name"], "unique": True}]

    async with connect(mongodb_url, registry=home, indexes="apply"):
        batch = [User(name=name) for name in ("A", "B", "A", "C")]
        with pytest.raises(PartialWriteError, match=r"2(\.name)?: .*another document") as caught:
            await User.insert_many(batch)

        assert list(caught.value.written) == [0, 1]
        assert [user.name for user in await User.find().sort("name")] == ["A", "B"]
        assert [user.id is None for user in batch] == [False, False, True, True]
        batch[2].name = "D"
        await User.insert_many(batch[2:])
        assert await User.find().count() == 4


def test_a_database_is_closed_on_its_own_loop(mongodb_url: str) -> None:
    async def in_another_loop() -> None:
        with pytest.raises(WrongEventLoopError, match="belongs to the event loop that opened it"):
            await database.aclose()

    with asyncio.Runner() as runner:
        database = runner.run(_opened(mongodb_url))
        with asyncio.Runner() as other:
            other.run(in_another_loop())
        runner.run(database.aclose())


async def _opened(url: str) -> Database:
    return await connect(url, registry=ModelRegistry("a test"))
