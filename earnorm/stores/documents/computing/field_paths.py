"""Reads `$price`, `$address.city` and `$$item.name` as expressions do."""

import re
from typing import Any, Final

from earnorm.clock import now
from earnorm.errors.suggestions import suggestion
from earnorm.stores.documents.computing.expression import Evaluate, Scope, Variables
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.refusals import bad_value, unsupported

__all__ = [
    "SYSTEM_VARIABLES",
    "check_field_name",
    "check_variable_name",
    "compile_field_path",
    "field_path",
    "read_path",
]


def compile_field_path(text: str, scope: Scope) -> Evaluate:
    """The value at a path that begins with `$`, or of a variable that begins with `$$`."""
    if text == "$":
        raise bad_value("'$' by itself is not a valid path. Name a field after it.", 16872)
    if not text.startswith("$$"):
        return _from_document(field_path(text[1:]))
    name, *path = text[2:].split(".")
    segments = field_path(".".join(path)) if path else ()
    if name in ("ROOT", "CURRENT"):
        return _from_document(segments)
    return _from_variable(_checked_variable(name, scope), segments)


def field_path(path: str) -> tuple[str, ...]:
    """The segments of a path, each checked as MongoDB checks the names in an aggregation."""
    if not path:
        raise bad_value("a path must not be empty. Name a field.", 40352)
    if path.endswith("."):
        raise bad_value(f"the path {path!r} must not end with a '.'.", 40353)
    segments = tuple(path.split("."))
    for segment in segments:
        check_field_name(segment)
    return segments


def check_field_name(name: object) -> None:
    """Raises PyMongo's `OperationFailure` for what cannot be the name of a field in an aggregation."""
    if not isinstance(name, str) or not name:
        raise bad_value("the name of a field must not be empty.", 15998)
    if name.startswith("$"):
        raise bad_value(f"the name of a field must not begin with '$', as {name!r} does.", 16410)
    if "\x00" in name:
        raise bad_value(f"the name {name!r} contains a NUL character.", 16411)
    if "." in name:
        raise bad_value(f"the name of a field must not contain '.', as {name!r} does.", 16412)


def check_variable_name(name: str) -> None:
    """Raises PyMongo's `OperationFailure` for a name that no variable of a user can have."""
    if not name:
        raise bad_value("a variable needs a name.", 16866)
    if not (name[0].islower() or ord(name[0]) > 127):
        raise bad_value(
            f"{name!r} starts with an invalid character for a variable: begin with a lower-case letter.",
            16867,
        )
    if not _VARIABLE_NAME.fullmatch(name):
        raise bad_value(
            f"{name!r} contains an invalid character for a variable: use letters, digits and '_'.",
            16868,
        )


def read_path(value: Any, path: tuple[str, ...]) -> Any:
    """What a path leads to: through an array into each of its documents, giving the array of what they have."""
    for position, segment in enumerate(path):
        if (document := as_document(value)) is not None:
            value = document.get(segment, MISSING)
        elif (elements := as_array(value)) is not None and position > 0:
            rest = path[position:]
            found = (read_path(element, rest) for element in elements if _is_document(element))
            return [inner for inner in found if inner is not MISSING]
        else:
            return MISSING
    return value


SYSTEM_VARIABLES: Final = ("ROOT", "CURRENT", "REMOVE", "NOW")
"""The variables that every expression can read."""

_OTHER_SYSTEM_VARIABLES: Final = frozenset(
    {
        "CLUSTER_TIME",
        "DESCEND",
        "IS_MR",
        "JS_SCOPE",
        "KEEP",
        "PRUNE",
        "SEARCH_META",
        "USER_ROLES",
    }
)
_VARIABLE_NAME: Final = re.compile(r"[^\x00-\x40\x5b-\x60\x7b-\x7f][0-9A-Za-z_\x80-\U0010ffff]*")


def _is_document(value: object) -> bool:
    return as_document(value) is not None


def _from_document(path: tuple[str, ...]) -> Evaluate:
    if not path:
        return lambda document, variables: document
    if len(path) == 1:
        (name,) = path
        return lambda document, variables: document.get(name, MISSING)
    return lambda document, variables: read_path(document, path)


def _checked_variable(name: str, scope: Scope) -> str:
    if name in _OTHER_SYSTEM_VARIABLES:
        raise unsupported(f"the variable $${name}", "It has $$ROOT, $$CURRENT, $$REMOVE and $$NOW.")
    if name not in scope.variables and name not in SYSTEM_VARIABLES:
        if not name:
            raise bad_value("a variable needs a name after '$$'.", 16869)
        raise bad_value(
            f"use of the undefined variable {name!r}."
            f"{suggestion(name, scope.variables | set(SYSTEM_VARIABLES))}",
            17276,
        )
    return name


def _from_variable(name: str, path: tuple[str, ...]) -> Evaluate:
    if name == "REMOVE":
        return lambda document, variables: MISSING
    if name == "NOW":
        return lambda document, variables: _now(variables, path)
    if not path:
        return lambda document, variables: variables[name]
    return lambda document, variables: _read_from(variables[name], path)


def _now(variables: Variables, path: tuple[str, ...]) -> Any:
    # the time at which the whole pipeline began, if that was noted
    return MISSING if path else variables.get("NOW") or now()


def _read_from(value: Any, path: tuple[str, ...]) -> Any:
    if (elements := as_array(value)) is None:
        return read_path(value, path)
    found = (read_path(element, path) for element in elements if _is_document(element))
    return [inner for inner in found if inner is not MISSING]
