"""The named parts of a JSON Schema."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

__all__ = ["Definitions"]

Schema = dict[str, Any]


class Definitions:
    """What stands under `$defs`: each embedded model once, however often and deep it is held.

    A name that two models share is numbered for the later one.
    """

    def __init__(self) -> None:
        self.schemas: dict[str, Schema] = {}
        self._names: dict[object, str] = {}

    def refer(self, key: object, name: str, build: Callable[["Definitions"], Schema]) -> Schema:
        """A reference to the schema of `key`, which is built when it is referred to for the first time."""
        known = self._names.get(key)
        if known is None:
            known = self._names[key] = self._unused(name)
            self.schemas[
                known
            ] = {}  # stands there while it is built, for a model that holds itself
            self.schemas[known] = build(self)
        # RFC 6901 escapes "~" and "/"; what follows "#" in a URI is percent-encoded.
        return {"$ref": f"#/$defs/{quote(known.replace('~', '~0').replace('/', '~1'))}"}

    def _unused(self, name: str) -> str:
        candidate, number = name, 2
        while candidate in self.schemas:
            candidate, number = f"{name}{number}", number + 1
        return candidate
