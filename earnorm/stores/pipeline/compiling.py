"""Compiles pipelines: stage by stage, with the pipelines inside of stages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from earnorm.errors.suggestions import suggestion
from earnorm.stores.documents.computing import normalized_value
from earnorm.stores.documents.computing.field_paths import check_variable_name
from earnorm.stores.documents.computing.foreign_names import FOREIGN_STAGES
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.stores.pipeline.faceting import compile_facet
from earnorm.stores.pipeline.grouping import compile_group, compile_sort_by_count
from earnorm.stores.pipeline.head import split_filter, split_head
from earnorm.stores.pipeline.joining import compile_lookup, compile_union
from earnorm.stores.pipeline.matching import compile_match
from earnorm.stores.pipeline.passing import (
    checked_limit,
    checked_skip,
    compile_count,
    compile_limit,
    compile_sample,
    compile_skip,
)
from earnorm.stores.pipeline.pipeline import Pipeline
from earnorm.stores.pipeline.shaping import SHAPING_STAGES
from earnorm.stores.pipeline.sorting import checked_sort, compile_sorting
from earnorm.stores.pipeline.stage import Stage, StageCompiler, StageScope, SubPipeline
from earnorm.stores.pipeline.unwinding import compile_unwind
from earnorm.typing import Document

__all__ = ["STAGES", "compile_pipeline"]


def compile_pipeline(
    pipeline: Sequence[Document], variables: Mapping[str, Any] | None = None
) -> Pipeline:
    """A pipeline that can run; `variables` are the values of the aggregation's `let`.

    The whole pipeline is checked here: `UnsupportedError` names a stage, an operator or an accumulator
    that this release does not have; PyMongo's `OperationFailure`, with MongoDB's codes, one that
    MongoDB does not know, and what else is malformed.
    """
    values = normalized_value(dict(variables or {}), "the variables")
    for name in values:
        check_variable_name(name)
    try:
        scope = StageScope(compile_in=_compile_inside, variables=frozenset(values))
        specifications = _specifications(normalized_value(pipeline, "the pipeline"))
        stages = _compile_stages(specifications, scope)
    except RecursionError:
        raise bad_value("the pipeline nests too deep. Flatten it.", 15) from None
    head, taken = split_head(specifications, has_variables=bool(values))
    rest = _compile_stages(specifications[taken:], scope) if taken else stages
    return Pipeline(head=head, stages=rest, variables=values)


def _compile_sort(operand: Any, scope: StageScope) -> Stage:
    return compile_sorting(checked_sort(operand))


STAGES: Mapping[str, StageCompiler] = {
    "$match": compile_match,
    **SHAPING_STAGES,
    "$group": compile_group,
    "$sortByCount": compile_sort_by_count,
    "$count": compile_count,
    "$sort": _compile_sort,
    "$skip": compile_skip,
    "$limit": compile_limit,
    "$sample": compile_sample,
    "$unwind": compile_unwind,
    "$lookup": compile_lookup,
    "$unionWith": compile_union,
    "$facet": compile_facet,
}
"""Every stage that pipelines have here."""

_Specifications = Sequence[tuple[str, Any]]
"""The stages of a pipeline by their names."""

_MOST_STAGES: Final = 1000
_DEEPEST: Final = 20


def _compile_inside(pipeline: Any, scope: StageScope) -> SubPipeline:
    if scope.depth > _DEEPEST:
        raise bad_value(f"pipelines lie in one another more than {_DEEPEST} deep.", 232)
    specifications = _specifications(pipeline)
    stages = _compile_stages(specifications, scope)
    filter, taken = split_filter(specifications)
    return SubPipeline(
        specifications=specifications,
        filter=filter,
        stages=stages,
        rest=_compile_stages(specifications[taken:], scope) if taken else stages,
    )


def _specifications(pipeline: Any) -> _Specifications:
    stages = as_array(pipeline)
    if stages is None:
        raise bad_value(f"a pipeline is an array of stages, not {pipeline!r}.", 14)
    if len(stages) > _MOST_STAGES:
        raise bad_value(
            f"a pipeline has at most {_MOST_STAGES} stages, not {len(stages):,}.", 7749501
        )
    return [_specification(stage) for stage in stages]


def _specification(stage: Any) -> tuple[str, Any]:
    fields = as_document(stage)
    if fields is None:
        raise bad_value(f"each stage of a pipeline is a document, and {stage!r} is none.", 14)
    if len(fields) != 1:
        raise bad_value(f"a stage has exactly one name, not {list(fields)}.", 40323)
    ((name, operand),) = fields.items()
    if name in FOREIGN_STAGES:
        raise unsupported(f"the stage {name}", f"It has {', '.join(STAGES)}.")
    if name not in STAGES:
        raise bad_value(
            f"unrecognized pipeline stage name {name!r}.{suggestion(name, STAGES)}", 40324
        )
    return name, operand


def _compile_stages(specifications: _Specifications, scope: StageScope) -> tuple[Stage, ...]:
    stages: list[Stage] = []
    for position, (name, operand) in enumerate(specifications):
        if name == "$sort":
            most = _asked_after(specifications[position + 1 :])
            stages.append(compile_sorting(checked_sort(operand), most))
        else:
            stages.append(STAGES[name](operand, scope))
    return tuple(stages)


def _asked_after(specifications: _Specifications) -> int | None:
    """How many documents the `$skip` and `$limit` that follow directly ask for; None for all."""
    skipped = 0
    for name, operand in specifications:
        if name == "$limit":
            return skipped + checked_limit(operand)
        if name != "$skip":
            return None
        skipped += checked_skip(operand)
    return None
