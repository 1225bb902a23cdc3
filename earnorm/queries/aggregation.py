"""What `Query.aggregate` returns: a description of an aggregation, run anew each time it is awaited or iterated."""

from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import aclosing
from copy import deepcopy
from typing import Any, Generic, TypeVar

from earnorm.errors import FilterError
from earnorm.typing import Document, QueryRunner, Selection, Shape

__all__ = ["Aggregation", "stages"]

R = TypeVar("R")


class Aggregation(Generic[R]):
    """What the stages of a pipeline make of the documents that a query finds; immutable.

    Awaiting it gives a list, `async for` streams it in batches; each run asks the database again.
    """

    __slots__ = ("_pipeline", "_runner", "_selection", "_shape")

    def __init__(
        self,
        selection: Selection[Any],
        pipeline: tuple[Document, ...],
        shape: Shape[R],
        runner: Callable[[], QueryRunner],
    ) -> None:
        self._selection = selection
        self._pipeline = pipeline
        self._shape = shape
        self._runner = runner

    async def to_list(self) -> list[R]:
        """Everything that the last stage gives."""
        return [result async for result in self._run()]

    async def first(self) -> R | None:
        """The first that the last stage gives, or None."""
        results = self._run()
        async with aclosing(results):
            async for result in results:
                return result
        return None

    def _run(self) -> AsyncGenerator[R, None]:
        return self._runner().aggregate(self._selection, self._pipeline, self._shape)

    def __await__(self) -> Generator[Any, None, list[R]]:
        return self.to_list().__await__()

    def __aiter__(self) -> AsyncIterator[R]:
        return self._run()

    def __repr__(self) -> str:
        # values stay out of it, since the pipeline may ask for secrets
        names = " ".join(next(iter(stage)) for stage in self._pipeline)
        return f"<Aggregation of {self._selection.model.__qualname__}: {names}>"


def stages(pipeline: Sequence[Document]) -> tuple[Document, ...]:
    """A copy of the stages; raises `FilterError` for what is no pipeline, and for stages that write.

    A write by a stage would pass every hook by.
    """
    if isinstance(pipeline, (str, bytes, Mapping)) or not isinstance(pipeline, Sequence):
        raise FilterError(f"a pipeline is a list of stages, not {type(pipeline).__name__}")
    for position, stage in enumerate(pipeline):
        if not isinstance(stage, Mapping) or len(stage) != 1:
            raise FilterError(
                f"stage {position} of the pipeline is a mapping with one key, such as {{'$match': {{...}}}}"
            )
        name = next(iter(stage))
        if not isinstance(name, str) or not name.startswith("$"):
            raise FilterError(
                f"stage {position} of the pipeline begins with '$', and {name!r} does not"
            )
        name = next((one for one in _stage_names(stage) if one in _WRITING), name)
        if name in _WRITING:
            raise FilterError(
                f"{name} would write past every hook of a model. Save what the pipeline gives, or run it on "
                "database.store, which knows no models."
            )
    return tuple(deepcopy(dict(stage)) for stage in pipeline)


def _stage_names(stage: Document) -> Iterator[str]:
    """The name of a stage, and of all in the pipelines inside it, however deep."""
    waiting: list[Any] = [stage]
    while waiting:
        one = waiting.pop()
        if not isinstance(one, Mapping):
            continue
        for name, value in one.items():
            yield name
            inner: Iterable[Any] = (
                value.values() if name == "$facet" and isinstance(value, Mapping) else ()
            )
            if name in ("$lookup", "$unionWith") and isinstance(value, Mapping):
                inner = (value.get("pipeline"),)
            for pipeline in inner:
                waiting += pipeline if isinstance(pipeline, (list, tuple)) else ()


_WRITING = frozenset({"$merge", "$out"})
