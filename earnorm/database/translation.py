"""From field names to stored names and back: names, sorts, free values, and the errors of a store."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pymongo import errors as pymongo_errors

from earnorm.database.store_errors import reason_of, translated_failure
from earnorm.errors import (
    SECRET,
    DocumentTooLargeError,
    DuplicateKeyError,
    EarnORMError,
    FieldFault,
    FilterError,
    PartialWriteError,
    UpdateError,
)
from earnorm.fields import encode_dynamic, is_secret_path, is_unicode, resolve_path
from earnorm.metadata import Metadata
from earnorm.typing import MutableDocument, SortKey

__all__ = [
    "checked_name",
    "duplicate_faults",
    "encode_free",
    "shown",
    "stored_path",
    "translate_errors",
    "translate_sort",
]

_CLAUSES = ("$and", "$or", "$nor")


def translate_sort(metadata: Metadata, sort: Sequence[SortKey]) -> list[SortKey]:
    """The sort keys under stored names."""
    return [(stored_path(metadata, name, FilterError), direction) for name, direction in sort]


@contextmanager
def translate_errors(
    metadata: Metadata,
    *,
    many: bool = False,
    hidden_by: Sequence[str] = (),
    asked: Sequence[MutableDocument] | None = None,
) -> Iterator[None]:
    """Turns PyMongo's errors, within the block, into ours with the model and the fields named.

    `many` puts the position of the faulty instance in front of each path; `hidden_by` names plugins that
    may hide the document which has a duplicate's value. `asked` are the filters and updates that the
    store was given. What it says may hold a secret, of the stored document too: where one of them names a
    secret, and where they are not given, neither its words nor its error go further.
    What nobody asked for wrongly (no connection, no time, no right, a conflict) is an error of its own.
    """
    try:
        yield
    except pymongo_errors.BulkWriteError as error:
        is_open = _is_open(metadata, asked)
        raise _batch_error(metadata, error, is_open=is_open) from error if is_open else None
    except pymongo_errors.DuplicateKeyError as error:
        duplicate = _duplicate_error(metadata, error.details or {}, many=many)
        if hidden_by and not _is_partial(metadata, duplicate.index):
            plugins = " or ".join(map(repr, hidden_by))
            duplicate.add_note(
                f"The other document may be one that {plugins} leaves out; a partial index frees its value."
            )
        is_open = _is_open(metadata, asked) and SECRET not in duplicate.key.values()
        raise duplicate from error if is_open else None
    except pymongo_errors.DocumentTooLarge as error:
        raise DocumentTooLargeError(f"{metadata.key}: {error}") from error
    except pymongo_errors.PyMongoError as error:
        is_open = _is_open(metadata, asked)
        raise _store_error(metadata, error, is_open=is_open) from error if is_open else None


def duplicate_faults(
    names: Sequence[str], values: Mapping[str, Any], *, prefix: str = ""
) -> list[FieldFault]:
    """A fault for each field of a combination of values that is taken."""
    faults = []
    for name in names:
        others = [other for other in names if other != name]
        together = f" together with this {' and '.join(others)}" if others else ""
        message = f"is taken: another document has this value{together}"
        faults.append(
            FieldFault(
                path=f"{prefix}{name}", code="duplicate", message=message, input=values.get(name)
            )
        )
    return faults


def shown(metadata: Metadata, value: object) -> object:
    """What an error may show of a caller's value: nothing, where it might be a secret of the model."""
    return SECRET if metadata.holds_secrets else value


def stored_path(metadata: Metadata, name: object, error: type[FilterError | UpdateError]) -> str:
    """The path under stored names; raises `error` for what is no name."""
    return resolve_path(metadata.fields, checked_name(metadata, name, error))[0]


def checked_name(metadata: Metadata, name: object, error: type[FilterError | UpdateError]) -> str:
    """The name; raises `error` for what is no string, or one that no document can have for a name."""
    if not isinstance(name, str):
        raise error(f"{metadata.key}: names of fields are strings, not {name!r}")
    if "\0" in name or not is_unicode(name):
        raise error(
            f"{metadata.key}: no stored name holds a NUL or a lone surrogate, as {name!r} does"
        )
    return name


def encode_free(
    metadata: Metadata, value: Any, path: str, error: type[FilterError | UpdateError]
) -> Any:
    """A value that no field checks, as BSON keeps it; raises `error` for what BSON cannot keep."""
    faults: list[FieldFault] = []
    encoded = encode_dynamic(value, path, faults)
    if faults:
        raise error(f"{metadata.key}: {'; '.join(map(str, faults))}")
    return encoded


def _asks_for_secrets(metadata: Metadata, document: object) -> bool:
    """Whether a filter or an update names a secret, or is of a form that this cannot tell of."""
    if not isinstance(document, Mapping):
        return True
    for name, value in document.items():
        if name in _CLAUSES and isinstance(value, (list, tuple)):
            if any(_asks_for_secrets(metadata, clause) for clause in value):
                return True
        elif name.startswith("$"):
            # an expression names fields in its values, and what it computes may come from any
            if name == "$expr" or _asks_for_secrets(metadata, value):
                return True
        elif is_secret_path(metadata.fields, name):
            return True
    return False


def _store_error(
    metadata: Metadata, error: pymongo_errors.PyMongoError, *, is_open: bool
) -> EarnORMError:
    """What went wrong at the store, and if nothing did, what is wrong with the update or the filter."""
    failure = translated_failure(error, metadata.key, open_words=is_open)
    if failure is not None:
        return failure
    kind = UpdateError if isinstance(error, pymongo_errors.WriteError) else FilterError
    said = f"{metadata.key}: {reason_of(error)}"
    return kind(said if is_open else _withheld(metadata, error))


def _batch_error(
    metadata: Metadata, error: pymongo_errors.BulkWriteError, *, is_open: bool
) -> EarnORMError:
    details = error.details
    faults: list[FieldFault] = []
    for one in details.get("writeErrors", ()):
        if one.get("code") in _DUPLICATE:
            faults += _duplicate_error(metadata, one, many=True).errors or [_unnamed(one)]
        else:
            said = str(one.get("errmsg")) if is_open else "the store refused it"
            faults.append(FieldFault(path=str(one["index"]), code="refused", message=said))
    if not faults:
        return _unpromised(metadata, details)
    return PartialWriteError(metadata.name, faults, written=_written(details))


def _unnamed(duplicate: Mapping[str, Any]) -> FieldFault:
    """A duplicate of which the server does not say what it is about."""
    message = "has a value that another document has, and the server does not say which"
    return FieldFault(path=str(duplicate["index"]), code="duplicate", message=message)


_DUPLICATE = (11000, 11001, 12582)


def _written(details: Mapping[str, Any]) -> list[int]:
    """The positions that were written: of a batch of inserts all, of other writes those before the last fault."""
    refused = {one["index"] for one in details["writeErrors"]}
    others = sum(details.get(name, 0) for name in ("nMatched", "nUpserted", "nRemoved"))
    size = max(refused) if others else details.get("nInserted", 0) + len(refused)
    return [position for position in range(size) if position not in refused]


def _unpromised(metadata: Metadata, details: Mapping[str, Any]) -> EarnORMError:
    """All was written, and the write concern was not met."""
    concern = (details.get("writeConcernErrors") or [{}])[-1]
    message, code = str(concern.get("errmsg", "the write concern was not met")), concern.get("code")
    timed_out = code == _EXPIRED or concern.get("errInfo", {}).get("wtimeout")
    kind = pymongo_errors.WTimeoutError if timed_out else pymongo_errors.WriteConcernError
    failure = translated_failure(kind(message, code, concern), metadata.key)
    return failure or FilterError(f"{metadata.key}: {message}")


_EXPIRED = 50


def _withheld(metadata: Metadata, error: pymongo_errors.PyMongoError) -> str:
    code = getattr(error, "code", None)
    return (
        f"{metadata.key}: the store refused it with code {code}, and its words are withheld, because they "
        "might hold a secret. Try the same with a field that is not secret to read them."
    )


def _is_partial(metadata: Metadata, name: str | None) -> bool:
    return any(index.name == name and index.partial for index in metadata.indexes)


def _duplicate_error(
    metadata: Metadata, details: Mapping[str, Any], *, many: bool
) -> DuplicateKeyError:
    stored_names = list(details.get("keyPattern", ()))
    key = {
        name: SECRET if is_secret_path(metadata.fields, name) else value
        for name, value in details.get("keyValue", {}).items()
    }
    index = next(
        (
            index.name
            for index in metadata.indexes
            if [name for name, _ in index.fields] == stored_names
        ),
        "_id_" if stored_names == ["_id"] else None,
    )
    by_stored_name = {field.stored_name: name for name, field in metadata.fields.items()}
    names = {by_stored_name.get(name, name): key.get(name) for name in stored_names}
    prefix = f"{details.get('index', 0)}." if many else ""
    faults = duplicate_faults(list(names), names, prefix=prefix)
    return DuplicateKeyError(metadata.name, faults, index=index, key=key)


def _is_open(metadata: Metadata, asked: Sequence[MutableDocument] | None) -> bool:
    """Whether what the store says can hold no secret."""
    return not metadata.holds_secrets or (
        asked is not None and not any(_asks_for_secrets(metadata, one) for one in asked)
    )
