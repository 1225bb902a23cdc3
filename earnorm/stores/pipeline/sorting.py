"""`$sort`, which keeps no more documents than a `$limit` after it asks for."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from earnorm.stores.documents.computing.field_paths import field_path
from earnorm.stores.documents.kinds import as_document
from earnorm.stores.documents.numbers import whole
from earnorm.stores.documents.ordering import Sorter, compile_sort
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.stores.pipeline.memory import Memory
from earnorm.stores.pipeline.stage import Documents, Run, Stage
from earnorm.typing import Document, SortKey

__all__ = ["checked_sort", "compile_sorting"]


def checked_sort(operand: Any) -> tuple[SortKey, ...]:
    """The operand of `$sort`: paths with 1 or -1."""
    fields = as_document(operand)
    if fields is None:
        raise bad_value(f"$sort takes a document of paths, not {operand!r}.", 15973)
    if not fields:
        raise bad_value("$sort needs at least one path.", 15976)
    return tuple((_checked_path(path), _direction(path, value)) for path, value in fields.items())


def compile_sorting(sort: Sequence[SortKey], most: int | None = None) -> Stage:
    """The documents in order, or the first ones only; what is equal stays in the order in which it came."""
    sorter = compile_sort(sort)

    def sorted_documents(documents: Documents, run: Run) -> Documents:
        memory = Memory("$sort", run.memory)
        kept = (
            _all(documents, sorter, memory)
            if most is None
            else _first(documents, sorter, memory, most)
        )
        kept.sort(key=_KEY)
        yield from (document for _, document, _ in kept[:most])

    return sorted_documents


_Entry = tuple[bytes, Document, int]
"""A document between its sort key and its size."""

_KEY = itemgetter(0)


def _all(documents: Documents, sorter: Sorter, memory: Memory) -> list[_Entry]:
    return [(sorter(document), document, memory.keep(document)) for document in documents]


def _first(documents: Documents, sorter: Sorter, memory: Memory, most: int) -> list[_Entry]:
    """At least the first `most`: now and then those are dropped that cannot be among them."""
    kept: list[_Entry] = []
    for document in documents:
        kept.append((sorter(document), document, memory.keep(document)))
        if len(kept) >= 2 * most + 100:
            kept.sort(key=_KEY)
            memory.add(-sum(size for _, _, size in kept[most:]))
            del kept[most:]
    return kept


def _checked_path(path: str) -> str:
    field_path(path)
    return path


def _direction(path: str, value: Any) -> int:
    if as_document(value) is not None:
        raise unsupported(f"the sort of {path!r} by a document", "It has 1 and -1.")
    number = whole(value)
    if number is None:
        raise bad_value(
            f"the direction of a sort is 1 or -1, and that of {path!r} is {value!r}.", 15974
        )
    if number not in (1, -1):
        raise bad_value(
            f"the direction of a sort is 1 or -1, and that of {path!r} is {number}.", 15975
        )
    return number
