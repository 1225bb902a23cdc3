"""The stages that a change stream passes its events through."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from earnorm.stores.documents import bad_value, compile_filter
from earnorm.stores.pipeline import compile_pipeline
from earnorm.typing import Document, MutableDocument

__all__ = ["Through", "compile_event_pipeline"]

Through = Callable[[MutableDocument], MutableDocument | None]
"""Gives the event as the stages leave it, or None if they leave it out."""


def compile_event_pipeline(pipeline: Sequence[Document]) -> Through:
    """What passes events through; raises PyMongo's `OperationFailure` for what MongoDB allows no stream.

    The function raises one with the code 280 for an event that the stages took the `_id` from.
    """
    compiled = compile_pipeline(pipeline)
    for stage in pipeline:
        (name,) = stage
        if name not in _ALLOWED:
            raise bad_value(
                f"{name} is not allowed in a change stream, which takes {', '.join(_ALLOWED)}.", 20
            )
    fits = compile_filter(compiled.head.filter)

    def through(event: MutableDocument) -> MutableDocument | None:
        if not fits(event):
            return None
        found = next(compiled.run(iter((event,)), _no_other), None)
        if found is not None and found.get("_id") != event["_id"]:
            raise bad_value(
                "a stage of the change stream changed the '_id' of an event, which is its resume token. "
                "Let it be.",
                280,
            )
        return found

    return through


_ALLOWED: Final = (
    "$addFields",
    "$match",
    "$project",
    "$replaceRoot",
    "$replaceWith",
    "$set",
    "$unset",
)


def _no_other(name: str, filter: Document) -> Iterator[MutableDocument]:
    raise bad_value(f"a change stream does not read {name!r}.")
