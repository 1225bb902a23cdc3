"""Property: whatever a program puts in comes back exactly, or is refused before anything is written."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any

import bson
from bson import CodecOptions
from bson.binary import UuidRepresentation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from earnorm import (
    BaseModel,
    Database,
    DictField,
    EarnORMError,
    ListField,
    ModelRegistry,
    StringField,
    connect,
)

AS_STORED: CodecOptions[dict[str, Any]] = CodecOptions(
    tz_aware=True, tzinfo=UTC, uuid_representation=UuidRepresentation.STANDARD
)
quickly = settings(
    deadline=None, database=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow]
)

# Anything at all: lone surrogates, NUL, huge integers, NaN, and types that BSON has no form for.
texts = st.text() | st.text(st.characters(categories=["Cs", "Cc"])) | st.text("$.'\"\\\0%_;-")
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(2**62, 2**65)
    | st.floats()
    | texts
    | st.binary(max_size=20)
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.decimals()
    | st.uuids()
    | st.complex_numbers()
)
anything = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(texts | st.integers(), inner, max_size=4)
        | st.tuples(inner, inner)
    ),
    max_leaves=10,
)
jsons = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


Check = Callable[[Any, Any], Coroutine[Any, Any, None]]


def on_a_store(check: Check, strategy: st.SearchStrategy[Any]) -> None:
    """Runs the property, a function of a model and a drawn value, on one store in one event loop."""
    home = ModelRegistry("any value")

    class Box(BaseModel, registry=home):
        text = StringField(default="")
        data = DictField()
        items = ListField(DictField())

    with asyncio.Runner() as runner:
        database = runner.run(_open(home))
        try:
            quickly(given(strategy)(lambda value: runner.run(check(Box, value))))()
        finally:
            runner.run(database.aclose())


async def _open(home: ModelRegistry) -> Database:
    return await connect("sqlite://", registry=home)


def encoded(value: object) -> bytes:
    """Bytes tell NaN, -0.0 and the order of keys, which == does not."""
    return bson.encode({"value": value}, codec_options=AS_STORED)


def has_nul_in_a_key(value: object) -> bool:
    if isinstance(value, dict):
        return any("\0" in key or has_nul_in_a_key(item) for key, item in value.items())
    return isinstance(value, list) and any(map(has_nul_in_a_key, value))


def test_any_value_in_a_free_dictionary_comes_back_or_is_refused() -> None:
    async def check(model: Any, value: Any) -> None:
        before = await model.find().count()
        try:
            stored = model(data={"value": value}, items=[{"value": value}])
            await stored.save()
        except EarnORMError:
            assert await model.find().count() == before
            return
        loaded = await model.get(stored.id)
        assert encoded(loaded.data) == encoded(stored.data)
        assert encoded(loaded.items) == encoded(stored.items)
        assert await model.find({"data": {"$eq": loaded.data}, "_id": stored.id}).count() == 1

    on_a_store(check, anything)


def test_any_json_comes_back_exactly_as_it_was_sent() -> None:
    async def check(model: Any, value: Any) -> None:
        try:
            stored = await model.create(data={"value": value})
        except EarnORMError:
            assert has_nul_in_a_key(value)
            return
        assert encoded((await model.get(stored.id)).data["value"]) == encoded(value)

    on_a_store(check, jsons)


def test_any_text_is_found_by_itself_and_by_nothing_else() -> None:
    async def check(model: Any, pair: tuple[str, str]) -> None:
        one, other = pair
        try:
            stored = await model.create(text=one)
        except EarnORMError:
            return
        mine = model.find({"_id": stored.id})
        assert await mine.find({"text": one}).count() == 1
        try:
            assert await mine.find({"text": other}).count() == int(one == other)
            assert await mine.find(model.text > other).count() == int(one.encode() > other.encode())
        except EarnORMError:
            assert any("\ud800" <= letter <= "\udfff" for letter in other)

    on_a_store(check, st.tuples(texts, texts))


def test_any_mapping_as_a_filter_gives_an_answer_or_an_error_of_ours() -> None:
    names = (
        "$and $or $nor $not $eq $ne $gt $lte $in $nin $exists $regex $options $where $expr $type"
    )
    operators = st.sampled_from([*names.split(), "text", "data", "data.value", "items.0"])
    filters = st.recursive(
        leaves,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(operators | texts, inner, max_size=3)
        ),
        max_leaves=10,
    )

    async def check(model: Any, filter: Any) -> None:
        if await model.find().count() == 0:
            await model.create(text="x", data={"value": 1}, items=[{"a": 1}])
        for ask in (
            model.find(filter).to_list,
            model.find(filter).count,
            model.find(filter).exists,
        ):
            try:
                await ask()
            except EarnORMError:
                continue

    on_a_store(check, filters)


def test_any_mapping_as_an_update_is_applied_or_changes_nothing() -> None:
    operators = st.sampled_from(["$set", "$unset", "$inc", "$push", "$rename", "text", "$"])
    paths = st.sampled_from(["data", "data.a", "data.a.b", "items.0.a", "extra", "text"]) | texts
    updates = st.dictionaries(
        operators, st.dictionaries(paths, leaves, max_size=3) | leaves, max_size=3
    )

    async def check(model: Any, update: Any) -> None:
        await model.find().delete()
        stored = await model.create(text="x", data={"a": 1}, items=[{"a": 1}])
        try:
            await model.find().update(update)
        except EarnORMError:
            assert await model.find() == [stored]
        else:
            assert await model.find().count() == 1
            await model.get(stored.id)

    on_a_store(check, updates)


def test_a_naive_moment_means_local_time_wherever_it_is_put() -> None:
    async def check(model: Any, moment: datetime) -> None:
        stored = await model.create(data={"value": [moment]})
        cut = moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
        assert (await model.get(stored.id)).data == {"value": [cut]}
        assert await model.find({"_id": stored.id, "data.value": moment}).count() == 1

    on_a_store(check, st.datetimes(datetime(1902, 1, 3), datetime(2200, 1, 1)))
