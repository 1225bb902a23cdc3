"""Makes models out of values: what a class line writes, given to a call."""

from collections.abc import Mapping
from keyword import iskeyword
from types import new_class
from typing import Any

from earnorm.errors import ModelDefinitionError
from earnorm.fields import Field
from earnorm.metadata import OPTIONS, Merge, ModelDocument, Snapshot
from earnorm.model_registry import ModelRegistry
from earnorm.models.base import BaseModel
from earnorm.models.extension import check_extension, extend_model
from earnorm.models.options import merged_by_name, meta_items
from earnorm.models.pickling import reduce_instance
from earnorm.models.rebuilding import build_from_document, build_snapshot
from earnorm.models.schema_model import read_schema
from earnorm.models.table import name_fault
from earnorm.queries import ReverseReference
from earnorm.typing import Imports, Listings

__all__ = ["DynamicModels"]


class DynamicModels:
    """Makes models for registries; has no state."""

    def create(
        self,
        name: str,
        *,
        registry: ModelRegistry,
        module: str,
        fields: Mapping[str, Any],
        meta: Mapping[str, Any],
        bases: tuple[type, ...],
        doc: str | None,
        schema: Mapping[str, Any] | None,
    ) -> type[Any]:
        """The model `name` of `module`, at home in `registry` and registered there.

        Raises `ModelDefinitionError`, and whatever else the class line would raise.
        """
        key = f"{module}.{name}"
        _check_name(name, key)
        if schema is not None:
            described = read_schema(schema, registry, module, name)
            for clash in described.fields.keys() & fields.keys():
                fault = f"the field {clash!r} is given twice, in fields and in the schema. Leave one out."
                raise ModelDefinitionError(fault, model=key)
            fields, meta = {**described.fields, **fields}, {**described.meta, **meta}
            doc = doc if doc is not None else described.doc
        _check_fields(fields, key)
        _check_bases(bases, key)
        namespace = {
            "__module__": module,
            "__doc__": doc,
            "__reduce_ex__": reduce_instance,
            "Meta": _meta(meta, key),
            **fields,
        }
        return new_class(
            name,
            bases or (BaseModel,),
            {"registry": registry},
            lambda body: body.update(namespace),
        )

    def extend(
        self,
        model: type[Any],
        *,
        fields: Mapping[str, Any],
        meta: Mapping[str, Any],
        listings: Listings,
    ) -> None:
        """Adds fields and options to the model and to those that inherit it; raises before anything is changed."""
        key = model.__metadata__.key
        _check_fields(fields, key)
        check_extension(model, fields, meta)
        body = dict(fields)
        if meta:
            body["Meta"] = _meta(meta, key, vars(model).get("Meta"))
        extend_model(model, body, listings)

    def create_from_document(
        self, document: ModelDocument, *, registry: ModelRegistry, imports: Imports
    ) -> type[Any]:
        """The model that the document describes; raises `ModelDocumentError`."""
        return build_from_document(document, registry, imports=imports)

    def create_from_snapshot(
        self, snapshot: Snapshot, *, registry: ModelRegistry, imports: Imports
    ) -> None:
        """The models of all documents of the snapshot; raises `ModelDocumentError`."""
        build_snapshot(snapshot, registry, imports=imports)


def _check_name(name: object, key: str) -> None:
    if not isinstance(name, str) or not name.isidentifier() or iskeyword(name):
        fault = f"cannot be called {name!r}, which no class can be. Give it a Python identifier."
        raise ModelDefinitionError(fault, model=key)


def _check_fields(fields: Mapping[str, Any], key: str) -> None:
    for name, field in fields.items():
        wrong = name_fault(name) if isinstance(name, str) else "has a name that is no string"
        if wrong is not None or name == "Meta":
            wrong = (
                wrong or "has the name of the options, which are given as meta={...}. Rename it."
            )
            raise ModelDefinitionError(f"the field {name!r} {wrong}", model=key)
        is_written_as_class = isinstance(field, type) and issubclass(field, Field)
        if not isinstance(field, (Field, ReverseReference)) and not is_written_as_class:
            fault = (
                f"the field {name!r} is {field!r}, which is no field. Give an instance of a field type, such as "
                "StringField(); methods and properties come from a class among the bases."
            )
            raise ModelDefinitionError(fault, model=key)


def _check_bases(bases: tuple[type, ...], key: str) -> None:
    if not isinstance(bases, tuple) or not all(isinstance(base, type) for base in bases):
        fault = f"takes a tuple of classes as its bases, not {bases!r}"
        raise ModelDefinitionError(fault, model=key)
    if bases and not any(issubclass(base, BaseModel) for base in bases):
        names = ", ".join(base.__qualname__ for base in bases)
        fault = f"has the bases {names}, none of which is a model. Add BaseModel as the last."
        raise ModelDefinitionError(fault, model=key)


def _meta(meta: Mapping[str, Any], key: str, former: type | None = None) -> type:
    """The class of the options; those that add up have what the former class says before them."""
    for name in meta:
        if not isinstance(name, str) or name.startswith("__"):
            raise ModelDefinitionError(f"Meta has the unknown option {name!r}.", model=key)
    options = dict(meta_items(former, key))
    for name, value in meta.items():
        merge = OPTIONS[name].merge if name in OPTIONS else Merge.OWN
        if merge is Merge.ADDED and name in options and isinstance(value, (list, tuple)):
            options[name] = [*options[name], *value]
        elif merge is Merge.NAMED and name in options and isinstance(value, Mapping):
            options[name] = merged_by_name(options[name], value)
        else:
            options[name] = value
    return type("Meta", (), options)


# The registry lies below the models, so what it makes them with is given to it from here.
ModelRegistry.factory = DynamicModels()
