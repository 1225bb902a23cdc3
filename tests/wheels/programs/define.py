"""Defines a model for each list of plugins on the command line, and prints what came of it, as JSON."""

import json
import sys
from typing import Any

from earnorm import BaseModel, EarnORMError


def define(asked: list[str]) -> dict[str, Any]:
    """From `plugin`, or from `plugin:option=number`."""
    given = {
        name: {option: int(number)}
        for name, _, text in (one.partition(":") for one in asked)
        for option, _, number in (text.partition("="),)
        if text
    }
    try:

        class Note(BaseModel):
            class Meta:
                plugins = [one.partition(":")[0] for one in asked]
                plugin_options = given
    except EarnORMError as error:
        return {"error": type(error).__name__, "message": str(error)}
    metadata = Note.__metadata__
    return {
        "plugins": [f"{one.name} {one.distribution} {one.version}" for one in metadata.plugins],
        "implied": dict(metadata.implied_plugins),
        "options": {name: repr(one) for name, one in metadata.plugin_options.items()},
    }


print(json.dumps({asked: define(asked.split("+")) for asked in sys.argv[1:]}))
