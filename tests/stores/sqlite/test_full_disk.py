"""A disk that is full: a clear error, nothing lost, and writes go on once there is space again."""

import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from earnorm.errors import StoreAccessError
from earnorm.stores import Insert
from earnorm.stores.sqlite import SqliteStore
from earnorm.typing import Index

LARGE = "x" * 4_000


async def everything(store: SqliteStore) -> list[dict[str, Any]]:
    return [each async for batch in store.find("things", {}) for each in batch]


@pytest.fixture
async def small(path: Path) -> AsyncIterator[SqliteStore]:
    """A store whose file may have 60 pages; SQLite answers as for a disk that is full."""
    store = await SqliteStore.open(str(path), name="sqlite:///my.db")
    await store.create_index("things", Index(fields=(("n", 1),), unique=True))
    await store.insert("things", [{"_id": 0, "n": 0}])
    await set_most_pages(store, 60)
    yield store
    await store.aclose()


async def set_most_pages(store: SqliteStore, pages: int) -> None:
    # the limit belongs to a connection, and this is the one of all plain operations
    await store._read(
        lambda session: session.connection.execute(f"PRAGMA max_page_count = {pages}").fetchall()
    )


def many(start: int, count: int) -> list[dict[str, Any]]:
    return [{"_id": start + n, "n": start + n, "t": LARGE} for n in range(count)]


Write = Callable[[SqliteStore], Any]


@pytest.mark.parametrize(
    "write",
    [
        lambda store: store.insert("things", many(1, 200)),
        lambda store: store.insert("things", many(1, 200), ordered=False),
        lambda store: store.bulk("things", [Insert(document=each) for each in many(1, 200)]),
        lambda store: store.bulk(
            "things", [Insert(document=each) for each in many(1, 200)], ordered=False
        ),
        lambda store: store.update("things", {}, {"$set": {"t": LARGE * 200}}),
        lambda store: store.replace("things", {"_id": 9}, {"t": LARGE * 200}, upsert=True),
    ],
)
async def test_a_write_without_space_is_whole_or_not_at_all(
    small: SqliteStore, write: Write
) -> None:
    with pytest.raises(StoreAccessError, match=r"my\.db cannot be .* full"):
        await write(small)

    assert await everything(small) == [{"_id": 0, "n": 0}]
    assert await small.verify() == []
    await small.insert("things", [{"_id": -1, "n": -1}])
    await set_most_pages(small, 10_000)
    await write(small)
    assert await small.verify() == []


async def test_deleting_makes_space(small: SqliteStore) -> None:
    acknowledged = await filled(small, 1)
    assert len(await everything(small)) == 1 + acknowledged

    await small.delete("things", {"_id": {"$gt": 10}})
    await small.insert("things", many(500, 5))

    assert await small.verify() == []


async def filled(store: SqliteStore, batch: int) -> int:
    """How many inserts were acknowledged before the disk was full."""
    acknowledged = 0
    while acknowledged < 100_000:
        try:
            await store.insert("things", many(1 + acknowledged, batch))
        except StoreAccessError as error:
            assert "full" in str(error)  # noqa: PT017  # how many came before is wanted too
            break
        acknowledged += batch
    return acknowledged


async def attempted(store: SqliteStore, documents: list[dict[str, Any]]) -> None:
    transaction = await store.begin()
    await transaction.insert("things", documents)
    await transaction.commit()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB, for which one has to be root."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no file system can be mounted here; the other tests limit SQLite instead")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def enlarge(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=16m", str(disk)], check=True)


@pytest.mark.once
async def test_a_disk_that_is_really_full_loses_nothing(tiny_disk: Path, tmp_path: Path) -> None:
    store = await SqliteStore.open(str(tiny_disk / "store.db"), name="sqlite:///my.db")
    await store.create_index("things", Index(fields=(("n", 1),), unique=True))
    acknowledged = await filled(store, 10)
    with pytest.raises(StoreAccessError, match="full"):
        await attempted(store, many(1 + acknowledged, 500))
    with pytest.raises(StoreAccessError):
        await store.compact()
    with pytest.raises(StoreAccessError):
        await store.backup(tiny_disk / "copy.db")

    assert [each["_id"] for each in await everything(store)] == list(range(1, 1 + acknowledged))
    assert [each.name for each in tiny_disk.iterdir() if "copy" in each.name] == []
    await store.backup(tmp_path / "copy.db")
    await store.aclose()

    enlarge(tiny_disk)
    again = await SqliteStore.open(str(tiny_disk / "store.db"), name="store")
    await again.insert("things", many(1 + acknowledged, 500))
    assert len(await everything(again)) == acknowledged + 500
    assert await again.verify() == []
    await again.aclose()
