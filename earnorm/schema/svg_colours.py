"""The colours of a picture: a hue for each package, a shade of it for the line to each of its models."""

from collections.abc import Mapping
from colorsys import hls_to_rgb

from earnorm.schema.layout import Picture

__all__ = ["RED", "Hues", "colour", "hues", "line_colours"]

RED = "#c81e1e"
"""What is wrong."""

Hues = Mapping[object, int | None]
"""Packages and keys of boxes -> hue in degrees; None for what is missing."""

_HUES = (212, 28, 145, 275, 350, 185, 52, 315, 100, 240)


def hues(picture: Picture) -> dict[object, int | None]:
    """The hue of each package, and of each model in it; None for what is missing."""
    clusters = dict.fromkeys(frame.cluster for frame in picture.frames)
    found: dict[object, int | None] = {}
    for number, cluster in enumerate(clusters):
        hue = None if cluster.is_missing else _HUES[number % len(_HUES)]
        found[cluster] = hue
        found.update(dict.fromkeys((box.key for box in cluster.boxes), hue))
    return found


def line_colours(picture: Picture, hue_of: Hues) -> dict[object, str]:
    """The colour of the line to each model: that of its package, in a shade that its neighbours do not have."""
    seen: dict[int | None, int] = {}
    found: dict[object, str] = {}
    for route in picture.routes:
        key, hue = route.target.key, hue_of[route.target.key]
        if key not in found:
            seen[hue] = number = seen.get(hue, -1) + 1
            found[key] = _shade(hue, number)
    return found


def colour(hue: float, light: float, saturation: float) -> str:
    """The colour of this hue, as SVG writes it."""
    red, green, blue = hls_to_rgb(hue % 360 / 360, light, saturation)
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _shade(hue: int | None, number: int) -> str:
    if hue is None:
        return RED
    turned, light = ((0, 0.42), (14, 0.30), (-14, 0.52), (8, 0.60), (-8, 0.24))[number % 5]
    return colour(hue + turned, light, 0.62)
