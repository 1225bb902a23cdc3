"""Makes of the older entries of a history one for each model, and the checkpoint that stands for all of them."""

from collections.abc import Iterable
from dataclasses import replace

from earnorm.metadata.chain import Checkpoint, HistoryEntry, digest_of
from earnorm.metadata.json_patch import make_patch
from earnorm.metadata.model_document import ModelDocument

__all__ = ["fold_steps"]

Step = tuple[HistoryEntry, ModelDocument | None]


def fold_steps(steps: Iterable[Step], *, head: str) -> tuple[Checkpoint, list[Step]]:
    """The checkpoint after these steps, of which the newest has the hash `head`, and the newest of each model, whole.

    What one of them says depends on the steps of its model alone, so whoever folds, and however often, gets the same.
    """
    newest: dict[str, Step] = {}
    versions: dict[str, list[str]] = {}
    for entry, document in steps:
        prints = versions.setdefault(entry.key, list(entry.versions or ()))
        if document is not None and entry.version == len(prints) + 1:
            prints.append(document.fingerprint)
        newest[entry.key] = entry, document
    folded = [
        (_whole(entry, document, versions[entry.key]), document)
        for entry, document in sorted(newest.values(), key=lambda step: step[0].revision)
    ]
    last, _ = folded[-1]
    checkpoint = Checkpoint(
        revision=last.revision,
        time=last.time,
        head=head,
        digest=digest_of(entry.hash for entry, _ in folded),
        entries=len(folded),
    )
    return checkpoint, folded


def _whole(
    entry: HistoryEntry, document: ModelDocument | None, versions: list[str]
) -> HistoryEntry:
    after = {} if document is None else {entry.key: document.content}
    return replace(entry, patch=make_patch({}, after), versions=versions)
