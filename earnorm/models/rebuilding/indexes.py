"""Writes the indexes of a document as `Meta.indexes` takes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from earnorm.fields import DISCRIMINATOR, DictField, EmbeddedField, Field
from earnorm.metadata.describing import describe_index
from earnorm.models.index_paths import innermost
from earnorm.models.indexes import limit_to_child, read_indexes

__all__ = ["StoredNames", "inherited_indexes", "write_index"]


class StoredNames:
    """The way back from stored paths to the names of fields."""

    def __init__(self, names: Mapping[str, str], fields: Mapping[str, Field[Any]]) -> None:
        """`names` maps the stored names of all fields to theirs, `fields` has those that are known."""
        self._names = names
        self._fields = fields

    def path(self, stored: str) -> str:
        """The path of field names that leads where this stored one does."""
        first, *rest = stored.split(".")
        name = self._names.get(first, first)
        found, field = [name], self._fields.get(name)
        for part in rest:
            field = innermost(field)
            inner = _inner(field, part)
            if inner is None:
                found.append(part)
                field = field.values if isinstance(field, DictField) else field
            else:
                found.append(inner.name)
                field = inner
        return ".".join(found)

    def conditions(self, written: Any) -> Any:
        """The conditions of a partial index under the names of fields."""
        if not isinstance(written, Mapping):
            return written
        return {
            name if str(name).startswith("$") else self.path(str(name)): (
                [self.conditions(one) for one in value]
                if name in ("$and", "$or") and isinstance(value, list)
                else value
            )
            for name, value in written.items()
        }


def inherited_indexes(parent: Any, discriminator: object) -> list[dict[str, Any]]:
    """What a child of the parent says of the indexes that it inherits, as its document has them."""
    metadata = parent.__metadata__
    written = metadata.options.get("indexes", ())
    indexes = read_indexes(written, metadata.fields, key=metadata.key)
    if isinstance(discriminator, str):
        root = parent.__tree__.root.__metadata__
        indexes = limit_to_child(indexes, root.indexes, discriminator)
    return [describe_index(one) for one in (*metadata.indexes, *indexes)]


def write_index(
    index: Mapping[str, Any], names: StoredNames, discriminator: str | None
) -> dict[str, Any]:
    """The index as an author writes it; that it is limited to a child, the child says again."""
    written = {**index, "fields": [_key(one, names) for one in index["fields"]]}
    if "partial" in written:
        written["partial"] = names.conditions(written["partial"])
    name, partial = index.get("name"), written.get("partial")
    is_limited = isinstance(partial, dict) and partial.get(DISCRIMINATOR) == discriminator
    if discriminator is None or not is_limited or not str(name).endswith(f"_{discriminator}"):
        return written
    rest = {path: value for path, value in written.pop("partial").items() if path != DISCRIMINATOR}
    written["name"] = str(name).removesuffix(f"_{discriminator}")
    return {**written, "partial": rest} if rest else written


def _key(pair: Any, names: StoredNames) -> Any:
    is_pair = isinstance(pair, Sequence) and len(pair) == _PAIR and isinstance(pair[0], str)
    return (names.path(pair[0]), pair[1]) if is_pair else pair


_PAIR = 2


def _inner(field: Any, part: str) -> Any:
    if not isinstance(field, EmbeddedField):
        return None
    for _, model in field.variants():
        for inner in model.__codec__.fields.values():
            if inner.stored_name == part:
                return inner
    return None
