"""Tells how documents are found, in the form of MongoDB's `explain`."""

import time
from collections.abc import Sequence

from earnorm.stores.documents import compile_collation, compile_projection
from earnorm.stores.sqlite.bounds_text import bounds_text
from earnorm.stores.sqlite.concerns import collation_of
from earnorm.stores.sqlite.identity import identity_key
from earnorm.stores.sqlite.planner import is_sorted
from earnorm.stores.sqlite.plans import FullScan, IndexScan, Order, Plan, Union
from earnorm.stores.sqlite.reading import Finding, is_exact
from earnorm.stores.sqlite.session import Session
from earnorm.typing import Document, MutableDocument, OperationOptions, SortKey

__all__ = ["Explanation"]


class Explanation:
    """The plan of a find and what running it takes; the result is dropped."""

    def __init__(
        self,
        collection: str,
        filter: Document,
        *,
        sort: Sequence[SortKey] = (),
        skip: int = 0,
        limit: int | None = None,
        projection: Document | None = None,
        options: OperationOptions | None = None,
    ) -> None:
        project = compile_projection(projection, filter) if projection is not None else None
        self._finding = Finding(
            collection,
            filter,
            sort=sort,
            skip=skip,
            limit=limit,
            project=project,
            options=options,
        )
        self._collection = collection
        key_of = compile_collation(collation_of(options))
        self._is_identity = identity_key(filter, key_of) is not None and not skip
        self._sort, self._skip, self._limit, self._projection = sort, skip, limit, projection
        self._returned = 0
        self._seconds = 0.0

    @property
    def finished(self) -> bool:
        """Whether all was found that there is."""
        return self._finding.finished

    def step(self, session: Session) -> None:
        """Finds on."""
        begun = time.perf_counter()
        self._returned += len(self._finding.step(session))
        self._seconds += time.perf_counter() - begun

    def document(self) -> MutableDocument:
        """The explanation."""
        return {
            "queryPlanner": {
                "namespace": self._collection,
                "parsedQuery": dict(self._finding.filter),
                "winningPlan": self._stages(),
                "rejectedPlans": [],
            },
            "executionStats": {
                "executionSuccess": True,
                "nReturned": self._returned,
                "executionTimeMillis": round(self._seconds * 1000),
                "totalKeysExamined": self._finding.examined_keys,
                "totalDocsExamined": self._finding.examined_documents,
            },
            "ok": 1.0,
        }

    def _stages(self) -> MutableDocument:
        plan = self._finding.plan
        if plan is None:
            return {"stage": "EOF"}
        stage = self._access(plan)
        if self._sort and not is_sorted(plan):
            stage = {"stage": "SORT", "sortPattern": dict(self._sort), "inputStage": stage}
            if self._limit is not None:
                stage["limitAmount"] = self._limit + self._skip
        if self._skip:
            stage = {"stage": "SKIP", "skipAmount": self._skip, "inputStage": stage}
        if self._limit is not None:
            stage = {"stage": "LIMIT", "limitAmount": self._limit, "inputStage": stage}
        if self._projection is not None:
            is_simple = not any("." in path for path in self._projection)
            name = "PROJECTION_SIMPLE" if is_simple else "PROJECTION_DEFAULT"
            stage = {"stage": name, "transformBy": dict(self._projection), "inputStage": stage}
        return stage

    def _access(self, plan: Plan) -> MutableDocument:
        filter = dict(self._finding.filter)
        if isinstance(plan, FullScan):
            return {"stage": "COLLSCAN", "filter": filter, "direction": "forward"}
        if isinstance(plan, Union):
            stages = [_index_stage(scan) for scan in plan.scans]
            entries: MutableDocument = {"stage": "OR", "inputStages": stages}
        elif self._is_identity and not plan.index.number:
            return {"stage": "IDHACK"}
        elif plan.merged is not None:
            stages = [_index_stage(plan)]
            pattern = dict(self._sort)
            entries = {"stage": "SORT_MERGE", "sortPattern": pattern, "inputStages": stages}
        else:
            entries = _index_stage(plan)
        if is_exact(plan):
            return {"stage": "FETCH", "inputStage": entries}
        return {"stage": "FETCH", "filter": filter, "inputStage": entries}


def _index_stage(scan: IndexScan) -> MutableDocument:
    index = scan.index.index
    return {
        "stage": "IXSCAN",
        "keyPattern": dict(index.fields),
        "indexName": index.name,
        "isMultiKey": scan.index.multikey,
        "isUnique": index.unique,
        "isSparse": index.sparse,
        "isPartial": index.partial is not None,
        "direction": "backward" if scan.order is Order.BACKWARD else "forward",
        "indexBounds": bounds_text(scan),
    }
