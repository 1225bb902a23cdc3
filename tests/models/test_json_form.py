"""Instances as JSON, back, and as a JSON Schema."""

import json
from decimal import Decimal
from typing import Any

import pytest

from earnorm import (
    AnyField,
    BaseModel,
    DateTimeField,
    DecimalField,
    DictField,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    Field,
    FloatField,
    IntegerField,
    JsonField,
    ListField,
    ModelDefinitionError,
    ModelRegistry,
    SetField,
    StringField,
    TupleField,
    UUIDField,
    ValidationError,
    connect,
    from_json,
    json_schema,
    to_json,
)

home = ModelRegistry("json")


class Country(EmbeddedModel, registry=home):
    code = StringField(min_length=2, max_length=2)


class Address(EmbeddedModel, registry=home):
    city = StringField(alias="c")
    country = EmbeddedField(Country, required=False)


class User(BaseModel, registry=home):
    name = StringField(alias="n", pattern="[a-z]+")
    level = StringField(choices=["basic", "gold"], default="basic")
    credit = DecimalField(default=Decimal("1.50"))
    ratio = FloatField(minimum=0, maximum=1, required=False)
    addresses = ListField(EmbeddedField(Address), max_length=3)
    home = EmbeddedField(Address, required=False)
    notes = DictField()

    class Meta:
        plugins = ["timestamp"]


def test_json_has_the_names_of_the_fields_and_comes_back() -> None:
    user = User(name="ada", addresses=[{"city": "London", "country": {"code": "GB"}}])
    form = json.loads(json.dumps(to_json(user)))
    assert form["name"] == "ada"
    assert form["addresses"] == [{"city": "London", "country": {"code": "GB"}}]
    assert "created_at" not in form
    assert from_json(User, form) == user
    assert from_json(User, json.dumps(form)) == user
    assert from_json(User, json.dumps(form).encode()) == user


class Note(BaseModel, registry=home):
    text = StringField(required=False)
    data = DictField()
    free = AnyField(required=False)

    class Meta:
        plugins = ["timestamp", "softdelete"]


def test_an_instance_that_was_never_saved_comes_back() -> None:
    note = Note(data={"a": 1})
    assert to_json(note) == {"text": None, "data": {"a": 1}, "free": None}
    assert from_json(Note, to_json(note)) == note


@pytest.mark.parametrize(
    "value",
    [
        {"$numberLong": "5"},
        {"$date": "x"},
        {"$oid": "65f0c0ffee65f0c0ffee65f0"},
        {"$undefined": True},
        {"$ref": "users", "$id": 1},
    ],
    ids=lambda it: next(iter(it)),
)
def test_a_dictionary_that_would_be_read_as_a_type_is_refused(value: Any) -> None:
    message = (
        r"has keys that Extended JSON would read as a type of BSON; rename them, or use a JsonF"
    )
    with pytest.raises(ValidationError, match=rf"data\.a\.0: {message}"):
        to_json(Note(data={"a": [value]}))
    with pytest.raises(ValidationError, match=f"data: {message}"):
        to_json(Note(data=value))
    with pytest.raises(ValidationError, match=f"free: {message}"):
        to_json(Note(free=value))


def test_a_dictionary_of_operators_comes_back() -> None:
    note = Note(data={"$where": "1", "a": {"$gt": [1]}, "$": {}})
    assert from_json(Note, json.dumps(to_json(note))) == note


def test_an_embedded_instance_has_a_form_of_its_own() -> None:
    address = Address(city="London")
    assert to_json(address) == {"city": "London", "country": None}
    assert from_json(Address, {"city": "London"}) == address


async def test_what_a_plugin_sets_is_shown_and_not_taken() -> None:
    async with connect("sqlite://", registry=home):
        user = await User.create(name="ada")
    form = to_json(user)
    assert form["created_at"].endswith("Z")
    assert form["id"] == str(user.id)
    with pytest.raises(ValidationError, match="is set by the plugin 'timestamp'"):
        from_json(User, form)
    assert json_schema(User)["properties"]["created_at"]["readOnly"] is True
    assert "created_at" not in json_schema(User)["required"]


def test_every_fault_is_told_at_once_with_its_path() -> None:
    with pytest.raises(ValidationError) as caught:
        from_json(
            User,
            {
                "name": "ADA",
                "level": 3,
                "credit": 1.5,
                "addresses": [{"city": "London"}, {"country": {"code": "GBR"}, "zip": 1}, 7],
                "nmae": "ada",
                "notes": {"a": {"$oid": "x"}},
            },
        )
    assert sorted(fault.path for fault in caught.value.errors) == [
        "addresses.1.city",
        "addresses.1.country.code",
        "addresses.1.zip",
        "addresses.2",
        "credit",
        "level",
        "name",
        "nmae",
        "notes.a",
    ]


def test_a_value_that_is_broken_is_not_said_to_be_missing() -> None:
    with pytest.raises(ValidationError) as caught:
        from_json(Address, {"city": 3, "country": {"code": 3}})
    assert [(fault.path, fault.code) for fault in caught.value.errors] == [
        ("city", "type"),
        ("country.code", "type"),
    ]


def test_extras_are_left_out() -> None:
    user = User.from_document({"n": "ada", "other": 1})
    assert user.other == 1  # type: ignore[attr-defined] # an extra
    assert "other" not in to_json(user)


WORD = "hunter2secret"
SECRETS: list[tuple[Field[Any], Any]] = [
    (DecimalField(secret=True), WORD),
    (UUIDField(secret=True), WORD),
    (DateTimeField(secret=True), WORD),
    (AnyField(secret=True), {"$oid": WORD}),
    (JsonField(secret=True), {"a": WORD, "b": float("nan")}),
    (TupleField(IntegerField(), secret=True), [WORD]),
    (SetField(IntegerField(secret=True)), [WORD]),
    (DictField(IntegerField(), keys=UUIDField(), secret=True), {WORD: 1}),
    (DictField(IntegerField(secret=True), keys=UUIDField()), {WORD: 1}),
    (EmbeddedUnionField(Country, Address, secret=True), {"_type": WORD}),
]


@pytest.mark.parametrize(("field", "data"), SECRETS, ids=lambda it: type(it).__name__)
def test_a_secret_that_does_not_fit_is_not_repeated(field: Field[Any], data: Any) -> None:
    model: Any = type("M", (BaseModel,), {"value": field}, registry=ModelRegistry("secrets"))
    for attempt in (from_json, lambda model, data: model(**data)):
        if attempt is not from_json and isinstance(field, AnyField):
            continue  # what is no Extended JSON is a value like any other
        with pytest.raises(ValidationError) as caught:
            attempt(model, {"value": data})
        assert WORD not in str(caught.value)
        assert WORD not in repr(caught.value.errors)


def test_secrets_are_taken_and_never_given() -> None:
    class Account(BaseModel, registry=ModelRegistry("accounts")):
        name = StringField()
        pin = DecimalField(secret=True, default=Decimal("7.77"), choices=[Decimal("7.77")])
        words = ListField(StringField(secret=True))

    account = from_json(Account, {"name": "ada", "pin": "7.77", "words": [WORD]})
    assert account.words == [WORD]
    assert to_json(account) == {"name": "ada"}
    schema = json_schema(Account)["properties"]
    assert schema["pin"] == {"type": "string", "format": "decimal", "writeOnly": True}
    assert schema["words"]["writeOnly"] is True


def test_the_schema_is_closed_and_names_each_embedded_model_once() -> None:
    schema = json_schema(User)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "User"
    assert schema["required"] == ["name"]
    assert schema["additionalProperties"] is False
    assert set(schema["$defs"]) == {"Address", "Country"}
    assert schema["properties"]["name"] == {"type": "string", "pattern": "^(?:[a-z]+)$"}
    assert schema["properties"]["level"] == {
        "type": "string",
        "enum": ["basic", "gold"],
        "default": "basic",
    }
    assert schema["properties"]["credit"]["default"] == "1.50"
    assert schema["properties"]["home"] == {
        "anyOf": [{"$ref": "#/$defs/Address"}, {"type": "null"}]
    }
    assert schema["properties"]["ratio"]["anyOf"][0] == {
        "type": "number",
        "minimum": 0,
        "maximum": 1,
    }
    json.dumps(schema, allow_nan=False)


def test_two_embedded_models_of_one_name_are_numbered() -> None:
    def part() -> Any:
        class Part(EmbeddedModel):
            name = StringField()

        return Part

    class Whole(BaseModel, registry=ModelRegistry("twins")):
        one = EmbeddedField(part())
        two = EmbeddedField(part())

    assert set(json_schema(Whole)["$defs"]) == {"Part", "Part2"}


def test_an_embedded_model_that_holds_itself_is_described_once() -> None:
    class Node(EmbeddedModel):
        name = StringField()
        children = ListField(StringField())

    # What a class line cannot say yet is how a model comes to hold itself.
    children: Any = Node.__codec__.fields["children"]
    owner: Any = Node
    children.items = EmbeddedField(Node).bind(owner, "children")
    schema = json_schema(Node)
    assert schema["$ref"] == "#/$defs/Node"
    node = schema["$defs"]["Node"]
    assert node["properties"]["children"]["items"] == {"$ref": "#/$defs/Node"}
    tree = from_json(Node, {"name": "a", "children": [{"name": "b", "children": []}]})
    assert to_json(tree)["children"] == [{"name": "b", "children": []}]


@pytest.mark.parametrize("data", [[], 3, "3", "[]", None, "null"])
def test_what_is_no_object_is_refused(data: Any) -> None:
    with pytest.raises(ValidationError, match="must be a JSON object"):
        from_json(User, data)


@pytest.mark.parametrize("digits", ["1e999", "-1e999", "1" * 400 + ".0"])
def test_a_number_that_would_be_read_as_infinite_is_refused(digits: str) -> None:
    with pytest.raises(ValidationError, match="has a number that is larger than a 64-bit float"):
        from_json(User, f'{{"name": "ada", "ratio": {digits}}}')
    with pytest.raises(ValidationError, match="has a number that is larger than a 64-bit float"):
        from_json(User, f'{{"name": "ada", "notes": {{"a": [{digits}]}}}}')


def test_a_long_of_extended_json_has_64_bits() -> None:
    data = {"name": "ada", "notes": {"a": {"$numberLong": "99999999999999999999"}}}
    with pytest.raises(ValidationError, match=r"notes\.a: does not fit in 64 bits"):
        from_json(User, data)


def test_a_key_that_is_no_text_is_a_fault() -> None:
    data: Any = {1: 2, "name": "ada"}
    with pytest.raises(ValidationError, match="has a key of type int"):
        from_json(User, data)


def test_what_is_no_model_and_what_is_abstract_is_refused() -> None:
    class Base(BaseModel, registry=ModelRegistry("abstract")):
        at = DateTimeField()
        count = IntegerField()

        class Meta:
            abstract = True

    wrong: Any = dict
    instance: Any = User(name="a")
    for function, argument in ((to_json, wrong), (json_schema, wrong), (json_schema, instance)):
        with pytest.raises(TypeError, match="takes"):
            function(argument)
    with pytest.raises(TypeError):
        from_json(wrong, {})
    with pytest.raises(ModelDefinitionError, match="abstract"):
        from_json(Base, {})
