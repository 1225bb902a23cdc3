"""Values that no field declares: what BSON can keep is kept, and the rest is refused with its path."""

import re
import uuid
from collections import OrderedDict
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import bson
import pytest
from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

from earnorm import (
    BaseModel,
    DictField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ModelRegistry,
    ValidationError,
)

home = ModelRegistry("free values")


class Box(BaseModel, registry=home):
    data = DictField()


class Point(EmbeddedModel):
    x = IntegerField(alias="left")
    marks = ListField(IntegerField())


def nested(levels: int) -> Any:
    value: Any = "bottom"
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        None, True, 1, 1.5, "a", b"a", [], {}, [[{}]], ObjectId(), Int64(3), Decimal128("1.5"), MinKey(), MaxKey(),
        Timestamp(1, 2), Binary(b"a", 5), Regex("a", "i"), re.compile("a"), Code("x"), DBRef("users", ObjectId()),
        uuid.UUID(int=7), {"$where": "1"}, {"a.b": {"": 1}}, {"_id": 1},
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_what_bson_keeps_is_kept(value: Any) -> None:
    assert Box(data={"a": value}).data == {"a": value}


def test_a_long_stays_marked_as_one() -> None:
    assert type(Box(data={"a": Int64(3)}).data["a"]) is Int64


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ((1, (2,)), [1, [2]]),
        (Decimal("1.50"), Decimal128("1.50")),
        (OrderedDict(b=1, a=2), {"b": 1, "a": 2}),
        (MappingProxyType({"a": 1}), {"a": 1}),
        (Point(x=1), {"left": 1, "marks": []}),
        (Box.from_document({"_id": ObjectId(b"0" * 12)}), ObjectId(b"0" * 12)),
    ],
    ids=["tuple", "Decimal", "OrderedDict", "proxy", "embedded", "stored"],
)
def test_what_has_a_form_in_bson_takes_it(given: object, kept: object) -> None:
    assert Box(data={"a": given}).data == {"a": kept}


@pytest.mark.parametrize(
    ("value", "path", "message"),
    [
        ({1, 2}, "data.a", "cannot be kept: BSON has no form for set"),
        (object(), "data.a", "cannot be kept: BSON has no form for object"),
        (Box, "data.a", "cannot be kept: BSON has no form for type"),
        (1 + 2j, "data.a", "cannot be kept: BSON has no form for complex"),
        (2**63, "data.a", "does not fit in 64 bits"),
        (Int64(2**63), "data.a", "does not fit in 64 bits"),
        (Int64(-(2**70)), "data.a", "does not fit in 64 bits"),
        (10**5000, "data.a", "does not fit in 64 bits"),
        ("\ud800", "data.a", "holds a lone surrogate, which is not text"),
        ([1, {"b": "\udfff"}], "data.a.1.b", "holds a lone surrogate, which is not text"),
        ({"b": {7: 1}}, "data.a.b", "has a key of type int, and keys must be strings"),
        ({"b\0": 1}, "data.a", "has a key with a NUL character, which BSON ends names with"),
        (Decimal("1." + "1" * 40), "data.a", "has more digits, or a larger exponent, than a 128-bit decimal"),
        (Decimal("1e9999"), "data.a", "has more digits, or a larger exponent, than a 128-bit decimal keeps"),
        (Box(), "data.a", "refers to an instance that was never saved; save it first"),
        (nested(100), "data.a" + ".a" * 99, "is nested deeper than 100 levels"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else None,
)  # fmt: skip
def test_what_bson_cannot_keep_is_refused(value: object, path: str, message: str) -> None:
    faults: Any = []
    try:
        Box(data={"a": value})
    except ValidationError as error:
        faults = error.errors
    assert [(fault.path, fault.message[: len(message)]) for fault in faults] == [(path, message)]


def test_99_levels_are_kept_below_a_key() -> None:
    box = Box(data={"a": nested(99)})
    assert bson.decode(bson.encode(box.to_document())) == box.to_document()


def test_a_value_that_holds_itself_is_refused_at_once() -> None:
    ring: dict[str, Any] = {"also": []}
    ring["a"] = ring["b"] = ring
    ring["also"].extend([ring, ring])
    with pytest.raises(ValidationError, match="is nested deeper than 100 levels"):
        Box(data=ring)


def test_an_embedded_instance_that_was_spoilt_in_place_is_refused() -> None:
    point: Any = Point(x=1)
    point.marks.append("high")
    with pytest.raises(ValidationError, match=r"data\.here\.marks\.0: must be an integer, not str"):
        Box(data={"here": point})


def test_a_given_container_is_copied() -> None:
    given: dict[str, Any] = {"a": [1]}
    box = Box(data=given)
    given["a"].append(2)
    assert box.data == {"a": [1]}
