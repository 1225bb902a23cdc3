"""What a store can do beyond what every store must."""

from enum import StrEnum

__all__ = ["Capability"]


class Capability(StrEnum):
    """Declared by a store, so that nobody finds out by failing."""

    ATOMIC_BATCHES = "atomic_batches"
    """A batch of documents, and a write to many, happens wholly or not at all, also outside transactions."""

    TRANSACTIONS = "transactions"
    """`Store.begin`."""

    WATCH = "watch"
    """`Store.watch`, with tokens to resume from."""

    ALL_COLLATIONS = "all_collations"
    """Every collation of ICU; without it, those that compare English letters without their case."""

    ALL_STAGES = "all_stages"
    """Every stage and expression of MongoDB's aggregation; without it, the documented ones."""

    MAINTENANCE = "maintenance"
    """The store is a file of ours: `MaintainedStore`."""

    INDEX_BUILDS = "index_builds"
    """How far the building of an index is can be seen: `BuildingStore`."""
