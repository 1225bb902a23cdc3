"""MongoDB's rules over one document: pure functions, no input or output.

Each is imported when it is asked for: a program that asks a server needs few of them.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from earnorm.stores.documents.collations import compile_collation
    from earnorm.stores.documents.distinct_values import Distinct, distinct
    from earnorm.stores.documents.encoding import decode, decode_naive, encode
    from earnorm.stores.documents.index_rows import EMPTY_ARRAY, Row, row_keys, rows
    from earnorm.stores.documents.keys import AFTER, EMPTY_ARRAY_KEY, KeyOf, key_bytes, type_end
    from earnorm.stores.documents.kinds import MISSING, is_operators
    from earnorm.stores.documents.matcher import (
        Match,
        compile_filter,
        compile_normalized,
        normalized_filter,
    )
    from earnorm.stores.documents.ordering import Sorter, check_sort, compile_sort
    from earnorm.stores.documents.paths import array_index, split_path
    from earnorm.stores.documents.plain_filters import is_plain
    from earnorm.stores.documents.positions import FindPosition, compile_position
    from earnorm.stores.documents.projection import Project, compile_projection
    from earnorm.stores.documents.refusals import bad_value, unsupported, write_error
    from earnorm.stores.documents.regexes import is_regex
    from earnorm.stores.documents.storable import check_storable
    from earnorm.stores.documents.updater import Apply, apply_update, compile_update
    from earnorm.stores.documents.upserts import upsert_document

__all__ = [
    "AFTER",
    "EMPTY_ARRAY",
    "EMPTY_ARRAY_KEY",
    "MISSING",
    "Apply",
    "Distinct",
    "FindPosition",
    "KeyOf",
    "Match",
    "Project",
    "Row",
    "Sorter",
    "apply_update",
    "array_index",
    "bad_value",
    "check_sort",
    "check_storable",
    "compile_collation",
    "compile_filter",
    "compile_normalized",
    "compile_position",
    "compile_projection",
    "compile_sort",
    "compile_update",
    "decode",
    "decode_naive",
    "distinct",
    "encode",
    "is_operators",
    "is_plain",
    "is_regex",
    "key_bytes",
    "normalized_filter",
    "row_keys",
    "rows",
    "split_path",
    "type_end",
    "unsupported",
    "upsert_document",
    "write_error",
]

_MODULES = {
    "collations": "compile_collation",
    "distinct_values": "Distinct distinct",
    "encoding": "decode decode_naive encode",
    "index_rows": "EMPTY_ARRAY Row row_keys rows",
    "keys": "AFTER EMPTY_ARRAY_KEY KeyOf key_bytes type_end",
    "kinds": "MISSING is_operators",
    "matcher": "Match compile_filter compile_normalized normalized_filter",
    "ordering": "Sorter check_sort compile_sort",
    "paths": "array_index split_path",
    "plain_filters": "is_plain",
    "positions": "FindPosition compile_position",
    "projection": "Project compile_projection",
    "refusals": "bad_value unsupported write_error",
    "regexes": "is_regex",
    "storable": "check_storable",
    "updater": "Apply apply_update compile_update",
    "upserts": "upsert_document",
}
_HOMES = {name: module for module, names in _MODULES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found
