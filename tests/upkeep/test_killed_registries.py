"""A program that is killed while it writes down what models are, or restores it: what is there is whole."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from earnorm import Database, ModelRegistry, RegistryHistory
from earnorm.stores import open_store
from earnorm.upkeep import export_registry
from tests.model_registry.conftest import define

pytestmark = pytest.mark.once

RECORD = """
import asyncio, itertools, sys, warnings
from earnorm import BaseModel, Database, IntegerField, ModelRegistry
from earnorm.stores import open_store

warnings.simplefilter("ignore")

def state(number):
    home = ModelRegistry(str(number))
    for name in range(4):
        fields = {"n": IntegerField(maximum=number)}
        spaced = {"__module__": "shop", "__qualname__": f"Model{name}", "_collection": f"m{name}"}
        type(f"Model{name}", (BaseModel,), {**spaced, **fields}, registry=home)
    return home

async def main():
    store = await open_store(sys.argv[1])
    for number in itertools.count(int(sys.argv[2])):
        entries = await Database(store, state(number)).record_registry()
        print(entries[-1].revision if entries else 0, flush=True)

asyncio.run(main())
"""

FOLD = """
import asyncio, sys
from datetime import timedelta
from earnorm import Database, ModelRegistry
from earnorm.stores import open_store

async def main():
    database = Database(await open_store(sys.argv[1]), ModelRegistry())
    while True:
        told = await database.fold_registry(apply=True, grace=timedelta(0))
        print(told.revision, flush=True)

asyncio.run(main())
"""

RESTORE = """
import asyncio, sys
from pathlib import Path
from earnorm.stores import open_store
from earnorm.upkeep import import_registry

async def main():
    store = await open_store(sys.argv[1])
    print("begun", flush=True)
    await import_registry(Path(sys.argv[2]), store, data=True)
    print("done", flush=True)
    await store.aclose()

asyncio.run(main())
"""


def started(program: str, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def run_and_kill(program: str, *arguments: str, longest: float) -> list[str]:
    """The lines that the program had written when it was killed, or when it was done."""
    child = started(program, *arguments)
    assert child.stdout is not None
    lines = [child.stdout.readline()]  # it is under way
    time.sleep(random.uniform(0, longest))  # the moment of the kill is what varies
    os.kill(child.pid, signal.SIGKILL)
    lines += child.stdout.readlines()
    child.wait()
    child.stdout.close()
    return [line.strip() for line in lines if line.endswith("\n")]


def run_to_the_end(program: str, *arguments: str) -> str:
    child = started(program, *arguments)
    written, _ = child.communicate()
    assert child.returncode == 0
    return written


async def history_at(url: str) -> RegistryHistory:
    store = await open_store(url)
    try:
        return await Database(store, ModelRegistry()).registry_history()
    finally:
        await store.aclose()


@pytest.mark.parametrize("rounds", [3, pytest.param(150, marks=pytest.mark.soak)])
async def test_what_was_recorded_when_a_program_was_killed_is_whole(
    tmp_path: Path, rounds: int
) -> None:
    url, told = f"sqlite:///{tmp_path}/kill.db", 0
    for number in range(1, rounds + 1):
        lines = run_and_kill(RECORD, url, str(1000 * number), longest=0.4)
        history = await history_at(url)
        told = max([told, *map(int, lines)])
        assert history.revision >= told, "what was acknowledged is there"
        assert [one.revision for one in history.entries] == list(range(1, len(history) + 1))
    assert told > 0


async def test_two_programs_that_record_at_once_and_are_killed_leave_one_history(
    tmp_path: Path,
) -> None:
    url = f"sqlite:///{tmp_path}/kill.db"
    programs = [started(RECORD, url, start) for start in ("1000", "100000")]
    told: list[str] = []
    for program in programs:
        assert program.stdout is not None
        told += [program.stdout.readline() for _ in range(5)]
    for program in programs:
        program.kill()
        program.communicate()
    history = await history_at(url)
    assert history.revision >= max(map(int, told))


@pytest.mark.parametrize("rounds", [3, pytest.param(30, marks=pytest.mark.soak)])
async def test_a_history_is_whole_after_whoever_folded_and_recorded_was_killed(
    tmp_path: Path, rounds: int
) -> None:
    url, told, folded = f"sqlite:///{tmp_path}/kill.db", 0, set[int]()
    for number in range(1, rounds + 1):
        recorder = started(RECORD, url, str(1000 * number))
        assert recorder.stdout is not None
        lines = [recorder.stdout.readline() for _ in range(3)]
        cuts = run_and_kill(FOLD, url, longest=0.3)
        recorder.kill()
        lines += recorder.communicate()[0].splitlines()
        history = await history_at(url)
        told = max(told, *map(int, filter(str.strip, lines)))
        assert history.revision >= told, "what was acknowledged is there"
        assert history.oldest >= max(map(int, cuts))
        folded.add(history.oldest)
        check_versions(history)
    assert len(folded) == rounds
    run_until(FOLD, url, str((await history_at(url)).revision))
    assert len(await history_at(url)) == 4


def check_versions(history: RegistryHistory) -> None:
    """Every entry of these models was a version of its own, so none is missing in their numbers."""
    versions = [history.history(key)[-1].version or 0 for key in history.keys]
    assert sum(versions) == history.revision
    rest = [one.revision for one in history.entries if one.versions is None]
    assert rest == list(range(history.oldest + 1, history.revision + 1))


def run_until(program: str, url: str, line: str) -> None:
    """Lets the program run until it has written this line."""
    child = started(program, url)
    assert child.stdout is not None
    for written in child.stdout:
        if written.strip() == line:
            break
    child.kill()
    child.communicate()


async def exported(folder: Path, models: int, documents: int) -> Path:
    """A file with a history and documents."""
    store = await open_store("sqlite://")
    home = ModelRegistry("exported")
    for number in range(models):
        define(home, f"shop.Model{number}")
    await Database(store, home).record_registry()
    for start in range(0, documents, 1000):
        batch = [{"_id": start + n, "text": "x" * 100} for n in range(1000)]
        await store.insert("shop.Model0", batch)
    history = await Database(store, home).registry_history()
    await export_registry(history, folder / "file", data=store)
    await store.aclose()
    return folder / "file"


@pytest.mark.parametrize(
    ("rounds", "models", "documents"),
    [(1, 600, 3000), pytest.param(20, 2000, 20_000, marks=pytest.mark.soak)],
)
async def test_a_restoration_that_was_killed_is_whole_as_far_as_it_goes_and_can_be_repeated(
    tmp_path: Path, rounds: int, models: int, documents: int
) -> None:
    file = await exported(tmp_path, models, documents)
    revisions: set[int] = set()
    for number in range(rounds):
        url, lines = f"sqlite:///{tmp_path}/{number}.db", list[str]()
        for longest in (0.5, 1.0, 2.0):
            lines = run_and_kill(RESTORE, url, str(file), longest=longest)
            revisions.add((await history_at(url)).revision)
        if "done" not in lines:
            assert run_to_the_end(RESTORE, url, str(file)) == "begun\ndone\n"
        await check_restored(url, file, tmp_path / "again")
    assert revisions <= {*range(0, models, 500), models}


async def check_restored(url: str, file: Path, again: Path) -> None:
    store = await open_store(url)
    await export_registry(await history_at(url), again, data=store)
    await store.aclose()
    assert again.read_bytes() == file.read_bytes()
