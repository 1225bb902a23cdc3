"""Hostile names: of fields, collections, indexes and keys."""

import sqlite3
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    DictField,
    DuplicateKeyError,
    EarnORMError,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
    ValidationError,
    connect,
)

# Each of these is a name in BSON; what SQL, a shell, a terminal or a path would make of it is no matter.
NAMES = [
    "'",
    '"',
    "`",
    "''",
    "\\",
    "a'b",
    'a"b',
    "'; DROP TABLE users; --",
    '"; DROP TABLE users; --',
    "x' OR '1'='1",
    "[users]",
    "users; ATTACH DATABASE 'x' AS y",
    "/*",
    "--",
    "%s %d {0} {}",
    "?1",
    ":name",
    "../../etc/passwd",
    " ",
    "\t\n\r\v\f",
    "\x01\x1b[31m\x7f",
    "\u202e\u200b\ufeff",
    "😀",
    "ß",
    "Ａ",
    "e\u0301",
    "é",
    "__proto__",
    "None",
    "0",
    "-1",
    "sqlite_master",
    "rowid",
    "select",
    "a" * 200,
]
WITH_DOTS = {"../../etc/passwd"}  # refused as an alias, and a collection does not begin with a dot


def define(home: ModelRegistry, class_name: str = "User", /, **namespace: Any) -> Any:
    return type(class_name, (BaseModel,), namespace, registry=home)


@pytest.mark.parametrize("name", sorted({*NAMES} - WITH_DOTS))
async def test_a_hostile_stored_name_is_only_a_name(
    home: ModelRegistry, url: str, name: str
) -> None:
    index = {"fields": [("value", 1)], "unique": True, "name": name}
    meta = type("Meta", (), {"indexes": [index]})
    user = define(home, value=StringField(alias=name), other=IntegerField(), Meta=meta)
    async with connect(url, registry=home) as database:
        first = await user.create(value="x", other=1)
        await user.create(value="y", other=2)
        assert await user.get(first.id) == first
        assert first.to_document()[name] == "x"
        assert [one.other for one in await user.find(user.value == "x")] == [1]
        assert [one.other for one in await user.find({name: "x"})] == [1]
        assert [one.other for one in await user.find({"value": {"$gt": "x"}})] == [2]
        assert [one.other for one in await user.find().sort("-value")] == [2, 1]
        assert await user.find(user.value == "x").update({"$set": {"value": "z"}}) == 1
        assert (await first.reload()).value == "z"
        with pytest.raises(DuplicateKeyError) as caught:
            await user.create(value="y", other=3)
        assert (caught.value.errors[0].path, caught.value.index) == ("value", name)
        assert [index.name for index in await database.store.indexes("user")] == [name]
        assert await user.find().delete() == 2


@pytest.mark.parametrize("name", sorted({*NAMES} - WITH_DOTS))
async def test_a_hostile_collection_is_only_a_collection(
    home: ModelRegistry, url: str, name: str
) -> None:
    meta = type("Meta", (), {"collection": name, "indexes": [{"fields": [("value", 1)]}]})
    hostile = define(home, "Hostile", value=StringField(), Meta=meta)
    plain = define(home, "Plain", value=StringField())
    async with connect(url, registry=home):
        stored = await hostile.create(value="x")
        await plain.create(value="y")
        assert await hostile.find(hostile.value == "x") == [stored]
        assert await hostile.find().delete() == 1
        assert await plain.find().count() == 1
    async with connect(url, registry=home):
        assert await plain.find().count() == 1
        assert await hostile.find().count() == 0


async def test_names_that_look_alike_are_different_names(home: ModelRegistry, url: str) -> None:
    names = ["a", "A", "Ａ", "á", "a\u0301", "a ", " a", "a\u200b", "\u0430"]
    models = [define(home, f"M{n}", _collection=name) for n, name in enumerate(names)]
    async with connect(url, registry=home):
        for model in models:
            await model.create()
        assert [await model.find().count() for model in models] == [1] * len(names)
    box = define(home, "Box", data=DictField())
    async with connect(url, registry=home):
        stored = await box.create(data={name: n for n, name in enumerate(names)})
        assert (await box.get(stored.id)).data == {name: n for n, name in enumerate(names)}


@pytest.mark.parametrize(
    "name", [*NAMES, "$where", "$", "a.b", ".", "..", "a.$[].b", "", "k" * 1_000_000]
)
async def test_a_hostile_key_of_a_dictionary_comes_back_exactly(
    home: ModelRegistry, url: str, name: str
) -> None:
    box = define(
        home, "Box", data=DictField(), counts=DictField(IntegerField()), rows=ListField(DictField())
    )
    async with connect(url, registry=home):
        stored = await box.create(
            data={name: {name: [name]}}, counts={name: 1}, rows=[{name: name}]
        )
        loaded = await box.get(stored.id)
        assert loaded == stored
        assert loaded.data == {name: {name: [name]}}
        assert await box.find(box.data == {name: {name: [name]}}).count() == 1
        assert await box.find(box.data == {name: {name: ["other"]}}).count() == 0


@pytest.mark.parametrize("name", ["\0", "a\0b", "\ud800", "a\udfff"])
async def test_a_key_that_bson_cannot_keep_is_refused_everywhere(
    home: ModelRegistry, url: str, name: str
) -> None:
    box = define(home, "Box", data=DictField(), counts=DictField(IntegerField()))
    async with connect(url, registry=home):
        stored = await box.create()
        refused: list[Any] = [
            lambda: box.create(data={name: 1}),
            lambda: box.create(data={"a": [{name: 1}]}),
            lambda: box.create(counts={name: 1}),
            lambda: box.find({name: 1}).to_list(),
            lambda: box.find({f"data.{name}": 1}).to_list(),
            lambda: box.find({"data": {name: 1}}).to_list(),
            lambda: box.find().update({"$set": {name: 1}}),
            lambda: box.find().update({"$set": {f"data.{name}": 1}}),
            lambda: box.find().update({"$set": {"data": {name: 1}}}),
            lambda: box.find().update({"$unset": {f"data.{name}": 1}}),
            lambda: box.find().update({"$inc": {f"counts.{name}": 1}}),
        ]
        for attempt in refused:
            with pytest.raises(EarnORMError):
                await attempt()
        with pytest.raises(EarnORMError):
            (box.data == {name: 1})  # noqa: B015 # comparing raises
        assert await box.find().to_list() == [stored]


@pytest.mark.parametrize("name", ["\0", "a\0b", "\ud800", "data.a\udfff"])
async def test_a_sort_key_that_bson_cannot_keep_is_refused(
    home: ModelRegistry, url: str, name: str
) -> None:
    box = define(home, "Box", data=DictField())
    async with connect(url, registry=home):
        with pytest.raises(EarnORMError):
            await box.find().sort(name)


async def test_a_document_with_hostile_keys_is_loaded_and_saved_whole(
    home: ModelRegistry, url: str
) -> None:
    user = define(home, name=StringField())
    document = {
        "_id": ObjectId(),
        "name": "Ada",
        **{key: [key] for key in NAMES},
        "a.b": 1,
        "": 2,
        "_cls": "X",
    }
    async with connect(url, registry=home) as database:
        await database.store.insert("user", [document])
        ada = await user.get(document["_id"])
        ada.name = "Augusta"
        await ada.save()
        assert (await user.get(ada.id)).to_document() == {**document, "name": "Augusta"}


async def test_hostile_names_leave_no_trace_in_the_files_schema(
    home: ModelRegistry, url: str
) -> None:
    def tables() -> set[tuple[str, str]]:
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        try:
            return set(connection.execute("SELECT type, name FROM sqlite_master"))
        finally:
            connection.close()

    plain = define(home, "Plain")
    async with connect(url, registry=home):
        await plain.create()
    before = {name for _, name in tables()}
    for n, name in enumerate(NAMES):
        if name not in WITH_DOTS:
            define(home, f"M{n}", _collection=name)
    models = home.get_all_models()
    async with connect(url, registry=home):
        for model in models:
            await model().save()
    assert before <= {name for _, name in tables()}
    assert not {name for _, name in tables()} & (set(NAMES) - {"sqlite_master"})


async def test_of_thousands_of_wrong_names_the_first_are_guessed_at_and_all_are_told(
    home: ModelRegistry, url: str
) -> None:
    user = define(home, name=StringField())
    wrong = {f"nam{n}": n for n in range(50_000)}
    async with connect(url, registry=home):
        with pytest.raises(ValidationError) as caught:
            await user.create(name="Ada", **wrong)
        assert [fault.path for fault in caught.value.errors] == list(wrong)
        # A guess costs more than all else: these few of them are the bound of what a stranger can ask for.
        hint = " Did you mean 'name'?"
        assert [fault.message.endswith(hint) for fault in caught.value.errors] == [
            n < 20 for n in range(50_000)
        ]
        assert await user.find().count() == 0
