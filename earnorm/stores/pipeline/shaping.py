"""The stages that give one document for each: `$project`, `$set`, `$unset`, `$replaceWith`."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from earnorm.stores.documents.shaping import SHAPES, Shape
from earnorm.stores.pipeline.stage import Documents, Run, Stage, StageCompiler, StageScope

__all__ = ["SHAPING_STAGES"]


def _shaping(compile_shape: Callable[[Any, Collection[str]], Shape]) -> StageCompiler:
    def compile(operand: Any, scope: StageScope) -> Stage:
        shape = compile_shape(operand, scope.variables)

        def reshape(documents: Documents, run: Run) -> Documents:
            variables = run.variables
            return (shape(document, variables) for document in documents)

        return reshape

    return compile


SHAPING_STAGES: Mapping[str, StageCompiler] = {
    name: _shaping(compile_shape) for name, compile_shape in SHAPES.items()
}
