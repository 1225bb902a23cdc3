"""One change of an update: a place in the document, and what becomes of it."""

from collections.abc import Callable
from dataclasses import dataclass

from earnorm.stores.documents.keys import KeyOf
from earnorm.stores.documents.places import UpdatePath
from earnorm.typing import MutableDocument

__all__ = ["Action", "Change", "Compiler"]

Action = Callable[[MutableDocument, UpdatePath], None]
"""Changes a document, which it is given to keep, at a path without positional segments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """`apply` changes a document at `path`; `touches` are other paths that it changes.

    With `is_for_insert` it changes only a document that is being inserted.
    """

    path: UpdatePath
    apply: Action
    touches: tuple[UpdatePath, ...] = ()
    is_for_insert: bool = False


Compiler = Callable[[UpdatePath, object, KeyOf], Change]
"""Makes a change of a path and the operand of an operator; raises for an operand that cannot be.

Values are compared by the keys that the function gives.
"""
