"""Saves Ada with the plugins named on the command line, and prints her as a second connection loads her."""

import asyncio
import json
import sys

from earnorm import BaseModel, StringField, connect


class Person(BaseModel):
    name = StringField()

    class Meta:
        plugins = sys.argv[1:]


async def main() -> None:
    async with connect("sqlite:///people.db"):
        await Person(name="Ada").save()
    async with connect("sqlite:///people.db"):
        (ada,) = await Person.find()
    document = {key: str(value) for key, value in ada.to_document().items()}
    journal = getattr(sys.modules.get("acme_audit"), "journal", [])
    print(json.dumps({"document": document, "journal": journal, "modules": sorted(sys.modules)}))


asyncio.run(main())
