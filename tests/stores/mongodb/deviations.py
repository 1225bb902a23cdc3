"""What the stand-ins do against MongoDB's manual, by the names of the suite's cases. A real server is not in the list."""

from collections.abc import Mapping

_BINARY = "it loses the subtypes of binary data, or closes the connection over them"
_CODE = "it has no code with scope"
_BIT_OPERATORS = "it has no $bitsAllSet and its like"
_COLLATION = "it ignores collations"
_DETAILS = "its duplicate key error does not tell the key of the index"
_EXPLAIN = "it has no command explain"
_FIELD_ORDER = "it adds fields in the order of the update; MongoDB goes by their names"
_NAN = "it compares NaN with numbers; MongoDB's NaN equals NaN only"
_NOT_REFUSED = "it accepts this, or fails with another code"
_PARTIAL = "it enforces a partial index on all documents"
_PIPELINE = "it takes no pipeline for an update"
_PLACE = "it does not take a number in a path for a place and for a name at once"
_REGEX = "it does not match a stored expression by the same one, and matches what is no text"
_ROUNDS = "it compares long, double and decimal numbers as doubles"
_TYPE = "it cannot keep documents of every type side by side"

_MONGO_JAVA_SERVER: Mapping[str, str] = {
    "types/binary": _BINARY,
    "types/as _id/binary": _BINARY,
    "types/other/code with scope": _CODE,
    "types/as _id/other/code with scope": _CODE,
    "types/what an update writes comes back exactly": _BINARY,
    "types/arrays are no _id": _NOT_REFUSED,
    "filters/$expr/$size": "it has no $cond",
    "filters/$expr/missing is not null": "it takes what is missing for null in expressions",
    "filters/$jsonSchema": "it has no $jsonSchema",
    "filters/$mod": "it takes NaN for 0",
    "filters/$regex": _REGEX,
    "filters/$type": _TYPE,
    "filters/arrays of documents/$elemMatch $or": "it fails over elements that are no documents",
    "filters/arrays/$all of an array": "it does not look for the array itself",
    "filters/arrays/$all of one": "its $all wants an array; MongoDB's is an $and of equalities",
    "filters/arrays/$elemMatch $in": "its $elemMatch looks into arrays in arrays",
    "filters/arrays/different elements": "it wants one element to meet both conditions",
    "filters/arrays/the whole": "it does not find an array in an array",
    "filters/bits": _BIT_OPERATORS,
    "filters/embedded documents": "it takes a document for a condition on its fields",
    "filters/extreme numbers/$gt NaN": _NAN,
    "filters/extreme numbers/$gte NaN": _NAN,
    "filters/extreme numbers/$lt NaN": _NAN,
    "filters/extreme numbers/$lte NaN": _NAN,
    "filters/extreme numbers/a double": _ROUNDS,
    "filters/extreme numbers/a long beyond a double": _ROUNDS,
    "filters/extreme numbers/above a double": _ROUNDS,
    "filters/extreme numbers/above all longs": _ROUNDS,
    "filters/null and missing/$gte": "it finds nothing at or above null; MongoDB finds null",
    "filters/null and missing/$lte": "it finds nothing at or below null; MongoDB finds null",
    "filters/null and missing/an empty object": "it takes {} for no condition",
    "filters/null at a path": "it finds null at a path into an array of scalars",
    "filters/paths/a number is a name and a place": _PLACE,
    "filters/refused": "it does not read the filter where there is nothing to find",
    "updates/$addToSet/an equal number": "it takes 2 and 2.0 for different values",
    "updates/$bit": "it has no $bit",
    "updates/$set/another numeric type": "it takes 1.0 in the place of 1 for no change",
    "updates/$set/new fields by name": _FIELD_ORDER,
    "updates/several/new fields by name": _FIELD_ORDER,
    "updates/pipeline": _PIPELINE,
    "upserts/a pipeline": _PIPELINE,
    "find_one_and_update/pipeline": _PIPELINE,
    "bulk/array filters and pipelines": _PIPELINE,
    "updates/refused/$[id] without its filter": _NOT_REFUSED,
    "updates/refused/$addToSet to a value": _NOT_REFUSED,
    "updates/refused/$bit of a double": _NOT_REFUSED,
    "updates/refused/$inc beyond a long": _NOT_REFUSED,
    "updates/refused/$inc of null": _NOT_REFUSED,
    "updates/refused/$mul beyond a long": _NOT_REFUSED,
    "updates/refused/$pop from a value": _NOT_REFUSED,
    "updates/refused/$push $each of a value": _NOT_REFUSED,
    "updates/refused/$push to null": _NOT_REFUSED,
    "updates/refused/$rename to itself": _NOT_REFUSED,
    "replacements/the whole but _id": "it gives the fields in another order",
    "sort/arrays/in arrays": "it does not take an array in an array for a value",
    "sort/binary": "it closes the connection over binary subtypes",
    "sort/expressions": "it cannot sort regular expressions",
    "sort/numbers": _ROUNDS,
    "sort/paths/by place": _PLACE,
    "sort/texts": "it orders texts by UTF-16, and MongoDB by UTF-8",
    "sort/types": "it cannot sort code",
    "projections/$": "it gives the whole array, or none of it",
    "projections/$slice/the first": "it leaves the other fields out",
    "projections/computed": "it does not compute in the projection of a find",
    "projections/exclusion/in arrays": "it does not go into arrays in arrays",
    "projections/inclusion/a document": "it takes a nested projection for no field",
    "projections/inclusion/in arrays": "it does not go into arrays in arrays",
    "projections/inclusion/order": "it gives the fields in the order of the projection",
    "projections/inclusion and exclusion": "it fails with another code",
    "indexes/a document in and out of a partial index": _PARTIAL,
    "indexes/a hint": _EXPLAIN,
    "indexes/collation": _COLLATION,
    "indexes/compound/in part missing": _DETAILS,
    "indexes/explained": _EXPLAIN,
    "indexes/multikey": _DETAILS,
    "indexes/partial": _PARTIAL,
    "indexes/unique/a path": _DETAILS,
    "indexes/unique/missing twice": _DETAILS,
    "indexes/unique/null and missing": _DETAILS,
    "distinct/paths and filters": "it closes the connection over a place in the path",
    "aggregation/expressions/$floor": "it gives an int of a double",
    "aggregation/expressions/$ifNull": "its $ifNull takes two arguments",
    "aggregation/expressions/$lt missing": "it takes what is missing for null in expressions",
    "aggregation/expressions/$mod": "it gives a double of two ints",
    "aggregation/expressions/$switch": "it has no $switch",
    "aggregation/expressions/$type": "it has no expression $type",
    "aggregation/expressions/$type missing": "it has no expression $type",
    "aggregation/expressions/a document": "it does not compute in an array",
    "aggregation/stages/$addFields": "it computes a field from one that the same stage sets",
    "aggregation/stages/$lookup": "it does not look for each element of an array",
    "aggregation/stages/$set and $unset": "it has no stage $set",
    "aggregation/refused": _NOT_REFUSED,
    "concurrency/reading while others write": "it now and then shows a document half changed",
    "bulk/faults of an unordered one": "it counts documents that were not inserted",
    "names/values": "it orders texts by UTF-16, and MongoDB by UTF-8",
    "names/16 MB": "it keeps documents above 16 MiB",
    "options": _COLLATION + ", and has no command explain",
}

DEVIATIONS: Mapping[str, Mapping[str, str]] = {"mongo-java-server": _MONGO_JAVA_SERVER}
