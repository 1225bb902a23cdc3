"""Connecting, closing, and who uses which database."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from earnorm import (
    AlreadyConnectedError,
    BaseModel,
    Database,
    DuplicateKeyError,
    EarnORMError,
    IndexConflictError,
    IndexWarning,
    ModelRegistry,
    NotConnectedError,
    StoreClosedError,
    StoreURLError,
    StringField,
    WrongEventLoopError,
    connect,
)


def define(home: ModelRegistry, **options: object) -> Any:
    meta = type("Meta", (), {"collection": "users", **options})
    return type("User", (BaseModel,), {"name": StringField(), "Meta": meta}, registry=home)


async def test_a_model_without_a_database_says_how_to_connect(home: ModelRegistry) -> None:
    user = define(home)
    for use in (
        user(name="Ada").save,
        user.find().to_list,
        user.find().count,
        user(name="Ada").delete,
    ):
        with pytest.raises(NotConnectedError, match="async with connect"):
            await use()
    with pytest.raises(NotConnectedError):
        await user.find()


async def test_nothing_is_opened_before_the_connection_is_entered(
    home: ModelRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    connection = connect("sqlite:///made.db", registry=home)
    assert list(tmp_path.iterdir()) == []
    async with connection:
        assert (tmp_path / "made.db").exists()


async def test_connect_can_be_awaited_and_closed(home: ModelRegistry) -> None:
    user = define(home)
    database = await connect("sqlite://", registry=home)
    assert home.database is database
    await user(name="Ada").save()
    await database.aclose()
    await database.aclose()
    assert home.database is None
    with pytest.raises(NotConnectedError):
        await user(name="Bob").save()
    with pytest.raises(StoreClosedError, match="is closed"):
        await database.save(user(name="Bob"))


async def test_the_url_comes_from_the_environment_else_a_file(
    home: ModelRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EARNORM_DATABASE_URL", "sqlite:///from_environment.db")
    async with connect(registry=home):
        assert (tmp_path / "from_environment.db").exists()
    monkeypatch.delenv("EARNORM_DATABASE_URL")
    async with connect(registry=home) as database:
        assert (tmp_path / "earnorm.db").exists()
        assert database.url == "sqlite:///earnorm.db"


async def test_a_bound_registry_refuses_a_second_connection(home: ModelRegistry) -> None:
    async with connect("sqlite://", registry=home):
        with pytest.raises(AlreadyConnectedError, match="is connected to sqlite:// already"):
            await connect("sqlite://", registry=home)


@pytest.mark.parametrize(
    "url", ["", "shop.db", "postgres://localhost/x", "sqlite:///x.db?sync=full"]
)
async def test_a_url_that_cannot_be_understood_says_what_can(home: ModelRegistry, url: str) -> None:
    with pytest.raises(StoreURLError, match="sqlite:///relative/file.db"):
        await connect(url, registry=home)
    assert home.database is None


async def test_a_connection_opened_in_one_task_serves_the_others(home: ModelRegistry) -> None:
    user = define(home)
    opened, finish = asyncio.Event(), asyncio.Event()

    async def start_up() -> None:
        async with connect("sqlite://", registry=home):
            opened.set()
            await finish.wait()

    async def request(number: int) -> None:
        await user(name=f"user {number}").save()

    server = asyncio.create_task(start_up())
    await opened.wait()
    await asyncio.gather(*(asyncio.create_task(request(number)) for number in range(20)))
    assert await user.find().count() == 20
    finish.set()
    await server


async def test_entering_and_leaving_may_happen_in_different_tasks(home: ModelRegistry) -> None:
    user, connection = define(home), connect("sqlite://", registry=home)
    await asyncio.create_task(connection.__aenter__())
    await user(name="Ada").save()
    await asyncio.create_task(connection.__aexit__(None, None, None))
    assert home.database is None


async def test_two_registries_on_two_files_do_not_mix(tmp_path: Path) -> None:
    one, two = ModelRegistry("one"), ModelRegistry("two")
    first, second = define(one), define(two)
    async with (
        connect(f"sqlite:///{tmp_path}/one.db", registry=one),
        connect(f"sqlite:///{tmp_path}/two.db", registry=two),
    ):
        await first(name="in one").save()
        await second(name="in two").save()
        assert [user.name for user in await first.find()] == ["in one"]
        assert [user.name for user in await second.find()] == ["in two"]


async def test_documents_are_there_after_connecting_again(
    home: ModelRegistry, tmp_path: Path
) -> None:
    user, url = define(home), f"sqlite:///{tmp_path}/shop.db"
    async with connect(url, registry=home):
        ada = await user.create(name="Ada")
    async with connect(url, registry=home):
        assert await user.get(ada.id) == ada


async def test_use_overrides_the_database_for_this_task_and_those_it_starts(
    home: ModelRegistry,
) -> None:
    user, tenants = define(home), ModelRegistry("tenants")
    async with (
        connect("sqlite://", registry=home),
        connect("sqlite://", registry=tenants) as tenant,
    ):
        with tenant.use():
            await user(name="tenant's").save()
            counted = await asyncio.create_task(user.find().count())
        assert counted == 1
        assert await user.find().count() == 0
        await tenant.save(user(name="explicit"))
        with tenant.use():
            assert sorted([one.name for one in await user.find()]) == ["explicit", "tenant's"]


async def test_a_model_defined_after_connect_has_its_unique_index_enforced(
    home: ModelRegistry,
) -> None:
    async with connect("sqlite://", registry=home):
        late = define(home, indexes=[{"fields": ["name"], "unique": True}])
        await late(name="Ada").save()
        with pytest.raises(DuplicateKeyError):
            await late(name="Ada").save()


async def test_indexes_are_planned_and_applied(home: ModelRegistry, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    user = define(home, indexes=[{"fields": ["name"]}])
    async with connect(url, registry=home, indexes="off") as database:
        assert [(c.kind, c.index.name) for c in await database.indexes.plan()] == [
            ("missing", "name_1")
        ]
        assert [c.kind for c in await database.indexes.apply()] == ["missing"]
        assert await database.indexes.plan() == []
    home.unregister(user)
    changed = define(home, indexes=[{"fields": ["name"], "unique": True}])
    with pytest.raises(
        IndexConflictError, match="'name_1' of the collection 'users'.*indexes='off'"
    ):
        await connect(url, registry=home)
    async with connect(url, registry=home, indexes="off") as database:
        assert [c.kind for c in await database.indexes.plan()] == ["changed"]
        await database.indexes.apply(drop=True)
        await changed(name="Ada").save()
        with pytest.raises(DuplicateKeyError):
            await changed(name="Ada").save()


@pytest.mark.parametrize(
    ("mode", "hint"),
    [("aply", " Did you mean 'apply'?"), ("xyzzy", ""), (False, ""), ([], "")],
)
def test_a_mode_that_is_none_is_refused_at_once(mode: Any, hint: str) -> None:
    with pytest.raises(ValueError, match="connect takes") as caught:
        _ = connect("sqlite://", indexes=mode)
    assert isinstance(caught.value, EarnORMError)
    message = f"connect takes indexes='apply', 'warn' or 'off', not {mode!r}.{hint}"
    assert str(caught.value) == message


async def test_models_that_live_in_another_registry_get_no_indexes_here(
    home: ModelRegistry,
) -> None:
    guest = define(ModelRegistry("elsewhere"), indexes=[{"fields": ["name"]}])
    home.register(guest)
    async with connect("sqlite://", registry=home) as database:
        assert await database.store.indexes("users") == []
        assert await database.indexes.plan() == []
        with database.use():  # unless its documents do come here
            await guest(name="Ada").save()
        assert [index.name for index in await database.store.indexes("users")] == ["name_1"]


async def test_two_models_of_one_collection_may_not_contradict_each_other(
    home: ModelRegistry,
) -> None:
    def declare(key: str, **index: Any) -> Any:
        meta = type("Meta", (), {"collection": "users", "indexes": [{"fields": ["name"], **index}]})
        names = {"__module__": "shop", "__qualname__": key, "name": StringField(), "Meta": meta}
        return type(key, (BaseModel,), names, registry=home)

    declare("User")
    declare("Same")
    declare("Admin", name="other", unique=True)
    async with connect("sqlite://", registry=home) as database:
        assert await database.indexes.plan() == []
    declare("Clashing", unique=True)
    match = (
        r"shop\.User and shop\.Clashing share the collection 'users', and declare two different indexes "
        r"called 'name_1': \[\('name', 1\)\], and \[\('name', 1\)\], unique\. Give one of them a name"
    )
    with pytest.raises(IndexConflictError, match=match) as caught:
        await connect("sqlite://", registry=home)
    assert (caught.value.collection, caught.value.index) == ("users", "name_1")
    async with connect("sqlite://", registry=home, indexes="off") as database:
        with pytest.raises(IndexConflictError, match=match):
            await database.indexes.plan()


async def test_warn_tells_of_missing_indexes_and_creates_none(home: ModelRegistry) -> None:
    define(home, indexes=[{"fields": ["name"]}])
    with pytest.warns(IndexWarning, match="lacks the indexes name_1"):
        database = await connect("sqlite://", registry=home, indexes="warn")
    assert [change.kind for change in await database.indexes.plan()] == ["missing"]
    await database.aclose()


async def test_an_index_that_no_model_declares_is_only_dropped_when_asked(
    home: ModelRegistry,
) -> None:
    user = define(home, indexes=[{"fields": ["name"]}])
    async with connect("sqlite://", registry=home) as database:
        home.unregister(user)
        define(home)
        assert [change.kind for change in await database.indexes.plan()] == ["extra"]
        assert await database.indexes.apply() == []
        await database.indexes.apply(drop=True)
        assert await database.indexes.plan() == []


async def test_documents_that_break_a_new_unique_index_stop_the_connection(
    home: ModelRegistry, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path}/shop.db"
    user = define(home)
    async with connect(url, registry=home):
        await user.insert_many([user(name="Ada"), user(name="Ada")])
    home.unregister(user)
    define(home, indexes=[{"fields": ["name"], "unique": True}])
    with pytest.raises(DuplicateKeyError, match="name: is taken"):
        await connect(url, registry=home)
    assert home.database is None


def test_a_database_belongs_to_the_loop_that_opened_it(home: ModelRegistry) -> None:
    user = define(home)
    database: Database | None = None

    async def open_it() -> None:
        nonlocal database
        database = await connect("sqlite://", registry=home)

    async def use_it() -> None:
        await user(name="Ada").save()

    asyncio.run(open_it())
    with pytest.raises(WrongEventLoopError, match="belongs to the event loop that opened it"):
        asyncio.run(use_it())
    assert database is not None
    asyncio.run(database.aclose())
