"""`$facet`."""

from collections.abc import Iterable
from typing import Any, Final

from earnorm.stores.documents.computing.field_paths import check_field_name
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.pipeline.memory import Memory
from earnorm.stores.pipeline.stage import Documents, Run, Stage, StageScope
from earnorm.typing import Document

__all__ = ["compile_facet"]


def compile_facet(operand: Any, scope: StageScope) -> Stage:
    """One document with an array for each pipeline: its results over the same documents."""
    facets = as_document(operand)
    if not facets:
        raise bad_value(f"$facet takes a document of pipelines, not {operand!r}.", 40169)
    for name, pipeline in facets.items():
        check_field_name(name)
        _check_pipeline(name, pipeline)
    compiled = {name: scope.compile(pipeline) for name, pipeline in facets.items()}

    def facet(documents: Documents, run: Run) -> Documents:
        memory = Memory("$facet", run.memory)
        kept = _kept(documents, memory)
        yield {
            name: _kept(pipeline.over(iter(kept), run), memory)
            for name, pipeline in compiled.items()
        }

    return facet


# the manual's "Behavior" of $facet; the other such stages are not supported anywhere
_NOT_INSIDE: Final = frozenset({"$facet"})


def _check_pipeline(name: str, pipeline: Any) -> None:
    stages = as_array(pipeline)
    if stages is None:
        raise bad_value(f"the facet {name!r} has to be a pipeline, not {pipeline!r}.", 40170)
    for stage in stages:
        for stage_name in as_document(stage) or {}:
            if stage_name in _NOT_INSIDE:
                raise bad_value(f"{stage_name} is not allowed inside of $facet.", 40600)


def _kept(documents: Iterable[Document], memory: Memory) -> list[Document]:
    kept: list[Document] = []
    for document in documents:
        memory.keep(document)
        kept.append(document)
    return kept
