"""Folds what of a stored history is older than a time of grace, and tells beforehand what that would do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from earnorm.clock import now
from earnorm.database.stored_history import StoredHistory
from earnorm.metadata import RegistryHistory

__all__ = ["FOLD_GRACE", "HistoryFold", "fold"]

FOLD_GRACE: Final = timedelta(days=365)
"""How long every version can be asked for, unless somebody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFold:
    """What folding does to a stored history, or did.

    `revision` and `time` are those of the checkpoint afterwards, 0 and None without one. `folded` counts the entries
    that become older than it, `entries` those that there are, and `left` those that there are afterwards. `oldest` is
    the time of the oldest entry that is not folded then, None where there is none.
    """

    revision: int
    time: datetime | None
    folded: int
    entries: int
    left: int
    oldest: datetime | None


async def fold(stored: StoredHistory, *, apply: bool, grace: timedelta) -> HistoryFold:
    """What becomes of the stored history when all that is older is folded; with `apply`, it becomes that."""
    while True:
        history = await stored.read()
        folded = history.folded(history.find_folded(now() - grace))
        if not apply or folded.checkpoint is None or await stored.fold(folded):
            return _told(history, folded)


def _told(before: RegistryHistory, after: RegistryHistory) -> HistoryFold:
    newly = [one for one in before.entries if before.oldest < one.revision <= after.oldest]
    rest = [one for one in after.entries if one.revision > after.oldest]
    return HistoryFold(
        revision=after.oldest,
        time=None if after.checkpoint is None else after.checkpoint.time,
        folded=len(newly),
        entries=len(before),
        left=len(after),
        oldest=rest[0].time if rest else None,
    )
