"""What `inspect` tells of an instance that was changed, and takes back."""

import copy
import pickle
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    BaseModel,
    Change,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    Field,
    FloatField,
    IntegerField,
    ListField,
    ReferenceField,
    StringField,
    UpdateError,
    inspect,
)


class Geo(EmbeddedModel):
    lat = FloatField(default=0.0)
    tags = ListField(StringField())


class Place(EmbeddedModel):
    city = StringField(alias="c")
    geo = EmbeddedField(Geo, required=False)


class Whole(Field[Any]):
    """A stranger's field type, whose values can change in place."""

    def convert(self, value: object, path: str, faults: list[Any]) -> Any:
        return value


class Person(BaseModel):
    name = StringField(alias="n")
    age = IntegerField(default=7)
    nick = StringField(required=False)
    tags = ListField(StringField())
    places = ListField(EmbeddedField(Place))
    notes = DictField()
    scores = DictField(IntegerField())
    homes = DictField(EmbeddedField(Place))
    home = EmbeddedField(Place, required=False)
    friend = ReferenceField("Person", required=False)
    odd = Whole(required=False)


def load(**values: Any) -> Person:
    whole = {
        "_id": ObjectId(),
        "n": "Ada",
        "age": 1,
        "nick": None,
        "tags": [],
        "places": [],
        "notes": {},
        "scores": {},
        "homes": {},
        "home": None,
        "friend": None,
        "odd": None,
    }
    return Person.from_document({**whole, **values})


def changes(person: Person) -> dict[str, tuple[Any, Any]]:
    return {path: (one.before, one.after) for path, one in inspect(person).changes.items()}


def test_a_loaded_instance_has_no_changes() -> None:
    person = load(
        tags=["a"],
        places=[{"c": "Rome", "geo": {"lat": 1.0, "tags": ["x"]}}],
        notes={"deep": [{"er": 1}]},
        scores={"a": 1},
        homes={"h": {"c": "Oslo", "geo": None}},
        home={"c": "Bern", "geo": {"lat": 2.0, "tags": []}},
        friend=ObjectId(),
        odd=[1, {"a": 2}],
        extra=[1],
    )
    assert inspect(person).changes == {}


def test_a_new_instance_has_no_changes_and_nothing_to_go_back_to() -> None:
    person = Person(name="Ada")
    person.tags.append("a")
    assert inspect(person).changes == {}
    with pytest.raises(UpdateError, match="never stored"):
        inspect(person).revert()


def test_assignments_are_changes_until_they_are_undone() -> None:
    person = load()
    person.name = "Bob"
    person.name = "Cleo"
    person.age = True + 1
    assert inspect(person).changes == {"name": Change("Ada", "Cleo"), "age": Change(1, 2)}
    person.name, person.age = "Ada", 1
    assert inspect(person).changes == {}


def test_what_is_changed_in_place_is_found_at_its_path() -> None:
    person = load(
        tags=["a"],
        notes={"deep": [1], "same": 1, "gone": 1},
        scores={"a": 1, "b": 2},
        homes={"h": {"c": "Oslo", "geo": None}},
        home={"c": "Bern", "geo": {"lat": 2.0, "tags": ["x"]}},
        odd=[1],
    )
    person.tags.append("b")
    person.notes["deep"].append(2)
    person.notes["new"] = None
    del person.notes["gone"]
    person.scores["b"] = 3
    person.homes["h"].city = "Rome"
    assert person.home is not None
    assert person.home.geo is not None
    person.home.geo.tags.append("y")
    person.odd.append(2)
    assert changes(person) == {
        "tags": (["a"], ["a", "b"]),
        "notes.deep": ([1], [1, 2]),
        "notes.gone": (1, None),
        "notes.new": (None, None),
        "scores.b": (2, 3),
        "homes.h.city": ("Oslo", "Rome"),
        "home.geo.tags": (["x"], ["x", "y"]),
        "odd": ([1], [1, 2]),
    }


def test_numbers_that_python_takes_for_equal_are_told_apart() -> None:
    person = load(notes={"n": 1, "flag": True, "list": [1, 2]})
    person.notes.update(n=1.0, flag=1, list=[1, 2.0])
    assert set(changes(person)) == {"notes.n", "notes.flag", "notes.list"}


def test_a_list_of_embedded_instances_is_one_change() -> None:
    person = load(places=[{"c": "Rome", "geo": None}, {"c": "Oslo", "geo": None}])
    person.places[1].city = "Bern"
    ((path, change),) = inspect(person).changes.items()
    assert path == "places"
    assert [place.city for place in change.before] == ["Rome", "Oslo"]
    assert [place.city for place in change.after] == ["Rome", "Bern"]


def test_an_embedded_instance_of_two_owners_is_a_change_of_both() -> None:
    one, two = load(home={"c": "Bern", "geo": None}), load()
    two.home = one.home
    assert one.home is not None
    one.home.city = "Rome"
    assert changes(one) == {"home.city": ("Bern", "Rome")}
    assert set(changes(two)) == {"home"}


def test_what_a_default_fills_in_is_a_change_and_none_is_not() -> None:
    person = Person.from_document({"_id": ObjectId(), "n": "Ada", "home": {"c": "Rome", "geo": {}}})
    assert changes(person) == {
        "age": (None, 7),
        "tags": (None, []),
        "places": (None, []),
        "notes": (None, {}),
        "scores": (None, {}),
        "homes": (None, {}),
        "home.geo.lat": (None, 0.0),
        "home.geo.tags": (None, []),
    }


def test_revert_goes_back_to_what_was_loaded() -> None:
    document = {
        "_id": ObjectId(),
        "n": "Ada",
        "tags": ["a"],
        "home": {"c": "Bern", "geo": {"lat": 2.0, "tags": ["x"]}, "more": 1},
        "homes": {"h": {"c": "Oslo", "geo": None}},
        "extra": {"deep": [1]},
    }
    person = Person.from_document(copy.deepcopy(document))
    untouched = Person.from_document(copy.deepcopy(document))
    person.name, person.age, person.nick = "Bob", 9, "B"
    person.tags.clear()
    assert person.home is not None
    assert person.home.geo is not None
    person.home.geo.tags.append("y")
    person.home.city = "Rome"
    person.homes.clear()
    extras: Any = person
    extras.extra["deep"].append(2)
    assert set(changes(person)) >= {"name", "age", "nick", "tags", "homes.h", "extra"}
    inspect(person).revert()
    assert person == untouched
    assert person.to_document() == untouched.to_document()
    assert inspect(person).changes == inspect(untouched).changes


def test_the_values_that_changes_shows_are_nobodys_but_the_callers() -> None:
    person = load(tags=["a"])
    person.tags.append("b")
    inspect(person).changes["tags"].before.append("c")
    assert changes(person)["tags"][0] == ["a"]


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))]
)
def test_a_copy_has_the_same_changes(duplicate: Any) -> None:
    person = load(tags=["a"], home={"c": "Bern", "geo": None})
    untouched = duplicate(person)
    assert inspect(untouched).changes == {}
    person.name = "Bob"
    person.tags.append("b")
    twin = duplicate(person)
    assert changes(twin) == changes(person)
    twin.name = "Cleo"
    assert changes(person)["name"] == ("Ada", "Bob")


def test_changes_can_be_asked_of_values_that_would_not_be_saved() -> None:
    person = load(
        tags=["a"], home={"c": "Bern", "geo": None}, homes={"h": {"c": "Oslo", "geo": None}}
    )
    broken: Any = person
    broken.tags.append(object())
    broken.homes["h"] = 3
    broken.places.append("nowhere")
    assert set(changes(person)) == {"tags", "homes.h", "places"}


class Old(BaseModel):
    name = StringField()
    since = IntegerField(default=3)
    tags = ListField(StringField())
    places = ListField(EmbeddedField(Geo))
    by_name = DictField(EmbeddedField(Geo))


def old(**values: Any) -> Old:
    return Old.from_document({"_id": ObjectId(), "name": "a", "by_name": {}, **values})


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_of_an_old_document_knows_what_defaults_filled_in(duplicate: Any) -> None:
    twin = duplicate(old(places=[]))
    assert inspect(twin).changes == {"since": Change(None, 3), "tags": Change(None, [])}
    twin.since = 4
    inspect(twin).revert()
    assert (twin.since, twin.tags) == (3, [])


@pytest.mark.parametrize("since", [1, 1.0])
def test_what_a_default_filled_in_deep_inside_is_a_change_on_every_path(since: Any) -> None:
    whole = {"since": since, "tags": [], "places": []}  # a float takes the slow path
    assert set(inspect(old(**whole, by_name={"k": {"tags": []}})).changes) == {"by_name.k.lat"}
    listed = old(**{**whole, "places": [{"tags": []}]})
    assert set(inspect(listed).changes) == {"places"}
    inspect(listed).revert()
    assert listed.places[0].lat == 0.0
    assert listed.to_document()["places"] == [{"lat": 0.0, "tags": []}]
