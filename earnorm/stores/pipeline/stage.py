"""What a stage of a pipeline is compiled into, and what it is given to run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from earnorm.stores.documents.computing import MEMORY_LIMIT
from earnorm.typing import Document, MutableDocument

__all__ = [
    "Documents",
    "Read",
    "Run",
    "Stage",
    "StageCompiler",
    "StageScope",
    "SubPipeline",
    "run_stages",
]

Documents = Iterator[Document]
"""Documents on their way from one stage to the next."""

Read = Callable[[str, Document], Iterator[MutableDocument]]
"""Gives the documents of a collection that match a filter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What all stages of one run share: other collections, the values of variables, and how much may be kept."""

    read: Read
    variables: Mapping[str, Any]
    memory: int = MEMORY_LIMIT
    check: Callable[[], None] | None = None
    """Called again and again; raises when the run has to end."""

    def defining(self, values: Mapping[str, Any]) -> "Run":
        """The run of a pipeline inside of this one, which sees further variables."""
        return replace(self, variables={**self.variables, **values})


Stage = Callable[[Documents, Run], Documents]
"""Gives the documents that follow from those that come in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubPipeline:
    """A compiled pipeline inside of a stage: `filter` is what a collection is asked for before `rest`."""

    specifications: Sequence[tuple[str, Any]]
    filter: Document
    stages: Sequence[Stage]
    rest: Sequence[Stage]

    def over(self, documents: Documents, run: Run) -> Documents:
        """The results for these documents."""
        return run_stages(self.stages, documents, run)

    def of(self, collection: str, run: Run, filters: Sequence[Document] = ()) -> Documents:
        """The results for the documents of a collection that match the filters."""
        clauses = [filter for filter in (*filters, self.filter) if filter]
        filter = {"$and": clauses} if len(clauses) > 1 else clauses[0] if clauses else {}
        return run_stages(self.rest, run.read(collection, filter), run)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageScope:
    """Where a stage stands: the variables that it can read, and how many pipelines are around its own."""

    compile_in: Callable[[Any, "StageScope"], SubPipeline]
    variables: frozenset[str] = frozenset()
    depth: int = 0

    def compile(self, pipeline: Any, *names: str) -> SubPipeline:
        """Compiles a pipeline inside of a stage that defines these variables."""
        inner = StageScope(
            compile_in=self.compile_in,
            variables=self.variables | set(names),
            depth=self.depth + 1,
        )
        return self.compile_in(pipeline, inner)


StageCompiler = Callable[[Any, StageScope], Stage]
"""Makes a stage of its operand; raises for an operand that cannot be."""


def run_stages(stages: Sequence[Stage], documents: Documents, run: Run) -> Documents:
    """What comes out of the last stage."""
    for stage in stages:
        documents = stage(documents, run)
        if run.check is not None:
            documents = _checked(documents, run.check)
    return documents


_CHECKED: Final = 100
"""How many documents pass a stage between two checks."""


def _checked(documents: Documents, check: Callable[[], None]) -> Documents:
    for number, document in enumerate(documents):
        if not number % _CHECKED:
            check()
        yield document
