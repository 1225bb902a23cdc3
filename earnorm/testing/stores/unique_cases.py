"""Pairs of documents, and whether a unique index lets both be stored, by MongoDB's manual."""

from dataclasses import dataclass
from typing import Any, Final

from bson import Decimal128, Int64

from earnorm.typing import Document, Index

__all__ = ["CASELESS", "ONE", "PARTIAL", "TWO", "UNIQUE_CASES", "UniqueCase"]

ONE: Final = Index(fields=(("a", 1),), unique=True)
TWO: Final = Index(fields=(("a", 1), ("b", -1)), unique=True)
_PATH: Final = Index(fields=(("a.b", 1),), unique=True)
_SPARSE: Final = Index(fields=(("a", 1),), unique=True, sparse=True)
PARTIAL: Final = Index(fields=(("a", 1),), unique=True, partial={"live": True})
_RANGE: Final = Index(fields=(("a", 1),), unique=True, partial={"n": {"$gt": 5}})
_THERE: Final = Index(fields=(("a", 1),), unique=True, partial={"a": {"$exists": True}})
CASELESS: Final = Index(fields=(("a", 1),), unique=True, collation={"locale": "en", "strength": 2})


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqueCase:
    """Whether the second document may stand beside the first."""

    name: str
    index: Index
    first: Document
    second: Document
    key: Document | None
    """The `keyValue` of the error; None where both may be stored."""


def _case(name: str, index: Index, first: Any, second: Any, key: Any = None) -> UniqueCase:
    return UniqueCase(name=f"indexes/{name}", index=index, first=first, second=second, key=key)


UNIQUE_CASES: Final = [
    _case("unique/equal", ONE, {"a": 1}, {"a": 1}, {"a": 1}),
    _case("unique/different", ONE, {"a": 1}, {"a": 2}),
    _case("unique/numbers of other types", ONE, {"a": 1}, {"a": 1.0}, {"a": 1.0}),
    _case("unique/decimals", ONE, {"a": Int64(1)}, {"a": Decimal128("1.00")}, {"a": Decimal128("1.00")}),
    _case("unique/texts and numbers", ONE, {"a": 1}, {"a": "1"}),
    _case("unique/upper and lower case", ONE, {"a": "x"}, {"a": "X"}),
    _case("unique/composed and combined", ONE, {"a": "\u00e9"}, {"a": "e\u0301"}),
    _case("unique/look-alikes", ONE, {"a": "a"}, {"a": "\u0430"}),
    _case("unique/NaN", ONE, {"a": float("nan")}, {"a": float("nan")}, {"a": float("nan")}),
    _case("unique/zeros", ONE, {"a": 0.0}, {"a": -0.0}, {"a": -0.0}),
    _case("unique/booleans and numbers", ONE, {"a": 1}, {"a": True}),
    # "the index stores a null value for a document that lacks the field"
    _case("unique/missing twice", ONE, {}, {}, {"a": None}),
    _case("unique/null and missing", ONE, {"a": None}, {}, {"a": None}),
    _case("unique/documents", ONE, {"a": {"x": 1, "y": 2}}, {"a": {"x": 1, "y": 2}}, {"a": {"x": 1, "y": 2}}),
    _case("unique/documents in another order", ONE, {"a": {"x": 1, "y": 2}}, {"a": {"y": 2, "x": 1}}),
    _case("unique/a path", _PATH, {"a": {"b": 1}}, {"a": {"b": 1}}, {"a.b": 1}),
    _case("multikey/a shared element", ONE, {"a": [1, 2]}, {"a": [2, 3]}, {"a": 2}),
    _case("multikey/an element and a value", ONE, {"a": [1, 2]}, {"a": 2}, {"a": 2}),
    _case("multikey/no shared element", ONE, {"a": [1, 2]}, {"a": [3, 4]}),
    _case("multikey/twice in one document", ONE, {"a": [1, 1]}, {"a": [2, 2]}),
    _case("multikey/documents in arrays", _PATH, {"a": [{"b": 1}, {"b": 2}]}, {"a": {"b": 2}}, {"a.b": 2}),
    _case("multikey/compound", TWO, {"a": [1, 2], "b": 1}, {"a": [2, 3], "b": 1}, {"a": 2, "b": 1}),
    _case("multikey/compound, different", TWO, {"a": [1, 2], "b": 1}, {"a": [2, 3], "b": 2}),
    _case("compound/equal", TWO, {"a": 1, "b": 2}, {"a": 1, "b": 2}, {"a": 1, "b": 2}),
    _case("compound/in part", TWO, {"a": 1, "b": 2}, {"a": 1, "b": 3}),
    _case("compound/in part missing", TWO, {"a": 1}, {"a": 1}, {"a": 1, "b": None}),
    _case("sparse/missing twice", _SPARSE, {}, {}),
    _case("sparse/null twice", _SPARSE, {"a": None}, {"a": None}, {"a": None}),
    _case("sparse/equal", _SPARSE, {"a": 1}, {"a": 1}, {"a": 1}),
    _case("partial/both inside", PARTIAL, {"a": 1, "live": True}, {"a": 1, "live": True}, {"a": 1}),
    _case("partial/one outside", PARTIAL, {"a": 1, "live": True}, {"a": 1, "live": False}),
    _case("partial/both outside", PARTIAL, {"a": 1}, {"a": 1}),
    _case("partial/a range", _RANGE, {"a": 1, "n": 6}, {"a": 1, "n": 9}, {"a": 1}),
    _case("partial/outside of a range", _RANGE, {"a": 1, "n": 5}, {"a": 1, "n": 9}),
    _case("partial/$exists", _THERE, {}, {}),
]  # fmt: skip
