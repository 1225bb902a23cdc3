"""`$lookup` and `$unionWith`: documents of other collections."""

from collections.abc import Mapping
from typing import Any, Final

from earnorm.errors.suggestions import suggestion
from earnorm.stores.documents.computing import Evaluate, compile_expression
from earnorm.stores.documents.computing.field_paths import check_variable_name, field_path
from earnorm.stores.documents.kinds import as_array, as_document
from earnorm.stores.documents.refusals import bad_value, unsupported
from earnorm.stores.pipeline.correlation import Correlation, correlations
from earnorm.stores.pipeline.equal_values import EqualValues
from earnorm.stores.pipeline.fields import Path, with_field
from earnorm.stores.pipeline.memory import Memory
from earnorm.stores.pipeline.stage import Documents, Run, Stage, StageScope, SubPipeline
from earnorm.typing import Document

__all__ = ["compile_lookup", "compile_union"]


def compile_lookup(operand: Any, scope: StageScope) -> Stage:
    """Each document with an array of those of another collection that belong to it."""
    arguments = _lookup_arguments(operand)
    collection, target = arguments["from"], field_path(arguments["as"])
    equal = _equal_values(arguments)
    if "pipeline" not in arguments:
        if equal is None or "let" in arguments:
            raise bad_value("$lookup needs localField and foreignField, or a pipeline.", 9)
        return equal.joining(collection, target)
    defined = _defined(arguments.get("let", {}), scope)
    pipeline = scope.compile(arguments["pipeline"], *defined)
    if equal is None and not defined:
        return _joining_the_same(collection, target, pipeline)
    return _joining_each(collection, target, pipeline, defined, equal)


def _joining_each(
    collection: str,
    target: Path,
    pipeline: SubPipeline,
    defined: Mapping[str, Evaluate],
    equal: EqualValues | None,
) -> Stage:
    correlated = correlations(pipeline.specifications, frozenset(defined))

    def join(documents: Documents, run: Run) -> Documents:
        for document in documents:
            values = {name: value(document, run.variables) for name, value in defined.items()}
            inner = run.defining(values)
            filters: list[Document] = [] if equal is None else [equal.filter_for(document)]
            filters += _correlated_filters(correlated, inner)
            found = pipeline.of(collection, inner, filters)
            yield with_field(document, target, _kept(found, run))

    return join


def _correlated_filters(correlated: list[Correlation], run: Run) -> list[Document]:
    filters = (one.filter_for(run.variables) for one in correlated)
    return [filter for filter in filters if filter is not None]


def _joining_the_same(collection: str, target: Path, pipeline: SubPipeline) -> Stage:
    """The pipeline reads nothing of the document, so it runs once for all."""
    is_random = any(name == "$sample" for name, _ in pipeline.specifications)

    def join(documents: Documents, run: Run) -> Documents:
        found: list[Any] | None = None
        for document in documents:
            if found is None or is_random:
                found = _kept(pipeline.of(collection, run), run)
            yield with_field(document, target, list(found))

    return join


def _kept(documents: Documents, run: Run) -> list[Any]:
    memory, kept = Memory("$lookup", run.memory), list[Any]()
    for document in documents:
        memory.keep(document)
        kept.append(document)
    return kept


_TEXTS: Final = ("from", "as", "localField", "foreignField")
_LOOKUP_OPTIONS: Final = (*_TEXTS, "let", "pipeline")


def _lookup_arguments(operand: Any) -> Mapping[str, Any]:
    arguments = as_document(operand)
    if arguments is None:
        raise bad_value(f"$lookup takes a document, not {operand!r}.", 9)
    for name, value in arguments.items():
        if name not in _LOOKUP_OPTIONS:
            raise bad_value(
                f"$lookup has no argument {name!r}.{suggestion(name, _LOOKUP_OPTIONS)}", 9
            )
        if name == "from" and as_document(value) is not None:
            raise unsupported("$lookup from another database", "Name a collection of this one.")
        if name in _TEXTS and not isinstance(value, str):
            raise bad_value(f"the argument {name!r} of $lookup has to be text, not {value!r}.", 9)
    if "from" not in arguments and "pipeline" in arguments:
        raise unsupported("$lookup without 'from'", "Name a collection.")
    for name in ("from", "as"):
        if name not in arguments:
            raise bad_value(f"$lookup needs the argument {name!r}.", 9)
    return arguments


def _equal_values(arguments: Mapping[str, Any]) -> EqualValues | None:
    local, foreign = arguments.get("localField"), arguments.get("foreignField")
    if local is None and foreign is None:
        return None
    if local is None or foreign is None:
        raise bad_value("$lookup needs both localField and foreignField, or neither.", 9)
    field_path(foreign)
    return EqualValues(local=field_path(local), foreign=foreign)


def _defined(let: Any, scope: StageScope) -> dict[str, Evaluate]:
    fields = as_document(let)
    if fields is None:
        raise bad_value(f"the argument let of $lookup has to be a document, not {let!r}.", 9)
    for name in fields:
        check_variable_name(name)
    return {name: compile_expression(value, scope.variables) for name, value in fields.items()}


def compile_union(operand: Any, scope: StageScope) -> Stage:
    """The documents, and after them those of another collection."""
    arguments = {"coll": operand} if isinstance(operand, str) else as_document(operand)
    if arguments is None:
        raise bad_value(f"$unionWith takes a collection or a document, not {operand!r}.", 9)
    for name in arguments:
        if name not in ("coll", "pipeline"):
            raise bad_value(f"$unionWith has no argument {name!r}. It takes coll and pipeline.", 9)
    if "coll" not in arguments:
        raise unsupported("$unionWith without 'coll'", "Name a collection.")
    collection = arguments["coll"]
    if not isinstance(collection, str):
        raise bad_value(f"the argument coll of $unionWith has to be text, not {collection!r}.", 9)
    if as_array(arguments.get("pipeline", [])) is None:
        raise bad_value("the pipeline of $unionWith has to be an array.", 9)
    pipeline = scope.compile(arguments.get("pipeline", []))

    def union(documents: Documents, run: Run) -> Documents:
        yield from documents
        yield from pipeline.of(collection, run)

    return union
