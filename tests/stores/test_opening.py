from pathlib import Path
from typing import Any

import pytest

from earnorm.errors import StoreURLError
from earnorm.stores import Store, open_store
from earnorm.stores.sqlite import SqliteStore


async def made(url: str) -> Store:
    store = await open_store(url)
    await store.insert("things", [{"_id": 1}])
    await store.aclose()
    return store


async def test_three_slashes_are_a_path_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    store = await made("sqlite:///shop.db")

    assert isinstance(store, SqliteStore)
    assert store.name == "sqlite:///shop.db"
    assert (tmp_path / "shop.db").exists()


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("a%20b.db", "a b.db"),
        ("a%3Fb%23.db", "a?b#.db"),
        ("a#b.db", "a#b.db"),
        ("%C3%A9.db", "é.db"),
    ],
)
async def test_four_slashes_are_an_absolute_path_and_escapes_are_undone(
    tmp_path: Path, written: str, name: str
) -> None:
    await made(f"sqlite:///{tmp_path}/{written}?synchronous=full&busy_timeout=0.5")

    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite://?synchronous=normal"])
async def test_without_a_path_the_store_is_in_memory(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    await made(url)

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("sqlite:///a.db?sync=full", "'sync' is unknown.*'synchronous'"),
        ("sqlite:///a.db?busy_timout=1", "did you mean 'busy_timeout'"),
        ("sqlite:///a.db?synchronous=off", "'normal' or 'full', not 'off'"),
        ("sqlite:///a.db?busy_timeout=soon", "number of seconds, not 'soon'"),
        ("sqlite:///a.db?busy_timeout=-1", "number of seconds"),
        ("sqlite:///a.db?busy_timeout=nan", "number of seconds"),
        ("sqlite://a.db", "did you mean 'sqlite:///a.db'"),
        ("sqlite:///", "names no file"),
        ("sqlite:///a%00b", "names no file"),
        ("postgres://localhost/x", "'postgres' is not the scheme"),
        ("shop.db", "cannot connect to 'shop.db': it does not begin with a scheme"),
        ("sqlite:shop.db", "it does not begin with a scheme"),
        ("", "cannot connect to '': it does not begin with a scheme"),
    ],
)
async def test_a_url_that_cannot_be_understood_says_why(url: str, fault: str) -> None:
    with pytest.raises(StoreURLError, match=fault):
        await open_store(url)


async def test_a_message_keeps_secrets() -> None:
    with pytest.raises(StoreURLError) as caught:
        await open_store("postgres://user:secret@localhost/shop")

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "mongodb:/ada:pa55word@host/db",
        "mongodb//ada:pa55word@host/db",
        "ada:pa55word@host",
        "nothing://ad\na:pa55\nword@host/db",
        "nothing://host/db?user=ada&password=pa55word",
        "nothing://ada:1?pa55word@host/db",
        "mongodb://ada:1?pa55word@host/db",
        "mongodb://ada:1/?pa55word@host/db",
    ],
)
async def test_no_message_shows_a_secret_of_a_url_however_it_is_written(url: str) -> None:
    with pytest.raises(StoreURLError) as caught:
        await open_store(url)

    shown = str(caught.value) + caught.value.url
    assert "ada" not in shown
    assert "55" not in shown


async def test_a_scheme_may_be_written_in_capitals() -> None:
    store = await open_store("SQLite://")
    assert store.name == "sqlite://"
    await store.aclose()


async def test_a_store_that_is_installed_after_another_was_opened_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made("sqlite://")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(StoreURLError, match="'shelf' is not the scheme of a store"):
        await open_store("shelf://")

    _install(tmp_path, "acme-shelf", "shelf = earnorm.stores.sqlite:open_sqlite")

    store = await open_store("shelf://")
    assert isinstance(store, SqliteStore)
    await store.aclose()


async def test_two_distributions_with_one_scheme_are_an_error_that_names_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made("sqlite://")
    _install(tmp_path, "acme-lite", "sqlite = acme_lite:open_lite")
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(StoreURLError, match="two stores, acme_lite:open_lite .acme-lite. and earn"):
        await open_store("sqlite://")


def _install(site: Path, distribution: str, point: str) -> None:
    folder = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[earnorm.stores]\n{point}\n")


@pytest.mark.parametrize("url", [5, b"sqlite://"])
async def test_what_is_no_string_is_no_url(url: Any) -> None:
    with pytest.raises(StoreURLError, match="a URL is a string, not (int|bytes)"):
        await open_store(url)
