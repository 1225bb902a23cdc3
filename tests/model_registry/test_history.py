"""Versions and history: what was, and that nobody can change it unseen."""

import gc
import weakref
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnorm import (
    HistoryEntry,
    HistoryError,
    IntegerField,
    ModelRegistry,
    StringField,
    UnknownModelError,
    UnknownRevisionError,
    UnknownVersionError,
    because,
)
from earnorm.metadata import BEGINNING, rebuild
from earnorm.plugins import PluginManager
from tests.model_registry.conftest import define

pytestmark = pytest.mark.filterwarnings("ignore::earnorm.ModelReplacedWarning")

FIELDS: Sequence[dict[str, Any]] = (
    {},
    {"name": StringField()},
    {"name": StringField(max_length=3)},
    {"name": StringField(), "age": IntegerField()},
)


def test_each_distinct_document_is_a_version(home: ModelRegistry) -> None:
    for fields in (FIELDS[1], FIELDS[2], FIELDS[1]):
        define(home, "shop.User", **fields)
    versions = home.get_versions("User")
    assert [one.number for one in versions] == [1, 2]
    assert [one.version for one in home.history("User")] == [1, 2, 1]


def test_a_class_that_is_defined_again_as_it_was_changes_nothing(home: ModelRegistry) -> None:
    define(home, "shop.User")
    define(home, "shop.User")
    assert [one.operation for one in home.history()] == ["registered"]


def test_the_past_of_a_model_that_is_gone_is_there_by_its_key(home: ModelRegistry) -> None:
    home.unregister(define(home, "shop.User"))
    assert [one.operation for one in home.history("shop.User")] == ["registered", "unregistered"]
    assert len(home.get_versions("shop.User")) == 1
    with pytest.raises(UnknownModelError):
        home.history("shop.Nobody")


def test_it_says_when_why_and_by_which_code(home: ModelRegistry) -> None:
    home.code_version = "1.2.3"
    with because("the law"):
        define(home, "shop.User")
    define(home, "shop.Order")
    first, second = home.history()
    assert (first.why, first.code_version, first.previous) == ("the law", "1.2.3", BEGINNING)
    assert (second.why, second.previous) == (None, first.hash)
    assert first.time <= second.time


def test_a_model_whose_plugin_refuses_it_has_no_history(home: ModelRegistry) -> None:
    @home.plugin("picky")
    class Picky:
        def on_register(self, model: type) -> None:
            raise ValueError("no")

    class Meta:
        plugins = ["picky"]

    with pytest.raises(ValueError, match="no"):
        define(home, "shop.User", Meta=Meta)
    assert home.history() == []


def test_at_gives_what_was(home: ModelRegistry) -> None:
    assert len(home.at(0)) == 0
    define(home, "shop.User", **FIELDS[1])
    then = home.revision
    define(home, "shop.User", **FIELDS[2])
    define(home, "shop.Order")
    assert list(home.at(then)) == ["shop.User"]
    assert home.at(then)["shop.User"] == home.get_versions("User")[0].document
    assert home.at(home.revision) == home.snapshot()
    assert home.snapshot()["shop.Order"] == home.get_document("Order")


def test_a_revision_or_version_that_was_not_is_refused(home: ModelRegistry) -> None:
    define(home, "shop.User")
    with pytest.raises(UnknownRevisionError, match="no revision 99"):
        home.at(99)
    with pytest.raises(UnknownVersionError, match="no version 2") as raised:
        home.diff("User", 1, 2)
    assert (raised.value.model, raised.value.known) == ("shop.User", (1,))


def test_a_class_that_was_replaced_is_not_kept_alive_by_its_history(home: ModelRegistry) -> None:
    old = weakref.ref(define(home, "shop.User", **FIELDS[1]))
    define(home, "shop.User", **FIELDS[2])
    gc.collect()
    assert old() is None
    assert len(home.get_versions("User")) == 2


def many(home: ModelRegistry) -> list[HistoryEntry]:
    for number, fields in enumerate(FIELDS):
        define(home, "shop.User", **fields)
        define(home, f"shop.Order{number}", **fields)
    home.unregister("shop.Order0")
    return home.history()


def test_entries_come_back_from_their_json(home: ModelRegistry) -> None:
    entries = many(home)
    assert [HistoryEntry.from_dict(one.as_dict()) for one in entries] == entries


@pytest.mark.parametrize("field", ["time", "why", "key", "patch", "previous", "hash", "version"])
def test_an_entry_that_was_changed_is_found(home: ModelRegistry, field: str) -> None:
    data = many(home)[2].as_dict()
    data[field] = {"patch": [], "time": "2020-01-01T00:00:00+00:00"}.get(field, "x")
    with pytest.raises(HistoryError) as raised:
        HistoryEntry.from_dict(data)
    assert raised.value.revision == data["revision"]


def test_a_time_that_is_the_same_in_another_form_is_found(home: ModelRegistry) -> None:
    data = many(home)[2].as_dict()
    with pytest.raises(HistoryError, match="its hash is not that of what it says"):
        HistoryEntry.from_dict({**data, "time": data["time"].replace("T", "U")})


def test_an_entry_that_is_missing_is_found(home: ModelRegistry) -> None:
    entries = many(home)
    with pytest.raises(HistoryError, match="does not follow") as raised:
        rebuild([*entries[:3], *entries[4:]])
    assert raised.value.revision == entries[4].revision


def test_an_entry_with_another_document_than_it_names_is_found(home: ModelRegistry) -> None:
    entries = many(home)
    with pytest.raises(HistoryError, match="does not give the document"):
        rebuild([replace(entries[0], fingerprint="0" * 64)])


@pytest.mark.parametrize(
    "patch",
    [
        [{"op": "add", "path": "/shop.Other", "value": {}}],
        [{"op": "replace", "path": "", "value": {}}],
        ["x"],
        [{"op": "add"}],
    ],
)
def test_an_entry_that_changes_what_it_does_not_name_is_found(
    home: ModelRegistry, patch: list[Any]
) -> None:
    entries = many(home)
    with pytest.raises(HistoryError, match="its patch fails") as raised:
        rebuild([replace(entries[0], patch=[*entries[0].patch, *patch])])
    assert raised.value.revision == entries[0].revision


def test_a_reason_may_be_any_text(home: ModelRegistry) -> None:
    home.code_version = "1.0-é"
    with because("no \udcff UTF-8"):
        define(home, "shop.User")
    (entry,) = home.history()
    assert (entry.why, entry.code_version) == ("no \\udcff UTF-8", "1.0-é")
    assert rebuild([HistoryEntry.from_dict(entry.as_dict())])


STEPS = st.lists(
    st.tuples(st.sampled_from(["User", "Order", "Item"]), st.integers(-1, len(FIELDS) - 1)),
    max_size=12,
)


@given(STEPS)
def test_every_revision_is_built_again_from_the_entries(steps: list[tuple[str, int]]) -> None:
    home = ModelRegistry(manager=PluginManager("a test"))
    past = [(home.revision, home.snapshot())]
    for name, fields in steps:
        if fields >= 0:
            define(home, f"shop.{name}", **FIELDS[fields])
        elif f"shop.{name}" in home:
            home.unregister(f"shop.{name}")
        past.append((home.revision, home.snapshot()))
    entries = home.history()
    for revision, snapshot in past:
        contents = {key: document.content for key, document in snapshot.documents.items()}
        assert rebuild(one for one in entries if one.revision <= revision) == contents
        assert home.at(revision) == snapshot


def test_a_model_that_went_undescribed_keeps_no_other_from_its_history(home: ModelRegistry) -> None:
    class Odd(StringField[str]):
        def arguments(self) -> dict[str, Any]:
            raise RuntimeError("no idea")

    define(home, "shop.User")
    home.unregister(define(home, "shop.Odd", name=Odd()))
    define(home, "shop.Order")
    assert [one.key for one in home.history()] == ["shop.User", "shop.Order"]


def test_a_hook_that_asks_for_the_document_gets_that_of_the_new_class(home: ModelRegistry) -> None:
    seen: list[list[str]] = []

    @home.plugin("curious")
    class Curious:
        def on_register(self, model: Any, registry: ModelRegistry) -> None:
            seen.append(sorted(registry.get_document(model).content["properties"]))

    meta = type("Meta", (), {"plugins": ["curious"]})
    define(home, "shop.User", Meta=meta, name=StringField())
    define(home, "shop.User", Meta=meta, age=IntegerField())
    assert seen == [["id", "name"], ["age", "id"]]


def test_without_a_second_version_the_present_one_is_compared(home: ModelRegistry) -> None:
    for fields in (FIELDS[1], FIELDS[2], FIELDS[1]):
        define(home, "shop.User", **fields)
    assert home.diff("User", 1) == ()
    assert home.diff("User", 2) != ()
