"""The fields that plugins contribute, seen through the mixins that their distributions export."""

from datetime import datetime
from typing import assert_type

from earnorm import BaseModel, Expression, Query, StringField
from earnorm_softdelete import SoftDeletable, only_deleted, restore, with_deleted
from earnorm_timestamp import Timestamped


class User(Timestamped, SoftDeletable, BaseModel):
    name = StringField()

    class Meta:
        plugins = ["timestamp", "softdelete"]


class Base(Timestamped, BaseModel):
    class Meta:
        abstract = True
        plugins = ["timestamp"]


class Page(Base):
    title = StringField()


async def uses(user: User, page: Page) -> None:
    assert_type(user.created_at, datetime)
    assert_type(user.updated_at, datetime)
    assert_type(user.deleted_at, datetime | None)
    assert_type(page.created_at, datetime)
    assert_type(User.created_at > datetime.now(), Expression)
    every: Query[User] = with_deleted(User.find())
    assert_type(await every, list[User])
    assert_type(await only_deleted(User.find(User.name == "Ada")), list[User])
    assert_type(await restore(user), int)
    user.deleted_at = None
