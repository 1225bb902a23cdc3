"""Lists and drops collections."""

from earnorm.stores.sqlite.session import Session

__all__ = ["drop_collection", "list_collections"]


def list_collections(session: Session) -> list[str]:
    """The names of the collections, in order."""
    with session.reading():
        rows = session.connection.execute("SELECT name FROM collections").fetchall()
    return sorted(name for (name,) in rows)


def drop_collection(session: Session, name: str) -> None:
    """Deletes a collection, its documents and its indexes; one that does not exist is no error."""
    with session.writing():
        collection = session.catalog.collection(name)
        if collection is not None:
            session.catalog.drop(collection)
            if (outbox := session.outbox()) is not None:
                outbox.dropped(name)
