"""Describes a model as its document."""

import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from earnorm.errors import ModelDocumentError
from earnorm.fields import Definitions, Field, UniqueValidator, object_schema
from earnorm.fields.embedded import is_embedded_model
from earnorm.metadata.metadata import Metadata
from earnorm.metadata.model_document import DIALECT, EXTENSION, FORMAT, ModelDocument
from earnorm.metadata.value_forms import EMBEDDED, OPAQUE, SECRET_FORM, import_path, value_form
from earnorm.typing import Index

__all__ = ["describe_index", "describe_model"]

_OURS: Final = "earnorm.fields."
_SHOWN_SECRETS: Final = ("default", "choices", "values")


def describe_model(model: Any) -> ModelDocument:
    """The document of a model class as it is now.

    Raises `ModelDocumentError` when one of its fields, of a type of somebody else's, cannot say what it is.
    """
    try:
        return _describe(model, model.__metadata__)
    except Exception as error:
        raise ModelDocumentError(
            f"cannot be written: {type(error).__name__}: {error}. The arguments of a field type are what its "
            "constructor takes and keeps under the same names; another one overrides `arguments`.",
            model=model.__metadata__.key,
        ) from error


def _describe(model: Any, metadata: Metadata) -> ModelDocument:
    definitions = _Structures()
    schema = object_schema(metadata.fields, definitions)
    facts = {
        "format": FORMAT,
        "key": metadata.key,
        "module": metadata.module,
        "name": metadata.name,
        **_structure(model, metadata.fields, definitions),
        "collection": metadata.collection,
        "indexes": [describe_index(one) for one in metadata.indexes],
        "validators": [_validator(one) for one in metadata.validators],
        "plugins": [_plugin(metadata, one.name) for one in metadata.plugins],
        "relationships": [_relationship(one) for one in metadata.relationships],
        "inheritance": _inheritance(model, metadata),
        "options": _options(metadata),
    }
    content = {
        "$schema": DIALECT,
        "$id": f"urn:earnorm:model:{metadata.key}",
        "title": metadata.name,
        **_documentation(model),
        **_without_inexact(schema),
        **({"$defs": _without_inexact(definitions.schemas)} if definitions.schemas else {}),
        EXTENSION: facts,
    }
    return ModelDocument.of(content)


class _Structures(Definitions):
    """Definitions of embedded models that also say what JSON Schema has no words for."""

    def refer(
        self, key: Any, name: str, build: Callable[[Definitions], dict[str, Any]]
    ) -> dict[str, Any]:
        model = key[0] if isinstance(key, tuple) else key
        if not is_embedded_model(model):
            return super().refer(key, name, build)

        def describe(inner: Definitions) -> dict[str, Any]:
            facts = {
                "key": f"{model.__module__}.{model.__qualname__}",
                "module": model.__module__,
                "name": model.__name__,
                "discriminator": model.__discriminator__,
                **_embedded_bases(model, inner),
                **_structure(model, model.__codec__.fields, inner),
            }
            return {**_documentation(model), **build(inner), EXTENSION: facts}

        return super().refer(key, name, describe)


def _structure(
    model: Any, fields: Mapping[str, Field[Any]], definitions: Definitions
) -> dict[str, Any]:
    """What models and embedded models have in common; the order of the fields is that of the constructor."""
    return {
        "extra": model.__codec__.rules.extra,
        "fields": {name: _field(field, definitions) for name, field in fields.items()},
        "order": list(fields),
        "methods": {
            one.name: {"fields": list(one.fields), **import_path(getattr(model, one.name))}
            for one in model.__validators__
        },
    }


def _field(field: Field[Any], definitions: Definitions) -> dict[str, Any]:
    described: dict[str, Any] = {"type": _type_name(type(field)), "kind": _kind(type(field))}
    if field.stored_name != field.name:
        described["stored_name"] = field.stored_name
    if field.contributed_by is not None:
        described["plugin"] = field.contributed_by
    arguments = {
        name: _argument(field, name, value, definitions)
        for name, value in field.arguments().items()
        if name != "alias"
    }
    return {**described, "arguments": arguments} if arguments else described


def _argument(field: Field[Any], name: str, value: Any, definitions: Definitions) -> Any:
    if field.secret and name in _SHOWN_SECRETS:
        return dict(SECRET_FORM)
    if name == "to" and isinstance(value, type):
        return f"{value.__module__}.{value.__qualname__}"

    def describe(one: Any) -> Any:
        if isinstance(one, Field):
            return _field(one, definitions)
        if one is ...:
            return {OPAQUE: "..."}
        if isinstance(one, type):
            return _refer(one, definitions) if is_embedded_model(one) else None
        return _instance(one, definitions, describe) if is_embedded_model(type(one)) else None

    return value_form(value, describe)


def _refer(model: Any, definitions: Definitions) -> dict[str, Any]:
    fields = model.__codec__.fields
    return definitions.refer(model, model.__name__, lambda inner: object_schema(fields, inner))


def _instance(
    instance: Any, definitions: Definitions, describe: Callable[[Any], Any]
) -> dict[str, Any]:
    """An embedded instance that is a default or a choice; what it keeps beside its fields is left out."""
    values = vars(instance)
    shown = {
        name: dict(SECRET_FORM) if field.is_hidden else value_form(values[name], describe)
        for name, field in instance.__codec__.fields.items()
        if name in values
    }
    return {EMBEDDED: _refer(type(instance), definitions), "values": shown}


def _embedded_bases(model: Any, definitions: Definitions) -> dict[str, Any]:
    """The embedded models that it inherits: a union of one of them takes it as well."""
    bases = [_refer(base, definitions) for base in model.__bases__ if is_embedded_model(base)]
    return {"bases": bases} if bases else {}


def _type_name(kind: type) -> str:
    """The name of a field type of ours, and where to import one of somebody else's."""
    is_ours = kind.__module__.startswith(_OURS)
    return kind.__name__ if is_ours else f"{kind.__module__}:{kind.__qualname__}"


def _kind(kind: type) -> str:
    """The nearest field type of ours, which says what the values are."""
    return next(one.__name__ for one in kind.__mro__ if one.__module__.startswith(_OURS))


def _documentation(model: Any) -> dict[str, str]:
    text = vars(model).get("__doc__")
    return {"description": inspect.cleandoc(text)} if text else {}


def describe_index(index: Index) -> dict[str, Any]:
    """What a document says of an index."""
    options = {
        "unique": index.unique,
        "partial": index.partial,
        "sparse": index.sparse,
        "expire_after": index.expire_after,
        "collation": index.collation,
    }
    given = {name: _plain(value) for name, value in options.items() if value not in (None, False)}
    fields = [[path, _plain(kind)] for path, kind in index.fields]
    return {"name": index.name, "fields": fields, **given}


def _validator(validator: Any) -> dict[str, Any]:
    if isinstance(validator, UniqueValidator):
        return {"unique": list(validator.fields)}
    return import_path(validator)


def _plugin(metadata: Metadata, name: str) -> dict[str, Any]:
    info = next(one for one in metadata.plugins if one.name == name)
    contributed = [field.name for field in metadata.fields.values() if field.contributed_by == name]
    described: dict[str, Any] = {
        "name": name,
        "distribution": info.distribution,
        "version": info.version,
        "fields": contributed,
    }
    if name in metadata.plugin_options:
        described["options"] = _plain(metadata.plugin_options[name].to_document())
    if name in metadata.implied_plugins:
        described["implied_by"] = list(metadata.implied_plugins[name])
    if name in metadata.registry_plugins:
        described["of_registry"] = True
    return described


def _relationship(relationship: Any) -> dict[str, Any]:
    return {
        "field": relationship.field,
        "target": relationship.target,
        "many": relationship.many,
        "required": relationship.required,
        "on_delete": relationship.on_delete,
    }


def _inheritance(model: Any, metadata: Metadata) -> dict[str, Any]:
    """The concrete model that it inherits, the root of the tree, and what its documents say of their class."""
    parents = (vars(base).get("__metadata__") for base in model.__mro__[1:])
    parent = next((one.key for one in parents if one is not None and not one.abstract), None)
    facts = {
        "parent": parent,
        "root": metadata.root,
        "discriminator": metadata.discriminator,
        "abstract": metadata.abstract or None,
    }
    return {name: value for name, value in facts.items() if value is not None}


_SAID_ELSEWHERE: Final = (
    "abstract", "collection", "discriminator", "extra", "indexes", "plugins", "plugin_options", "silenced_checks",
    "validators",
)  # fmt: skip


def _options(metadata: Metadata) -> dict[str, Any]:
    return {
        name: _plain(value)
        for name, value in metadata.options.items()
        if name not in _SAID_ELSEWHERE and value is not None
    }


def _plain(value: Any) -> Any:
    return value_form(value, lambda one: None)


def _without_inexact(value: Any) -> Any:
    """The same for a JSON whose numbers are doubles: such bounds are left out, the arguments have them."""
    if isinstance(value, dict):
        return {
            key: _without_inexact(item)
            for key, item in value.items()
            if not (key in _BOUNDS and (_is_inexact(item) or _is_infinite(item)))
        }
    if isinstance(value, list):
        return [_without_inexact(item) for item in value]
    return float(value) if _is_inexact(value) else value


_BOUNDS: Final = ("minimum", "maximum")


def _is_inexact(value: object) -> bool:
    return type(value) is int and abs(value) >= 2**53


def _is_infinite(value: object) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
