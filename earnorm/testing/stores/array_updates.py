"""Updates of arrays, as MongoDB's manual defines their operators."""

from typing import Any, Final

from bson import Regex

from earnorm.testing.stores.update_case import UpdateCase, changed, same

__all__ = ["ARRAY_UPDATES"]


def _a(*values: Any) -> dict[str, Any]:
    return {"a": list(values)}


def _push(values: list[Any], **modifiers: Any) -> dict[str, Any]:
    named = {f"${name}": value for name, value in modifiers.items()}
    return {"$push": {"a": {"$each": values, **named}}}


_PUSH: Final = [
    changed("$push/a value", _a(1), {"$push": {"a": 2}}, _a(1, 2)),
    changed("$push/to what is missing", {}, {"$push": {"a": 1}}, _a(1)),
    changed("$push/an array is one value", _a(1), {"$push": {"a": [2, 3]}}, _a(1, [2, 3])),
    changed("$push/a document", _a({"b": 1}), {"$push": {"a": {"b": 2}}}, _a({"b": 1}, {"b": 2})),
    changed("$push/$each", _a(1), _push([2, 3]), _a(1, 2, 3)),
    changed("$push/$slice the first", _a(1, 2), _push([3, 4], slice=3), _a(1, 2, 3)),
    changed("$push/$slice the last", _a(1, 2), _push([3, 4], slice=-3), _a(2, 3, 4)),
    changed("$push/$slice to nothing", _a(1, 2), _push([3], slice=0), _a()),
    changed("$push/$slice alone", _a(1, 2, 3), _push([], slice=-2), _a(2, 3)),
    changed("$push/$position", _a(1, 2), _push([8, 9], position=0), _a(8, 9, 1, 2)),
    changed("$push/$position in between", _a(1, 2), _push([9], position=1), _a(1, 9, 2)),
    changed("$push/$position from the end", _a(1, 2, 3), _push([9], position=-2), _a(1, 9, 2, 3)),
    changed("$push/$position beyond", _a(1), _push([9], position=7), _a(1, 9)),
    changed("$push/$sort", _a(3, 1), _push([2], sort=1), _a(1, 2, 3)),
    changed("$push/$sort down", _a(3, 1), _push([2], sort=-1), _a(3, 2, 1)),
    changed("$push/$sort across types", _a("x", None), _push([1, True], sort=1), _a(None, 1, "x", True)),
    changed("$push/$sort by a field", _a({"n": 2}), _push([{"n": 1}, {}], sort={"n": 1}), _a({}, {"n": 1}, {"n": 2})),
    changed("$push/$sort, then $slice", _a(5, 1), _push([3, 9], sort=-1, slice=2), _a(9, 5)),
    same("$push/$each of nothing", _a(1), _push([])),
    changed("$addToSet/a value", _a(1), {"$addToSet": {"a": 2}}, _a(1, 2)),
    changed("$addToSet/to what is missing", {}, {"$addToSet": {"a": 1}}, _a(1)),
    same("$addToSet/what is there", _a(1, 2), {"$addToSet": {"a": 2}}),
    same("$addToSet/an equal number", _a(1, 2), {"$addToSet": {"a": 2.0}}),
    changed("$addToSet/an array is one value", _a(1), {"$addToSet": {"a": [1]}}, _a(1, [1])),
    changed("$addToSet/keys in another order", _a({"b": 1, "c": 2}), {"$addToSet": {"a": {"c": 2, "b": 1}}}, _a({"b": 1, "c": 2}, {"c": 2, "b": 1})),
    changed("$addToSet/$each", _a(1), {"$addToSet": {"a": {"$each": [1, 2, 2, 3]}}}, _a(1, 2, 3)),
    same("$addToSet/duplicates that are there stay", _a(1, 1), {"$addToSet": {"a": 1}}),
]  # fmt: skip

_PULL: Final = [
    changed("$pop/the last", _a(1, 2, 3), {"$pop": {"a": 1}}, _a(1, 2)),
    changed("$pop/the first", _a(1, 2, 3), {"$pop": {"a": -1}}, _a(2, 3)),
    same("$pop/from nothing", _a(), {"$pop": {"a": 1}}),
    same("$pop/from what is missing", {"b": 1}, {"$pop": {"a": 1}}),
    changed("$pull/a value", _a(1, 2, 1, "1", 1.0), {"$pull": {"a": 1}}, _a(2, "1")),
    changed("$pull/a condition", _a(1, 5, 9, "x"), {"$pull": {"a": {"$gte": 5}}}, _a(1, "x")),
    changed("$pull/$in", _a(1, 2, 3), {"$pull": {"a": {"$in": [1, 3]}}}, _a(2)),
    changed("$pull/an expression", _a("ab", "b", 3), {"$pull": {"a": Regex("^a")}}, _a("b", 3)),
    # a document is a condition on the elements: other fields do not matter, nor does the order
    changed("$pull/documents", _a({"b": 1, "c": 2}, {"b": 2}, 1), {"$pull": {"a": {"b": 1}}}, _a({"b": 2}, 1)),
    changed("$pull/documents by a condition", _a({"b": 1}, {"b": 7}), {"$pull": {"a": {"b": {"$gt": 5}}}}, _a({"b": 1})),
    changed("$pull/documents by two conditions", _a({"b": 1, "c": 1}, {"b": 1, "c": 2}), {"$pull": {"a": {"b": 1, "c": 2}}}, _a({"b": 1, "c": 1})),
    changed("$pull/$elemMatch", _a({"b": [1, 9]}, {"b": [1]}), {"$pull": {"a": {"b": {"$elemMatch": {"$gt": 5}}}}}, _a({"b": [1]})),
    changed("$pull/an array as it is", _a([1, 2], [2, 1], 1), {"$pull": {"a": [1, 2]}}, _a([2, 1], 1)),
    changed("$pull/null", _a(1, None), {"$pull": {"a": None}}, _a(1)),
    same("$pull/what is not there", _a(1, 2), {"$pull": {"a": 3}}),
    same("$pull/from what is missing", {"b": 1}, {"$pull": {"a": 3}}),
    changed("$pullAll/values", _a(1, 2, 3, 1, 2.0), {"$pullAll": {"a": [1, 2]}}, _a(3)),
    changed("$pullAll/documents as they are", _a({"b": 1}, {"b": 1, "c": 2}), {"$pullAll": {"a": [{"b": 1}]}}, _a({"b": 1, "c": 2})),
]  # fmt: skip

_POSITIONAL: Final = [
    changed("$/the first match", _a(1, 2, 2), {"$set": {"a.$": 9}}, _a(1, 9, 2), filter={"a": 2}),
    changed("$/by a condition", _a(1, 5, 7), {"$inc": {"a.$": 1}}, _a(1, 6, 7), filter={"a": {"$gt": 3}}),
    changed("$/in a document", _a({"b": 1}, {"b": 2}), {"$set": {"a.$.c": 9}}, _a({"b": 1}, {"b": 2, "c": 9}), filter={"a.b": 2}),
    changed("$/$elemMatch", _a({"b": 1, "c": 1}, {"b": 1, "c": 2}), {"$set": {"a.$.c": 9}}, _a({"b": 1, "c": 1}, {"b": 1, "c": 9}), filter={"a": {"$elemMatch": {"b": 1, "c": 2}}}),
    changed("$/$unset", _a(1, 2), {"$unset": {"a.$": ""}}, _a(None, 2), filter={"a": 1}),
    changed("$[]/all", _a(1, 2), {"$inc": {"a.$[]": 10}}, _a(11, 12)),
    changed("$[]/in documents", _a({"b": 1}, {"b": 2}), {"$set": {"a.$[].b": 0}}, _a({"b": 0}, {"b": 0})),
    changed("$[]/two deep", _a([1, 2], [3]), {"$inc": {"a.$[].$[]": 1}}, _a([2, 3], [4])),
    same("$[]/of nothing", _a(), {"$set": {"a.$[]": 9}}),
    changed("$[id]/a condition", _a(1, 5, 9), {"$set": {"a.$[x]": 0}}, _a(1, 0, 0), array_filters=[{"x": {"$gte": 5}}]),
    changed("$[id]/a path", _a({"b": 1}, {"b": 2}), {"$set": {"a.$[x].c": 9}}, _a({"b": 1}, {"b": 2, "c": 9}), array_filters=[{"x.b": 2}]),
    changed("$[id]/two conditions", _a(1, 5, 9), {"$set": {"a.$[x]": 0}}, _a(1, 0, 9), array_filters=[{"x": {"$gt": 1, "$lt": 9}}]),
    changed("$[id]/two identifiers", _a({"k": 1, "b": [1, 5]}, {"k": 2, "b": [1, 5]}), {"$set": {"a.$[x].b.$[y]": 0}}, _a({"k": 1, "b": [1, 5]}, {"k": 2, "b": [1, 0]}), array_filters=[{"x.k": 2}, {"y": {"$gt": 3}}]),
    same("$[id]/none", _a(1, 2), {"$set": {"a.$[x]": 0}}, array_filters=[{"x": 7}]),
    changed("$[id]/$push", _a({"k": 1, "b": []}, {"k": 2, "b": []}), {"$push": {"a.$[x].b": 1}}, _a({"k": 1, "b": []}, {"k": 2, "b": [1]}), array_filters=[{"x.k": 2}]),
]  # fmt: skip

ARRAY_UPDATES: Final[list[UpdateCase]] = [*_PUSH, *_PULL, *_POSITIONAL]
