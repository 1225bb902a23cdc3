"""Replacements, updates and deletes: each one transaction and one job of the worker."""

from earnorm.stores.documents import decode, encode
from earnorm.stores.operations import UpdateResult
from earnorm.stores.protocol import Returned
from earnorm.stores.sqlite.alterations import Alteration
from earnorm.stores.sqlite.placing import Found, remove
from earnorm.stores.sqlite.selection import Selection
from earnorm.stores.sqlite.session import Session
from earnorm.typing import MutableDocument

__all__ = [
    "alter",
    "alter_one",
    "delete",
    "delete_matches",
    "delete_one",
]


def alter(session: Session, name: str, alteration: Alteration, *, many: bool) -> UpdateResult:
    """Alters every match, all or none; or the first only."""
    with session.writing():
        return alteration.all(session, name) if many else alteration.first(session, name)[0]


def alter_one(
    session: Session, name: str, alteration: Alteration, returned: Returned
) -> MutableDocument | None:
    """Alters the first match, and gives it as it was or as it is."""
    with session.writing():
        _, altered = alteration.first(session, name)
    if returned == "before":
        return None if altered.found is None else altered.found.document
    # what was stored, and not what the caller gave, who may go on with it
    return None if altered.after is None else decode(encode(altered.after))


def delete(session: Session, name: str, selection: Selection, *, many: bool) -> int:
    """Deletes every match, all or none, or the first only; returns how many."""
    with session.writing():
        return delete_matches(session, name, selection, many=many)


def delete_matches(session: Session, name: str, selection: Selection, *, many: bool) -> int:
    """Deletes inside a transaction that is open; returns how many."""
    if not many:
        return _delete_first(session, name, selection) is not None
    deleted = 0
    collection = session.catalog.collection(name)
    if collection is not None:
        for found in selection.matches(session, collection):
            remove(session, collection, found)
            deleted += 1
    return deleted


def delete_one(session: Session, name: str, selection: Selection) -> MutableDocument | None:
    """Deletes the first match, and gives it."""
    with session.writing():
        found = _delete_first(session, name, selection)
    return None if found is None else found.document


def _delete_first(session: Session, name: str, selection: Selection) -> Found | None:
    collection = session.catalog.collection(name)
    found = None if collection is None else selection.first(session, collection)
    if collection is not None and found is not None:
        remove(session, collection, found)
    return found
