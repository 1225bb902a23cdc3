"""What a JSON Schema says of a whole model."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import new_class
from typing import Any

from earnorm.errors import ModelSchemaError
from earnorm.fields import Field
from earnorm.model_registry import ModelRegistry
from earnorm.models.embedded import EmbeddedModel
from earnorm.models.pickling import reduce_instance
from earnorm.models.schema_fields import SchemaReader

__all__ = ["SchemaModel", "read_schema"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaModel:
    """The fields, the options of `Meta` and the documentation that a schema gives a model."""

    fields: Mapping[str, Field[Any]]
    meta: Mapping[str, Any]
    doc: str | None


def read_schema(
    schema: Mapping[str, Any], registry: ModelRegistry, module: str, name: str
) -> SchemaModel:
    """What the schema says of the model `name` of `module`; raises `ModelSchemaError` with all that no model can be."""

    def embed(part: str, fields: dict[str, Field[Any]], extra: str) -> type[EmbeddedModel]:
        body = {
            "__module__": module,
            "__qualname__": f"{name}.{part}",
            "__reduce_ex__": reduce_instance,
            **fields,
        }
        options = {"registry": registry, "extra": extra}
        return new_class(part, (EmbeddedModel,), options, lambda space: space.update(body))

    reader = SchemaReader(schema, embed)
    whole = reader.root(schema)
    fields = reader.fields(whole, "")
    if reader.faults:
        raise ModelSchemaError(reader.faults, model=f"{module}.{name}")
    is_closed = whole.get("additionalProperties") is False
    return SchemaModel(
        fields=fields,
        meta={"extra": "forbid"} if is_closed else {},
        doc=whole.get("description"),
    )
