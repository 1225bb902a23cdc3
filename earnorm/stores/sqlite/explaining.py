"""How a find would be done, in the form of MongoDB's `explain`."""

from collections.abc import Mapping, Sequence
from typing import Any

from earnorm.stores.documents import compile_normalized, compile_projection, normalized_filter
from earnorm.stores.sqlite.planner import ById, ByIndex, plan
from earnorm.stores.sqlite.session import Session
from earnorm.typing import Document, MutableDocument, SortKey

__all__ = ["explain"]


def explain(  # the parameters of a find
    session: Session,
    name: str,
    filter: Document,
    *,
    sort: Sequence[SortKey],
    skip: int,
    limit: int | None,
    projection: Document | None,
) -> MutableDocument:
    """`queryPlanner.winningPlan` is the plan, from its last stage inwards; nothing is read."""
    normalized = normalized_filter(filter)
    compile_normalized(normalized)
    with session.reading():
        collection = session.catalog.collection(name)
    stage: MutableDocument = {"stage": "EOF"}
    if collection is not None:
        stage = _candidates(plan(normalized, collection.indexes), normalized)
        for stage_of, value in (
            ("SORT", {"sortPattern": dict(sort)} if sort else None),
            ("SKIP", {"skipAmount": skip} if skip else None),
            ("LIMIT", {"limitAmount": limit} if limit is not None else None),
            ("PROJECTION_DEFAULT", _projection(projection)),
        ):
            if value is not None:
                stage = {"stage": stage_of, **value, "inputStage": stage}
    return {
        "queryPlanner": {
            "namespace": name,
            "parsedQuery": dict(normalized),
            "winningPlan": stage,
            "rejectedPlans": [],
        },
        "ok": 1.0,
    }


def _candidates(chosen: object, filter: Mapping[str, Any]) -> MutableDocument:
    if isinstance(chosen, ById):
        return {"stage": "IDHACK" if len(chosen.keys) == 1 else "FETCH", "filter": dict(filter)}
    if isinstance(chosen, ByIndex):
        scan = {
            "stage": "IXSCAN",
            "keyPattern": dict(chosen.index.index.fields),
            "indexName": chosen.index.index.name,
            "isMultiKey": chosen.index.multikey,
            "isUnique": chosen.index.index.unique,
            "isPartial": chosen.index.index.partial is not None,
            "direction": "forward",
        }
        return {"stage": "FETCH", "filter": dict(filter), "inputStage": scan}
    return {"stage": "COLLSCAN", "filter": dict(filter), "direction": "forward"}


def _projection(projection: Document | None) -> MutableDocument | None:
    if projection is None:
        return None
    compile_projection(projection)
    return {"transformBy": dict(projection)}
