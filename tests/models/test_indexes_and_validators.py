"""`Meta.indexes` and `Meta.validators`, held against the fields when the class is defined."""

import copy
import dataclasses
import pickle
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    DateTimeField,
    DictField,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    Index,
    IntegerField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    StringField,
    UniqueValidator,
    ValidationError,
    connect,
)


class Address(EmbeddedModel):
    zip = StringField(alias="z")


def define(home: ModelRegistry, **options: Any) -> Any:
    class User(BaseModel, registry=home):
        email = EmailField(alias="mail")
        age = IntegerField(required=False)
        address = EmbeddedField(Address, required=False, alias="home")
        past = ListField(EmbeddedField(Address))
        scores = DictField(IntegerField())
        data = DictField()
        deleted_at = DateTimeField(required=False)
        Meta = type("Meta", (), options)

    return User


def refusal(home: ModelRegistry, **options: Any) -> str:
    with pytest.raises(ModelDefinitionError) as caught:
        define(home, **options)
    assert home.get_all_models() == []
    return str(caught.value).partition("User: ")[2]


@pytest.mark.parametrize(
    ("written", "index"),
    [
        ({"fields": [("email", 1)]}, Index(fields=(("mail", 1),), name="mail_1")),
        ({"fields": ["email"]}, Index(fields=(("mail", 1),))),
        ({"fields": (["email", -1], ("age", 1))}, Index(fields=(("mail", -1), ("age", 1)))),
        ({"fields": [("email", 1)], "unique": True}, Index(fields=(("mail", 1),), unique=True)),
        ({"fields": [("age", 1)], "name": "by age"}, Index(fields=(("age", 1),), name="by age")),
        ({"fields": [("id", -1)]}, Index(fields=(("_id", -1),))),
        ({"fields": [("address.zip", 1)]}, Index(fields=(("home.z", 1),))),
        ({"fields": [("past.zip", 1)]}, Index(fields=(("past.z", 1),))),
        ({"fields": [("scores.math", 1)]}, Index(fields=(("scores.math", 1),))),
        ({"fields": [("data.any.thing", 1)]}, Index(fields=(("data.any.thing", 1),))),
        (
            {"fields": ["email"], "partial": {"deleted_at": None, "address.zip": "1"}},
            Index(fields=(("mail", 1),), partial={"deleted_at": None, "home.z": "1"}),
        ),
        (
            {"fields": ["email"], "partial": {"deleted_at": datetime(2024, 1, 1, 0, 0, 0, 7, UTC)}},
            Index(fields=(("mail", 1),), partial={"deleted_at": datetime(2024, 1, 1, tzinfo=UTC)}),
        ),
        ({"fields": ["email"], "sparse": True}, Index(fields=(("mail", 1),), sparse=True)),
        (
            {"fields": ["deleted_at"], "expire_after": 60},
            Index(fields=(("deleted_at", 1),), expire_after=60.0),
        ),
        (
            {"fields": ["data.at"], "expire_after": 0},
            Index(fields=(("data.at", 1),), expire_after=0),
        ),
        (
            {"fields": ["email"], "collation": {"locale": "en", "strength": 2}},
            Index(fields=(("mail", 1),), collation={"locale": "en", "strength": 2}),
        ),
        ({"fields": ["email"], "collation": {"locale": "simple"}}, Index(fields=(("mail", 1),))),
        (
            {
                "fields": ["email"],
                "partial": {"age": {"$gte": 18, "$lt": 65}, "email": {"$type": "string"}},
            },
            Index(
                fields=(("mail", 1),),
                partial={"age": {"$gte": 18, "$lt": 65}, "mail": {"$type": "string"}},
            ),
        ),
        (
            {
                "fields": ["email"],
                "partial": {
                    "$or": [{"email": "a"}, {"$and": ({"address.zip": {"$exists": True}},)}]
                },
            },
            Index(
                fields=(("mail", 1),),
                partial={"$or": [{"mail": "a"}, {"$and": [{"home.z": {"$exists": True}}]}]},
            ),
        ),
        (
            {"fields": ["email"], "partial": {"data": {"$eq": {"a": 1}}, "age": {"$in": (1, 2)}}},
            Index(
                fields=(("mail", 1),), partial={"data": {"$eq": {"a": 1}}, "age": {"$in": [1, 2]}}
            ),
        ),
    ],
)
def test_an_index_is_under_stored_names(
    home: ModelRegistry, written: dict[str, Any], index: Index
) -> None:
    assert define(home, indexes=[written]).__metadata__.indexes == (index,)


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ({"fields": ["emial"]}, "an index names the unknown field 'emial'. Did you mean 'email'?"),
        ({"fields": ["mail"]}, "an index names the unknown field 'mail'. Did you mean 'email'?"),
        ({"fields": [("xyzzy", 1)]}, "The fields are: id, email, age, address, past, scores, data, deleted_at."),
        ({"fields": ["address.zpi"]}, "the unknown field 'address.zpi'. Did you mean 'address.zip'?"),
        ({"fields": ["past.zpi"]}, "the unknown field 'past.zpi'. Did you mean 'past.zip'?"),
        ({"fields": ["address.zip.part"]}, "an index names 'address.zip.part', and 'address.zip' holds nothing below"),
        ({"fields": ["age.years"]}, "an index names 'age.years', and 'age' holds nothing below it: it is an integer"),
        ({"fields": ["email."]}, "an index names 'email.', and 'email' holds nothing below it"),
        ({"fields": [""]}, "an index names the unknown field ''"),
        ({"fields": ["email"], "partial": {"deletd_at": None}}, "a partial index names the unknown field 'deletd_at'."),
        ({"fields": ["email"], "partial": {}}, "'partial' must map fields to the values that they must equal, not be {}"),
        ({"fields": ["email"], "partial": {"age": {"$ge": 3}}}, "'mail_1': 'partial' has the unknown operator '$ge'. Did you mean"),
        ({"fields": ["email"], "partial": {"age": {"$not": {"$gt": 3}}}}, "unknown operator '$not'. There are: $eq, $exists, $gt"),
        ({"fields": ["email"], "partial": {"$nor": [{"age": 3}]}}, "unknown operator '$nor'. Did you mean '$or'?"),
        ({"fields": ["email"], "partial": {"$expr": {}}}, "unknown operator '$expr'. There are: the fields, $and and $or"),
        ({"fields": ["email"], "partial": {"$or": []}}, "$or in 'partial' takes a list of conditions, not []"),
        ({"fields": ["email"], "partial": {"$or": {"age": 3}}}, "$or in 'partial' takes a list of conditions"),
        ({"fields": ["email"], "partial": {"$or": [{"agee": 3}]}}, "a partial index names the unknown field 'agee'. Did you mean 'age'?"),
        ({"fields": ["email"], "partial": {"age": {"$exists": False}}}, "an index takes True only"),
        ({"fields": ["email"], "partial": {"age": {"$in": 3}}}, "$in of 'age' in 'partial' takes a list, not 3"),
        ({"fields": ["email"], "partial": {"age": {}}}, "'partial' asks 'age' to be {}"),
        ({"fields": ["email"], "partial": {"address": {"zip": "1"}}}, "name its parts ('address.part')"),
        ({"fields": ["email"], "partial": {"age": {"$gt": 3, "lt": 5}}}, "'partial' asks 'age' to be"),
        ({"fields": ["email"], "partial": {"email": re.compile("a")}}, "'partial' asks 'email' for a regular expression"),
        ({"fields": ["email"], "partial": {"email": {"$in": [re.compile("a")]}}}, "for a regular expression"),
        ({"fields": ["email"], "partial": {"email": "a", "mail": "b"}}, "a partial index names the unknown field 'mail'"),
        ({"fields": ["email"], "partial": {3: 4}}, "names in 'partial' are strings, not 3"),
        ({"fields": ["email"], "partial": {"age": {"$gt": 2**64}}}, "'partial' cannot be stored: age.$gt: does not fit in 64 bits"),
        ({"fields": ["email"], "partial": {"age": 2**64}}, "'partial' cannot be stored: age: does not fit in 64 bits"),
        ({"fields": "email"}, "an index needs 'fields': a list such as [('email', 1)], not 'email'"),
        ({"fields": []}, "an index needs 'fields'"),
        ({}, "an index needs 'fields'"),
        ({"fields": [("email",)]}, "an index has ('email',) among its fields; write ('name', 1) to ascend"),
        ({"fields": [("email", 2)]}, "an index has ('email', 2) among its fields"),
        ({"fields": [("email", True)]}, "an index has ('email', True) among its fields"),
        ({"fields": [("email", "text")]}, "an index has ('email', 'text') among its fields"),
        ({"fields": [("email", [])]}, "an index has ('email', []) among its fields"),
        ({"fields": [(3, 1)]}, "an index has (3, 1) among its fields"),
        ({"fields": ["email", ("email", -1)]}, "an index names a field twice"),
        ({"fields": ["email"], "uniqe": True}, "an index has the unknown option 'uniqe'. Did you mean 'unique'?"),
        ({"fields": ["email"], "sprse": True}, "an index has the unknown option 'sprse'. Did you mean 'sparse'?"),
        ({"fields": ["email"], "hidden": True}, "the unknown option 'hidden'. The options are: fields, name, unique, sparse"),
        ({"fields": ["email"], "sparse": 1}, "the index 'mail_1' has 'sparse': 1, which must be True or False"),
        ({"fields": ["email"], "sparse": True, "partial": {"age": 1}}, "the index 'mail_1' is both sparse and partial"),
        ({"fields": ["deleted_at"], "expire_after": -1}, "the index 'deleted_at_1' has 'expire_after': -1, which is whole seconds"),
        ({"fields": ["deleted_at"], "expire_after": 2**31}, "which is whole seconds, 0 to 2147483647"),
        ({"fields": ["deleted_at"], "expire_after": 0.5}, "which is whole seconds"),
        ({"fields": ["deleted_at"], "expire_after": float("nan")}, "which is whole seconds"),
        ({"fields": ["deleted_at"], "expire_after": float("inf")}, "which is whole seconds"),
        ({"fields": ["deleted_at"], "expire_after": True}, "which is whole seconds"),
        ({"fields": ["deleted_at"], "expire_after": "60"}, "which is whole seconds"),
        ({"fields": ["deleted_at", "age"], "expire_after": 60}, "'expire_after' and 2 fields: documents expire by one date"),
        ({"fields": ["id"], "expire_after": 60}, "'_id' is an ObjectId"),
        ({"fields": ["age"], "expire_after": 60}, "and 'age' is an integer: documents expire by a date"),
        ({"fields": ["past.zip"], "expire_after": 60}, "and 'past.z' is a string: documents expire by a date"),
        ({"fields": ["email"], "collation": "en"}, "the index 'mail_1' has 'collation': 'en', which must be a mapping"),
        ({"fields": ["email"], "collation": {}}, "the collation of the index 'mail_1' needs a 'locale'"),
        ({"fields": ["email"], "collation": {"local": "en"}}, "the unknown option 'local'. Did you mean 'locale'?"),
        ({"fields": ["email"], "collation": {"locale": "en", "xyz": 1}}, "the unknown option 'xyz'. They are: locale, strength"),
        ({"fields": ["email"], "collation": {"locale": "en", "strength": 6}}, "has 'strength': 6, which must be 1 or 2 or 3 or 4 or 5"),
        ({"fields": ["email"], "collation": {"locale": "en", "strength": True}}, "has 'strength': True"),
        ({"fields": ["email"], "collation": {"locale": ""}}, "has 'locale': '', which must be a string such as 'en'"),
        ({"fields": ["email"], "unique": 1}, "an index has 'unique': 1, which must be True or False"),
        ({"fields": ["email"], "name": 3}, "an index has the name 3, which must be a string"),
        ({"fields": ["email"], "name": "a\0"}, "an index has the name 'a\\x00'"),
        ("email", "an index must be a mapping such as {'fields': [('email', 1)]}, not 'email'"),
        ([("email", 1)], "an index must be a mapping such as"),
    ],
)  # fmt: skip
def test_a_fault_in_an_index_is_an_error_at_the_class_line(
    home: ModelRegistry, written: Any, message: str
) -> None:
    assert message in refusal(home, indexes=[written])


def test_two_indexes_of_one_name_are_refused(home: ModelRegistry) -> None:
    twice = [{"fields": ["email"]}, {"fields": ["email"], "unique": True}]
    assert "two indexes are called 'mail_1'" in refusal(home, indexes=twice)


@pytest.mark.parametrize(
    ("validator", "message"),
    [
        (UniqueValidator("emial"), "a UniqueValidator names the unknown field 'emial'. Did you mean 'email'?"),
        (UniqueValidator("email", "nmae"), "a UniqueValidator names the unknown field 'nmae'."),
        (UniqueValidator("mail"), "a UniqueValidator names the unknown field 'mail'. Did you mean 'email'?"),
        ("email", "Meta.validators holds 'email', which is no validator. Use UniqueValidator or a function."),
        (UniqueValidator, "which is no validator"),
    ],
)  # fmt: skip
def test_a_fault_in_a_validator_is_an_error_at_the_class_line(
    home: ModelRegistry, validator: object, message: str
) -> None:
    assert message in refusal(home, validators=[validator])


async def test_a_validator_of_the_model_sees_the_whole_instance_at_the_save(
    home: ModelRegistry,
) -> None:
    def adults_only(user: Any) -> None:
        if user.age is not None and user.age < 18:
            raise ValueError("must be grown up")

    user = define(home, validators=[adults_only])
    async with connect("sqlite://", registry=home):
        child = user(email="kid@example.com", age=3)
        with pytest.raises(ValidationError, match="User: 1 fault\n  must be grown up") as caught:
            await child.save()
        assert [(fault.path, fault.code) for fault in caught.value.errors] == [("", "validator")]
        with pytest.raises(ValidationError) as caught:
            await user.insert_many([user(email="a@example.com"), child])
        assert [fault.path for fault in caught.value.errors] == ["1"]
        assert await user.find().count() == 0


async def test_a_unique_index_below_an_embedded_field_is_enforced(home: ModelRegistry) -> None:
    user = define(home, indexes=[{"fields": ["address.zip"], "unique": True}])
    async with connect("sqlite://", registry=home):
        await user.create(email="a@example.com", address={"zip": "1"})
        with pytest.raises(ValidationError) as caught:
            await user.create(email="b@example.com", address={"zip": "1"})
        assert [fault.code for fault in caught.value.errors] == ["duplicate"]


def test_an_index_is_a_value_that_cannot_be_changed() -> None:
    partial: dict[str, Any] = {"deleted_at": None, "tags": ["a"]}
    index = Index(fields=(("mail", 1),), partial=partial)
    partial["deleted_at"] = 1
    assert index.partial == {"deleted_at": None, "tags": ["a"]}
    with pytest.raises(TypeError):
        index.partial["deleted_at"] = 1  # type: ignore[index] # the point of the test
    same = Index(fields=(("mail", 1),), partial={"tags": ["a"], "deleted_at": None})
    plain = Index(fields=(("mail", 1),))
    assert {index, same, plain, Index(fields=(("mail", 1),))} == {index, plain}
    assert hash(Index(fields=(("n", 1),), partial={"n": 1})) == hash(
        Index(fields=(("n", 1),), partial={"n": 1.0})
    )
    assert "partial={'deleted_at': None, 'tags': ['a']}," in repr(index)


def test_an_index_can_be_copied_pickled_and_told_as_a_dictionary() -> None:
    index = Index(fields=(("mail", 1),), unique=True, partial={"deleted_at": None})
    assert copy.deepcopy(index) == copy.copy(index) == pickle.loads(pickle.dumps(index)) == index
    assert dataclasses.asdict(index) == {
        "fields": (("mail", 1),),
        "unique": True,
        "partial": {"deleted_at": None},
        "sparse": False,
        "expire_after": None,
        "collation": None,
        "name": "mail_1",
        "inherits_collation": False,
    }
