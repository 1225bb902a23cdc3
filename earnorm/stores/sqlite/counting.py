"""A count in steps: from the entries of an index where they are all that is needed."""

from typing import Any

from earnorm.stores.documents import decode
from earnorm.stores.sqlite.plans import FullScan, IndexScan
from earnorm.stores.sqlite.reading import Reading, is_exact
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.sources import Source
from earnorm.stores.sqlite.turns import Turn

__all__ = ["Counting"]


class Counting(Reading):
    """How many documents match; `counted` is the answer once it is finished."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._matched = 0

    @property
    def counted(self) -> int:
        """The matches so far, without those that are skipped, up to the limit."""
        count = max(0, self._matched - self._skip)
        return count if self._wanted is None else min(count, self._wanted)

    def step(self, session: Session) -> None:
        """Counts on."""
        self.deadline.check()
        with session.reading():
            source = self._open(session)
            if source is None or self._collection is None:
                return
            if isinstance(self.plan, FullScan) and self._match is None:
                sql = self._collection.sql.size
                (self._matched,) = session.connection.execute(sql).fetchone()
                self.finished = True
            elif isinstance(self.plan, IndexScan) and self._count_entries(session, self.plan):
                self.finished = True
            else:
                self._count(session, source)

    def _count_entries(self, session: Session, scan: IndexScan) -> bool:
        """Counts without reading documents, where each entry is one that matches."""
        if not scan.exact or (scan.index.multikey and len(scan.ranges) > 1):
            return False
        walk = scan.index.walk
        sql = walk.count_different if scan.index.multikey else walk.count
        most = -1 if self._wanted is None else self._wanted + self._skip
        for first, end in scan.ranges:
            left = most if most < 0 else most - self._matched
            self._matched += session.connection.execute(sql, (first, end, left)).fetchone()[0]
            self.deadline.check()
        return True

    def _count(self, session: Session, source: Source) -> None:
        match = None if self.plan is not None and is_exact(self.plan) else self._match
        turn = Turn()
        while turn.goes_on and not self.finished:
            rows = source.take(session.connection, _CHUNK)
            turn.add(rows)
            if match is None:
                self._matched += len(rows)
            else:
                self._matched += sum(match(decode(encoded)) for _, encoded in rows)
            enough = self._wanted is not None and self.counted >= self._wanted
            self.finished = enough or source.exhausted
            self.deadline.check()


_CHUNK = 500
