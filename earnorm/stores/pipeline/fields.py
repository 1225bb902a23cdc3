"""Reads and writes one field of a document by its path; paths of stages do not go into arrays."""

from collections.abc import Mapping
from typing import Any

from earnorm.stores.documents.kinds import MISSING, as_document
from earnorm.typing import Document, MutableDocument

__all__ = ["Path", "get_field", "with_field"]

Path = tuple[str, ...]


def get_field(document: Document, path: Path) -> Any:
    """The value at the path; `MISSING` also where it would lead through an array."""
    value: Any = document
    for name in path:
        fields = as_document(value)
        if fields is None:
            return MISSING
        value = fields.get(name, MISSING)
    return value


def with_field(document: Document, path: Path, value: Any) -> MutableDocument:
    """The document with the value at the path; what is no document on the way gives place to one.

    Nothing that the document holds is changed; `MISSING` removes the field.
    """
    changed = dict(document)
    name, *rest = path
    if rest:
        inner: Mapping[str, Any] = as_document(changed.get(name)) or {}
        value = with_field(inner, tuple(rest), value)
    if value is MISSING:
        changed.pop(name, None)
    else:
        changed[name] = value
    return changed
