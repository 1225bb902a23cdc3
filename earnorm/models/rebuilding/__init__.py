"""Makes models of their documents: the way back of `earnorm.metadata.describing`."""

from earnorm.models.rebuilding.building import build_from_document
from earnorm.models.rebuilding.snapshots import build_snapshot

__all__ = ["build_from_document", "build_snapshot"]
