"""A program that is killed in the middle of its writes: what `save` acknowledged is there, nothing is half."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from earnorm import BaseModel, IntegerField, ModelRegistry, StringField, connect

pytestmark = pytest.mark.once

PROGRAM = """
import asyncio, sys
from earnorm import BaseModel, IntegerField, StringField, connect

class Entry(BaseModel):
    kind = StringField()
    number = IntegerField()
    class Meta:
        plugins = ["timestamp", "softdelete"]
        indexes = [{"fields": [("kind", 1), ("number", 1)], "unique": True}]

def tell(*words):
    print(*words, flush=True)

async def main():
    async with connect(sys.argv[1]):
        start = await Entry.find().widen("softdelete").count()
        number = 1_000_000 * int(sys.argv[2]) + start
        while True:
            number += 1
            one = await Entry.create(kind="single", number=number)
            tell("saved", number)
            await Entry.insert_many([Entry(kind="batch", number=number * 100 + n) for n in range(50)])
            tell("batch", number)
            await one.delete()
            tell("deleted", number)

asyncio.run(main())
"""


def run_and_kill(folder: Path, round_number: int) -> list[str]:
    """What the program had acknowledged when it was killed."""
    program = folder / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), f"sqlite:///{folder}/kill.db", str(round_number)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    lines = [child.stdout.readline()]  # it is under way
    time.sleep(
        random.uniform(0.05, 0.3)
    )  # the moment of the kill is what varies; nothing waits for it
    os.kill(child.pid, signal.SIGKILL)
    lines += child.stdout.readlines()
    child.wait()
    child.stdout.close()
    return [line.strip() for line in lines if line.endswith("\n")]


@pytest.fixture
def entry() -> Any:
    class Entry(BaseModel, registry=ModelRegistry("killed")):
        kind = StringField()
        number = IntegerField()

        class Meta:
            collection = "entry"
            plugins = ["timestamp", "softdelete"]

    return Entry


async def test_no_acknowledged_write_is_lost_and_no_batch_is_half(
    tmp_path: Path, entry: Any
) -> None:
    told = [line for n in range(1, 4) for line in run_and_kill(tmp_path, n)]
    wanted = {
        word: {int(n) for w, n in map(str.split, told) if w == word}
        for word in ("saved", "batch", "deleted")
    }
    async with connect(f"sqlite:///{tmp_path}/kill.db", registry=entry.__registry__):
        everything = await entry.find().widen("softdelete")
    singles = {one.number: one for one in everything if one.kind == "single"}
    batches: dict[int, int] = {}
    for one in everything:
        if one.kind == "batch":
            batches[one.number // 100] = batches.get(one.number // 100, 0) + 1
    assert wanted["saved"]
    assert wanted["saved"] <= singles.keys()
    assert wanted["batch"] <= batches.keys()
    assert set(batches.values()) <= {50}
    assert all(singles[number].deleted_at is not None for number in wanted["deleted"])
    assert all(one.created_at <= one.updated_at for one in everything)
    with closing(sqlite3.connect(tmp_path / "kill.db")) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    file.close()
