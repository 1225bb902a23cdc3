"""Indexes, planned and applied: what is compared, in what order it is done, and what is told of it."""

import asyncio
from typing import Any

import pytest
from bson import Int64
from pymongo.errors import AutoReconnect, OperationFailure

from earnorm import (
    BaseModel,
    Database,
    DateTimeField,
    DuplicateKeyError,
    IndexConflictError,
    IndexProgress,
    IndexWarning,
    IntegerField,
    ModelRegistry,
    StringField,
    connect,
)
from earnorm.database import index_building
from earnorm.stores import Capability, IndexBuild
from earnorm.typing import Index


def define(home: ModelRegistry, *indexes: dict[str, Any]) -> Any:
    fields = {
        "name": StringField(required=False),
        "age": IntegerField(required=False),
        "seen": DateTimeField(required=False),
    }
    meta = type("Meta", (), {"collection": "users", "indexes": list(indexes)})
    return type("User", (BaseModel,), {**fields, "Meta": meta}, registry=home)


class ServerStore:
    """A store that others look after, as a server's is: it keeps indexes, and lets builds be seen."""

    name = "mongodb://pretended/shop"
    capabilities = frozenset({Capability.INDEX_BUILDS})

    def __init__(self, *stored: Index) -> None:
        self.stored = list(stored)
        self.calls: list[tuple[str, str]] = []
        self.answers: list[Any] = []
        self.is_built = asyncio.Event()
        self.is_built.set()
        self.refusal: OperationFailure | None = None

    async def indexes(self, collection: str) -> list[Index]:
        return list(self.stored)

    async def create_index(self, collection: str, index: Index) -> None:
        self.calls.append(("create", index.name))
        await self.is_built.wait()
        if self.refusal:
            raise self.refusal
        self.stored.append(index)

    async def drop_index(self, collection: str, name: str) -> None:
        self.calls.append(("drop", name))
        self.stored = [index for index in self.stored if index.name != name]

    async def index_builds(self, collection: str) -> list[IndexBuild]:
        if not self.answers:
            self.is_built.set()
            return []
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        built: list[IndexBuild] = answer
        return built


@pytest.fixture
def building(monkeypatch: pytest.MonkeyPatch) -> ServerStore:
    """A server whose index is not built before it has given all its answers, which are asked for at once."""
    monkeypatch.setattr(index_building, "POLL_SECONDS", 0.001)
    store = ServerStore()
    store.is_built.clear()
    return store


def database_of(store: ServerStore, home: ModelRegistry, **options: Any) -> Database:
    anything: Any = store
    return Database(anything, home, **options)


def stored(field: str, **options: Any) -> Index:
    return Index(fields=((field, 1),), **options)


async def test_a_store_that_is_not_ours_is_compared_and_left_as_it_is(home: ModelRegistry) -> None:
    model = define(home, {"fields": ["name"]}, {"fields": ["age"], "unique": True})
    store = ServerStore(stored("age"))
    database = database_of(store, home)
    match = (
        r"User: the store lacks the indexes name_1 and has other indexes under the names age_1\. "
        r"Compare them with database\.indexes\.plan\(\)"
    )
    with pytest.warns(IndexWarning, match=match):
        await database.indexes.ensure(model)
    await database.indexes.ensure(model)  # once is enough
    assert store.calls == []


async def test_a_store_that_is_not_ours_is_changed_when_connect_says_so(
    home: ModelRegistry,
) -> None:
    model = define(home, {"fields": ["name"]})
    store = ServerStore()
    await database_of(store, home, indexes="apply").indexes.ensure(model)
    assert store.calls == [("create", "name_1")]


async def test_a_file_of_ours_has_its_indexes_applied(home: ModelRegistry) -> None:
    define(home, {"fields": ["name"]})
    async with connect("sqlite://", registry=home) as database:
        assert await database.indexes.plan() == []


@pytest.mark.parametrize(
    ("declared", "as_stored"),
    [
        ({"partial": {"age": {"$eq": 3}}}, stored("name", partial={"age": 3})),
        ({"partial": {"age": 3}}, stored("name", partial={"age": Int64(3)})),
        ({"partial": {"age": 3}}, stored("name", partial={"age": 3.0})),
        ({"partial": {"age": 3, "name": "a"}}, stored("name", partial={"name": "a", "age": 3})),
        (
            {"partial": {"age": {"$gte": 3, "$lt": 9}}},
            stored("name", partial={"age": {"$lt": 9, "$gte": 3}}),
        ),
        (
            {"partial": {"age": 3, "name": "a"}},
            stored("name", partial={"$and": [{"name": {"$eq": "a"}}, {"age": 3}]}),
        ),
        (
            {"partial": {"$or": [{"age": 3}, {"age": {"$in": [4, 5]}}]}},
            stored("name", partial={"$or": [{"age": {"$in": [5, 4]}}, {"age": {"$eq": 3}}]}),
        ),
        ({"partial": {"age": {"$in": [3]}}}, stored("name", partial={"age": 3})),
        (
            {"partial": {"age": {"$exists": True, "$type": "int"}}},
            stored("name", partial={"age": {"$type": ["int"], "$exists": 1}}),
        ),
        (
            {"collation": {"locale": "en", "strength": 3}},
            stored("name", collation={"locale": "en", "version": "57.1", "caseLevel": False}),
        ),
        ({"collation": {"locale": "simple"}}, stored("name")),
        ({}, stored("name", collation={"locale": "sv"}, inherits_collation=True)),
        (
            {"collation": {"locale": "sv"}},
            stored("name", collation={"locale": "sv"}, inherits_collation=True),
        ),
    ],
)
async def test_what_means_the_same_is_no_change(
    home: ModelRegistry, declared: dict[str, Any], as_stored: Index
) -> None:
    define(home, {"fields": ["name"], **declared})
    assert await database_of(ServerStore(as_stored), home).indexes.plan() == []


@pytest.mark.parametrize(
    ("declared", "as_stored"),
    [
        ({}, stored("name", sparse=True)),
        ({"sparse": True}, stored("name")),
        ({"partial": {"age": 1}}, stored("name", partial={"age": True})),
        ({"partial": {"age": {"$gt": 1}}}, stored("name", partial={"age": {"$gte": 1}})),
        (
            {"partial": {"$or": [{"age": 1}, {"name": "a"}]}},
            stored("name", partial={"age": 1, "name": "a"}),
        ),
        ({"partial": {"age": {"$in": [1, 2]}}}, stored("name", partial={"age": {"$in": [1]}})),
        (
            {"collation": {"locale": "en", "strength": 2}},
            stored("name", collation={"locale": "en"}),
        ),
        (
            {"collation": {"locale": "en", "strength": 2}},
            stored("name", collation={"locale": "en"}, inherits_collation=True),
        ),
        ({}, stored("name", collation={"locale": "en"})),
        ({}, stored("name", expire_after=60)),
        ({"name": "name_1", "fields": [("name", -1)]}, stored("name")),
    ],
)
async def test_what_differs_is_a_change(
    home: ModelRegistry, declared: dict[str, Any], as_stored: Index
) -> None:
    define(home, {"fields": ["name"], **declared})
    (change,) = await database_of(ServerStore(as_stored), home).indexes.plan()
    assert (change.kind, change.stored) == ("changed", as_stored)


async def test_what_is_extra_goes_before_what_is_missing_comes(home: ModelRegistry) -> None:
    define(home, {"fields": ["name"]}, {"fields": ["age"], "unique": True})
    store = ServerStore(stored("age"), stored("name", name="by_name"))
    told: list[IndexProgress] = []
    changes = await database_of(store, home).indexes.apply(drop=True, progress=told.append)
    assert [change.kind for change in changes] == ["extra", "missing", "changed"]
    assert store.calls == [
        ("drop", "by_name"),
        ("create", "name_1"),
        ("drop", "age_1"),
        ("create", "age_1"),
    ]
    assert [(one.state, one.position, one.changes, one.change) for one in told] == [
        (state, position, 3, change)
        for position, change in enumerate(changes, 1)
        for state in ("begun", "done")
    ]


async def test_a_build_is_waited_for_and_told_of(
    home: ModelRegistry, building: ServerStore
) -> None:
    define(home, {"fields": ["name"]})
    building.answers = [
        [IndexBuild(collection="users", index="name_1")],
        AutoReconnect("the one that is asked went away, the build goes on"),
        [
            IndexBuild(collection="users", index="another", built=1, entries=2),
            IndexBuild(collection="users", index="name_1", built=5, entries=9),
        ],
    ]
    told: list[IndexProgress] = []
    await database_of(building, home).indexes.apply(progress=told.append)
    assert [(one.state, one.built, one.entries) for one in told] == [
        ("begun", None, None),
        ("building", None, None),
        ("building", 5, 9),
        ("done", None, None),
    ]
    assert building.stored == [stored("name")]


async def test_an_application_that_is_cancelled_stops_waiting(
    home: ModelRegistry, building: ServerStore
) -> None:
    define(home, {"fields": ["name"]})
    building.answers = [[IndexBuild(collection="users", index="name_1")]] * 1000
    is_building = asyncio.Event()

    def tell(step: IndexProgress) -> None:
        if step.state == "building":
            is_building.set()

    running = asyncio.ensure_future(database_of(building, home).indexes.apply(progress=tell))
    await is_building.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert building.stored == []


async def test_an_index_that_cannot_be_rebuilt_is_there_as_it_was(home: ModelRegistry) -> None:
    user = define(home, {"fields": ["name"], "unique": True})
    async with connect("sqlite://", registry=home, indexes="off") as database:
        await database.store.create_index("users", stored("name"))
        await user.insert_many([user(name="Ada"), user(name="Ada")])
        with pytest.raises(DuplicateKeyError):
            await database.indexes.apply(drop=True)
        assert await database.store.indexes("users") == [stored("name")]


async def test_a_listener_that_fails_is_heard_of(
    home: ModelRegistry, building: ServerStore
) -> None:
    define(home, {"fields": ["name"]})
    building.answers = [[IndexBuild(collection="users", index="name_1", built=1, entries=0)]]

    def tell(step: IndexProgress) -> None:
        if step.state == "building":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await database_of(building, home).indexes.apply(progress=tell)
    assert building.stored == []


@pytest.mark.parametrize("code", [85, 86])
async def test_another_index_in_the_way_is_named(home: ModelRegistry, code: int) -> None:
    define(home, {"fields": ["name"]})
    store = ServerStore()
    said = "Index already exists with a different name: by_name"
    store.refusal = OperationFailure(said, code, {"errmsg": said})
    with pytest.raises(IndexConflictError, match="'name_1' of the collection 'users'") as caught:
        await database_of(store, home).indexes.apply()
    assert said in str(caught.value)
    assert "apply(drop=True)" in str(caught.value)
    assert (caught.value.collection, caught.value.index) == ("users", "name_1")


async def test_an_index_with_every_option_comes_back_as_it_was_declared(
    home: ModelRegistry,
) -> None:
    adults = {"age": {"$gte": 18}, "$or": [{"name": "a"}, {"name": {"$exists": True}}]}
    define(
        home,
        {"fields": ["name"], "sparse": True, "unique": True},
        {"fields": ["seen"], "expire_after": 60},
        {"fields": ["age"], "partial": adults},
    )
    async with connect("sqlite://", registry=home) as database:
        assert len(await database.store.indexes("users")) == 3
        assert await database.indexes.plan() == []


async def test_over_the_wire_indexes_are_compared_and_applied_when_asked(
    home: ModelRegistry, mongodb_url: str
) -> None:
    define(home, {"fields": ["name"]}, {"fields": [("age", -1), "name"], "name": "by_age"})
    with pytest.warns(IndexWarning, match="lacks the indexes name_1, by_age"):
        database = await connect(mongodb_url, registry=home)
    assert [change.kind for change in await database.indexes.plan()] == ["missing", "missing"]
    assert await database.store.indexes("users") == []
    told: list[str] = []
    await database.indexes.apply(progress=lambda one: told.append(one.state))
    assert told == ["begun", "done"] * 2
    assert await database.indexes.plan() == []
    await database.store.create_index("users", Index(fields=(("seen", 1),)))
    (extra,) = await database.indexes.plan()
    assert (extra.kind, extra.index.name) == ("extra", "seen_1")
    await database.indexes.apply()
    assert len(await database.store.indexes("users")) == 3
    await database.indexes.apply(drop=True)
    assert await database.indexes.plan() == []
    await database.aclose()


@pytest.mark.needs("sparse_index", "partial_index", "ttl_index", "collation_index")
async def test_over_the_wire_every_option_comes_back_as_it_was_declared(
    home: ModelRegistry, mongodb_url: str
) -> None:
    define(
        home,
        {"fields": ["name"], "sparse": True, "unique": True},
        {"fields": ["seen"], "expire_after": 60},
        {"fields": ["age"], "partial": {"age": {"$gte": 18}}},
        {"fields": [("name", -1)], "collation": {"locale": "en", "strength": 2}},
    )
    async with connect(mongodb_url, registry=home, indexes="apply") as database:
        assert await database.indexes.plan() == []
        assert len(await database.store.indexes("users")) == 4
