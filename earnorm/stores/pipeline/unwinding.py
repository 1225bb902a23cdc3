"""`$unwind`."""

from collections.abc import Mapping
from typing import Any, Final

from bson import Int64

from earnorm.errors.suggestions import suggestion
from earnorm.stores.documents.computing.field_paths import field_path
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.pipeline.fields import Path, get_field, with_field
from earnorm.stores.pipeline.stage import Documents, Run, Stage, StageScope
from earnorm.typing import Document

__all__ = ["compile_unwind"]


def compile_unwind(operand: Any, scope: StageScope) -> Stage:
    """A document for each element of an array, which takes the array's place; what is no array is one element."""
    arguments = _arguments(operand)
    path = _path(arguments["path"])
    preserve = arguments.get("preserveNullAndEmptyArrays", False)
    if not isinstance(preserve, bool):
        raise bad_value("preserveNullAndEmptyArrays of $unwind has to be true or false.", 28809)
    index_path = _index_path(arguments) if "includeArrayIndex" in arguments else None

    def unwind(documents: Documents, run: Run) -> Documents:
        for document in documents:
            yield from _unwound(document, path, index_path, preserve=preserve)

    return unwind


_OPTIONS: Final = ("path", "includeArrayIndex", "preserveNullAndEmptyArrays")


def _arguments(operand: Any) -> Mapping[str, Any]:
    if isinstance(operand, str):
        return {"path": operand}
    arguments = as_document(operand)
    if arguments is None:
        raise bad_value(f"$unwind takes a path or a document, not {operand!r}.", 15981)
    for name in arguments:
        if name not in _OPTIONS:
            raise bad_value(f"$unwind has no argument {name!r}.{suggestion(name, _OPTIONS)}", 28811)
    if "path" not in arguments:
        raise bad_value("$unwind needs the argument path.", 28812)
    return arguments


def _path(operand: Any) -> Path:
    if not isinstance(operand, str):
        raise bad_value(f"the path of $unwind has to be text, not {operand!r}.", 28808)
    if not operand.startswith("$"):
        raise bad_value(f"the path of $unwind begins with '$': write '${operand}'.", 28818)
    return field_path(operand[1:])


def _index_path(arguments: Mapping[str, Any]) -> Path:
    name = arguments["includeArrayIndex"]
    if not isinstance(name, str) or not name:
        raise bad_value(f"includeArrayIndex of $unwind names a field, not {name!r}.", 28810)
    if name.startswith("$"):
        raise bad_value(
            f"includeArrayIndex of $unwind names a field without '$', not {name!r}.", 28822
        )
    return field_path(name)


def _unwound(
    document: Document, path: Path, index_path: Path | None, *, preserve: bool
) -> Documents:
    value = get_field(document, path)
    elements = as_array(value)
    if elements:
        for position, element in enumerate(elements):
            unwound = with_field(document, path, element)
            yield with_field(unwound, index_path, Int64(position)) if index_path else unwound
    elif (elements is None and value is not None and value is not MISSING) or preserve:
        # of an empty array nothing stays
        kept = document if elements is None else with_field(document, path, MISSING)
        yield with_field(kept, index_path, None) if index_path else kept
