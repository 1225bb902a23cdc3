"""In which order documents come: MongoDB's order of types and values, and of arrays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from bson import Binary, Code, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp

from earnorm.stores.protocol import Store
from earnorm.testing.stores.comparing import fill, ids
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves, proves_cases
from earnorm.typing import Document, Index, SortKey

__all__ = ["SortingSuite"]

_INFINITE: Final = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class SortCase:
    """Documents whose `_id` counts from 1, and the order of their ids."""

    name: str
    documents: tuple[Document, ...]
    sort: tuple[SortKey, ...]
    expected: tuple[int, ...]


def _case(
    name: str, bodies: Iterable[Document], sort: Sequence[SortKey], expected: Iterable[int]
) -> SortCase:
    documents = tuple({"_id": n, **body} for n, body in enumerate(bodies, 1))
    return SortCase(
        name=f"sort/{name}", documents=documents, sort=tuple(sort), expected=tuple(expected)
    )


def _a(*values: Any) -> list[dict[str, Any]]:
    return [{"a": value} for value in values]


_UP: Final = (("a", 1), ("_id", 1))
_DOWN: Final = (("a", -1), ("_id", 1))

# Each list is in MongoDB's ascending order, no two of its values equal.
_ORDERS: Final[dict[str, list[Any]]] = {
    "types": [
        MinKey(), None, 5, "a", {}, b"", ObjectId("65a1b2c3d4e5f60718293a4b"), False,
        datetime(2024, 5, 1, tzinfo=UTC), Timestamp(1, 1), Regex("a"), Code("c"), MaxKey(),
    ],
    "numbers": [
        float("nan"), -_INFINITE, Decimal128("-1E+400"), -1e300, Int64(-(2**63)), -5, -0.5,
        Decimal128("-0.1"), 0, Decimal128("1E-400"), 5e-324, Decimal128("0.1"), 0.5, 1,
        Decimal128("1.1"), 2, float(2**53), Int64(2**53 + 1), Int64(2**63 - 1), 2.0**63, 1e300,
        Decimal128("1E+400"), _INFINITE,
    ],
    # texts by their bytes in UTF-8
    "texts": ["", "A", "B", "a", "a\x00", "a\x00b", "aa", "ab", "b", "e\u0301", "é", "\uffee", "\U0001f600"],
    # binary data by length, subtype and bytes
    "binary": [b"", b"\x00", b"\xff", Binary(b"\x00", 5), b"\x00\x00", b"\x00\x01"],
    # pairs one after the other, each by its type, name and value
    "documents": [{}, {"a": 1}, {"a": 1, "b": 1}, {"a": 2}, {"b": 1}, {"a": "x"}, {"a": {}}],
    "dates": [
        datetime(1, 1, 1, tzinfo=UTC), datetime(1969, 12, 31, tzinfo=UTC),
        datetime(1970, 1, 1, tzinfo=UTC), datetime(1970, 1, 1, 0, 0, 0, 1000, tzinfo=UTC),
        datetime(9999, 12, 31, tzinfo=UTC),
    ],
    "timestamps": [Timestamp(1, 2), Timestamp(2, 1), Timestamp(2**32 - 1, 0)],
    "object ids": [ObjectId("0" * 24), ObjectId("7" + "f" * 23), ObjectId("8" + "0" * 23), ObjectId("f" * 24)],
    "expressions": [Regex("a"), Regex("a", "i"), Regex("b")],
    "booleans": [False, True],
}  # fmt: skip


def _shuffled(name: str, ascending: list[Any]) -> list[SortCase]:
    # a fixed order of arrival that is neither that of the sort nor its reverse
    order = sorted(range(len(ascending)), key=lambda n: (n * 7 + 3) % 11 * 100 + n)
    bodies = _a(*(ascending[n] for n in order))
    up = [order.index(n) + 1 for n in range(len(ascending))]
    return [
        _case(f"{name}/ascending", bodies, _UP, up),
        _case(f"{name}/descending", bodies, _DOWN, up[::-1]),
    ]


_CASES: Final = [
    *(case for name, values in _ORDERS.items() for case in _shuffled(name, values)),
    _case("equal/null and missing", [{"a": None}, {}, {"a": 1}, {"a": None}], _UP, [1, 2, 4, 3]),
    _case("equal/numbers", _a(2, 1.0, Int64(1), Decimal128("1.0"), 0), _UP, [5, 2, 3, 4, 1]),
    _case("equal/zeros", _a(1, 0.0, -0.0, 0, -1), _UP, [5, 2, 3, 4, 1]),
    # "With arrays, a less-than comparison or an ascending sort compares the smallest elements"
    _case("arrays/ascending", _a([5, 1], 2, [3], [0, 9], 1), _UP, [4, 1, 5, 2, 3]),
    _case("arrays/descending", _a([5, 1], 2, [3], [0, 9], 1), _DOWN, [4, 1, 3, 2, 5]),
    # "an empty array is treated as less than null or a missing field"
    _case("arrays/empty", [*_a(None, [], 1, MinKey()), {}], _UP, [4, 2, 1, 5, 3]),
    _case("arrays/types", _a(["b", 3], [2, None], "a", [True, 4]), _UP, [2, 1, 4, 3]),
    _case("arrays/types descending", _a(["b", 3], [2, None], "a", [True, 4]), _DOWN, [4, 1, 3, 2]),
    _case("arrays/in arrays", _a([[1]], [5], {"x": 1}, b""), _UP, [2, 3, 1, 4]),
    _case("paths/into documents", _a({"b": 2}, {"b": 1}, {}, 5), [("a.b", 1), ("_id", 1)], [3, 4, 2, 1]),
    _case("paths/into arrays", _a([{"b": 5}, {"b": 1}], {"b": 2}, [{"b": 3}]), [("a.b", 1)], [1, 2, 3]),
    _case("paths/into arrays descending", _a([{"b": 5}, {"b": 1}], {"b": 2}, [{"b": 3}]), [("a.b", -1)], [1, 3, 2]),
    _case("paths/by place", _a([3, 1], [1, 9], [2]), [("a.0", 1)], [2, 3, 1]),
    _case("keys/two", [{"a": 1, "b": 1}, {"a": 0, "b": 1}, {"a": 1, "b": 2}, {"a": 0, "b": 2}], [("a", 1), ("b", -1)], [4, 2, 3, 1]),
    _case("keys/_id descending", _a(1, 2, 3), [("_id", -1)], [3, 2, 1]),
]  # fmt: skip


class SortingSuite(OpensStore):
    """MongoDB's order of comparison and sort."""

    @proves_cases(_CASES)
    async def test_documents_come_in_order(self, store: Store, case: SortCase) -> None:
        """By values and types, with an index over the keys as without."""
        await fill(store, case.documents)

        assert await ids(store, {}, sort=case.sort) == list(case.expected)
        if case.sort[0][0] != "_id":
            await store.create_index("c", Index(fields=case.sort))
        assert await ids(store, {}, sort=case.sort) == list(case.expected)

    @proves("sort/skip and limit")
    async def test_skip_and_limit_of_a_sort(self, store: Store) -> None:
        """A part of the ordered whole; a skip beyond the end gives nothing."""
        await fill(store, [{"_id": n, "a": n * 7 % 20} for n in range(20)])

        assert await ids(store, {}, sort=[("a", 1)], skip=2, limit=3) == [6, 9, 12]
        assert await ids(store, {}, sort=[("a", -1)], limit=2) == [17, 14]
        assert await ids(store, {}, sort=[("a", 1)], skip=18, limit=5) == [14, 17]
        assert await ids(store, {}, sort=[("a", 1)], skip=50) == []
        assert await store.count("c", {}, skip=15, limit=10) == 5

    @proves("sort/the filter does not choose the element")
    async def test_the_filter_does_not_choose_the_element(self, store: Store) -> None:
        """An array is sorted by its smallest element, also when the filter matched another."""
        await fill(store, [{"_id": 1, "a": [1, 50]}, {"_id": 2, "a": [40]}])

        assert await ids(store, {"a": {"$gte": 30}}, sort=[("a", 1)]) == [1, 2]
