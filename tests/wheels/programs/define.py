"""Defines a model for each list of plugins on the command line, and prints what came of it, as JSON."""

import json
import sys
from typing import Any

from earnorm import BaseModel, EarnORMError


def define(names: list[str]) -> dict[str, Any]:
    try:

        class Note(BaseModel):
            class Meta:
                plugins = names
    except EarnORMError as error:
        return {"error": type(error).__name__, "message": str(error)}
    metadata = Note.__metadata__
    return {
        "plugins": [f"{one.name} {one.distribution} {one.version}" for one in metadata.plugins],
        "implied": dict(metadata.implied_plugins),
    }


print(json.dumps({asked: define(asked.split("+")) for asked in sys.argv[1:]}))
