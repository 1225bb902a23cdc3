"""How a walker reads a model document, which may be anybody's."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote

from earnorm.errors import ModelDocumentError
from earnorm.metadata import ModelDocument

__all__ = ["definition_name", "exact_number", "walk"]

R = TypeVar("R")


def walk(document: ModelDocument, make: Callable[[dict[str, Any]], R]) -> R:
    """What `make` makes of the content; raises `ModelDocumentError` for a document that says no model."""
    if not isinstance(document, ModelDocument):
        raise TypeError(
            f"takes a ModelDocument, such as registry.get_document(model), not {document!r}"
        )
    try:
        return make(document.content)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        if isinstance(error, ModelDocumentError):
            raise
        fault = f"cannot be read: {type(error).__name__}: {error}. Give what registry.get_document gives."
        raise ModelDocumentError(fault) from error
    except RecursionError as error:
        raise ModelDocumentError("cannot be read: it is nested too deep.") from error


def definition_name(reference: str) -> str:
    """The name under `$defs` that a `$ref` leads to."""
    name = unquote(reference.removeprefix("#/$defs/"))
    return name.replace("~1", "/").replace("~0", "~")


def exact_number(form: Any) -> Any:
    """The number of a plain form or of one in digits; None for anything else."""
    if isinstance(form, dict):
        return int(form["$numberLong"]) if "$numberLong" in form else None
    return None if isinstance(form, (bool, str)) else form
