"""Makes a model of its document, and holds what it gives against it."""

from collections.abc import Callable
from types import new_class
from typing import Any, TypeVar

from earnorm.errors import FieldFault, ModelDocumentError, UnknownModelError
from earnorm.metadata import EXTENSION, ModelDocument, describe_model, make_patch
from earnorm.model_registry import ModelRegistry
from earnorm.models.base import BaseModel
from earnorm.models.pickling import reduce_instance
from earnorm.models.rebuilding.embedded import EmbeddedModels, KnownModels, known_models
from earnorm.models.rebuilding.indexes import inherited_indexes
from earnorm.models.rebuilding.meta import MetaReader
from earnorm.models.rebuilding.methods import read_methods
from earnorm.models.rebuilding.names import read_name
from earnorm.models.rebuilding.reading import Reading
from earnorm.typing import Imports

__all__ = ["build_from_document"]

R = TypeVar("R")

_MOST_DIFFERENCES = 20


def build_from_document(
    document: ModelDocument,
    registry: ModelRegistry,
    *,
    imports: Imports,
    known: KnownModels | None = None,
) -> type[Any]:
    """The model that the document describes, at home in `registry` and registered there.

    The embedded models that are `known` are used as they are, and those that are made are added.

    Raises `ModelDocumentError` with every fault for a document of which no model with the same
    fingerprint can be made; nothing is registered then.
    """
    if not isinstance(document, ModelDocument):
        raise TypeError(f"document takes a ModelDocument, not {document!r}")
    reading = Reading(imports)
    # Once more by `of`, as a document may have been made of any text.
    content = ModelDocument.of(document.content).content
    key = content[EXTENSION]["key"]
    shared = {} if known is None else known
    name, bases, body = _attempt(lambda: _read(content, reading, registry, shared), key, reading)

    def define() -> type[Any]:
        return new_class(
            name,
            bases,
            {"registry": registry, "verify": lambda model: _hold_against(model, document)},
            lambda namespace: namespace.update(body),
        )

    return _attempt(define, key, reading)


def _attempt(step: Callable[[], R], key: str, reading: Reading) -> R:
    try:
        done = step()
    except (ModelDocumentError, Warning):
        raise
    except Exception as error:
        if reading.faults:
            raise _faulty(key, reading) from error
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        fault = f"cannot be made a model of: {type(error).__name__}: {reason}"
        raise ModelDocumentError(fault, model=key) from error
    if reading.faults:
        raise _faulty(key, reading)
    return done


def _faulty(key: str, reading: Reading) -> ModelDocumentError:
    return ModelDocumentError("cannot be made a model of:", model=key, faults=reading.faults)


def _read(
    content: dict[str, Any], reading: Reading, registry: ModelRegistry, known: KnownModels
) -> tuple[str, tuple[type, ...], dict[str, Any]]:
    """The name, the bases and the body of the class."""
    facts = content[EXTENSION]
    named = read_name(facts, reading, "")
    parent = _parent(facts, reading, registry)
    inherited = describe_model(parent).content if parent is not BaseModel else {}
    if inherited:
        known.update(known_models(parent, inherited))
        discriminator = facts["inheritance"].get("discriminator")
        inherited[EXTENSION]["indexes"] = inherited_indexes(parent, discriminator)
    embedded = EmbeddedModels(content, reading, registry, known)
    embedded.make_unions([content.get("properties"), content.get("$defs")])
    fields = embedded.fields.read_all(facts, "")
    parts = embedded.all()
    above = inherited.get(EXTENSION, {})
    all_fields = {**parent.__codec__.fields, **fields} if inherited else fields
    meta = MetaReader(reading, embedded.fields.values, inherited).read(facts, registry, all_fields)
    methods = read_methods(facts, reading, "", BaseModel)
    body = {
        **named.namespace(content.get("description")),
        "__reduce_ex__": reduce_instance,
        # A union knows subclasses of its models by the classes alone, which nothing else keeps alive.
        "__parts__": parts,
        "__field_order__": tuple(map(str, facts.get("order", ()))),
        "Meta": type("Meta", (), meta),
        **_beyond(methods, facts.get("methods", {}), above.get("methods", {})),
        **_beyond(fields, facts["fields"], above.get("fields", {})),
    }
    body.pop("id", None)  # every model's own
    return named.name, (parent,), body


def _beyond(
    made: dict[str, Any], described: dict[str, Any], inherited: dict[str, Any]
) -> dict[str, Any]:
    """Those of which the parent has no equal."""
    return {name: one for name, one in made.items() if described[name] != inherited.get(name)}


def _parent(facts: dict[str, Any], reading: Reading, registry: ModelRegistry) -> Any:
    inheritance = reading.mapping(facts.get("inheritance", {}), "inheritance")
    key = inheritance.get("parent")
    if key is None:
        return BaseModel
    try:
        return registry.get_model(reading.text(key, "inheritance.parent"))
    except UnknownModelError:
        message = f"is {key!r}, which is not registered in {registry.name}. Make that model first"
        reading.refuse("inheritance.parent", message, "parent")
        return BaseModel


def _hold_against(model: Any, document: ModelDocument) -> None:
    made = describe_model(model)
    if made == document:
        return
    patch = make_patch(document.content, made.content)
    faults = [
        FieldFault(path=one["path"], code="difference", message=f"would be {one.get('value')!r}")
        for one in patch[:_MOST_DIFFERENCES]
    ]
    raise ModelDocumentError(
        "gives a model that is another one. It was changed by hand, or what it names is another thing here:",
        model=document.key,
        faults=faults,
    )
