"""Finds what belongs to documents by equal values: `localField` and `foreignField` of `$lookup`."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

from earnorm.stores.documents.keys import key_bytes
from earnorm.stores.documents.kinds import as_array, is_operators
from earnorm.stores.documents.paths import candidates, reached, split_path
from earnorm.stores.documents.regexes import is_regex
from earnorm.stores.pipeline.fields import Path, with_field
from earnorm.stores.pipeline.memory import Memory
from earnorm.stores.pipeline.stage import Documents, Run, Stage
from earnorm.typing import Document

__all__ = ["EqualValues"]


@dataclass(frozen=True, slots=True, kw_only=True)
class EqualValues:
    """Documents belong together if a value at `local` equals one at `foreign`; arrays count by their elements."""

    local: Path
    foreign: str

    def filter_for(self, document: Document) -> Document:
        """What a foreign document has to match to belong to this one."""
        return self._filter(self._local_values(document))

    def joining(self, collection: str, target: Path) -> Stage:
        """Puts the foreign documents at the path `target`; each of several documents is joined at once."""

        def join(documents: Documents, run: Run) -> Documents:
            size = 1  # few at first, since perhaps no more are asked for
            while batch := list(islice(documents, size)):
                yield from self._joined(batch, collection, target, run)
                size = min(2 * size, _LARGEST_BATCH)

        return join

    def _joined(self, batch: list[Document], collection: str, target: Path, run: Run) -> Documents:
        values = [self._local_values(document) for document in batch]
        places: dict[bytes, set[int]] = {}
        for place, local_values in enumerate(values):
            for value in local_values:
                places.setdefault(key_bytes(value), set()).add(place)
        found: list[list[Document]] = [[] for _ in batch]
        memory, segments = Memory("$lookup", run.memory), split_path(self.foreign)
        filter = self._filter([value for local_values in values for value in local_values])
        for foreign in run.read(collection, filter):
            keys = {key_bytes(value) for value in candidates(foreign, segments)}
            belongs = set[int]().union(*(places[key] for key in keys & places.keys()))
            memory.keep(foreign)
            for place in belongs:
                found[place].append(foreign)
        for document, joined in zip(batch, found, strict=True):
            yield with_field(document, target, joined)

    def _local_values(self, document: Document) -> list[Any]:
        values: list[Any] = []
        for end in reached(document, self.local).ends:
            elements = as_array(end)
            values += [end] if elements is None else elements
        return values or [None]

    def _filter(self, values: list[Any]) -> Mapping[str, Any]:
        by_key = {key_bytes(value): value for value in values}
        different = list(by_key.values())
        if len(different) == 1:
            return {self.foreign: {"$eq": different[0]}}
        # these two would not be values inside of $in
        if any(is_regex(value) or is_operators(value) for value in different):
            return {"$or": [{self.foreign: {"$eq": value}} for value in different]}
        return {self.foreign: {"$in": different}}


_LARGEST_BATCH = 128
