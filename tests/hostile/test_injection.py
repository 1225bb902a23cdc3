"""What a form, a URL or a JSON body may try: values that are operators, operators that are code."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from bson import Code, ObjectId

from earnorm import (
    BaseModel,
    DictField,
    DocumentNotFoundError,
    EarnORMError,
    EmailField,
    EmbeddedField,
    EmbeddedModel,
    FilterError,
    IntegerField,
    ListField,
    ModelRegistry,
    StringField,
    UniqueValidator,
    UnsupportedError,
    ValidationError,
    connect,
)

SMUGGLED: list[Any] = [
    {"$ne": ""},
    {"$gt": ""},
    {"$regex": ".*"},
    {"$exists": True},
    {"$in": ["", "secret"]},
    {"$not": {"$eq": ""}},
    {"$where": "true"},
    {"$eq": "secret"},
    ["secret"],
    {},
    True,
    0,
]


def shown(value: object) -> str:
    """The value for the name of a test, without what differs from run to run."""
    return re.sub(r" at 0x\w+|ObjectId\('\w+'\)", "", str(value))


def define(home: ModelRegistry) -> Any:
    class User(BaseModel, registry=home):
        email = EmailField()
        password = StringField(alias="p")
        age = IntegerField(default=0)
        data = DictField()

        class Meta:
            indexes = [{"fields": ["email"], "unique": True}]
            validators = [UniqueValidator("email")]

    return User


async def with_ada(home: ModelRegistry) -> tuple[Any, Any]:
    user = define(home)
    return user, await user.create(email="ada@example.com", password="secret")


@pytest.mark.parametrize("smuggled", SMUGGLED, ids=repr)
async def test_a_log_in_by_expression_takes_no_operator(
    home: ModelRegistry, url: str, smuggled: Any
) -> None:
    async with connect(url, registry=home):
        user, ada = await with_ada(home)
        assert await user.find(user.email == "ada@example.com", user.password == "secret") == [ada]
        with pytest.raises(ValidationError):
            user.find(user.email == "ada@example.com", user.password == smuggled)
        with pytest.raises(ValidationError):
            user.find(user.email == smuggled)


@pytest.mark.parametrize("smuggled", SMUGGLED, ids=repr)
async def test_an_explicit_eq_takes_a_value_for_a_value(
    home: ModelRegistry, url: str, smuggled: Any
) -> None:
    async with connect(url, registry=home):
        user, _ = await with_ada(home)
        assert await user.find({"email": "ada@example.com", "password": {"$eq": smuggled}}) == []


@pytest.mark.parametrize("smuggled", SMUGGLED, ids=repr)
async def test_no_method_of_a_path_takes_an_operator(
    home: ModelRegistry, url: str, smuggled: Any
) -> None:
    class Address(EmbeddedModel):
        city = StringField()

    class Customer(BaseModel, registry=home):
        password = StringField(alias="p")
        tags = ListField(StringField())
        address = EmbeddedField(Address)
        addresses = ListField(EmbeddedField(Address))
        labels = DictField(StringField())

    async with connect(url, registry=home):
        ada = await Customer.create(password="secret", address={"city": "x"}, tags=["a"])
        model: Any = Customer
        places = [model.password, model.address.city, model.labels["k"], model.tags.at(0)]
        places += [model.tags.each, model.addresses.each.city, model.addresses.at(0).city]
        methods: list[Callable[[Any], Any]] = [
            lambda path: path == smuggled,
            lambda path: path != smuggled,
            lambda path: path >= smuggled,
            lambda path: path.in_([smuggled]),
            lambda path: path.not_in(["x", smuggled]),
            lambda path: path.startswith(smuggled),
            lambda path: path.matches(smuggled),
            lambda path: path.set(smuggled),
            lambda path: path.min(smuggled),
            lambda path: path.max(smuggled),
            lambda path: path.inc(smuggled),
        ]
        of_lists: list[Callable[[Any], Any]] = [
            lambda path: path.contains(smuggled),
            lambda path: path.contains_all([smuggled]),
            lambda path: path.any(smuggled),
            lambda path: path.has_length(smuggled if smuggled != 0 else -1),
            lambda path: path.push(smuggled),
            lambda path: path.push("x", position=smuggled if smuggled != 0 else "0"),
            lambda path: path.push("x", keep_last=smuggled if smuggled != 0 else "0"),
            lambda path: path.add_to_set("x", smuggled),
            lambda path: path.pull(smuggled),
        ]
        for path in places:
            for method in methods:
                with pytest.raises((EarnORMError, TypeError)):
                    method(path)
        for path in (model.tags, model.addresses):
            for method in of_lists:
                with pytest.raises((EarnORMError, TypeError)):
                    method(path)
        queries: list[Callable[[], Any]] = [
            lambda: model.find().project(smuggled),
            lambda: model.find().project("password", smuggled),
            lambda: model.find().page(smuggled or "0"),
            lambda: model.find().page(1, after=smuggled),
            lambda: model.find().update(model.password.set("x"), smuggled),
        ]
        for query in queries:
            with pytest.raises((EarnORMError, TypeError)):
                await query()
        assert await Customer.find() == [ada]


@pytest.mark.parametrize("key", ["$where", "a.$where", "a\0b", "", "$", "a.b", "\ud800"])
async def test_a_key_from_outside_is_a_key_or_an_error(
    home: ModelRegistry, url: str, key: str
) -> None:
    class Customer(BaseModel, registry=home):
        labels = DictField(StringField())
        data = DictField()

    async with connect(url, registry=home):
        ada = await Customer.create(labels={"a": "x"})
        for build in (
            lambda: Customer.find(Customer.labels[key] == "x"),
            lambda: Customer.find(Customer.data["a"][key] == "x"),
            lambda: Customer.find().update(Customer.labels[key].set("x")),
            lambda: Customer.find().project(Customer.labels[key]),
            lambda: Customer.find().project(f"labels.{key}.x"),
        ):
            with pytest.raises(EarnORMError):
                await build()
        assert await Customer.find() == [ada]


@pytest.mark.parametrize("smuggled", SMUGGLED, ids=repr)
async def test_an_id_from_outside_is_an_id_or_nothing(
    home: ModelRegistry, url: str, smuggled: Any
) -> None:
    async with connect(url, registry=home):
        user, _ = await with_ada(home)
        with pytest.raises(DocumentNotFoundError):
            await user.get(smuggled)
        with pytest.raises(ValidationError):
            user.find(user.id == smuggled)


@pytest.mark.parametrize(
    "text", ["", "1", "'; --", "0" * 23, "0" * 25, "g" * 24, "\0" * 24, "٠" * 24]
)
async def test_an_id_that_is_no_id_is_not_found(home: ModelRegistry, url: str, text: str) -> None:
    async with connect(url, registry=home):
        user, _ = await with_ada(home)
        with pytest.raises(
            DocumentNotFoundError, match="an id is an ObjectId, or its 24 hexadecimal"
        ):
            await user.get(text)


@pytest.mark.parametrize("smuggled", SMUGGLED, ids=repr)
async def test_a_body_of_a_form_becomes_an_instance_or_an_error(
    home: ModelRegistry, url: str, smuggled: Any
) -> None:
    async with connect(url, registry=home):
        user, ada = await with_ada(home)
        for form in (
            {"email": smuggled, "password": "x"},
            {"email": "eve@example.com", "password": smuggled},
            {"email": "eve@example.com", "password": "x", "$set": {"age": 1}},
            {"email": "eve@example.com", "password": "x", "_id": ObjectId()},
            {"email": "eve@example.com", "password": "x", "__state__": smuggled},
            {"email": "eve@example.com", "password": "x", "is_admin": True},
        ):
            with pytest.raises(ValidationError):
                await user.create(**form)
        with pytest.raises(ValidationError):
            ada.email = smuggled
        assert await user.find() == [ada]


@pytest.mark.parametrize("smuggled", SMUGGLED, ids=repr)
async def test_an_update_takes_values_that_fit_their_fields(
    home: ModelRegistry, url: str, smuggled: Any
) -> None:
    async with connect(url, registry=home):
        user, ada = await with_ada(home)
        everyone = user.find()
        for changes in ({"email": smuggled}, {"password": smuggled}, {"p": smuggled}):
            with pytest.raises(ValidationError):
                await everyone.update({"$set": changes})
        for update in ({"email": "x@example.com"}, {"$set": smuggled or 0}, {"$inc": {"email": 1}}):
            with pytest.raises(EarnORMError):
                await everyone.update(update)
        assert await user.find() == [ada]


@pytest.mark.parametrize(
    "smuggled", [value for value in SMUGGLED if isinstance(value, dict)], ids=repr
)
async def test_what_looks_like_an_operator_is_data_inside_a_free_dictionary(
    home: ModelRegistry, url: str, smuggled: dict[str, Any]
) -> None:
    async with connect(url, registry=home):
        user, ada = await with_ada(home)
        ada.data = smuggled
        await ada.save()
        assert (await user.get(ada.id)).data == smuggled
        assert await user.find(user.data == smuggled).count() == 1
        assert await user.find(user.data != smuggled).count() == 0
        assert await user.find().update({"$set": {"data": {"inner": smuggled}}}) == 1
        assert (await ada.reload()).data == {"inner": smuggled}


@pytest.mark.parametrize(
    "filter",
    [
        {"$where": "this.age == 0"},
        {"$where": Code("function() { return true; }")},
        {"$expr": {"$function": {"body": "return true", "args": [], "lang": "js"}}},
        {"$jsonSchema": {"$ref": "#/definitions/a"}},
        {"$jsonSchema": {"properties": {"age": {"$where": "1"}}}},
        {"$text": {"$search": "a"}},
        {"data": {"$elemMatch": {"$where": "1"}}},
        {"data": {"$elemMatch": {"a": {"$where": "1"}}}},
        {"$nor": [{"$where": "1"}]},
        {"$comment": "x", "$where": "1"},
        {"$and": [{"$where": "1"}]},
        {"age": {"$not": {"$where": "1"}}},
    ],
    ids=shown,
)
async def test_operators_that_would_run_code_or_are_not_there_are_refused_by_name(
    home: ModelRegistry, url: str, filter: dict[str, Any]
) -> None:
    async with connect(url, registry=home):
        user, _ = await with_ada(home)
        attempts: list[Callable[[], Any]] = [
            lambda: user.find(filter).to_list(),
            lambda: user.find(filter).count(),
            lambda: user.find(filter).exists(),
            lambda: user.find(filter).delete(),
            lambda: user.find(filter).update({"$set": {"age": 1}}),
        ]
        for attempt in attempts:
            with pytest.raises((UnsupportedError, FilterError), match=r"\$"):
                await attempt()
        assert await user.find({"age": 0}).count() == 1


@pytest.mark.parametrize("comment", ["x", "1; return true", {"$where": "true"}, ["$where"], None])
async def test_a_comment_is_never_run_and_chooses_nothing(
    home: ModelRegistry, url: str, comment: Any
) -> None:
    async with connect(url, registry=home):
        user, ada = await with_ada(home)
        assert await user.find({"$comment": comment}) == [ada]
        assert await user.find({"$comment": comment, "age": 1}) == []
        assert await user.find({"$nor": [{"$comment": comment}]}) == []


@pytest.mark.needs("json_schema")
async def test_a_schema_takes_what_looks_like_an_operator_for_a_name_or_a_value(
    home: ModelRegistry, url: str
) -> None:
    async with connect(url, registry=home):
        user, ada = await with_ada(home)
        named: dict[str, Any] = {"properties": {"$where": {"enum": ["true"]}}}
        assert await user.find({"$jsonSchema": named}) == [ada]
        assert await user.find({"$jsonSchema": {"required": ["$where"]}}) == []
        equal: dict[str, Any] = {"properties": {"age": {"enum": [{"$gte": 0}]}}}
        assert await user.find({"$jsonSchema": equal}) == []


@pytest.mark.parametrize(
    "filter",
    [
        "name",
        5,
        None,
        [("email", "x")],
        True,
        b"x",
        {1: 2},
        {None: 1},
        {"$and": {}},
        {"$and": []},
        {"$and": "x"},
        {"$or": [5]},
        {"$or": ["x"]},
        {"age": {"$in": 5}},
        {"age": {"$in": "05"}},
        {"age": {"$in": {"a": 1}}},
        {"age": {"$gt": 1, "x": 1}},
        {"age": {"$exists": {"a": object()}}},
        {"age": {"$regex": 5}},
        {"email": {"$regex": "("}},
        {"email": {"$regex": "a", "$options": "q"}},
        {"email": {"$options": "i"}},
        {"age": {"$not": 5}},
        {"age": object()},
        {"age": lambda: 0},
    ],
    ids=shown,
)
async def test_a_filter_that_means_nothing_is_an_error(
    home: ModelRegistry, url: str, filter: Any
) -> None:
    async with connect(url, registry=home):
        user, ada = await with_ada(home)
        attempts: list[Callable[[], Any]] = [
            lambda: user.find(filter).to_list(),
            lambda: user.find(filter).delete(),
        ]
        for attempt in attempts:
            with pytest.raises(EarnORMError):
                await attempt()
        assert await user.find() == [ada]


@pytest.mark.parametrize(
    "update",
    [
        None,
        {},
        [],
        "x",
        [{"$set": {"age": 1}}],
        {"$set": None},
        {"$set": []},
        {"$rename": {"p": "q"}},
        {"$currentDate": {"age": True}},
        {"$set": {"age": 1}, "age": 2},
        {"$set": {"_id": 1}},
        {"$set": {"id": ObjectId()}},
        {"$unset": {"_id": 1}},
        {"$set": {"age": 1, "age.x": 2}},
        {"$set": {"age": 1}, "$inc": {"age": 1}},
        {"$set": {"p": "a", "password": "b"}},
        {"$set": {1: 1}},
        {"$inc": {"age": "1"}},
        {"$inc": {"password": 1}},
        {"$inc": {"age": None}},
        {"$unset": {"password": 1}},
        {"$set": {"password": None}},
        {"$set": {"age": object()}},
    ],
    ids=shown,
)
async def test_an_update_that_means_nothing_or_breaks_the_model_is_an_error(
    home: ModelRegistry, url: str, update: Any
) -> None:
    async with connect(url, registry=home):
        user, ada = await with_ada(home)
        with pytest.raises(EarnORMError):
            await user.find().update(update)
        assert await user.find() == [ada]


@pytest.mark.parametrize(
    "update",
    [
        {"$set": {"tags.0.a": 1}},
        {"$set": {"address.street.name": "x"}},
        {"$set": {"counts.a.b": 1}},
        {"$inc": {"age": 0.5}},
        {"$inc": {"age": float("nan")}},
        {"$inc": {"counts.new": 0.5}},
        {"$unset": {"address.street": 1}},
        {"$unset": {"tags.0": 1}},
    ],
    ids=shown,
)
async def test_no_query_update_makes_a_document_unreadable(
    home: ModelRegistry, url: str, update: dict[str, Any]
) -> None:
    class Address(EmbeddedModel):
        street = StringField()

    class Customer(BaseModel, registry=home):
        age = IntegerField()
        address = EmbeddedField(Address)
        tags = ListField(StringField())
        counts = DictField(IntegerField())

    async with connect(url, registry=home):
        bob = await Customer.create(age=1, address={"street": "x"}, tags=["a"])
        with pytest.raises(EarnORMError):
            await Customer.find().update(update)
        assert await Customer.find() == [bob]


@pytest.mark.parametrize(
    "key",
    [
        "$where",
        "-$natural",
        "",
        "-",
        "--age",
        "age.",
        ".age",
        "a..b",
        3,
        None,
        {"age": 1},
        ("age", 1),
    ],
)
async def test_a_sort_key_that_is_no_name_is_an_error(
    home: ModelRegistry, url: str, key: Any
) -> None:
    async with connect(url, registry=home):
        user, _ = await with_ada(home)
        with pytest.raises(EarnORMError):
            await user.find().sort(key)


@pytest.mark.parametrize("count", ["1", 1.0, -1, True, None, {"$gt": 0}])
async def test_a_page_is_told_by_whole_numbers(home: ModelRegistry, url: str, count: Any) -> None:
    async with connect(url, registry=home):
        user, _ = await with_ada(home)
        for page in ("skip", "limit"):
            with pytest.raises(FilterError, match=rf"{page}\(\) takes a whole number"):
                getattr(user.find(), page)(count)


async def test_a_pattern_is_matched_as_a_pattern_and_a_value_as_a_value(
    home: ModelRegistry, url: str
) -> None:
    async with connect(url, registry=home):
        user, ada = await with_ada(home)
        assert await user.find(user.email == ".*") == []
        assert await user.find({"email": ".*"}) == []
        assert await user.find({"email": {"$regex": "^ada"}}) == [ada]


async def test_the_unique_validator_looks_for_the_value_and_nothing_else(
    home: ModelRegistry, url: str
) -> None:
    async with connect(url, registry=home):
        user, _ = await with_ada(home)
        for email in (
            "$ne@example.com",
            "'or'1'='1'@example.com",
            "%@example.com",
            "*@example.com",
        ):
            await user.create(email=email, password="x")
        with pytest.raises(ValidationError, match="email: is taken"):
            await user.create(email="%@example.com", password="x")
