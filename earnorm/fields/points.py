"""The field that holds a place on the earth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Unpack, overload

from earnorm.errors import FieldFault
from earnorm.fields.base import Field, FieldOptions, OptionalFieldOptions
from earnorm.fields.definitions import Definitions
from earnorm.fields.point import MOST_LATITUDE, MOST_LONGITUDE, Point

__all__ = ["PointField"]

T = TypeVar("T")


class PointField(Field[T]):
    """A `Point`, stored as a GeoJSON point, which a `2dsphere` index of MongoDB covers.

    A GeoJSON point as a mapping is accepted and converted: `{"type": "Point", "coordinates":
    [longitude, latitude]}`.
    """

    expects = "a Point or a GeoJSON point"
    exact_types = (Point,)
    is_mutable = False

    @overload
    def __init__(
        self: PointField[Point],
        *,
        required: Literal[True] = ...,
        **options: Unpack[FieldOptions[Point]],
    ) -> None: ...
    @overload
    def __init__(
        self: PointField[Point | None],
        *,
        required: Literal[False],
        **options: Unpack[OptionalFieldOptions[Point]],
    ) -> None: ...
    def __init__(self, *, required: bool = True, **options: Any) -> None:
        super().__init__(required=required, **options)

    def convert(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        if isinstance(value, Point):
            return value
        coordinates = _coordinates(value)
        if coordinates is None:
            faults.append(self.type_fault(path, value))
            return value
        try:
            return Point(longitude=coordinates[0], latitude=coordinates[1])
        except (TypeError, ValueError) as error:
            faults.append(self.fault(path, "point", str(error), value))
            return value

    def encode(self, value: Any) -> Any:
        return value.as_geojson()

    def to_json(self, value: Any) -> Any:
        return value.as_geojson()

    def from_json(self, data: object, path: str, faults: list[FieldFault]) -> Any:
        return None if data is None else self.convert(data, path, faults)

    def value_schema(self, definitions: Definitions) -> dict[str, Any]:
        return definitions.refer(Point, "Point", lambda inner: dict(_SCHEMA))


_DIMENSIONS = 2
_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "type": {"const": "Point"},
        "coordinates": {
            "type": "array",
            "prefixItems": [
                {"type": "number", "minimum": -MOST_LONGITUDE, "maximum": MOST_LONGITUDE},
                {"type": "number", "minimum": -MOST_LATITUDE, "maximum": MOST_LATITUDE},
            ],
            "items": False,
            "minItems": _DIMENSIONS,
        },
    },
    "required": ["type", "coordinates"],
    "additionalProperties": False,
}


def _coordinates(value: object) -> list[Any] | tuple[Any, ...] | None:
    """The two of a GeoJSON point that has nothing else: a height would be lost."""
    if not isinstance(value, Mapping) or value.keys() != {"type", "coordinates"}:
        return None
    kind, found = value["type"], value["coordinates"]
    is_pair = isinstance(found, (list, tuple)) and len(found) == _DIMENSIONS
    return found if isinstance(kind, str) and kind == "Point" and is_pair else None
