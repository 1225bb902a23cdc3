"""Python source that is put together line by line, compiled, and shown in tracebacks."""

import linecache
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

__all__ = ["Source"]

_serial = count(1)


class Source:
    """The source of one function, and the objects that it names.

    Nothing that a user wrote becomes source text except through `repr` or as a validated identifier:
    every object is bound to a name of ours.
    """

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0
        self._bound: dict[str, Any] = {}
        self._names: dict[
            int, str
        ] = {}  # id of a bound object -> its name; what is bound stays alive

    def add(self, *lines: str) -> None:
        """Appends lines at the current depth."""
        self._lines += [f"{'    ' * self._depth}{line}" for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        """Appends `head` and indents what is added within."""
        self.add(head)
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1

    def bind(self, value: Any, hint: str) -> str:
        """A name under which the source finds `value`."""
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = f"{hint}_{len(self._bound)}"
            self._bound[name] = value
        return name

    def compile(self, name: str, *, title: str) -> Callable[..., Any]:
        """The function called `name`; `title` is what tracebacks call its file."""
        text = "\n".join(self._lines) + "\n"
        filename = f"<{title} {next(_serial)}>"
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        namespace = dict(self._bound)
        exec(compile(text, filename, "exec"), namespace)  # noqa: S102 # the source is ours, see the class
        function: Callable[..., Any] = namespace[name]
        return function
