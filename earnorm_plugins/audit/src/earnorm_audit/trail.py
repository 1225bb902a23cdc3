"""What is remembered of documents between the hook before a write and the hook after it."""

from collections.abc import Collection, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal

from earnorm import Database, Document
from earnorm_audit.actor import current_actor

__all__ = ["Frame", "Known", "Trail", "begin_frame", "end_frame", "trail_of"]

Kind = Literal["save", "update", "delete"]


@dataclass(frozen=True, slots=True)
class Known:
    """A document as the log has it, None where there is none yet, its model, and who acts."""

    model: Any
    document: Document | None
    actor: str | None = field(default_factory=current_actor)


@dataclass(slots=True, kw_only=True, eq=False)
class Frame:
    """One write that has begun, who acts, the ids of its documents, and the new instances, which have none yet."""

    kind: Kind
    model: Any
    filter: Document | None = None
    saved: Sequence[Any] = ()
    ids: dict[Any, None] = field(default_factory=dict)
    new: list[Any] = field(default_factory=list)
    actor: str | None = field(default_factory=current_actor)


class Trail:
    """The writes of one transaction that have begun, and the documents that the log lags behind with.

    What a write leaves here, because it or a hook failed, stays: the next write of the document or the commit
    finds out whether the document was changed.
    """

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.known: dict[tuple[str, Any], Known] = {}

    def holds(self, document_id: Any) -> bool:
        """Whether a write of this document has begun."""
        return any(document_id in frame.ids for frame in self.frames)

    def take_new(self, ids: Collection[Any]) -> dict[Any, str | None]:
        """Those of these documents that a write which has begun inserts, and who acted.

        It counts for their first entry only.
        """
        wanted = set(ids)
        found = {one: actor for one, (_, actor) in self.all_new().items() if one in wanted}
        if found:
            for frame in self.frames:
                frame.new = [one for one in frame.new if one.id not in found]
        return found

    def all_new(self) -> dict[Any, tuple[Any, str | None]]:
        """The instances that writes have inserted, as far as they came to an id, by that, and who acted."""
        return {
            one.id: (one, frame.actor)
            for frame in self.frames
            for one in frame.new
            if one.id is not None
        }


def trail_of(database: Database, owner: object) -> Trail | None:
    """The trail of the plugin object in the transaction that runs; None outside of one."""
    info = database.transaction_info
    if info is None:
        return None
    trail: Trail = info.setdefault(owner, Trail())
    return trail


def begin_frame(database: Database, owner: object, frame: Frame) -> Trail:
    """Notes that a write has begun; returns the trail, outside of transactions one of its own."""
    trail = trail_of(database, owner)
    if trail is None:
        trail = Trail()
        _loose.set((*_loose.get()[-_MOST:], trail))
    trail.frames.append(frame)
    return trail


def end_frame(
    database: Database,
    owner: object,
    kind: Kind,
    subject: Sequence[Any] | tuple[Any, Document],
) -> tuple[Trail, Frame] | None:
    """The trail and the frame of the write that has come to its end; None if its begin was not seen."""
    trail = trail_of(database, owner)
    for candidate in (trail,) if trail is not None else reversed(_loose.get()):
        for frame in reversed(candidate.frames):
            if frame.kind == kind and _is_of(frame, subject):
                candidate.frames.remove(frame)
                if trail is None:
                    _loose.set(tuple(one for one in _loose.get() if one is not candidate))
                return candidate, frame
    return None


_MOST = 15  # writes inside the hooks of other writes, outside of transactions; more are left-overs of failures

_loose: ContextVar[tuple[Trail, ...]] = ContextVar("earnorm_audit_trails", default=())


def _is_of(frame: Frame, subject: Sequence[Any] | tuple[Any, Document]) -> bool:
    if frame.kind == "save":
        # perhaps not all of them: of a bulk write, those that are stored
        own = set(map(id, subject))
        return any(id(one) in own for one in frame.saved)
    return (frame.model, frame.filter) == subject
