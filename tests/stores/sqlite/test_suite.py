"""The published suite, on the embedded store."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from earnorm.stores import Store
from earnorm.stores.sqlite import SqliteStore
from earnorm.testing import StoreSuite

REFUSED: Mapping[str, str] = {
    "filters/bits": "the bit operators of filters are not there yet",
    "filters/$jsonSchema": "schemas are not there yet",
    "projections/$slice": "projections of parts of arrays are not there yet",
    "projections/$elemMatch": "projections of parts of arrays are not there yet",
    "projections/$": "projections of parts of arrays are not there yet",
    "indexes/sparse": "sparse indexes are not there yet",
    "indexes/partial/a range": "conditions of partial indexes are equalities so far",
    "indexes/partial/outside of a range": "conditions of partial indexes are equalities so far",
    "indexes/partial/$exists": "conditions of partial indexes are equalities so far",
    "indexes/collation": "collations do not reach the store yet",
    "indexes/listed as made": "sparse and expiring indexes are not there yet",
    "indexes/a hint": "hints are not there yet",
    "options": "max_time, hint and collation are not there yet",
}
DEFECTS: Mapping[str, str] = {
    "filters/$regex/at the start": "$regex does not match a stored expression that is equal to it",
    "filters/$regex/with other operators": "the same",
}


class TestInFile(StoreSuite):
    unsupported = REFUSED
    skipped = DEFECTS

    @pytest.fixture(autouse=True)
    def path(self, tmp_path: Path) -> None:
        self.file = tmp_path / "suite.db"

    async def open_store(self) -> Store:
        return await SqliteStore.open(str(self.file), name="the store under test")
