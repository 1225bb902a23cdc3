"""A condition on a secret, which is not shown."""

from typing import Any

__all__ = ["Concealed"]


class Concealed(dict[str, Any]):
    """A dictionary whose representation keeps its values to itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"
