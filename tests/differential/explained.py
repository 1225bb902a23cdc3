"""Why a stand-in answers otherwise than MongoDB does, each with MongoDB's rule. A real server is not in the list."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf
from typing import Any

from tests.differential.comparison import Difference, values_in

__all__ = ["EXPLAINED", "Explanation", "unexplained"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A rule of MongoDB that the stand-in breaks, and which differences may come of it."""

    rule: str
    covers: Callable[[Difference], bool]


def unexplained(differences: Sequence[Difference], kind: str) -> list[Difference]:
    """The differences that no explanation for this kind of server covers."""
    known = EXPLAINED.get(kind, ())
    return [one for one in differences if not any(each.covers(one) for each in known)]


def _documents(difference: Difference) -> list[Any]:
    return list(chain.from_iterable(map(values_in, difference.question.documents)))


def _filter(difference: Difference) -> list[Any]:
    return list(values_in(difference.question.filter))


def _operands(difference: Difference) -> list[Any]:
    return list(values_in(difference.question.update))


def _names(values: Sequence[Any]) -> set[str]:
    return {name for value in values if isinstance(value, dict) for name in value}


def _sorts(difference: Difference) -> list[str]:
    return [path for path, _ in difference.question.sort]


def _is_search(difference: Difference) -> bool:
    return difference.question.update is None


def _operators(difference: Difference) -> set[str]:
    return set(difference.question.update or {})


def _changes_all_elements(difference: Difference) -> bool:
    changes = (difference.question.update or {}).values()
    return any("$[]" in path for change in changes for path in change)


def _without_types(answer: str) -> str:
    kinds = r"\d modified| <[^>]*>|\.0\b|-(?=0(\.0)? <)|Decimal128\('|'\)"
    return re.sub(kinds, "", answer)


def _has_null(value: Any) -> bool:
    return isinstance(value, dict) and None in value.values()


def _is_reordered(difference: Difference) -> bool:
    # the same ids in another order
    return _is_search(difference) and sorted(difference.ours) == sorted(difference.theirs)


def _has_not_a_number(difference: Difference) -> bool:
    values = _documents(difference) + _filter(difference) + _operands(difference)
    return any(value != value for value in values)


def _has_array(difference: Difference) -> bool:
    return any(isinstance(value, list) for value in _documents(difference))


def _asks(*operators: str) -> Callable[[Difference], bool]:
    return lambda one: _is_search(one) and bool(_names(_filter(one)) & set(operators))


def _adds_fields_by_name(difference: Difference) -> bool:
    if _is_search(difference) or "refused" in difference.ours + difference.theirs:
        return False
    return sorted(_without_types(difference.ours)) == sorted(_without_types(difference.theirs))


def _refuses(words: str) -> Callable[[Difference], bool]:
    return lambda one: one.ours.startswith("refused") and words in one.ours


_MONGO_JAVA_SERVER = [
    Explanation(
        rule="NaN is less than every other number, equals NaN only, and is neither above nor below",
        covers=lambda one: _is_search(one) and _has_not_a_number(one),
    ),
    Explanation(
        rule="NaN is less than every other number for $min and $max too",
        covers=lambda one: bool(_operators(one) & {"$min", "$max"}) and _has_not_a_number(one),
    ),
    Explanation(
        rule="infinity is greater than every other number, the greatest of 64 bits too",
        covers=lambda one: _is_search(one) and inf in _documents(one) + _filter(one),
    ),
    Explanation(
        rule="nothing is at a path through an array that has no element with the rest of it: what says not matches",
        covers=lambda one: _has_array(one) and _asks("$exists", "$not", "$ne", "$nin", "$nor")(one),
    ),
    Explanation(
        rule="an array is sorted by its smallest or greatest element, an empty one on the way to a path as null; "
        "a number in a path is also a place",
        covers=lambda one: _is_reordered(one) and _has_array(one),
    ),
    Explanation(
        rule="null matches null and what is missing, but no array that has no element at the path",
        covers=lambda one: _is_search(one) and _has_array(one) and None in _filter(one),
    ),
    Explanation(
        rule="{} as a value equals an empty document",
        covers=lambda one: _is_search(one) and {} in _filter(one)[1:],
    ),
    Explanation(
        rule="$all matches what is no array too, like an $and of equalities", covers=_asks("$all")
    ),
    Explanation(
        rule="$regex matches texts only, no numbers or dates",
        covers=lambda one: "$regex" in _names(_filter(one) + _operands(one)),
    ),
    Explanation(
        rule="an array equals one that is an element of an array, an empty one too",
        covers=lambda one: _is_search(one) and [] in _filter(one) and _has_array(one),
    ),
    Explanation(
        rule="new fields are added in the order of their names", covers=_adds_fields_by_name
    ),
    Explanation(
        rule="a document as a value equals documents only, with the same fields",
        covers=lambda one: _is_search(one) and any(map(_has_null, _filter(one)[1:])),
    ),
    Explanation(
        rule="a $position before the beginning of an array is its beginning, {} is a value for $addToSet",
        covers=lambda one: "Unknown error: " in one.theirs,
    ),
    Explanation(
        rule="an equal number of another type, or zero with another sign, is a change",
        covers=lambda one: (
            bool(_operators(one) & {"$set", "$inc", "$mul"})
            and _without_types(one.ours) == _without_types(one.theirs)
        ),
    ),
    Explanation(
        rule="$mod takes every number that 64 bits hold, doubles too", covers=_asks("$mod")
    ),
    Explanation(
        rule="a double becomes a decimal with 15 digits, and a zero one with none",
        covers=lambda one: bool(_operators(one) & {"$inc", "$mul"}) and "Decimal128" in one.theirs,
    ),
    Explanation(
        rule="equal numbers of several types are one value of a set",
        covers=lambda one: (
            "$addToSet" in _operators(one)
            and not one.ours.startswith("refused")
            and not one.theirs.startswith("refused")
        ),
    ),
    Explanation(
        rule="a sort cannot go by two arrays at once: BadValue (2)",
        covers=_refuses("parallel arrays"),
    ),
    Explanation(
        rule="no field is created in null: PathNotViable (28)",
        covers=_refuses("which is no document but None"),
    ),
    Explanation(
        rule="no field is created in an array: PathNotViable (28)",
        covers=_refuses("which is an array"),
    ),
    Explanation(
        rule="$unset of a field in an array finds nothing there",
        covers=lambda one: "$unset" in _operators(one) and _has_array(one),
    ),
    Explanation(
        rule="an integer result of more than 64 bits is refused (2)",
        covers=_refuses("has more than 64 bits"),
    ),
    Explanation(
        rule="$rename takes no positional path: BadValue (2)",
        covers=_refuses("the fields of $rename cannot be positional"),
    ),
    Explanation(
        rule="{} equals an empty document only, for $pullAll too",
        covers=lambda one: "$pullAll" in _operators(one) and {} in _documents(one),
    ),
    Explanation(
        rule="null is no array: $push, $addToSet and their like are refused (2)",
        covers=_refuses("its value None is not an array"),
    ),
    Explanation(
        rule="null is no number: $inc and $mul are refused (14)",
        covers=_refuses("its value None is not a number"),
    ),
    Explanation(
        rule="$rename to a path and to what is in it is a conflict (40)",
        covers=lambda one: "$rename" in _operators(one) and _refuses("WriteError 40")(one),
    ),
    Explanation(
        rule="an element that $[] reaches as well as its number is changed twice: a conflict (40)",
        covers=lambda one: _changes_all_elements(one) and _refuses("WriteError 40")(one),
    ),
]

EXPLAINED: Mapping[str, Sequence[Explanation]] = {"mongo-java-server": _MONGO_JAVA_SERVER}
