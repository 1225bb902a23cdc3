"""Strongly connected components, in linear time and without recursion."""

from collections.abc import Sequence

__all__ = ["components"]


def components(following: Sequence[Sequence[int]]) -> list[list[int]]:
    """The nodes in groups that reach each other, each group after those that it points at.

    `following[n]` are the nodes that node n points at. This is Tarjan's algorithm ("Depth-first search and linear
    graph algorithms", 1972), with a stack of its own in the place of recursion. The order depends on nothing but
    the arguments.
    """
    search = _Search(following)
    for root in range(len(following)):
        if search.found_at[root] < 0:
            search.run(root)
    return search.groups


class _Search:
    def __init__(self, following: Sequence[Sequence[int]]) -> None:
        self.groups: list[list[int]] = []
        self.found_at = [-1] * len(following)  # node -> when it was found
        self._following = following
        self._lowest = [0] * len(following)  # node -> the earliest open one that it leads to
        self._is_open = [False] * len(following)
        self._open: list[int] = []
        self._clock = 0

    def run(self, root: int) -> None:
        """Finds all that the root leads to and was not found before."""
        self._enter(root)
        way = [(root, iter(self._following[root]))]
        while way:
            node, rest = way[-1]
            for below in rest:
                if self.found_at[below] < 0:
                    self._enter(below)
                    way.append((below, iter(self._following[below])))
                    break
                if self._is_open[below]:
                    self._lowest[node] = min(self._lowest[node], self.found_at[below])
            else:
                way.pop()
                self._leave(node, way[-1][0] if way else None)

    def _enter(self, node: int) -> None:
        self.found_at[node] = self._lowest[node] = self._clock
        self._clock += 1
        self._open.append(node)
        self._is_open[node] = True

    def _leave(self, node: int, above: int | None) -> None:
        if above is not None:
            self._lowest[above] = min(self._lowest[above], self._lowest[node])
        if self._lowest[node] != self.found_at[node]:
            return
        start = len(self._open) - 1
        while self._open[start] != node:
            start -= 1
        group = sorted(self._open[start:])
        del self._open[start:]
        for one in group:
            self._is_open[one] = False
        self.groups.append(group)
