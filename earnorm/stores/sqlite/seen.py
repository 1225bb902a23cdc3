"""Which row numbers were met already, in an eighth of a byte each."""

from typing import Final

__all__ = ["SeenRids"]


class SeenRids:
    """A set of row numbers that takes memory for the stretches in which there are some."""

    __slots__ = ("_pages",)

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, rid: int) -> bool:
        """Adds a row number; returns whether it is new."""
        page = self._pages.get(rid >> _PAGE_BITS)
        if page is None:
            page = self._pages[rid >> _PAGE_BITS] = bytearray(1 << (_PAGE_BITS - 3))
        place, bit = (rid & _PAGE_MASK) >> 3, 1 << (rid & 7)
        if page[place] & bit:
            return False
        page[place] |= bit
        return True


_PAGE_BITS: Final = 12
_PAGE_MASK: Final = (1 << _PAGE_BITS) - 1
