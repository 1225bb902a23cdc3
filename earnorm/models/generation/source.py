"""Python source that is put together line by line, compiled, and shown in tracebacks."""

import linecache
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

__all__ = ["GiveUp", "Source"]

_serial = count(1)


class GiveUp(Exception):  # noqa: N818 # ends the fast path, and never leaves a generated function
    """A value is not exactly what its field keeps."""


# Under names that no field can hide.
_BUILTINS = {
    "_GiveUp": GiveUp,
    "_KeyError": KeyError,
    "_dict": dict,
    "_enumerate": enumerate,
    "_float": float,
    "_int": int,
    "_len": len,
    "_list": list,
    "_str": str,
    "_tuple": tuple,
    "_type": type,
}


class Source:
    """The source of one function, and the objects that it names.

    Nothing that a user wrote becomes source text except through `repr` or as a validated identifier:
    every object is bound to a name of ours. Our names begin with an underscore, which no field's does.
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
        self._lines += [f"{'    ' * self._depth}{line}" for line in lines if line]

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
            name = self._names[id(value)] = f"_{hint}_{len(self._bound)}"
            self._bound[name] = value
        return name

    def compile(self, name: str, owner: type, *, title: str) -> Callable[..., Any]:
        """The function called `name`; `title` is what tracebacks call its file.

        Tracebacks find its lines as long as `owner` lives.
        """
        text = "\n".join(self._lines) + "\n"
        filename = f"<{owner.__qualname__}.{title} {next(_serial)}>"
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        weakref.finalize(owner, linecache.cache.pop, filename, None).atexit = False
        namespace = {**_BUILTINS, **self._bound}
        exec(compile(text, filename, "exec"), namespace)  # noqa: S102 # the source is ours, see the class
        function: Callable[..., Any] = namespace[name]
        return function
