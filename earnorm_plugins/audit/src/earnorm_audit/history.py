"""The log, asked: the entries of a document or a model, a past version of a document, the end of old entries."""

from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from earnorm import (
    BaseModel,
    Document,
    DocumentError,
    EarnORMError,
    MutableDocument,
    Query,
    ValidationError,
)
from earnorm_audit.audited import NAME, Audited
from earnorm_audit.entry import AuditEntry
from earnorm_audit.values import ABSENT, apply, is_same

__all__ = ["UnknownVersionError", "history", "purge_history", "restore_version", "version_of"]

M = TypeVar("M", bound=BaseModel)


class UnknownVersionError(EarnORMError, LookupError):
    """The log does not lead to that version of the document, or the document did not exist then."""


def history(target: BaseModel | type[BaseModel]) -> Query[AuditEntry]:
    """The entries of an instance's document, or of all documents of a model, the oldest first.

    A query: `history(user).find(AuditEntry.actor == "ada")`. Raises `ValueError` for a model without the plugin.
    """
    model = target if isinstance(target, type) else type(target)
    audited = _audited(model)
    own: MutableDocument = {"collection": audited.collection}
    if not isinstance(target, type):
        return _of(audited, target.id)
    if audited.metadata.root is not None:
        kinds = [kind.__metadata__.discriminator for kind in audited.kinds()]
        own["kind"] = {"$in": kinds}
    return audited.entries.find(own).sort("at", "id")


async def version_of(
    target: BaseModel | type[BaseModel], to: AuditEntry | int | datetime
) -> MutableDocument:
    """The stored document as an entry left it, or as it was in a version or at a moment; nothing is written.

    What is not logged is as it is now, secrets among it. Raises `UnknownVersionError`. A model can be given in
    the place of an instance, with an entry.
    """
    audited, document_id = _subject(target, to)
    current = (await audited.read([document_id])).get(document_id)
    wanted = await _wanted(audited, document_id, current, to)
    return dict(wanted)


async def restore_version(target: M | type[M], to: AuditEntry | int | datetime) -> M:
    """Brings a document back to what it was, in a write with all hooks that is logged too; returns the instance.

    `to` is an entry, the number of a version, or a moment. The instance is reloaded; for a document that is
    gone, and for a model in the place of an instance, it is another one. Raises `UnknownVersionError`,
    `ValidationError` where the version does not fit the model of today, and `DuplicateKeyError`.
    """
    audited, document_id = _subject(target, to)
    database = audited.database

    async def restore() -> None:
        stored = (await audited.read([document_id])).get(document_id)
        wanted = await _wanted(audited, document_id, stored, to)
        current = await _insert(audited, wanted) if stored is None else stored
        await _bring(audited, current, wanted)

    if database.transaction_info is None and "transactions" in database.store.capabilities:
        await database.with_transaction(restore)
    else:
        await restore()
    restored: M = await _restored(audited, target, document_id)
    return restored


async def purge_history(model: type[BaseModel], *, before: datetime) -> int:
    """Deletes the entries of the model's documents that are older, for good; returns how many."""
    old = history(model).find({"at": {"$lt": before}})
    # a registry may give its models plugins, and so the entries one that would only mark them
    plugins = {plugin.name for plugin in Audited(model).entries.__metadata__.plugins}
    return await old.widen(*plugins).delete(skip_hooks=plugins)


def _audited(model: Any) -> Audited:
    audited = Audited(model)
    if NAME not in {plugin.name for plugin in audited.metadata.plugins}:
        raise ValueError(
            f"{audited.metadata.key} does not enable the plugin {NAME!r}, so nothing of it is logged. Name it in "
            "Meta.plugins."
        )
    return audited


def _subject(target: Any, to: Any) -> tuple[Audited, Any]:
    if not isinstance(target, type):
        return _audited(type(target)), target.id
    if not isinstance(to, AuditEntry):
        raise TypeError("a model is no document: give an instance, or an entry of the document")
    return _audited(target), to.document_id


def _of(audited: Audited, document_id: Any) -> Query[AuditEntry]:
    own = {"collection": audited.collection, "document_id": document_id}
    return audited.entries.find(own).sort("version")


async def _wanted(
    audited: Audited, document_id: Any, current: Document | None, to: AuditEntry | int | datetime
) -> Document:
    """What is now, with what came after the version taken back, the latest first."""
    version = await _number(audited, document_id, to)
    state: MutableDocument | None = None if current is None else _copy(current)
    last = None
    async for entry in (
        _of(audited, document_id).find({"version": {"$gte": version}}).sort("-version")
    ):
        if last is not None and entry.version != last - 1:
            break
        last = entry.version
        if entry.version > version:
            state = _undone(entry, {} if state is None else state)
    if last is None or last > version + 1 or version < 1:
        raise UnknownVersionError(_missing(audited, document_id, f"no version {version}"))
    if state is None:
        raise UnknownVersionError(_missing(audited, document_id, "no document in that version"))
    return {"_id": document_id, **state}


async def _number(audited: Audited, document_id: Any, to: AuditEntry | int | datetime) -> int:
    if isinstance(to, int):
        return to
    if isinstance(to, AuditEntry):
        if (to.collection, to.document_id) != (audited.collection, document_id):
            raise ValueError("the entry is of another document")
        return to.version
    if not isinstance(to, datetime):
        raise TypeError(f"a version is an entry, a number or a moment, not {to!r}")
    own = _of(audited, document_id).find({"at": {"$lte": to}}).sort("-version")
    entry = await own.first()
    if entry is None:
        raise UnknownVersionError(_missing(audited, document_id, f"no entry up to {to}"))
    return entry.version


def _undone(entry: AuditEntry, state: MutableDocument) -> MutableDocument | None:
    if entry.operation == "insert":
        return None
    for change in entry.changes:
        if change.is_secret is None:
            apply(state, change.path, change.undone)
    return state


async def _insert(audited: Audited, wanted: Document) -> Document:
    """Inserts the document as far as the constructor takes it; what plugins contribute comes afterwards."""
    past = _fitting(audited, wanted)
    fields = type(past).__metadata__.fields
    values = {
        name: getattr(past, name)
        for name, field in fields.items()
        if field.contributed_by is None and field.stored_name in wanted
    }
    await type(past)(**values).save()
    return (await audited.read([wanted["_id"]]))[wanted["_id"]]


async def _bring(audited: Audited, current: Document, wanted: Document) -> None:
    past = _fitting(audited, wanted)
    names = {field.stored_name: name for name, field in type(past).__metadata__.fields.items()}
    differing = [
        key
        for key in dict.fromkeys((*current, *wanted))
        if (key in names or not key.startswith("_"))
        and not is_same(current.get(key, ABSENT), wanted.get(key, ABSENT))
    ]
    changes = {
        key: getattr(past, names[key]) if key in names else wanted[key]
        for key in differing
        if key in wanted
    }
    gone = {key: "" for key in differing if key not in wanted}
    update = {**({"$set": changes} if changes else {}), **({"$unset": gone} if gone else {})}
    if update:
        plugins = {plugin.name for plugin in type(past).__metadata__.plugins}
        own = type(past).find({"_id": wanted["_id"]}).widen(*plugins)
        await own.update(update, each=True)


def _fitting(audited: Audited, wanted: Document) -> Any:
    """The instance that the past document is, held against the model of today."""
    try:
        return audited.model.from_document(wanted)
    except DocumentError as error:
        fault = ValidationError(audited.metadata.name, error.errors)
        fault.add_note(f"So the restored version of {wanted['_id']!r} would be.")
        raise fault from None


async def _restored(audited: Audited, target: Any, document_id: Any) -> Any:
    if not isinstance(target, type):
        # to an instance that was deleted, its document is gone for good: another one stands for it
        with suppress(LookupError):
            return await target.reload()
    plugins = {plugin.name for plugin in audited.metadata.plugins}
    return await audited.model.find({"_id": document_id}).widen(*plugins).first()


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    return value


def _missing(audited: Audited, document_id: Any, what: str) -> str:
    return (
        f"the log has {what} of the document {document_id!r} of {audited.metadata.key}. "
        "history() lists what it has."
    )
