"""Plain dictionaries with some parts of a document."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from earnorm.errors import DocumentError, FieldFault
from earnorm.fields import Field, copy_containers
from earnorm.typing import Document, MutableDocument, Shape

__all__ = ["Part", "Parts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part that is wanted: all of it, or `parts` of it by the names that they are to have.

    Without a field the value is no field's, and comes as it is stored. `is_key` says that a document
    need not have it.
    """

    stored: str
    field: Field[Any] | None
    is_key: bool
    parts: dict[str, "Part"]


class Parts(Shape[MutableDocument]):
    """Makes dictionaries of the wanted parts, their values as instances would have them."""

    reads_naive_dates = False

    def __init__(self, model: str, parts: Mapping[str, Part]) -> None:
        self._model = model
        self._parts = parts
        self._projection: Document = dict.fromkeys(_paths(parts), 1)

    @property
    def projection(self) -> Document:
        return self._projection

    def read(self, document: Document) -> MutableDocument:
        """The wanted parts; a missing one has its field's default. Raises `DocumentError`."""
        faults: list[FieldFault] = []
        found = _read(document, self._parts, "", faults)
        if faults:
            raise DocumentError(self._model, document.get("_id"), faults)
        return found


def _paths(parts: Mapping[str, Part]) -> Iterator[str]:
    for part in parts.values():
        below = list(_paths(part.parts))
        yield from (f"{part.stored}.{path}" for path in below)
        if not below:
            yield part.stored


def _read(
    document: Document, parts: Mapping[str, Part], prefix: str, faults: list[FieldFault]
) -> MutableDocument:
    found: MutableDocument = {}
    for name, part in parts.items():
        path = f"{prefix}{part.stored}"
        if part.stored in document:
            found[name] = _value(document[part.stored], part, path, faults)
        elif part.field is None or part.is_key:
            continue
        elif part.field.has_default:
            found[name] = _value(_default(part.field, path, faults), part, path, faults)
        elif part.field.contributed_by is None:
            message = "is missing, and a value is required"
            faults.append(part.field.fault(path, "required", message, None))
    return found


def _value(stored: Any, part: Part, path: str, faults: list[FieldFault]) -> Any:
    if not part.parts:
        if part.field is None:
            return copy_containers(stored)
        return part.field.decode(stored, path, faults)
    if isinstance(stored, Mapping):
        return _read(stored, part.parts, f"{path}.", faults)
    if isinstance(stored, list):
        inner = [(n, one) for n, one in enumerate(stored) if isinstance(one, (Mapping, list))]
        return [_value(one, part, f"{path}.{n}", faults) for n, one in inner]
    if stored is not None and part.field is not None:
        faults.append(part.field.type_fault(path, stored))
    return None


def _default(field: Field[Any], path: str, faults: list[FieldFault]) -> Any:
    value = field.check(field.make_default(), path, faults)
    return None if value is None else field.encode(value)
