"""Instances as JSON, and back: under the fields' names, for APIs and files, not for the store."""

import json
import math
from collections.abc import Mapping
from typing import Any, TypeVar

from earnorm.errors import SECRET, FieldFault, ModelDefinitionError, ValidationError
from earnorm.fields import Definitions, object_from_json, object_schema, object_to_json
from earnorm.models.codec import AbstractCodec
from earnorm.models.structure import Structure

__all__ = ["from_json", "json_schema", "to_json"]

S = TypeVar("S", bound=Structure)


def to_json(instance: Structure) -> dict[str, Any]:
    """The instance's values as `json.dumps` takes them, under the names of the fields.

    Extras and secrets are left out, and so is what has no value yet: an id or a plugin's field that is None.
    Raises `ValidationError` for a free dictionary that would be read back as a type (`{"$date": …}`).
    """
    _check_structure("to_json", type(instance), instance)
    form = object_to_json(instance.__codec__.fields, vars(instance))
    if not instance.__embedded__ and form.get("id", ...) is None:
        del form["id"]
    return form


def from_json(model: type[S], data: Mapping[str, Any] | str | bytes) -> S:
    """A new instance from its JSON form, parsed or as text; raises `ValidationError` with every fault.

    It takes what the constructor takes: a value that a plugin sets is refused, a key that no field has
    as well.
    """
    _check_structure("from_json", model, model)
    if isinstance(model.__codec__, AbstractCodec):
        raise ModelDefinitionError(
            "is abstract and has no instances. Define a subclass.", model=model.__qualname__
        )
    faults: list[FieldFault] = []
    parsed = _parsed(data, faults)
    if not faults and not isinstance(parsed, Mapping):
        message = f"must be a JSON object, not {type(parsed).__name__}"
        shown = SECRET if model.__codec__.holds_secrets else parsed
        faults.append(FieldFault(path="", code="json", message=message, input=shown))
    instance: Any = None if faults else object_from_json(model.__codec__, parsed, "", faults)
    if faults:
        raise ValidationError(model.__qualname__, faults)
    made: S = instance
    return made


def json_schema(model: type[Structure]) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what `from_json` takes; embedded models stand under `$defs`.

    It is closed: a key that no field has is refused.
    """
    _check_structure("json_schema", model, model)
    definitions = Definitions()
    fields = model.__codec__.fields
    own = definitions.refer(model, model.__name__, lambda inner: object_schema(fields, inner))
    schemas = definitions.schemas
    root = schemas[model.__name__]
    if _refers_to(own["$ref"], schemas):
        root = own  # an embedded model that holds itself is referred to by name, at the top as well
    else:
        del schemas[model.__name__]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": model.__name__,
        **root,
        **({"$defs": schemas} if schemas else {}),
    }


def _refers_to(reference: str, schema: object) -> bool:
    if isinstance(schema, dict):
        return schema.get("$ref") == reference or any(
            _refers_to(reference, part) for part in schema.values()
        )
    return isinstance(schema, list) and any(_refers_to(reference, part) for part in schema)


def _parsed(data: Any, faults: list[FieldFault]) -> Any:
    if not isinstance(data, (str, bytes, bytearray)):
        return data
    try:
        return json.loads(data, parse_constant=_refuse_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        why = str(error) or "it is nested too deep"
        faults.append(FieldFault(path="", code="json", message=f"is not JSON: {why}"))
        return None


def _refuse_constant(word: str) -> Any:
    raise ValueError(f"{word} is no number of JSON; write it as a string for a FloatField")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("it has a number that is larger than a 64-bit float")
    return number


def _check_structure(function: str, model: object, given: object) -> None:
    if not (isinstance(model, type) and issubclass(model, Structure)):
        what = "an instance of a model" if function == "to_json" else "a model"
        raise TypeError(f"{function} takes {what}, not {given!r}")
