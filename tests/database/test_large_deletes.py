"""Ten thousand documents refer to what is deleted: memory stays bounded, and a kill loses nothing."""

import json
import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from earnorm import BaseModel, ListField, ModelRegistry, ReferenceField, StringField

pytestmark = pytest.mark.once

MANY = 10_000
AT_ONCE = 500  # documents that a store gives in one batch

PROGRAM = """
import asyncio, json, sys
from earnorm import BaseModel, ListField, ReferenceField, connect, registry

@registry.plugin("tell")
class Tell:
    def after_delete(self, model, filter, deleted):
        print("deleted", deleted, flush=True)

    def after_update(self, model, filter, update, matched):
        print("nullified", matched, flush=True)

class User(BaseModel):
    pass

class Order(BaseModel):
    user = ReferenceField(User, on_delete="cascade")
    class Meta:
        plugins = ["tell"]
        indexes = [{"fields": ["user"]}]

class Line(BaseModel):
    order = ReferenceField(Order, on_delete="cascade")
    class Meta:
        indexes = [{"fields": ["order"]}]

class Note(BaseModel):
    about = ListField(ReferenceField(User, on_delete="nullify"))
    class Meta:
        plugins = ["tell"]
        indexes = [{"fields": ["about"]}]

async def fill():
    ada, bob = await User.insert_many([User(), User()])
    orders = await Order.insert_many([Order(user=ada) for _ in range(10_000)])
    await Line.insert_many([Line(order=orders[n * 5]) for n in range(2_000)])
    await Note.insert_many([Note(about=[ada, bob]) for _ in range(1_000)])
    await Line.create(order=await Order.create(user=bob))

async def check(database):
    users = {one.id for one in await User.find()}
    orders = {one.id: one async for one in Order.find()}
    lines = await Line.find()
    notes = await Note.find()
    dangling = sum(one.user.id not in users for one in orders.values())
    dangling += sum(one.order.id not in orders for one in lines)
    dangling += sum(item.id not in users for one in notes for item in one.about)
    held = sum(len(one.about) for one in notes)
    print(json.dumps([dangling, len(users), len(orders), len(lines), held]))

async def main():
    async with connect(sys.argv[1]) as database:
        if sys.argv[2] == "delete":
            print(await User.find(User.id == (await User.find().first()).id).delete())
        elif sys.argv[2] == "fill":
            await fill()
        else:
            await check(database)

asyncio.run(main())
"""


def start(folder: Path, mode: str) -> subprocess.Popen[str]:
    program = folder / "program.py"
    program.write_text(PROGRAM)
    command = [sys.executable, str(program), f"sqlite:///{folder}/shop.db", mode]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def run(folder: Path, mode: str) -> str:
    """What the program printed, if it ended well."""
    with start(folder, mode) as child:
        printed = child.communicate()[0]
    assert child.returncode == 0
    return printed


def kill_after(folder: Path, lines: int) -> None:
    """Ends a delete with SIGKILL in the middle, when it has told of so many batches."""
    with start(folder, "delete") as child:
        assert child.stdout is not None
        told = [child.stdout.readline() for _ in range(lines)]
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    assert all(one.startswith(("deleted", "nullified")) for one in told)
    assert child.returncode == -signal.SIGKILL


def test_a_delete_that_is_killed_leaves_nothing_dangling_and_can_be_run_again(
    tmp_path: Path,
) -> None:
    run(tmp_path, "fill")
    left = []
    for lines in (2, 5, 3, 200):
        kill_after(tmp_path, lines)
        dangling, users, orders, lines_left, held = json.loads(run(tmp_path, "check"))
        assert (dangling, users) == (0, 2)
        left.append((orders, lines_left, held))
    assert left == sorted(left, reverse=True)
    assert left[0][0] > left[1][0] > left[2][0] > left[3][0]  # each run went on where it was
    assert left[2][2] == 2_000 > left[3][2] > 1_000  # the last one was killed among the notes
    assert run(tmp_path, "delete").splitlines()[-1] == "1"
    assert json.loads(run(tmp_path, "check")) == [0, 1, 1, 1, 1_000]


def define(home: ModelRegistry) -> tuple[Any, Any, Any]:
    class User(BaseModel, registry=home):
        pass

    class Order(BaseModel, registry=home):
        user = ReferenceField(User, on_delete="cascade")
        text = StringField(default="x" * 1_000)

        class Meta:
            indexes = [{"fields": ["user"]}]

    class Note(BaseModel, registry=home):
        about = ListField(ReferenceField(User, on_delete="nullify"))
        text = StringField(default="x" * 1_000)

        class Meta:
            indexes = [{"fields": ["about"]}]

    return User, Order, Note


async def peak_of(work: Any) -> int:
    """The most memory, in bytes, that was allocated at once while `work` ran."""
    tracemalloc.start()
    try:
        await work
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


async def test_memory_does_not_grow_with_what_is_deleted(home: ModelRegistry, counted: Any) -> None:
    user, order, note = define(home)
    peaks = []
    for count in (1_000, MANY):
        ada = await user.create()
        await order.insert_many([order(user=ada) for _ in range(count)])
        await note.insert_many([note(about=[ada]) for _ in range(count // 10)])
        counted.forget()
        peaks.append(await peak_of(ada.delete()))
        assert counted.largest <= AT_ONCE
        deletes = [name for kind, name in counted.writes if kind == "delete"]
        assert deletes == ["order"] * (count // AT_ONCE) + ["user"]
        assert await order.find().count() == 0
        assert await note.find({"about": ada.id}).count() == 0
    small, large = peaks
    # The embedded store lists the rows that its index gives: a few bytes for each, and no documents.
    assert large < small + MANY * 200
    assert large < MANY * 1_000 / 2  # less than half of what the documents are
