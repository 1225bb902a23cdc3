"""Ids for new documents, as many as a call inserts."""

import os
import secrets
import time
from itertools import count
from typing import Final

from bson import ObjectId

__all__ = ["new_ids"]

_NUMBERS: Final = 2**24


class _Process:
    """What the ids of one process have in common, and its counter."""

    def __init__(self) -> None:
        self.number = os.getpid()
        self.random = secrets.token_bytes(5)
        self.counter = count(secrets.randbelow(_NUMBERS))


_process: _Process | None = None


def new_ids(number: int) -> list[ObjectId]:
    """So many ids that nobody else has, made as MongoDB's specification of ObjectId says.

    Seconds, five random bytes of this process, three of a counter: what `ObjectId()` does for one id takes
    four times as long as each of many takes here. Safe for threads, and after a fork.
    """
    global _process  # noqa: PLW0603 # made by the first who needs it, and made anew in a fork
    process = _process
    if process is None or process.number != os.getpid():
        process = _process = _Process()
    start, counter = int(time.time()).to_bytes(4) + process.random, process.counter
    return [ObjectId(start + (next(counter) % _NUMBERS).to_bytes(3)) for _ in range(number)]
