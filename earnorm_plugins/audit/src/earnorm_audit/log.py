"""Writes entries: what is different in documents from what the log knows of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from earnorm import Document, now
from earnorm_audit.audited import Audited, batches
from earnorm_audit.entry import AuditChange, AuditEntry
from earnorm_audit.trail import Known, Trail
from earnorm_audit.values import compare

__all__ = ["write_entries", "write_left_over"]


async def write_entries(
    model: Any, trail: Trail, ids: Sequence[Any], *, fresh: frozenset[Any] = frozenset()
) -> None:
    """Logs what became of these documents since the trail noted them; the `fresh` have no earlier entries."""
    audited = Audited(model)
    scribe = _Scribe(audited)
    for some in batches(ids):
        documents = await audited.read(some)
        entries: list[AuditEntry] = []
        for document_id in some:
            key, document = (audited.collection, document_id), documents.get(document_id)
            known = trail.known.pop(key, None)
            if known is None:
                continue
            if trail.holds(document_id):
                trail.known[key] = Known(model, document)
            entries += scribe.entry(document_id, known, document)
        await _write(audited, entries, fresh)


async def write_left_over(trail: Trail) -> None:
    """Logs what writes have changed whose last hooks never ran."""
    for document_id, (instance, actor) in trail.all_new().items():
        model = type(instance)
        trail.known[Audited(model).collection, document_id] = Known(model, None, actor)
    by_model: dict[Any, list[Any]] = defaultdict(list)
    for (_, document_id), known in trail.known.items():
        by_model[known.model].append(document_id)
    trail.frames.clear()
    for model, ids in by_model.items():
        await write_entries(model, trail, ids)


class _Scribe:
    """Makes the entries of a model's documents; what is the same for all is found out once."""

    def __init__(self, audited: Audited) -> None:
        self._entries = audited.entries
        self._collection = audited.collection
        self._is_logged = audited.logged()
        self._kind_of = audited.kinds_told()
        self._secrets_of = cache(lambda kind: cache(audited.secrets_of(kind)))
        keep_days = audited.options.keep_days
        self._keep = None if keep_days is None else timedelta(days=keep_days)

    def entry(
        self, document_id: Any, known: Known, document: Document | None
    ) -> Iterator[AuditEntry]:
        """The entry for what is different in a document, if anything is."""
        present = document if document is not None else known.document
        if present is None:
            return
        is_new, is_gone = known.document is None, document is None
        kind = self._kind_of(present)
        differences = compare(
            self._shown(known.document),
            self._shown(document),
            self._secrets_of(kind),
            is_whole=is_new or is_gone,
        )
        changes = [AuditChange.of(one) for one in differences]
        if not (changes or is_new or is_gone):
            return
        at = _moment(known.document, document)
        yield self._entries(
            collection=self._collection,
            document_id=document_id,
            kind=kind,
            version=1,
            operation="insert" if is_new else "delete" if is_gone else "update",
            at=at,
            actor=known.actor,
            changes=changes,
            expires_at=None if self._keep is None else at + self._keep,
        )

    def _shown(self, document: Document | None) -> Document:
        return {key: value for key, value in (document or {}).items() if self._is_logged(key)}


def _moment(before: Document | None, after: Document | None) -> datetime:
    """When `timestamp` says that the document was written; now, where that is not the moment of this write."""
    stamped, moment = (after or {}).get("updated_at"), now()
    if not isinstance(stamped, datetime) or stamped == (before or {}).get("updated_at"):
        return moment
    return stamped if timedelta(0) <= moment - stamped <= _LONGEST else moment


_LONGEST = timedelta(
    minutes=5
)  # from stamp to entry; an older one was set by someone who passed `timestamp` by


async def _write(audited: Audited, entries: Sequence[AuditEntry], fresh: frozenset[Any]) -> None:
    if not entries:
        return
    known = [entry.document_id for entry in entries if entry.document_id not in fresh]
    versions = await _last_versions(audited, known)
    for entry in entries:
        entry.version = versions.get(entry.document_id, 0) + 1
    if len(entries) == 1:
        await entries[0].save()
    else:
        await audited.entries.insert_many(entries)


async def _last_versions(audited: Audited, ids: Sequence[Any]) -> Mapping[Any, int]:
    if not ids:
        return {}
    own = audited.entries.find(
        {"collection": audited.collection, "document_id": {"$in": list(ids)}}
    )
    if len(ids) == 1:
        last = await own.sort("-version").project("version").first()
        return {} if last is None else {ids[0]: last["version"]}
    group = {"_id": "$document_id", "version": {"$max": "$version"}}
    return {one["_id"]: one["version"] async for one in own.aggregate([{"$group": group}])}
