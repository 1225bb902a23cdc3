"""The value of a secret field leaves by no error, no repr and no pickle."""

import copy
import pickle
import traceback
from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any

import pytest
from bson import ObjectId

from earnorm import (
    SECRET,
    AnyField,
    BaseModel,
    BytesField,
    DateField,
    DateTimeField,
    DecimalField,
    DictField,
    DocumentError,
    DuplicateKeyError,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    EmbeddedUnionField,
    EnumField,
    FieldDefinitionError,
    FloatField,
    IntegerField,
    JsonField,
    ListField,
    LiteralField,
    ModelRegistry,
    ReferenceField,
    SetField,
    StringField,
    TupleField,
    UniqueValidator,
    UpdateError,
    URLField,
    UUIDField,
    ValidationError,
    connect,
    from_json,
    inspect,
)

# The lines that a traceback could show name it, and never write it out.
PASSWORD = "hunter2-Xyzzy"
NUMBER = 7_654_321 * 11 + 2
HINTS = (PASSWORD, PASSWORD.upper(), str(NUMBER))


def chatty(value: object) -> None:
    """A validator that repeats what it was given."""
    if value in (PASSWORD, NUMBER):
        raise ValueError(f"{value!r} is too well known")


def shouting(value: Any) -> None:
    raise ValueError(f"{str(value).upper()} IS REFUSED")


class Credentials(EmbeddedModel):
    user = StringField(default="root")
    password = StringField(secret=True, alias="pw", max_length=20, required=False)
    pin = IntegerField(secret=True, maximum=9999, default=1, validators=[chatty])


class Vault(EmbeddedModel):
    name = StringField(max_length=3, default="x")
    keys = DictField(default_factory=dict)


class Node(EmbeddedModel):
    secret = StringField(secret=True, default="x", max_length=20)
    nodes = ListField(EmbeddedUnionField(Credentials))


class Leaf(Credentials):
    inner = ListField(EmbeddedUnionField(Credentials))


class Color(Enum):
    RED = "red"


def meta(**options: Any) -> type:
    return type("Meta", (), options)


def define(home: ModelRegistry, **fields: Any) -> Any:
    namespace: dict[str, Any] = {
        "name": StringField(default="ada"),
        "password": StringField(
            secret=True, required=False, alias="pw", min_length=3, validators=[chatty]
        ),
        "login": EmbeddedField(Credentials, required=False),
        "logins": ListField(EmbeddedField(Credentials)),
        "codes": ListField(StringField(secret=True, max_length=5)),
        "vault": EmbeddedField(Vault, required=False, secret=True),
        "box": DictField(secret=True),
        "numbers": DictField(IntegerField(maximum=5, secret=True)),
        "any": AnyField(secret=True, required=False),
        "json": JsonField(secret=True, required=False),
        "pair": TupleField(StringField(secret=True, max_length=5), IntegerField(), required=False),
        "marks": SetField(StringField(max_length=5, secret=True)),
        "keyed": DictField(IntegerField(), secret=True),
        "kind": EmbeddedUnionField(Credentials, Node, required=False),
        "literal": LiteralField("a", "b", secret=True, required=False),
        "url": URLField(secret=True, required=False),
        "uuid": UUIDField(secret=True, required=False),
        "amount": DecimalField(secret=True, required=False, maximum=5),
        "day": DateField(secret=True, required=False),
        "blob": BytesField(secret=True, required=False, max_length=5),
        "color": EnumField(Color, secret=True, required=False),
        "exact": StringField(secret=True, strict=True, required=False),
        "Meta": meta(
            indexes=[
                {"fields": ["password"], "unique": True, "partial": {"name": "indexed"}},
                {
                    "fields": ["name", "login.password"],
                    "unique": True,
                    "partial": {"name": "nested"},
                },
            ]
        ),
    }
    return type("Account", (BaseModel,), {**namespace, **fields}, registry=home)


def shows(error: BaseException) -> list[str]:
    """The ways in which the error gives the secret away."""
    texts = {
        "traceback": "".join(traceback.format_exception(error)),
        "repr": repr(error),
        "vars": repr(vars(error)),
        "pickle": repr(pickle.dumps(error)),
    }
    assert str(error) in texts["traceback"] or "\n" in str(error)
    return [f"{way}: {text}" for way, text in texts.items() if any(hint in text for hint in HINTS)]


def secret_fields(model: Any) -> list[str]:
    return [name for name, field in model.__codec__.fields.items() if field.holds_secrets]


def stored(model: Any, value: object) -> dict[str, object]:
    """A document that has this value wherever a secret might be."""
    return {model.__codec__.fields[name].stored_name: value for name in secret_fields(model)}


class Unprintable:
    """A value of no type that a field would take."""

    def __repr__(self) -> str:
        return PASSWORD


SYNC: dict[str, Callable[[Any], object]] = {
    "type": lambda u: u(password=[PASSWORD]),
    "type of an object": lambda u: u(password=Unprintable()),
    "validator": lambda u: u(password=PASSWORD),
    "unicode": lambda u: u(password=PASSWORD + "\ud800"),
    "assignment": lambda u: setattr(u(), "password", PASSWORD),
    "assignment of a type": lambda u: setattr(u(), "password", {PASSWORD: PASSWORD}),
    "embedded, too long": lambda u: u(login={"password": PASSWORD * 3}),
    "embedded, limit": lambda u: u(login={"pin": NUMBER}),
    "embedded, a list": lambda u: u(login=[PASSWORD]),
    "embedded, text": lambda u: u(login=PASSWORD),
    "embedded, unknown key": lambda u: u(login={"pasword": PASSWORD, "pin": "x"}),
    "embedded, wrong class": lambda u: u(
        login=type("Other", (Credentials,), {})(password=PASSWORD)
    ),
    "embedded, in a list": lambda u: u(logins=[{"password": PASSWORD * 2, "pin": NUMBER}]),
    "list of embedded, not a list": lambda u: u(logins={"password": PASSWORD}),
    "list of embedded, of text": lambda u: u(logins=[PASSWORD]),
    "list of secrets": lambda u: u(codes=[PASSWORD, NUMBER]),
    "list of secrets, text": lambda u: u(codes=PASSWORD),
    "secret embedded": lambda u: u(vault={"name": PASSWORD}),
    "secret embedded, bad key": lambda u: u(vault={"keys": {"a": object(), "b": PASSWORD}}),
    "secret dictionary": lambda u: u(box={"a": [PASSWORD, object()]}),
    "secret dictionary, text": lambda u: u(box=PASSWORD),
    "secret dictionary, big number": lambda u: u(box={"a": 2**70 + NUMBER}),
    "dictionary of secrets": lambda u: u(numbers={"a": NUMBER, "b": PASSWORD}),
    "any": lambda u: u(any={"a": object(), "b": PASSWORD}),
    "json": lambda u: u(json={"a": object(), "b": [PASSWORD]}),
    "tuple": lambda u: u(pair=(PASSWORD, PASSWORD)),
    "tuple, text": lambda u: u(pair=PASSWORD),
    "set": lambda u: u(marks={PASSWORD}),
    "set, text": lambda u: u(marks=PASSWORD),
    "keys and values": lambda u: u(keyed={"a": PASSWORD, 3: PASSWORD}),
    "union": lambda u: u(kind={"_type": "Credentials", "password": PASSWORD * 3}),
    "union, no kind": lambda u: u(kind={"password": PASSWORD}),
    "union, text": lambda u: u(kind=PASSWORD),
    "union, below": lambda u: u(
        kind={"_type": "Node", "nodes": [{"_type": "Leaf", "password": PASSWORD * 2}]}
    ),
    "literal": lambda u: u(literal=PASSWORD),
    "url": lambda u: u(url=PASSWORD),
    "uuid": lambda u: u(uuid=PASSWORD),
    "decimal": lambda u: u(amount=PASSWORD),
    "decimal, limit": lambda u: u(amount=NUMBER),
    "date": lambda u: u(day=PASSWORD),
    "bytes": lambda u: u(blob=PASSWORD.encode()),
    "enum": lambda u: u(color=PASSWORD),
    "strict": lambda u: u(exact=type("Text", (str,), {})(PASSWORD)),
    "from_json": lambda u: from_json(
        u, {"password": PASSWORD, "any": PASSWORD, "json": {"a": NUMBER * 1e300 * 1e300}}
    ),
    "from_json, any": lambda u: from_json(u, {"any": {"$numberLong": PASSWORD}}),
    "from_json, types": lambda u: from_json(u, {k: [PASSWORD] for k in secret_fields(u)}),
    "from_json, more types": lambda u: from_json(u, dict.fromkeys(secret_fields(u), PASSWORD)),
    "from_json, a list": lambda u: from_json(u, [PASSWORD]),  # type: ignore[arg-type] # on purpose
    "from_json, broken text": lambda u: from_json(u, '{"password": "' + PASSWORD),
    "document, all texts": lambda u: u.from_document(stored(u, PASSWORD)),
    "document, all lists": lambda u: u.from_document(stored(u, [PASSWORD])),
    "document, all mappings": lambda u: u.from_document(stored(u, {"_type": "x", "a": PASSWORD})),
    "all texts": lambda u: u(**dict.fromkeys(secret_fields(u), PASSWORD)),
    "all lists": lambda u: u(**{name: [PASSWORD] for name in secret_fields(u)}),
    "all mappings": lambda u: u(**{n: {"_type": "x", "a": PASSWORD} for n in secret_fields(u)}),
    "all objects": lambda u: u(**dict.fromkeys(secret_fields(u), Unprintable())),
    "unknown argument": lambda u: u(pasword=PASSWORD),
    "unknown attribute": lambda u: setattr(u(), "pasword", PASSWORD),
    "instance in a wrong place": lambda u: u(name=u(login={"password": PASSWORD})),
    "instance in a list in a wrong place": lambda u: u(name=[u(login={"password": PASSWORD})]),
    "document": lambda u: u.from_document({"pw": [PASSWORD]}),
    "document, embedded": lambda u: u.from_document({"login": {"pw": NUMBER, "pin": PASSWORD}}),
    "document, embedded of another type": lambda u: u.from_document({"login": [PASSWORD]}),
    "document, list": lambda u: u.from_document({"codes": [NUMBER, [PASSWORD]]}),
    "document, secret embedded": lambda u: u.from_document({"vault": {"name": NUMBER}}),
    "document, secret dictionary": lambda u: u.from_document({"box": PASSWORD}),
    "document that is none": lambda u: u.from_document([("pw", PASSWORD)]),
    "expression": lambda u: u.password == [PASSWORD],
    "expression, in": lambda u: u.password.in_([NUMBER, PASSWORD]),
    "expression, less": lambda u: u.password < NUMBER,
    "expression, startswith": lambda u: u.password.startswith(NUMBER),
    "expression, pattern": lambda u: u.password.matches(PASSWORD + "["),
    "expression, contains": lambda u: u.codes.contains([PASSWORD]),
    "expression, embedded": lambda u: u.login == {"password": PASSWORD * 3},
    "expression as truth": lambda u: bool(u.password == PASSWORD),
    "query as truth": lambda u: bool(u.find(u.password == PASSWORD)),
    "filter that is none": lambda u: u.find(PASSWORD).__repr__() and 1 / 0,
}


@pytest.mark.parametrize("name", SYNC)
def test_no_error_of_a_value_shows_it(home: ModelRegistry, name: str) -> None:
    account = define(home)
    with pytest.raises(Exception) as caught:  # whatever it is, it must keep the secret
        SYNC[name](account)
    assert shows(caught.value) == []


ASYNC: dict[str, Callable[[Any, Any], Awaitable[object]]] = {
    "save": lambda u, one: spoilt(one, password=PASSWORD).save(),
    "save, type": lambda u, one: spoilt(one, password=[PASSWORD]).save(),
    "save, embedded": lambda u, one: spoilt(one, login=PASSWORD).save(),
    "save, changed in place": lambda u, one: spoilt(one, codes=[PASSWORD, NUMBER]).save(),
    "save, box": lambda u, one: spoilt(one, box={"a": object(), "b": PASSWORD}).save(),
    "save, box of another type": lambda u, one: spoilt(one, box=PASSWORD).save(),
    "save, vault": lambda u, one: spoilt(one, vault=Unprintable()).save(),
    "stored twice": lambda u, one: u.insert_many([one]),
    "of another model": lambda u, one: u.insert_many([{"password": PASSWORD}]),
    "duplicate": lambda u, one: u.create(name="indexed", password=PASSWORD + "!"),
    "duplicate, nested": lambda u, one: u.create(name="nested", login={"password": PASSWORD}),
    "filter, unknown operator": lambda u, one: u.find({"password": {"$foo": PASSWORD}}).count(),
    "filter, bad $in": lambda u, one: u.find({"password": {"$in": PASSWORD}}).count(),
    "filter, nested operators": lambda u, one: u.find({"pw": {"$in": [{"$eq": PASSWORD}]}}).to_list(),
    "filter, bad pattern": lambda u, one: u.find({"password": {"$regex": PASSWORD + "["}}).first(),
    "filter, bad pattern type": lambda u, one: u.find({"password": {"$regex": [PASSWORD]}}).first(),
    "filter, bad options": lambda u, one: u.find({"pw": {"$regex": "x", "$options": PASSWORD}}).first(),
    "filter, embedded": lambda u, one: u.find({"login.password": {"$in": PASSWORD}}).count(),
    "filter, bad $and": lambda u, one: u.find({"$and": [{"password": {"$nin": PASSWORD}}]}).count(),
    "filter, $and of text": lambda u, one: u.find({"$and": [PASSWORD]}).count(),
    "filter, $and is text": lambda u, one: u.find({"$and": PASSWORD}).count(),
    "filter, no filter": lambda u, one: u.find(PASSWORD).count(),
    "filter, pairs": lambda u, one: u.find([("password", PASSWORD)]).count(),
    "filter, object": lambda u, one: u.find({"password": Unprintable()}).count(),
    "filter, operator beside a name": lambda u, one: u.find({"password": {"$eq": 1, "x": PASSWORD}}).count(),
    "filter, $expr": lambda u, one: u.find({"$expr": {"$eq": ["$pw", {"$map": PASSWORD}]}}).count(),
    "filter, $expr of the stored": lambda u, one: u.find({"$expr": {"$toInt": "$pw"}}).count(),
    "filter, $expr below": lambda u, one: u.find({"$expr": {"x": {"$toInt": "$pw"}}}).count(),
    "aggregate, $match": lambda u, one: u.find().aggregate([{"$match": {"$expr": {"$map": PASSWORD}}}]).to_list(),
    "aggregate, the stored": lambda u, one: u.find().aggregate([{"$set": {"n": {"$toInt": "$pw"}}}]).to_list(),
    "aggregate, renamed": lambda u, one: u.find().aggregate([{"$set": {"n": "$pw"}}, {"$match": {"$expr": {"$toDate": "$n"}}}]).to_list(),
    "aggregate, sort": lambda u, one: u.find().aggregate([{"$set": {"n": 1}}, {"$sort": {"n": PASSWORD}}]).to_list(),
    "update, validator": lambda u, one: u.find().update({"$set": {"password": PASSWORD}}),
    "update, type": lambda u, one: u.find().update({"$set": {"password": [PASSWORD]}}),
    "update, embedded": lambda u, one: u.find().update({"$set": {"login.password": PASSWORD * 3}}),
    "update, whole embedded": lambda u, one: u.find().update({"$set": {"login": {"pin": NUMBER}}}),
    "update, text": lambda u, one: u.find().update(PASSWORD),
    "update, no mapping": lambda u, one: u.find().update({"$set": PASSWORD}),
    "update, $inc": lambda u, one: u.find().update({"$inc": {"password": NUMBER}}),
    "update, $inc below": lambda u, one: u.find().update({"$inc": {"box.text": 1}}),
    "update, below a value": lambda u, one: u.find().update({"$set": {"box.text.more": PASSWORD}}),
    "update, box": lambda u, one: u.find().update({"$set": {"box.a": object(), "box.b": PASSWORD}}),
    "update, each": lambda u, one: u.find().update({"$inc": {"box.text": 1}}, each=True),
    "update, object": lambda u, one: u.find().update({"$push": {"codes": Unprintable()}}),
    "update, conflict": lambda u, one: u.find().update({"$set": {"box": {"a": PASSWORD}, "box.a": PASSWORD}}),
    "update, duplicate": lambda u, one: u.find().update({"$set": {"password": PASSWORD + "!", "name": "indexed"}}),
    "sort": lambda u, one: u.find({"password": PASSWORD}).sort("$" + "x").to_list(),
    "skip": lambda u, one: u.find({"password": PASSWORD}).update({"$set": {"zip..x": 1}}),
}  # fmt: skip


def spoilt(instance: Any, **values: Any) -> Any:
    """The instance with values that no assignment would have let in."""
    vars(instance).update(values)
    return instance


@pytest.mark.parametrize("name", ASYNC)
async def test_no_error_of_a_database_shows_it(home: ModelRegistry, name: str) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home) as database:
        one = await account.create(
            name="indexed",
            password=PASSWORD + "!",
            box={"text": PASSWORD},
            login={"password": PASSWORD},
        )
        await account.create(name="nested", login={"password": PASSWORD}, box={"text": PASSWORD})
        with pytest.raises(Exception) as caught:  # whatever it is, it must keep the secret
            await ASYNC[name](account, one)
        assert shows(caught.value) == []
        assert len([b async for b in database.store.find("account", {})]) == 1


async def test_documents_that_do_not_fit_keep_their_secrets(home: ModelRegistry) -> None:
    account = define(home)
    async with connect("sqlite://", registry=home) as database:
        one = await account.create()
        await database.store.update(
            "account", {}, {"$set": {"pw": [PASSWORD], "login": {"pw": 1, "pin": PASSWORD}}}
        )
        for read in (
            account.get(one.id),
            account.find().first(),
            one.reload(),
            account.find().to_list(),
        ):
            with pytest.raises(DocumentError) as caught:
                await read
            assert shows(caught.value) == []
            assert caught.value.errors[0].path == "pw"


async def test_a_unique_validator_keeps_the_value(home: ModelRegistry) -> None:
    user = define(
        home,
        Meta=meta(
            validators=[UniqueValidator("password")],
            indexes=[{"fields": ["password"], "unique": True, "partial": {"name": "x"}}],
        ),
    )
    async with connect("sqlite://", registry=home):
        await user.create(password=PASSWORD + "!")
        with pytest.raises(DuplicateKeyError) as caught:
            await user.create(password=PASSWORD + "!")
        assert shows(caught.value) == []
        assert caught.value.errors[0].input is SECRET


async def test_building_a_unique_index_keeps_the_values(home: ModelRegistry) -> None:
    user = define(home, Meta=meta(indexes=[{"fields": ["password"], "unique": True}]))
    async with connect("sqlite://", registry=home, indexes="off") as database:
        for _ in range(2):
            await user.create(password=PASSWORD + "!")
        with pytest.raises(DuplicateKeyError) as caught:
            await database.indexes.apply()
        assert shows(caught.value) == []
    assert dict(caught.value.key) == {"pw": SECRET}


def test_reprs_keep_the_value(home: ModelRegistry) -> None:
    user = define(home)
    one = user(
        password=PASSWORD + "!",
        login={"password": PASSWORD},
        logins=[{"password": PASSWORD}],
        codes=["12345"],
        box={"a": PASSWORD},
        vault={"name": "abc", "keys": {"a": PASSWORD}},
    )
    shown = repr(one)
    assert not any(hint in shown for hint in (*HINTS, "12345", "abc"))
    assert "password='***'" in shown
    assert "login=Credentials(user='root', password='***', pin='***')" in shown
    assert "codes='***'" in shown
    assert one.password == PASSWORD + "!"
    condition = (user.password == PASSWORD) | (user.login == {"password": PASSWORD})
    for value in (
        condition,
        user.password.matches(PASSWORD),
        user.codes.contains("12345"),
        user.find(condition),
        user.find({"password": PASSWORD}),
        user.find({"login.password": {"$in": [PASSWORD]}}, {"login": {"pw": PASSWORD}}),
        user.find({"$or": [{"pw": PASSWORD}, {"$nor": [{"box.a": PASSWORD}]}]}),
        user.find({"$comment": PASSWORD}),
        user.find(user.password == PASSWORD)._selection,
        user.password.desc(),
        copy.deepcopy(one),
    ):
        assert not any(hint in repr(value) for hint in (*HINTS, "12345"))
    assert repr(user.find({"name": "ada", "password": PASSWORD})).endswith(
        "{'name': 'ada', 'password': '***'}>"
    )


def test_changes_keep_the_value(home: ModelRegistry) -> None:
    one = define(home).from_document({"pw": "former", "login": {"pw": "b"}, "box": {"a": "b"}})
    one.name, one.password = "eve", PASSWORD + "!"
    one.login.password, one.box["a"] = PASSWORD, PASSWORD
    changes = inspect(one).changes
    assert not any(hint in repr(changes) for hint in (*HINTS, "former"))
    assert changes["password"].after is SECRET
    assert changes["name"].after == "eve"
    assert {"login.password", "box.a"} <= changes.keys()


def test_what_is_not_secret_is_shown_as_ever(home: ModelRegistry) -> None:
    user = define(home)
    with pytest.raises(ValidationError, match=r"name: must be a string, not int \(got 3\)"):
        user(name=3)
    assert repr(user.name == "ada") == "Expression(document={'name': {'$eq': 'ada'}})"
    assert "name='ada'" in repr(user())
    assert "password=None" in repr(user())


async def test_the_store_s_words_about_other_fields_are_heard(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        await user.create()
        with pytest.raises(ValueError, match=r"\$in needs an array, not 3") as caught:
            await user.find({"name": {"$in": 3}}).count()
        assert caught.value.__cause__ is not None
        with pytest.raises(
            ValueError, match="refused it with code 2, and its words are withheld"
        ) as caught:
            await user.find({"password": {"$in": 3}}).count()
        assert caught.value.__cause__ is None


async def test_filters_and_values_work_as_ever(home: ModelRegistry) -> None:
    user = define(home)
    async with connect("sqlite://", registry=home):
        one = await user.create(password=PASSWORD + "!", codes=["a"])
        assert await user.find(user.password == PASSWORD + "!").count() == 1
        assert await user.find((user.password == "no") | user.codes.contains("a")).count() == 1
        assert await user.find(user.password.matches("^hunt")).first() == one
        assert await user.find({"password": PASSWORD + "!"}).exists()


def test_a_message_of_a_secret_field_says_what_is_wrong_without_the_value(
    home: ModelRegistry,
) -> None:
    cases: list[tuple[Any, Any, str]] = [
        (StringField(secret=True, choices=["aa", "bb"]), PASSWORD, "must be one of the choices"),
        (
            StringField(secret=True, min_length=40),
            PASSWORD,
            "must have at least 40 characters, has 13",
        ),
        (StringField(secret=True, pattern="x+"), PASSWORD, "must match 'x+'"),
        (StringField(secret=True, validators=[chatty]), PASSWORD, "is refused"),
        (StringField(secret=True, validators=[shouting]), PASSWORD, "is refused"),
        (EmailField(secret=True), PASSWORD, "is not an e-mail address"),
        (IntegerField(secret=True, maximum=5), NUMBER, "must be at most 5"),
        (IntegerField(secret=True, validators=[chatty]), NUMBER, "is refused"),
        (FloatField(secret=True), PASSWORD, "must be a number, not str"),
        (DateTimeField(secret=True), PASSWORD, "must be a datetime, not str"),
    ]
    for field, value, message in cases:
        model: Any = type(
            "<locals>.Case",
            (BaseModel,),
            {"__qualname__": "f.<locals>.Case", "it": field},
            registry=home,
        )
        with pytest.raises(ValidationError) as caught:
            model(it=value)
        (fault,) = caught.value.errors
        assert (fault.path, fault.message, fault.input) == ("it", message, SECRET)
        assert shows(caught.value) == []


def test_a_reference_can_be_secret(home: ModelRegistry) -> None:
    user = define(home)
    order: Any = type(
        "Order", (BaseModel,), {"user": ReferenceField(user, secret=True)}, registry=home
    )
    target = "5" * 24
    one = order(user=target)
    assert target not in repr(one)
    assert target not in repr(one.user)
    with pytest.raises(ValidationError) as caught:
        order(user=PASSWORD)
    assert shows(caught.value) == []


def test_a_choice_that_does_not_fit_is_not_shown(home: ModelRegistry) -> None:
    with pytest.raises(FieldDefinitionError) as caught:
        define(home, pin=IntegerField(secret=True, choices=[PASSWORD]))  # type: ignore[list-item] # on purpose
    assert shows(caught.value) == []


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_secret_takes_a_truth_value(value: Any) -> None:
    with pytest.raises(FieldDefinitionError, match="secret takes True or False"):
        StringField(secret=value)


def test_the_marker_is_one_of_a_kind() -> None:
    assert (repr(SECRET), str(SECRET)) == ("'***'", "***")
    assert pickle.loads(pickle.dumps(SECRET)) is SECRET
    assert copy.copy(SECRET) is SECRET
    assert copy.deepcopy(SECRET) is SECRET


def test_children_s_secrets_are_kept_by_the_root(home: ModelRegistry) -> None:
    class Animal(BaseModel, registry=home):
        name = StringField()

    class Spy(Animal):
        code = StringField(secret=True, alias="c")

    for query in (
        Animal.find({"code": PASSWORD}),
        Animal.find({"c": PASSWORD}),
        Animal.find(Spy.code == PASSWORD),
    ):
        assert PASSWORD not in repr(query)


async def test_errors_of_a_root_keep_the_secrets_of_its_children(home: ModelRegistry) -> None:
    class Animal(BaseModel, registry=home):
        name = StringField()

    class Spy(Animal):
        code = StringField(secret=True, alias="c")

    async with connect("sqlite://", registry=home):
        await Spy.create(name="x", code=PASSWORD)
        for query in (
            Animal.find({"code": {"$in": PASSWORD}}),
            Animal.find({"c": {"$in": PASSWORD}}),
        ):
            with pytest.raises(ValueError) as caught:
                await query.count()
            assert shows(caught.value) == []
        with pytest.raises(UpdateError) as refused:
            await Animal.find().update({"$set": {"code": PASSWORD}})
        assert shows(refused.value) == []


def test_the_keys_of_a_secret_dictionary_are_in_no_path() -> None:
    class Vault(BaseModel, registry=ModelRegistry("vaults")):
        free = DictField(secret=True)
        typed = DictField(IntegerField(), secret=True)

    with pytest.raises(ValidationError) as caught:
        Vault(free={PASSWORD: object(), "a": {PASSWORD: object()}}, typed={PASSWORD: "x"})
    assert {fault.path for fault in caught.value.errors} == {"free", "typed"}
    vault = Vault.from_document({"_id": ObjectId(), "free": {}, "typed": {}})
    vault.free[PASSWORD] = object()
    faults: list[Any] = []
    vault.__codec__.validate(vault, "", faults)
    assert [fault.path for fault in faults] == ["free"]


def test_a_secret_key_is_an_error_at_the_field() -> None:
    with pytest.raises(FieldDefinitionError, match="a key cannot be secret"):
        DictField(IntegerField(), keys=StringField(secret=True))
