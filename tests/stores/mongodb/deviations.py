"""What the stand-ins do against MongoDB's manual, by the names of the suite's cases."""

from collections.abc import Mapping

DEVIATIONS: Mapping[str, Mapping[str, str]] = {}
