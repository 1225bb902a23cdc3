"""Connections, stores, and documents that are not there."""

from collections.abc import Sequence

from earnorm.errors.base import EarnORMError
from earnorm.errors.suggestions import suggestion

__all__ = [
    "AlreadyConnectedError",
    "ConflictError",
    "CursorError",
    "DocumentNotFoundError",
    "DocumentTooLargeError",
    "FilterError",
    "IndexConflictError",
    "HistoryModeError",
    "IndexModeError",
    "InvalidDocumentError",
    "NotConnectedError",
    "NotFetchedError",
    "StoreAccessError",
    "StoreBusyError",
    "StoreClosedError",
    "StoreCorruptError",
    "StoreURLError",
    "StoreVersionError",
    "UnsupportedError",
    "UpdateError",
    "WrongEventLoopError",
]


class NotConnectedError(EarnORMError, RuntimeError):
    """A model was asked to do something that needs a database, and its registry has none."""

    def __init__(self, model: str) -> None:
        super().__init__(
            f"{model} has no database: its registry is not connected. Wrap the program in "
            "'async with connect(\"sqlite:///app.db\"):', or call 'await connect(...)' once at start-up."
        )
        self.model = model


class AlreadyConnectedError(EarnORMError, RuntimeError):
    """The registry has a database already."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"this registry is connected to {url} already. Close that database first, or give the "
            "second one a registry of its own: connect(url, registry=ModelRegistry())."
        )
        self.url = url


class WrongEventLoopError(EarnORMError, RuntimeError):
    """A database was used from another event loop than the one that opened it."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"the database {url} belongs to the event loop that opened it, and another one is running. "
            "Open it inside the loop that uses it (one connect for each asyncio.run)."
        )
        self.url = url


class StoreURLError(EarnORMError, ValueError):
    """A store URL that cannot be understood."""

    def __init__(self, url: str, fault: str, *, remedy: str = "") -> None:
        advice = remedy or (
            "Use sqlite:///relative/file.db, sqlite:////absolute/file.db, or sqlite:// for a database in "
            "memory."
        )
        super().__init__(f"cannot connect to {url!r}: {fault}. {advice}")
        self.url = url


class StoreClosedError(EarnORMError, RuntimeError):
    """The store was closed, and then used."""

    def __init__(self, store: str) -> None:
        super().__init__(f"the store {store} is closed. Connect again to use it.")
        self.store = store


class StoreAccessError(EarnORMError, OSError):
    """The operating system would not let the store's file be opened or written; nothing was written."""

    def __init__(self, store: str, fault: str) -> None:
        super().__init__(
            f"the store {store} cannot be opened or written: {fault}. Nothing was written: check the "
            "path, its permissions, and the space that is left on the disk."
        )
        self.store = store
        self.fault = fault


class StoreBusyError(EarnORMError, TimeoutError):
    """Another process, or a transaction, held the file's write lock for longer than we wait; nothing was written."""

    def __init__(self, store: str, *, seconds: float) -> None:
        super().__init__(
            f"another process, or a transaction of this one, kept the store {store} locked for more than "
            f"{seconds:g} seconds. Nothing was written: try again, or raise the limit with '?busy_timeout=SECONDS' in the store URL."
        )
        self.store = store
        self.seconds = seconds


class StoreCorruptError(EarnORMError, OSError):
    """The file is not a database, or is damaged."""

    def __init__(self, store: str, fault: str) -> None:
        super().__init__(
            f"the store {store} cannot be read: {fault}. Restore it from a backup, or check that the "
            "path is the right one; the file was left as it is."
        )
        self.store = store


class StoreVersionError(EarnORMError, RuntimeError):
    """The file was written by something that this release does not know."""

    def __init__(self, store: str, fault: str) -> None:
        super().__init__(
            f"the store {store} cannot be opened: {fault}; the file was left as it is."
        )
        self.store = store


class UnsupportedError(EarnORMError, NotImplementedError):
    """The store does not have what was asked for, and refuses instead of guessing."""

    def __init__(self, what: str, *, where: str, remedy: str = "") -> None:
        super().__init__(f"{what} is not supported by {where}." + (f" {remedy}" if remedy else ""))
        self.what = what
        self.where = where


class FilterError(EarnORMError, ValueError):
    """A filter that no store could answer."""


class CursorError(FilterError):
    """A cursor that this query cannot go on from: it was changed, or belongs to another model or sort."""

    def __init__(self, model: str, fault: str, *, cursor: object) -> None:
        super().__init__(f"{model}: the cursor {fault}. Take the first page again, without after=.")
        self.model = model
        self.cursor = cursor


class UpdateError(EarnORMError, ValueError):
    """An update that cannot be applied to a document; nothing was written."""


class InvalidDocumentError(EarnORMError, ValueError):
    """A document that cannot be written as BSON."""


class DocumentTooLargeError(EarnORMError, ValueError):
    """A document over the limit of 16 MiB that MongoDB sets."""


class DocumentNotFoundError(EarnORMError, LookupError):
    """No document has this id, or no longer."""

    def __init__(self, model: str, document_id: object, *, why: str = "") -> None:
        super().__init__(
            f"{model}: no document with id {document_id!r} was found" + (f": {why}" if why else ".")
        )
        self.model = model
        self.document_id = document_id


class ConflictError(EarnORMError, RuntimeError):
    """Another writer changed the document since the instance was loaded or saved; nothing was written.

    Raised for models with `Meta.revision`. `expected` and `found` are the revisions; None where the
    document has none.
    """

    def __init__(self, model: str, document_id: object, *, expected: object, found: object) -> None:
        super().__init__(
            f"{model}: the document with id {document_id!r} is at revision {found!r}, and the instance at "
            f"{expected!r}: another writer was faster. Reload the instance, change it again, and save."
        )
        self.model = model
        self.document_id = document_id
        self.expected = expected
        self.found = found


class NotFetchedError(EarnORMError, RuntimeError):
    """The target of a reference was read before it was fetched, or was looked for and not found.

    `missing` is the id that was not found, None when nobody looked.
    """

    def __init__(
        self, reference: str, *, missing: object | None = None, reverse: bool = False
    ) -> None:
        if reverse:
            message = (
                f"{reference} was not prefetched: it never queries when it is read. Await it to ask the "
                "database, or prefetch it with the query."
            )
        elif missing is not None:
            message = (
                f"{reference} refers to {missing!r}, which was not found when it was prefetched: it was "
                "deleted, or a plugin leaves it out. Ask reference.is_loaded before."
            )
        else:
            message = (
                f"{reference} holds an id only: a reference never queries when it is read. "
                "Call 'await reference.fetch()' first, or prefetch it with the query."
            )
        super().__init__(message)
        self.reference = reference
        self.missing = missing


class IndexModeError(EarnORMError, ValueError):
    """`connect` was given an `indexes=` that it does not know."""

    def __init__(self, mode: object, *, known: Sequence[str]) -> None:
        *others, last = map(repr, known)
        hint = suggestion(mode, known) if isinstance(mode, str) else ""
        super().__init__(
            f"connect takes indexes={', '.join(others)} or {last}, not {mode!r}.{hint}"
        )
        self.mode = mode


class HistoryModeError(EarnORMError, ValueError):
    """`connect` was given a `history=` that it does not know."""

    def __init__(self, mode: object, *, known: Sequence[str]) -> None:
        *others, last = map(repr, known)
        hint = suggestion(mode, known) if isinstance(mode, str) else ""
        super().__init__(
            f"connect takes history={', '.join(others)} or {last}, not {mode!r}.{hint}"
        )
        self.mode = mode


class IndexConflictError(EarnORMError, RuntimeError):
    """An index of this name exists with another definition; it was left as it is."""

    def __init__(self, fault: str, *, collection: str, index: str) -> None:
        super().__init__(fault)
        self.collection = collection
        self.index = index
