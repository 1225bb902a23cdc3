"""Which parts of documents a projection gives."""

from dataclasses import dataclass
from typing import Any, Final

import pytest
from pymongo.errors import OperationFailure

from earnorm.stores.protocol import Store
from earnorm.testing.stores.comparing import all_of, exact, fill
from earnorm.testing.stores.opening import OpensStore
from earnorm.testing.stores.proving import proves, proves_cases
from earnorm.typing import Document

__all__ = ["ProjectionsSuite"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectionCase:
    """What a projection gives of a document."""

    name: str
    document: Document
    projection: Document
    expected: Document
    filter: Document


def _case(
    name: str,
    document: dict[str, Any],
    projection: Document,
    expected: dict[str, Any],
    filter: Document | None = None,
) -> ProjectionCase:
    return ProjectionCase(
        name=f"projections/{name}",
        document={"_id": 1, **document},
        projection=projection,
        expected=expected,
        filter=filter or {},
    )


_DOCUMENT: Final = {"c": 3, "a": 1, "b": {"y": [1, 2], "x": {"z": 9}}}
_ARRAY: Final = {"a": [1, {"b": 1, "c": 2}, [{"b": 3, "c": 4}], {"c": 5}], "d": 0}

_CASES: Final = [
    _case("inclusion/fields", _DOCUMENT, {"a": 1}, {"_id": 1, "a": 1}),
    # inclusion keeps the order of the document, not that of the projection
    _case("inclusion/order", _DOCUMENT, {"a": 1, "c": True}, {"_id": 1, "c": 3, "a": 1}),
    _case("inclusion/without _id", _DOCUMENT, {"a": 1, "_id": 0}, {"a": 1}),
    _case("inclusion/_id only", _DOCUMENT, {"_id": 1}, {"_id": 1}),
    _case("inclusion/what is missing", _DOCUMENT, {"z": 1}, {"_id": 1}),
    _case("inclusion/a path", _DOCUMENT, {"b.x": 1}, {"_id": 1, "b": {"x": {"z": 9}}}),
    _case("inclusion/a path to nothing", _DOCUMENT, {"b.n": 1}, {"_id": 1, "b": {}}),
    _case("inclusion/through a value", _DOCUMENT, {"a.n": 1}, {"_id": 1}),
    _case("inclusion/a document", _DOCUMENT, {"b": {"y": 1}}, {"_id": 1, "b": {"y": [1, 2]}}),
    _case("inclusion/numbers", _DOCUMENT, {"a": 2.5}, {"_id": 1, "a": 1}),
    _case("inclusion/in arrays", _ARRAY, {"a.b": 1}, {"_id": 1, "a": [{"b": 1}, [{"b": 3}], {}]}),
    _case("exclusion/fields", _DOCUMENT, {"b": 0, "c": False}, {"_id": 1, "a": 1}),
    _case("exclusion/_id", {"a": 1}, {"_id": 0}, {"a": 1}),
    _case("exclusion/a path", _DOCUMENT, {"b.x": 0}, {"_id": 1, "c": 3, "a": 1, "b": {"y": [1, 2]}}),
    _case("exclusion/in arrays", _ARRAY, {"a.c": 0}, {"_id": 1, "a": [1, {"b": 1}, [{"b": 3}], {}], "d": 0}),
    _case("exclusion/through a value", {"a": 1}, {"a.b": 0}, {"_id": 1, "a": 1}),
    _case("nothing", {"a": 1}, {}, {"_id": 1, "a": 1}),
    _case("$slice/the first", {"a": [1, 2, 3], "b": 1}, {"a": {"$slice": 2}}, {"_id": 1, "a": [1, 2], "b": 1}),
    _case("$slice/the last", {"a": [1, 2, 3]}, {"a": {"$slice": -1}}, {"_id": 1, "a": [3]}),
    _case("$slice/a part", {"a": [1, 2, 3, 4]}, {"a": {"$slice": [1, 2]}}, {"_id": 1, "a": [2, 3]}),
    _case("$elemMatch/the first", {"a": [{"b": 1}, {"b": 2}, {"b": 2, "c": 1}], "d": 1}, {"a": {"$elemMatch": {"b": 2}}}, {"_id": 1, "a": [{"b": 2}]}),
    _case("$elemMatch/none", {"a": [{"b": 1}], "d": 1}, {"a": {"$elemMatch": {"b": 2}}}, {"_id": 1}),
    _case("$/the match of the filter", {"a": [1, 5, 7], "b": 1}, {"a.$": 1}, {"_id": 1, "a": [5]}, {"a": {"$gt": 3}}),
    _case("$/of a document", {"a": [{"b": 1}, {"b": 2, "c": 3}]}, {"a.$": 1}, {"_id": 1, "a": [{"b": 2, "c": 3}]}, {"a.b": 2}),
    _case("computed/an expression", {"a": 2, "b": 3}, {"b": 1, "s": {"$add": ["$a", "$b"]}}, {"_id": 1, "b": 3, "s": 5}),
    _case("computed/a path", {"a": {"b": 2}, "c": 1}, {"c": 1, "x": "$a.b"}, {"_id": 1, "c": 1, "x": 2}),
]  # fmt: skip


class ProjectionsSuite(OpensStore):
    """Projections of `find`, by MongoDB's manual."""

    @proves_cases(_CASES)
    async def test_a_projection_gives(self, store: Store, case: ProjectionCase) -> None:
        """Exactly these parts, in the document's order."""
        await fill(store, [case.document])

        (found,) = await all_of(store, "c", case.filter, projection=case.projection)

        assert exact(found) == exact(case.expected)

    @proves("projections/with a sort by what is left out")
    async def test_a_sort_by_what_is_left_out(self, store: Store) -> None:
        """The projection is the last thing that happens."""
        await fill(store, [{"_id": 1, "a": 2, "b": 1}, {"_id": 2, "a": 1, "b": 2}])

        found = await all_of(
            store, "c", {"a": {"$gt": 0}}, sort=[("a", 1)], projection={"b": 1, "_id": 0}
        )

        assert found == [{"b": 2}, {"b": 1}]

    @proves("projections/inclusion and exclusion")
    async def test_inclusion_and_exclusion(self, store: Store) -> None:
        """A projection cannot contain both, but for `_id`."""
        await fill(store, [{"_id": 1, "a": 1, "b": 2}])

        for projection, code in (({"a": 1, "b": 0}, 31254), ({"a": 0, "b": 1}, 31253)):
            with pytest.raises(OperationFailure) as failure:
                await all_of(store, "c", {}, projection=projection)
            assert failure.value.code == code
