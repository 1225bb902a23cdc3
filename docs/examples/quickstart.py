"""Users in an embedded file, with two installed plugins and one that is written here.

The file lies in a temporary directory, so run it as often as you like.
"""

import asyncio
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from earnorm import (
    BaseModel,
    DuplicateKeyError,
    EmailField,
    StringField,
    UniqueValidator,
    connect,
    registry,
)
from earnorm_softdelete import LIVING, restore, with_deleted


@registry.plugin("lowercase")
class Lowercase:
    """A plugin of our own: a plain class with a plain method, named after the hook."""

    def before_save(self, instance):
        instance.email = instance.email.lower()


class User(BaseModel):
    name = StringField(max_length=80)
    email = EmailField()

    class Meta:
        collection = "users"
        plugins = ["lowercase", "timestamp", "softdelete"]
        validators = [UniqueValidator("email")]
        indexes = [{"fields": [("email", 1)], "unique": True, "partial": LIVING}]


async def main() -> None:
    with TemporaryDirectory() as directory:
        url = f"sqlite:///{Path(directory) / 'quickstart.db'}"
        async with connect(url):
            await live()
        async with connect(url):
            (ada,) = await User.find()
            say("opened the file again", f"{ada.name} <{ada.email}>")


async def live() -> None:
    ada = await User.create(name="Ada Lovelace", email="Ada@Example.org")
    say("saved", f"{ada.name}, id {ada.id}")
    say("  by our plugin", f"email {ada.email}")
    say("  by timestamp", f"created_at {in_full(ada.created_at)}")

    try:
        await User.create(name="Impostor", email="ADA@example.org")
    except DuplicateKeyError as error:
        say("a second ADA@example.org", f"refused: {error.errors[0]}")

    await ada.delete()
    say("deleted", f"a find gives {await User.find()}")
    (marked,) = await with_deleted(User.find())
    say("  by softdelete", f"deleted_at {in_full(marked.deleted_at)}")

    await restore(ada)
    (found,) = await User.find(User.email == "ada@example.org")
    say("restored", f"a find gives {found.name}")
    say("  by timestamp", f"updated_at {in_full(found.updated_at)}")


def in_full(moment: datetime) -> str:
    return moment.isoformat(" ", "milliseconds")


def say(what: str, result: object) -> None:
    print(f"{what:<26}{result}")


asyncio.run(main())
