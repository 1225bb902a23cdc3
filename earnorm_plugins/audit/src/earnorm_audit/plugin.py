"""The plugin: it looks at documents before and after each write, and logs what is different."""

from collections.abc import Sequence
from typing import Any
from weakref import WeakSet

from earnorm import BaseModel, Database, Document, ModelRegistry, hookimpl
from earnorm_audit.audited import Audited
from earnorm_audit.entry import AuditEntry
from earnorm_audit.log import write_entries, write_left_over
from earnorm_audit.options import AuditOptions
from earnorm_audit.trail import Frame, Kind, Known, Trail, begin_frame, end_frame, trail_of

__all__ = ["AuditPlugin"]


class AuditPlugin:
    """Writes an entry for every change of every document, in the transaction of the write."""

    Options = AuditOptions
    api = ">=1.0,<2"
    requires = {"timestamp": ">=1.0.0a1,<2"}  # noqa: RUF012  # a declaration that nobody changes
    transactional = True

    def __init__(self, options: AuditOptions) -> None:
        self.options = options
        # weakly: the plugin outlives registries
        self._entries: WeakSet[type[AuditEntry]] = WeakSet()

    def on_register(self, model: type, registry: ModelRegistry) -> None:
        """Makes the model of the entries, which has no entries of its own, even if its registry gives it the plugin."""
        if _is_entry(model):
            return
        audited = Audited(model)
        audited.check_options()
        self._entries.add(audited.entries)

    async def on_connect(self, database: Database) -> None:
        """Has the indexes of the entries looked after, which cannot be done once a write has begun."""
        own = [one for one in self._entries if one.__registry__ is database.registry]
        with database.use():
            # a database of a tenant has a registry without models
            for entries in own or list(self._entries):
                await entries.find().exists()

    @hookimpl(trylast=True)
    async def before_save_many(self, model: type, instances: Sequence[BaseModel]) -> None:
        """Looks at the documents of the stored ones."""
        if _is_entry(model):
            return
        audited = Audited(model)
        frame = Frame(kind="save", model=model, saved=tuple(instances))
        trail = begin_frame(audited.database, self, frame)
        frame.new = [one for one in instances if one.id is None]
        ids = [one.id for one in instances if one.id is not None]
        _note_new(audited, trail, ids)
        unknown = [one for one in ids if (audited.collection, one) not in trail.known]
        documents = await audited.read(unknown) if unknown else {}
        for document_id in unknown:
            known = Known(model, documents.get(document_id))
            trail.known[audited.collection, document_id] = known
        frame.ids.update(dict.fromkeys(ids))

    @hookimpl(tryfirst=True)
    async def after_save_many(self, model: type, instances: Sequence[BaseModel]) -> None:
        """Logs what was inserted, and what is different in the others."""
        if _is_entry(model):
            return
        audited = Audited(model)
        begun = end_frame(audited.database, self, "save", instances)
        if begun is None:
            return
        trail, frame = begun
        fresh = [one.id for one in frame.new if one.id is not None]
        _note_new(audited, trail, fresh)
        trail.known.update({(audited.collection, one): Known(model, None) for one in fresh})
        ids = [instance.id for instance in instances]
        await write_entries(model, trail, ids, fresh=frozenset(fresh))

    @hookimpl(trylast=True)
    async def before_update(self, model: type, filter: Document) -> None:
        """Looks at the documents that will be changed."""
        await self._begin("update", model, filter)

    @hookimpl(tryfirst=True)
    async def after_update(self, model: type, filter: Document) -> None:
        """Logs what is different in them."""
        await self._end("update", model, filter)

    @hookimpl(trylast=True)
    async def before_delete(self, model: type, filter: Document) -> None:
        """Looks at the documents that will be gone."""
        await self._begin("delete", model, filter)

    @hookimpl(tryfirst=True)
    async def after_delete(self, model: type, filter: Document) -> None:
        """Logs which are gone, and what they were."""
        await self._end("delete", model, filter)

    @hookimpl(tryfirst=True)
    async def before_commit(self, writes: Sequence[Any]) -> None:
        """Logs what was written although a hook failed before the log came to it."""
        for model in {write.model for write in writes}:
            trail = trail_of(Audited(model).database, self)
            if trail is not None:
                await write_left_over(trail)

    async def _begin(self, kind: Kind, model: type, filter: Document) -> None:
        if _is_entry(model):
            return
        audited = Audited(model)
        frame = Frame(kind=kind, model=model, filter=filter)
        trail = begin_frame(audited.database, self, frame)
        documents = await audited.matching(filter)
        _note_new(audited, trail, [document["_id"] for document in documents])
        for document in documents:
            frame.ids[document["_id"]] = None
            key = (audited.collection, document["_id"])
            trail.known.setdefault(key, Known(model, document))

    async def _end(self, kind: Kind, model: type, filter: Document) -> None:
        if _is_entry(model):
            return
        begun = end_frame(Audited(model).database, self, kind, (model, filter))
        if begun is not None:
            trail, frame = begun
            await write_entries(model, trail, list(frame.ids))


def _is_entry(model: type) -> bool:
    return issubclass(model, AuditEntry)


def _note_new(audited: Audited, trail: Trail, ids: Sequence[Any]) -> None:
    """The log has nothing yet of what an earlier write of the transaction has inserted and failed to log."""
    for document_id, actor in trail.take_new(ids).items():
        trail.known[audited.collection, document_id] = Known(audited.model, None, actor)
