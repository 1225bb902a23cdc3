"""How a document was changed, in the words of MongoDB's change events."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import bson
from bson import ObjectId

from earnorm.stores.documents.bson_rules import CODEC_OPTIONS

__all__ = ["update_description"]


def update_description(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """The smallest `updateDescription` that leads from one form of a document to the other.

    Fields inside documents and elements of arrays are named by their paths (`"address.city"`, `"tags.2"`); an
    array that lost elements at its end is in `truncatedArrays`. Where a document's fields only changed their
    order, it is named as a whole.
    """
    changes = _Changes()
    changes.compare_documents("", before, after)
    return {
        "updatedFields": changes.updated,
        "removedFields": changes.removed,
        "truncatedArrays": changes.truncated,
    }


class _Changes:
    def __init__(self) -> None:
        self.updated: dict[str, Any] = {}
        self.removed: list[str] = []
        self.truncated: list[dict[str, Any]] = []

    def compare_documents(
        self, prefix: str, before: Mapping[str, Any], after: Mapping[str, Any]
    ) -> None:
        self.removed += [prefix + name for name in before if name not in after]
        for name, value in after.items():
            if name not in before:
                self.updated[prefix + name] = value
            else:
                self._compare(prefix + name, before[name], value)

    def _compare(self, path: str, before: object, after: object) -> None:
        if _same(before, after):
            return
        if isinstance(before, dict) and isinstance(after, dict):
            if _order_is_kept(before, after):
                self.compare_documents(path + ".", before, after)
                return
        elif isinstance(before, list) and isinstance(after, list) and after:
            self._compare_arrays(path, before, after)
            return
        self.updated[path] = after

    def _compare_arrays(self, path: str, before: Sequence[Any], after: Sequence[Any]) -> None:
        for index, value in enumerate(after):
            if index >= len(before):
                self.updated[f"{path}.{index}"] = value
            else:
                self._compare(f"{path}.{index}", before[index], value)
        if len(after) < len(before):
            self.truncated.append({"field": path, "newSize": len(after)})


_PLAIN: Final = frozenset({str, int, bool, ObjectId, type(None)})


def _same(before: object, after: object) -> bool:
    if type(before) is not type(after):
        return False
    if type(before) in _PLAIN:
        return before == after
    # equal numbers of two types are a change, and a NaN that stayed is none
    return _encoded(before) == _encoded(after)


def _encoded(value: object) -> bytes:
    return bson.encode({"": value}, codec_options=CODEC_OPTIONS)


def _order_is_kept(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    kept = [name for name in before if name in after]
    return kept == list(after)[: len(kept)]
