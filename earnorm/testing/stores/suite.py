"""The whole suite."""

import pytest

from earnorm.testing.stores.aggregation import AggregationSuite
from earnorm.testing.stores.batches import BatchesSuite
from earnorm.testing.stores.concurrency import ConcurrencySuite
from earnorm.testing.stores.filters import FiltersSuite
from earnorm.testing.stores.finding_one import FindingOneSuite
from earnorm.testing.stores.indexes import IndexesSuite
from earnorm.testing.stores.life import LifeSuite
from earnorm.testing.stores.names import NamesSuite
from earnorm.testing.stores.projections import ProjectionsSuite
from earnorm.testing.stores.proving import proven
from earnorm.testing.stores.reading import ReadingSuite
from earnorm.testing.stores.sorting import SortingSuite
from earnorm.testing.stores.transactions import TransactionsSuite
from earnorm.testing.stores.types import TypesSuite
from earnorm.testing.stores.updates import UpdatesSuite
from earnorm.testing.stores.watching import WatchingSuite

__all__ = ["StoreSuite"]


@pytest.mark.asyncio
class StoreSuite(
    TypesSuite,
    FiltersSuite,
    UpdatesSuite,
    SortingSuite,
    ProjectionsSuite,
    IndexesSuite,
    ReadingSuite,
    BatchesSuite,
    FindingOneSuite,
    AggregationSuite,
    TransactionsSuite,
    WatchingSuite,
    ConcurrencySuite,
    NamesSuite,
    LifeSuite,
):
    """What every store must pass. Subclass it, and say how an empty store is opened."""

    async def test_what_is_declared_is_known(self) -> None:
        """A key of `unsupported` or `skipped` that names no case would hide nothing, or the wrong thing."""
        names = list(proven(type(self)))
        for key in (*self.unsupported, *self.skipped):
            known = [name for name in names if f"{name}/".startswith(f"{key}/")]
            assert known, f"the suite has no case, group or area {key!r}"
