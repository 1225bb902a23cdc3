"""The different values that documents have at a path, as MongoDB's `distinct` gives them."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from earnorm.stores.documents.bson_rules import MAX_DOCUMENT_BYTES
from earnorm.stores.documents.encoding import encode
from earnorm.stores.documents.keys import KeyOf, key_bytes
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.paths import array_index, split_path
from earnorm.stores.documents.refusals import bad_value
from earnorm.typing import Document

__all__ = ["Distinct", "distinct"]


def distinct(documents: Iterable[Document], path: str, key_of: KeyOf = key_bytes) -> list[Any]:
    """The different values of the path; raises what `Distinct` raises."""
    found = Distinct(path, key_of)
    for document in documents:
        found.add(document)
    return found.values


class Distinct:
    """Collects the different values of a path, in the order in which they come.

    An array gives its elements, one level deep, and a document without the path gives nothing.
    Numbers that are equal are one value whatever their type, and so are texts that are equal to the collation of
    `key_of`; the first one stays. Raises PyMongo's `OperationFailure` for what is no path, and (17217)
    when the values have more than 16 MiB of BSON.
    """

    def __init__(self, path: str, key_of: KeyOf = key_bytes) -> None:
        if not isinstance(path, str) or not path or "\x00" in path:
            raise bad_value(f"distinct names a field by its path, not {path!r}.")
        self.values: list[Any] = []
        self._segments = split_path(path)
        self._path = path
        self._key_of = key_of
        self._keys: set[bytes] = set()
        self._size = 0

    def add(self, document: Document) -> None:
        """Takes in the values of one more document."""
        for value in _values(document, self._segments):
            key = self._key_of(value)
            if key not in self._keys:
                self._keys.add(key)
                self._keep(value)

    def _keep(self, value: Any) -> None:
        self._size += len(encode({"": value}))
        if self._size > MAX_DOCUMENT_BYTES:
            raise bad_value(
                f"the distinct values of {self._path!r} have more than {MAX_DOCUMENT_BYTES:,} bytes. "
                "Narrow the filter, or group by the path in an aggregation.",
                17217,
            )
        self.values.append(value)


def _values(value: Any, path: Sequence[str]) -> Iterator[Any]:
    if not path:
        elements = as_array(value)
        yield from [value] if elements is None else elements
    elif (inner := as_document(value)) is not None:
        if (there := inner.get(path[0], MISSING)) is not MISSING:
            yield from _values(there, path[1:])
    elif (elements := as_array(value)) is not None:
        yield from _values_of_elements(elements, path)


def _values_of_elements(elements: Sequence[Any], path: Sequence[str]) -> Iterator[Any]:
    # a number in the path is a position, and never the name of a field of the elements
    if not (path[0].isascii() and path[0].isdecimal()):
        for element in elements:
            if (inner := as_document(element)) is not None:
                yield from _values(inner, path)
        return
    index = array_index(path[0])
    if index is not None and index < len(elements):
        yield from _values(elements[index], path[1:])
