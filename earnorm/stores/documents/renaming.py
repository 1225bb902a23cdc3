"""The operator of an update that moves values: `$rename`."""

from collections.abc import Mapping
from typing import Any

from earnorm.stores.documents.change import Change
from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.kinds import MISSING, as_array
from earnorm.stores.documents.places import (
    UpdatePath,
    change_at,
    read_at,
    remove_at,
)
from earnorm.stores.documents.refusals import write_error
from earnorm.stores.documents.update_paths import is_dynamic, split_update_path
from earnorm.typing import MutableDocument

__all__ = ["compile_rename"]


def compile_rename(source: UpdatePath, operand: Any, key_of: KeyOf) -> Change:
    """`$rename`: the value goes to the other name, in the place of what was there; a missing one stays so."""
    if not isinstance(operand, str):
        raise write_error(f"$rename takes the new name as a string, not {operand!r}.")
    target = split_update_path(operand)
    for path in (source, target):
        if is_dynamic(path):
            raise write_error(f"the fields of $rename cannot be positional: {'.'.join(path)!r}.")
    shorter = min(len(source), len(target))
    if source[:shorter] == target[:shorter]:
        raise write_error(
            f"$rename from {'.'.join(source)!r} to {operand!r}: neither can be, or lie inside, the other."
        )

    def rename(document: MutableDocument, at: UpdatePath) -> None:
        _refuse_elements(document, source)
        _refuse_values(document, source)
        value = read_at(document, source)
        if value is MISSING:
            return
        _refuse_elements(document, target)
        remove_at(document, source)
        change_at(document, target, lambda old: value)

    return Change(path=target, apply=rename, touches=(source,))


def _refuse_elements(document: MutableDocument, path: UpdatePath) -> None:
    for length in range(1, len(path)):
        if as_array(read_at(document, path[:length])) is not None:
            raise write_error(
                f"$rename cannot reach {'.'.join(path)!r}: {'.'.join(path[:length])!r} is an array."
            )


def _refuse_values(document: MutableDocument, path: UpdatePath) -> None:
    # MongoDB takes a path through a value for a mistake, and one that is missing for nothing to do
    for length in range(1, len(path)):
        value = read_at(document, path[:length])
        if value is not MISSING and not isinstance(value, Mapping):
            raise write_error(
                f"$rename cannot reach {'.'.join(path)!r}: {'.'.join(path[:length])!r} is no document.",
                28,
            )
