"""Values inside values: every fault is told at once, each with the path that leads to it."""

from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DictField,
    DocumentError,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
    ValidationError,
)

home = ModelRegistry("nesting")


class Country(EmbeddedModel):
    code = StringField(alias="c", min_length=2, max_length=2)


class Address(EmbeddedModel):
    street = StringField()
    country = EmbeddedField(Country)
    lines = ListField(StringField())


class Villa(Address):
    pools = IntegerField()


class User(BaseModel, registry=home):
    email = EmailField()
    age = IntegerField(minimum=0)
    address = EmbeddedField(Address)
    tags = ListField(StringField())
    scores = DictField(IntegerField())
    history = ListField(DictField(ListField(EmbeddedField(Country))))
    data = DictField()


GERMANY = {"code": "de"}
SOUND: dict[str, Any] = {
    "email": "ada@example.com",
    "age": 36,
    "address": {"street": "Main", "country": GERMANY, "lines": ["1"]},
    "tags": ["a"],
    "scores": {"math": 1},
    "history": [{"moves": [GERMANY]}],
    "data": {"free": [1, {"deep": True}]},
}


def paths(error: ValidationError | DocumentError) -> dict[str, str]:
    return {fault.path: fault.code for fault in error.errors}


def test_mappings_become_embedded_instances() -> None:
    user = User(**SOUND)
    assert user.address == Address(street="Main", country=Country(code="de"), lines=["1"])
    assert user.history == [{"moves": [Country(code="de")]}]


def test_all_faults_of_all_fields_come_in_one_error() -> None:
    wrong = {
        "email": "nobody",
        "age": "old",
        "address": {"street": 5, "country": {"code": "deu"}, "lines": ["1", 2], "zip": "1"},
        "tags": ["a", 1, None, "b"],
        "scores": {"math": "A", "art": 1, 7: 1},
        "history": [{"moves": [GERMANY, {"code": 1}, {}]}, 4],
        "data": {"free": [1, {"deep": {1, 2}}]},
        "nmae": "Ada",
    }
    with pytest.raises(ValidationError) as caught:
        User(**wrong)
    assert paths(caught.value) == {
        "email": "email",
        "age": "type",
        "address.street": "type",
        "address.country.code": "max_length",
        "address.lines.1": "type",
        "address.zip": "unknown",
        "tags.1": "type",
        "tags.2": "required",
        "scores.math": "type",
        "scores": "key",
        "history.0.moves.1.code": "type",
        "history.0.moves.2.code": "required",
        "history.1": "type",
        "data.free.1.deep": "type",
        "nmae": "unknown",
    }


def test_the_message_lists_every_fault_on_a_line_of_its_own() -> None:
    with pytest.raises(ValidationError) as caught:
        User(**{**SOUND, "age": -1, "address": {**SOUND["address"], "stret": "x"}})
    assert str(caught.value) == (
        "User: 2 faults\n"
        "  age: must be at least 0 (got -1)\n"
        "  address.stret: is no field of Address. Did you mean 'street'?"
    )


def test_faults_of_an_assigned_value_have_the_same_paths() -> None:
    user = User(**SOUND)
    with pytest.raises(ValidationError) as caught:
        user.address = {"street": "Side", "country": {"code": 1}}  # type: ignore[assignment] # mappings are for data from outside
    assert paths(caught.value) == {"address.country.code": "type"}
    assert user.address.street == "Main"


def test_an_embedded_instance_is_checked_again_when_it_is_assigned() -> None:
    user, address = User(**SOUND), Address(street="Side", country=Country(code="fr"))
    address.lines.append(5)  # type: ignore[arg-type] # what no checker sees in dynamic code
    with pytest.raises(ValidationError) as caught:
        user.address = address
    assert paths(caught.value) == {"address.lines.0": "type"}


def test_an_embedded_instance_keeps_its_identity() -> None:
    address = Address(street="Side", country=Country(code="fr"))
    user = User(**{**SOUND, "address": address})
    assert user.address is address


def test_an_instance_of_a_subclass_is_refused_because_its_own_fields_would_be_lost() -> None:
    villa = Villa(street="Side", country=Country(code="fr"), pools=2)
    with pytest.raises(ValidationError, match="address: must be an instance of Address itself"):
        User(**{**SOUND, "address": villa})


def test_inner_assignments_are_checked_too() -> None:
    user = User(**SOUND)
    with pytest.raises(ValidationError, match="Country: 1 fault\n  code: must be a string"):
        user.address.country.code = 5  # type: ignore[assignment]
    with pytest.raises(AttributeError, match="Address has no field 'stret'. Did you mean 'street'"):
        user.address.stret = "x"  # type: ignore[attr-defined]


def test_faults_of_a_document_have_paths_of_stored_names() -> None:
    document = User(**SOUND).to_document()
    document["address"]["country"]["c"] = 1
    document["history"][0]["moves"][0] = {}
    document["scores"]["math"] = "A"
    document["tags"] = "a"
    with pytest.raises(DocumentError) as caught:
        User.from_document(document)
    assert paths(caught.value) == {
        "address.country.c": "type",
        "history.0.moves.0.c": "required",
        "scores.math": "type",
        "tags": "type",
    }


def test_unknown_keys_of_embedded_documents_are_kept() -> None:
    document = User(**SOUND).to_document()
    document["address"]["zip"] = "12345"
    document["history"][0]["moves"][0]["save"] = [1]
    assert User.from_document(document).to_document() == document
