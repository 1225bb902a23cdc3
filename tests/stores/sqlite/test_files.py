import os
import sqlite3
from pathlib import Path

import pytest

from earnorm.errors import StoreAccessError, StoreCorruptError, StoreVersionError
from earnorm.stores.sqlite import SqliteStore
from earnorm.stores.sqlite.file_format import APPLICATION_ID, FORMAT_VERSION


async def filled(path: Path, count: int = 50) -> None:
    store = await SqliteStore.open(str(path), name="store")
    await store.insert("things", [{"_id": n, "text": "x" * 500} for n in range(count)])
    await store.aclose()


def sql(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


async def test_a_file_says_whose_it_is_and_in_which_format(path: Path) -> None:
    await filled(path)

    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA user_version").fetchone() == (FORMAT_VERSION,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


async def test_a_file_of_a_newer_format_is_left_alone(path: Path) -> None:
    await filled(path)
    sql(path, f"PRAGMA user_version = {FORMAT_VERSION + 1}")
    before = path.read_bytes()

    with pytest.raises(StoreVersionError, match=rf"version {FORMAT_VERSION}.*upgrade EarnORM"):
        await SqliteStore.open(str(path), name="store")

    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE TABLE people (name)"],
        ["CREATE TABLE people (name)", "PRAGMA journal_mode = WAL"],
        ["PRAGMA application_id = 7"],
    ],
)
async def test_another_programs_database_is_left_alone(path: Path, statements: list[str]) -> None:
    sql(path, *statements)
    before = path.read_bytes()

    with pytest.raises(StoreVersionError, match="belongs to another program"):
        await SqliteStore.open(str(path), name="store")

    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("content", [b"h", b"hello", b"x" * 5_000, b"SQLite format 3\x00"])
async def test_what_is_no_database_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(StoreCorruptError, match=r"sqlite:///my\.db cannot be read"):
        await SqliteStore.open(str(path), name="sqlite:///my.db")

    assert path.read_bytes() == content


async def test_an_empty_file_becomes_a_store(path: Path) -> None:
    path.touch()
    await filled(path)

    assert path.stat().st_size > 0


async def test_a_damaged_file_is_reported(path: Path) -> None:
    await filled(path, 2_000)
    content = bytearray(path.read_bytes())
    content[8_192:-8_192] = os.urandom(len(content) - 16_384)
    path.write_bytes(content)

    store = await SqliteStore.open(str(path), name="store")
    with pytest.raises(StoreCorruptError):
        await store.count("things", {"text": "y"})
    await store.aclose()


async def test_a_damaged_document_is_reported(path: Path) -> None:
    await filled(path)
    sql(path, "UPDATE c1 SET doc = x'0102' WHERE rid = 7")
    store = await SqliteStore.open(str(path), name="store")

    with pytest.raises(StoreCorruptError, match="a document is damaged"):
        await store.count("things", {"a": {"$gt": 1}})
    await store.aclose()


async def test_a_directory_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreAccessError, match=r"no such place' does not exist"):
        await SqliteStore.open(str(tmp_path / "no such place" / "a.db"), name="store")


async def test_a_directory_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreAccessError, match="is a directory"):
        await SqliteStore.open(str(tmp_path), name="store")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
async def test_a_file_that_may_not_be_written_is_reported(path: Path) -> None:
    await filled(path)
    path.chmod(0o400)
    path.parent.chmod(0o500)

    with pytest.raises(StoreAccessError):
        await SqliteStore.open(str(path), name="store")
    path.parent.chmod(0o700)


async def test_a_full_disk_is_reported_and_nothing_is_half_written(path: Path) -> None:
    store = await SqliteStore.open(str(path), name="store")
    await store.insert("things", [{"_id": 0}])
    # the worker's own connection is told that the disk ends here
    await store._read(lambda session: session.connection.execute("PRAGMA max_page_count = 40"))

    with pytest.raises(StoreAccessError, match="full"):
        await store.insert("things", [{"_id": n, "text": "x" * 1_000} for n in range(1, 500)])

    assert await store.count("things", {}) == 1
    await store.delete("things", {"_id": 0})
    assert await store.count("things", {}) == 0
    await store.aclose()


@pytest.mark.parametrize("what", ["deleted", "moved", "replaced"])
@pytest.mark.skipif(os.name == "nt", reason="Windows deletes and moves no file that is open")
async def test_no_write_goes_to_a_file_that_nobody_finds_any_longer(
    path: Path, tmp_path: Path, what: str
) -> None:
    other = tmp_path / "other.db"
    await filled(path)
    await filled(other, 1)
    store = await SqliteStore.open(str(path), name="sqlite:///mine.db")
    begun, new = await store.begin(), await store.begin()
    await begun.insert("things", [{"_id": "a"}])

    if what == "deleted":
        path.unlink()
    elif what == "moved":
        path.rename(tmp_path / "elsewhere.db")
    else:
        other.replace(path)

    fault = "was put in its place" if what == "replaced" else "was deleted or moved"
    with pytest.raises(StoreAccessError, match=f"mine.db .*{fault} while it was open"):
        await begun.commit()
    for write in (
        store.insert("things", [{"_id": "b"}]),
        store.delete("things", {}),
        store.drop_collection("things"),
        new.insert("things", [{"_id": "c"}]),
    ):
        with pytest.raises(StoreAccessError, match=fault):
            await write
    assert await store.count("things", {}) == 50, "what is open can still be read and saved"
    await store.aclose()
