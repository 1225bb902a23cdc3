"""`$group` and `$sortByCount`."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.errors.suggestions import suggestion
from earnorm.stores.documents.computing import (
    ACCUMULATORS,
    Accumulator,
    Evaluate,
    comparison_key,
    compile_expression,
)
from earnorm.stores.documents.computing.foreign_names import FOREIGN_ACCUMULATORS
from earnorm.stores.documents.kinds import MISSING, as_array, as_document
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.stores.pipeline.memory import Memory
from earnorm.stores.pipeline.sorting import compile_sorting
from earnorm.stores.pipeline.stage import Documents, Run, Stage, StageScope

__all__ = ["GROUP_ACCUMULATORS", "compile_group", "compile_sort_by_count"]

GROUP_ACCUMULATORS = (*ACCUMULATORS, "$count")
"""The accumulators of `$group`."""

_Gathered = tuple[str, Callable[[], Accumulator], Evaluate]
"""The name of a field, what makes its accumulator, and the expression that it gathers."""


def compile_group(operand: Any, scope: StageScope) -> Stage:
    """A document for each value of the expression `_id`, in the order in which they came first."""
    fields = as_document(operand)
    if fields is None:
        raise bad_value(f"$group takes a document of _id and fields, not {operand!r}.", 15947)
    if "_id" not in fields:
        raise bad_value("$group needs _id: an expression, or None for one group of all.", 15955)
    identify = compile_expression(fields["_id"], scope.variables)
    gathered = [_gathered(name, value, scope) for name, value in fields.items() if name != "_id"]
    return _grouping(identify, gathered)


def compile_sort_by_count(operand: Any, scope: StageScope) -> Stage:
    """The values of an expression with how often they come, the most frequent first."""
    fields = as_document(operand)
    if fields is not None and not next(iter(fields), "").startswith("$"):
        raise bad_value("$sortByCount takes an expression, not a document of fields.", 40147)
    if fields is None and not (isinstance(operand, str) and operand.startswith("$")):
        code = 40148 if isinstance(operand, str) else 40149
        raise bad_value(f"$sortByCount takes a path or an expression, not {operand!r}.", code)
    group = compile_group({"_id": operand, "count": {"$sum": 1}}, scope)
    sort = compile_sorting((("count", -1),))
    return lambda documents, run: sort(group(documents, run), run)


def _grouping(identify: Evaluate, gathered: list[_Gathered]) -> Stage:
    def group(documents: Documents, run: Run) -> Documents:
        memory, variables = Memory("$group", run.memory), run.variables
        groups: dict[bytes, tuple[Any, list[Accumulator]]] = {}
        for document in documents:
            value = identify(document, variables)
            value = None if value is MISSING else value
            key = comparison_key(value)
            if (found := groups.get(key)) is None:
                memory.add(len(key) + memory.keep(value) + _ACCUMULATOR * len(gathered))
                found = groups[key] = (value, [make() for _, make, _ in gathered])
            for accumulator, (_, _, evaluate) in zip(found[1], gathered, strict=True):
                memory.add(accumulator.add(evaluate(document, variables)))
        names = ["_id", *(name for name, _, _ in gathered)]
        for value, accumulators in groups.values():
            results = (accumulator.result() for accumulator in accumulators)
            yield dict(zip(names, (value, *results), strict=True))

    return group


_ACCUMULATOR = 100  # about the bytes of one that keeps no list


def _gathered(name: str, value: Any, scope: StageScope) -> _Gathered:
    if "." in name:
        raise bad_value(
            f"the name of a field of $group cannot contain '.', as {name!r} does.", 40235
        )
    if name.startswith("$"):
        raise bad_value(
            f"the name of a field of $group cannot begin with '$', as {name!r} does.", 40236
        )
    operation: Mapping[str, Any] | None = as_document(value)
    if not operation or not next(iter(operation)).startswith("$"):
        raise bad_value(
            f"the field {name!r} of $group needs an accumulator, such as {{'$sum': 1}}.", 40234
        )
    if len(operation) != 1:
        raise bad_value(f"the field {name!r} of $group needs exactly one accumulator.", 40238)
    ((accumulator, argument),) = operation.items()
    return name, *_accumulating(accumulator, argument, scope)


def _accumulating(
    name: str, argument: Any, scope: StageScope
) -> tuple[Callable[[], Accumulator], Evaluate]:
    if name == "$count":
        if as_document(argument) != {}:
            raise bad_value(f"$count in $group takes an empty document, not {argument!r}.", 9)
        return ACCUMULATORS["$sum"], compile_expression(1)
    if name not in ACCUMULATORS:
        if name in FOREIGN_ACCUMULATORS:
            raise unsupported(f"the accumulator {name}", f"It has {', '.join(GROUP_ACCUMULATORS)}.")
        raise bad_value(
            f"unknown group operator {name!r}.{suggestion(name, GROUP_ACCUMULATORS)}", 15952
        )
    if as_array(argument) is not None:
        raise bad_value(f"the accumulator {name} takes one expression, not an array.", 40237)
    return ACCUMULATORS[name], compile_expression(argument, scope.variables)
