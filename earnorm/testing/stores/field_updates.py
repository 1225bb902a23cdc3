"""Updates of fields, as MongoDB's manual defines their operators."""

from typing import Final

from bson import Decimal128, Int64

from earnorm.testing.stores.update_case import UpdateCase, changed, same

__all__ = ["FIELD_UPDATES"]

_SET: Final = [
    changed("$set/a field", {"a": 1}, {"$set": {"a": 2}}, {"a": 2}),
    changed("$set/a new field", {"a": 1}, {"$set": {"b": 2}}, {"a": 1, "b": 2}),
    # "processes fields with string-based names in lexicographic order" (from MongoDB 5.0 on)
    changed("$set/new fields by name", {}, {"$set": {"b": 1, "a": 2}}, {"a": 2, "b": 1}),
    changed("$set/keeps the place", {"a": 1, "b": 2}, {"$set": {"a": 3}}, {"a": 3, "b": 2}),
    changed("$set/a path", {"a": {"b": 1}}, {"$set": {"a.b": 2}}, {"a": {"b": 2}}),
    changed("$set/a new path", {}, {"$set": {"a.b.c": 1}}, {"a": {"b": {"c": 1}}}),
    changed("$set/a document", {"a": {"b": 1}}, {"$set": {"a": {"c": 2}}}, {"a": {"c": 2}}),
    changed("$set/an element", {"a": [1, 2]}, {"$set": {"a.1": 9}}, {"a": [1, 9]}),
    changed("$set/beyond the end", {"a": [1]}, {"$set": {"a.3": 9}}, {"a": [1, None, None, 9]}),
    changed("$set/in an element", {"a": [{"b": 1}]}, {"$set": {"a.0.b": 2}}, {"a": [{"b": 2}]}),
    changed("$set/a number as a name", {}, {"$set": {"a.0": 1}}, {"a": {"0": 1}}),
    changed("$set/another numeric type", {"a": 1}, {"$set": {"a": 1.0}}, {"a": 1.0}),
    changed("$set/order of keys", {"a": {"b": 1, "c": 2}}, {"$set": {"a": {"c": 2, "b": 1}}}, {"a": {"c": 2, "b": 1}}),
    changed("$set/null", {"a": 1}, {"$set": {"a": None}}, {"a": None}),
    same("$set/the same", {"a": 1}, {"$set": {"a": 1}}),
    same("$set/the same _id", {"a": 1}, {"$set": {"_id": 1}}),
    same("$set/nothing", {"a": 1}, {"$set": {}}),
    changed("$unset/a field", {"a": 1, "b": 2}, {"$unset": {"a": ""}}, {"b": 2}),
    changed("$unset/a path", {"a": {"b": 1, "c": 2}}, {"$unset": {"a.b": 1}}, {"a": {"c": 2}}),
    changed("$unset/an element", {"a": [1, 2, 3]}, {"$unset": {"a.1": ""}}, {"a": [1, None, 3]}),
    same("$unset/what is missing", {"a": 1}, {"$unset": {"b": ""}}),
    same("$unset/through a value", {"a": 1}, {"$unset": {"a.b": ""}}),
    changed("several/operators", {"a": 1, "b": 1}, {"$set": {"a": 2}, "$inc": {"b": 1}, "$unset": {"c": ""}}, {"a": 2, "b": 2}),
    changed("several/new fields by name", {}, {"$set": {"d": 1, "b": 1}, "$inc": {"c": 1, "a": 1}}, {"a": 1, "b": 1, "c": 1, "d": 1}),
]  # fmt: skip

_INC: Final = [
    changed("$inc/int", {"a": 1}, {"$inc": {"a": 2}}, {"a": 3}),
    changed("$inc/int to long", {"a": 2**31 - 1}, {"$inc": {"a": 1}}, {"a": Int64(2**31)}),
    changed("$inc/long", {"a": Int64(1)}, {"$inc": {"a": 1}}, {"a": Int64(2)}),
    changed("$inc/by a long", {"a": 1}, {"$inc": {"a": Int64(1)}}, {"a": Int64(2)}),
    changed("$inc/by a double", {"a": 1}, {"$inc": {"a": 0.5}}, {"a": 1.5}),
    changed("$inc/by a decimal", {"a": 1}, {"$inc": {"a": Decimal128("0.1")}}, {"a": Decimal128("1.1")}),
    changed("$inc/down", {"a": 1}, {"$inc": {"a": -3}}, {"a": -2}),
    changed("$inc/what is missing", {}, {"$inc": {"a": 2}}, {"a": 2}),
    changed("$inc/what is missing by 0", {}, {"$inc": {"a": 0}}, {"a": 0}),
    changed("$inc/a path", {"a": [{"n": 1}]}, {"$inc": {"a.0.n": 1}}, {"a": [{"n": 2}]}),
    same("$inc/by 0", {"a": 1}, {"$inc": {"a": 0}}),
    changed("$mul/int", {"a": 3}, {"$mul": {"a": 2}}, {"a": 6}),
    changed("$mul/int to long", {"a": 2**30}, {"$mul": {"a": 4}}, {"a": Int64(2**32)}),
    changed("$mul/by a double", {"a": 3}, {"$mul": {"a": 0.5}}, {"a": 1.5}),
    changed("$mul/by a decimal", {"a": 3}, {"$mul": {"a": Decimal128("1.1")}}, {"a": Decimal128("3.3")}),
    changed("$mul/what is missing", {}, {"$mul": {"a": 5}}, {"a": 0}),
    changed("$mul/what is missing by a long", {}, {"$mul": {"a": Int64(5)}}, {"a": Int64(0)}),
    changed("$mul/what is missing by a double", {}, {"$mul": {"a": 5.0}}, {"a": 0.0}),
    changed("$bit/and", {"a": 13}, {"$bit": {"a": {"and": 10}}}, {"a": 8}),
    changed("$bit/or", {"a": 3}, {"$bit": {"a": {"or": 5}}}, {"a": 7}),
    changed("$bit/xor", {"a": 1}, {"$bit": {"a": {"xor": 5}}}, {"a": 4}),
    changed("$bit/what is missing", {}, {"$bit": {"a": {"or": 5}}}, {"a": 5}),
    changed("$bit/a long", {"a": 1}, {"$bit": {"a": {"or": Int64(2**40)}}}, {"a": Int64(2**40 + 1)}),
]  # fmt: skip

_MIN: Final = [
    changed("$min/a smaller number", {"a": 5}, {"$min": {"a": 3}}, {"a": 3}),
    same("$min/a greater number", {"a": 5}, {"$min": {"a": 7}}),
    same("$min/an equal number", {"a": 5}, {"$min": {"a": 5.0}}),
    changed("$min/what is missing", {}, {"$min": {"a": 3}}, {"a": 3}),
    changed("$min/a number is less than a text", {"a": "x"}, {"$min": {"a": 3}}, {"a": 3}),
    changed("$min/null is less than a number", {"a": 3}, {"$min": {"a": None}}, {"a": None}),
    changed("$max/a greater number", {"a": 5}, {"$max": {"a": 7}}, {"a": 7}),
    same("$max/a smaller number", {"a": 5}, {"$max": {"a": 3}}),
    changed("$max/a text is more than a number", {"a": 5}, {"$max": {"a": "x"}}, {"a": "x"}),
    same("$max/a number is less than a text", {"a": "x"}, {"$max": {"a": 5}}),
    same("$max/an array is more than a number", {"a": [1]}, {"$max": {"a": 5}}),
    changed("$rename/a field", {"a": 1, "b": 2}, {"$rename": {"a": "c"}}, {"b": 2, "c": 1}),
    # "$rename ... performs an $unset of both the old name and the new name, and then a $set"
    changed("$rename/over another", {"a": 1, "b": 2, "c": 3}, {"$rename": {"a": "b"}}, {"b": 1, "c": 3}),
    changed("$rename/a path", {"a": {"b": 1}}, {"$rename": {"a.b": "c.d"}}, {"a": {}, "c": {"d": 1}}),
    same("$rename/what is missing", {"a": 1}, {"$rename": {"b": "c"}}),
    same("$setOnInsert/on an update", {"a": 1}, {"$setOnInsert": {"a": 2, "b": 3}}),
]  # fmt: skip

_STAGES: Final = [
    changed("pipeline/$set", {"a": 2}, [{"$set": {"b": {"$multiply": ["$a", 3]}}}], {"a": 2, "b": 6}),
    changed("pipeline/stages see each other", {"a": 1}, [{"$set": {"b": "$a"}}, {"$set": {"c": {"$add": ["$b", 1]}}}], {"a": 1, "b": 1, "c": 2}),
    changed("pipeline/fields of a stage do not", {"a": 1, "b": 2}, [{"$set": {"a": "$b", "b": "$a"}}], {"a": 2, "b": 1}),
    changed("pipeline/$unset", {"a": 1, "b": 2}, [{"$unset": "a"}], {"b": 2}),
    changed("pipeline/$unset several", {"a": 1, "b": 2, "c": 3}, [{"$unset": ["a", "c"]}], {"b": 2}),
    changed("pipeline/$replaceWith", {"a": {"x": 1}}, [{"$replaceWith": {"$mergeObjects": [{"_id": "$_id"}, "$a"]}}], {"x": 1}),
    changed("pipeline/$cond", {"a": 5}, [{"$set": {"b": {"$cond": [{"$gt": ["$a", 3]}, "big", "small"]}}}], {"a": 5, "b": "big"}),
    changed("pipeline/a text is no path", {"a": 1}, [{"$set": {"b": {"$literal": "$a"}}}], {"a": 1, "b": "$a"}),
]  # fmt: skip

FIELD_UPDATES: Final[list[UpdateCase]] = [*_SET, *_INC, *_MIN, *_STAGES]
