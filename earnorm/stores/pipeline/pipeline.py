"""What a pipeline is compiled into."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from earnorm.clock import now
from earnorm.stores.documents.refusals import bad_value
from earnorm.stores.pipeline.head import Head
from earnorm.stores.pipeline.stage import Documents, Read, Run, Stage, run_stages
from earnorm.typing import Document, MutableDocument

__all__ = ["Pipeline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """A pipeline that is checked: its `head`, which a store serves by its own means, and the rest.

    Compiled once it may run any number of times, also at once; a run keeps nothing afterwards.
    """

    head: Head
    stages: tuple[Stage, ...]
    variables: Mapping[str, Any]

    def run(
        self,
        documents: Iterator[Document],
        read: Read,
        check: Callable[[], None] | None = None,
    ) -> Iterator[MutableDocument]:
        """Yields the results, given the documents that the head asks for, in its order.

        `read(name, filter)` gives the documents of another collection, for `$lookup` and `$unionWith`.
        `check` is called again and again, and raises when the run has to end.
        Documents are asked for as results are taken, as far as the stages allow it; nothing that they
        hold is changed, but results may share it. Raises PyMongo's `OperationFailure` where a document
        cannot be computed with, and (292) where a stage would keep more than 100 MB.
        """
        run = Run(read=read, variables={**self.variables, "NOW": now()}, check=check)
        return _checked(run_stages(self.stages, documents, run))


def _checked(documents: Documents) -> Iterator[MutableDocument]:
    try:
        for document in documents:
            yield dict(document)
    except RecursionError:
        raise bad_value(
            "the pipeline or a document in it nests too deep. Flatten it.", 15
        ) from None
