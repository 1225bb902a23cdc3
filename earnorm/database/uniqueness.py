"""Runs the `UniqueValidator` declarations of a model, once for a whole batch."""

from collections.abc import Iterator, Sequence
from typing import Any

from earnorm.database.kinds import batch_metadata
from earnorm.database.reading import Reads
from earnorm.database.translation import duplicate_faults
from earnorm.errors import SECRET, DuplicateKeyError, FieldFault
from earnorm.fields import UniqueValidator
from earnorm.models import PreparedWrite
from earnorm.stores import documents as stored_documents
from earnorm.typing import Document, Selection

__all__ = ["check_unique"]

_AT_ONCE = 500  # values in one look-up


async def check_unique(reads: Reads, writes: Sequence[PreparedWrite], *, many: bool) -> None:
    """Raises one `DuplicateKeyError` for every value to be written that another document has.

    Seen through the plugins' narrowing, for the documents that are written as for those that are stored;
    the instances' own documents do not count. None is not looked up, nor what a write leaves as it is. A
    declaration that a model inherits from a concrete one looks at the documents of that one, with all its
    children.
    """
    faults: list[FieldFault] = []
    for (model, validator), positions in _declarations(writes).items():
        faults += await _Look(reads, model, validator).faults(writes, positions, many=many)
    if faults:
        raise DuplicateKeyError(batch_metadata([write.instance for write in writes]).name, faults)


def _declarations(writes: Sequence[PreparedWrite]) -> dict[tuple[Any, UniqueValidator], list[int]]:
    """Which model declares what, with the positions of the instances that it is about."""
    by_kind: dict[Any, list[int]] = {}
    for position, write in enumerate(writes):
        by_kind.setdefault(type(write.instance), []).append(position)
    found: dict[tuple[Any, UniqueValidator], list[int]] = {}
    for kind, positions in by_kind.items():
        for validator in kind.__metadata__.validators:
            if isinstance(validator, UniqueValidator):
                declaring = _declaring(kind, validator)
                found.setdefault((declaring, validator), []).extend(positions)
    return found


def _declaring(model: Any, validator: UniqueValidator) -> Any:
    """The most general concrete model that the validator holds for."""
    metadata = ((base, vars(base).get("__metadata__")) for base in model.__mro__)
    bases = [
        base for base, one in metadata if one and not one.abstract and validator in one.validators
    ]
    return bases[-1]


class _Look:
    """One declaration, held against one batch."""

    def __init__(self, reads: Reads, model: Any, validator: UniqueValidator) -> None:
        self._reads = reads
        self._model = model
        self._fields = {name: model.__metadata__.fields[name] for name in validator.fields}

    async def faults(
        self, writes: Sequence[PreparedWrite], positions: Sequence[int], *, many: bool
    ) -> list[FieldFault]:
        own_ids = {writes[n].instance.id for n in positions} - {None}
        holders: dict[bytes, list[int]] = {}  # key of the values -> instances that have them
        values: dict[bytes, dict[str, Any]] = {}
        narrowing = self._reads.narrowing(self._model)
        is_seen = stored_documents.compile_filter(narrowing)
        for position in positions:
            write = writes[position]
            if not narrowing and self._leaves(write):
                continue  # with a narrowing, another change may be what makes the document count again
            encoded = self._values(write.document)
            if encoded is not None and is_seen(write.document):
                key = _key(encoded)
                holders.setdefault(key, []).append(position)
                values[key] = encoded
        taken = await self._taken(values, own_ids)
        return list(_faults(holders, self._shown(values), taken, many=many))

    def _shown(self, values: dict[bytes, dict[str, Any]]) -> dict[bytes, dict[str, Any]]:
        """The values as errors may show them."""
        secret = {name for name, field in self._fields.items() if field.holds_secrets}
        return {
            key: {name: SECRET if name in secret else value for name, value in known.items()}
            for key, known in values.items()
        }

    def _leaves(self, write: PreparedWrite) -> bool:
        """Whether the write leaves all of the declared fields as they are."""
        names = {field.stored_name for field in self._fields.values()}
        return write.touched is not None and not names & write.touched

    def _values(self, document: Document) -> dict[str, Any] | None:
        """What the document has under the declared fields; None when one of them is None."""
        values = {name: document.get(field.stored_name) for name, field in self._fields.items()}
        return None if any(value is None for value in values.values()) else values

    async def _taken(self, values: dict[bytes, dict[str, Any]], own_ids: set[Any]) -> set[bytes]:
        """The keys of those values that a stored document has."""
        taken = set()
        wanted = list(values.values())
        for start in range(0, len(wanted), _AT_ONCE):
            selection: Selection[Any] = Selection(
                model=self._model, filters=(self._filter(wanted[start : start + _AT_ONCE]),)
            )
            async for documents in self._reads.fetch_documents(selection):
                for document in documents:
                    found = self._values(document)
                    if found is not None and document["_id"] not in own_ids:
                        taken.add(_key(found))
        return taken

    def _filter(self, wanted: Sequence[dict[str, Any]]) -> dict[str, Any]:
        if len(self._fields) == 1:
            (name,) = self._fields
            return {name: {"$in": [values[name] for values in wanted]}}
        return {
            "$or": [{name: {"$eq": value} for name, value in values.items()} for values in wanted]
        }


def _key(values: dict[str, Any]) -> bytes:
    return stored_documents.key_bytes(list(values.values()))


def _faults(
    positions: dict[bytes, list[int]],
    values: dict[bytes, dict[str, Any]],
    taken: set[bytes],
    *,
    many: bool,
) -> Iterator[FieldFault]:
    for key, where in positions.items():
        refused = where if key in taken else where[1:]
        for position in refused:
            prefix = f"{position}." if many else ""
            yield from duplicate_faults(list(values[key]), values[key], prefix=prefix)
