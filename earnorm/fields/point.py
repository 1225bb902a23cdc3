"""A place on the earth."""

from dataclasses import dataclass
from typing import Any

__all__ = ["MOST_LATITUDE", "MOST_LONGITUDE", "Point"]

MOST_LATITUDE = 90
MOST_LONGITUDE = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place by its longitude (-180 to 180) and latitude (-90 to 90), in degrees (WGS 84).

    Raises `ValueError` outside these, and `TypeError` for what is no number. By keyword only, since half
    of the world writes the latitude first.
    """

    longitude: float
    latitude: float

    def __post_init__(self) -> None:
        for name, most in (("longitude", MOST_LONGITUDE), ("latitude", MOST_LATITUDE)):
            object.__setattr__(self, name, _degrees(name, getattr(self, name), most))

    def as_geojson(self) -> dict[str, Any]:
        """The place as a GeoJSON point (RFC 7946, 3.1.2), the longitude first."""
        return {"type": "Point", "coordinates": [self.longitude, self.latitude]}


def _degrees(name: str, value: Any, most: int) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"the {name} must be a number, not {type(value).__name__}")
    if not -most <= value <= most:
        raise ValueError(f"the {name} must be from -{most} to {most}")
    return float(value)
