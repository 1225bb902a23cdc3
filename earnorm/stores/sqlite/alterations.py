"""Updates and replacements: compiled once, then done inside a writing transaction."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from earnorm.stores.documents import (
    FindPosition,
    check_storable,
    compile_collation,
    compile_position,
    compile_update,
    key_bytes,
    unsupported,
    upsert_document,
    write_error,
)
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.operations import UpdateDocument, UpdateResult
from earnorm.stores.sqlite.concerns import collation_of
from earnorm.stores.sqlite.pipeline_updates import compile_stages, upserted_by_stages
from earnorm.stores.sqlite.placing import Found, new_row, place, put
from earnorm.stores.sqlite.selection import Selection
from earnorm.stores.sqlite.session import Session
from earnorm.typing import Document, MutableDocument, OperationOptions, SortKey

__all__ = ["Altered", "Alteration", "replacement", "update"]


class Altered(NamedTuple):
    """What a write found, and what it put in its place or inserted; None where there was none."""

    found: Found | None
    after: Document | None


class Alteration:
    """What becomes of the documents that a filter finds, and what is inserted when it finds none."""

    def __init__(
        self,
        selection: Selection,
        alter: Callable[[Found], Document],
        upsert: Callable[[], MutableDocument] | None,
        *,
        is_replacement: bool,
    ) -> None:
        self._selection = selection
        self._alter = alter
        self._upsert = upsert
        self._is_replacement = is_replacement

    def all(self, session: Session, name: str) -> UpdateResult:
        """Alters every match."""
        matched = modified = 0
        collection = session.catalog.collection(name)
        if collection is not None:
            for found in self._selection.matches(session, collection):
                matched += 1
                modified += put(
                    session,
                    collection,
                    found,
                    self._alter(found),
                    is_replacement=self._is_replacement,
                )
        if not matched and self._upsert is not None:
            return _upserted(self._insert(session, name, self._upsert))
        return UpdateResult(matched=matched, modified=modified)

    def first(self, session: Session, name: str) -> tuple[UpdateResult, Altered]:
        """Alters the first match only."""
        collection = session.catalog.collection(name)
        found = None if collection is None else self._selection.first(session, collection)
        if collection is not None and found is not None:
            after = self._alter(found)
            changed = put(session, collection, found, after, is_replacement=self._is_replacement)
            return _CHANGED if changed else _UNCHANGED, Altered(found, after)
        if self._upsert is None:
            return _NONE, Altered(None, None)
        inserted = self._insert(session, name, self._upsert)
        return _upserted(inserted), Altered(None, inserted)

    def _insert(
        self, session: Session, name: str, upsert: Callable[[], MutableDocument]
    ) -> MutableDocument:
        document = upsert()
        place(session, session.catalog.create(name), [new_row(document)])
        return document


def update(
    filter: Document,
    change: UpdateDocument,
    *,
    upsert: bool = False,
    array_filters: Sequence[Document] = (),
    sort: Sequence[SortKey] = (),
    options: OperationOptions | None = None,
) -> Alteration:
    """The alteration that an update makes; raises what `compile_update` and a filter raise."""
    selection = Selection(filter, sort=sort, options=options)
    if not isinstance(change, Mapping | list | tuple):
        raise write_error(
            "an update is a document of operators, such as {'$set': {'name': 'Ada'}}, or a list of stages, "
            f"not {change!r}.",
            9,
        )
    key_of = compile_collation(collation_of(options))
    if not isinstance(change, Mapping):
        _check_no_collation(key_of)
        stages = compile_stages(change, array_filters)
        insert = partial(upserted_by_stages, filter, stages, key_of)
        alter = _altering(stages, None)
    else:
        apply = compile_update(change, array_filters, key_of)
        position = compile_position(filter, key_of) if apply.needs_position else None
        insert = partial(upsert_document, filter, change, array_filters, key_of)
        alter = _altering(apply, position)
    return Alteration(selection, alter, insert if upsert else None, is_replacement=False)


def replacement(
    filter: Document,
    document: Document,
    *,
    upsert: bool = False,
    sort: Sequence[SortKey] = (),
    options: OperationOptions | None = None,
) -> Alteration:
    """The alteration that puts a document in the place of another, which keeps its `_id`."""
    if not isinstance(document, Mapping):
        raise write_error(
            f"a replacement is a document, such as {{'name': 'Ada'}}, not {document!r}.", 9
        )
    check_storable({"_id": None, **document})
    selection = Selection(filter, sort=sort, options=options)

    def alter(found: Found) -> Document:
        if next(iter(document), None) == "_id":
            return document
        return {"_id": found.document["_id"], **document}

    insert = partial(upsert_document, filter, document)
    return Alteration(selection, alter, insert if upsert else None, is_replacement=True)


_NONE: Final = UpdateResult(matched=0, modified=0)
_UNCHANGED: Final = UpdateResult(matched=1, modified=0)
_CHANGED: Final = UpdateResult(matched=1, modified=1)


def _upserted(document: Document) -> UpdateResult:
    return UpdateResult(matched=0, modified=0, upserted=True, upserted_id=document["_id"])


def _check_no_collation(key_of: KeyOf) -> None:
    # expressions compare code points
    if key_of is not key_bytes:
        raise unsupported(
            "an update by stages together with a collation",
            "Update by operators, or leave the collation out.",
        )


def _altering(
    apply: Callable[..., Document], position: FindPosition | None
) -> Callable[[Found], Document]:
    if position is None:
        return lambda found: apply(found.document)
    return lambda found: apply(found.document, position(found.document))
