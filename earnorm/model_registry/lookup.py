"""Finds a model by its key or by a shorter name."""

from collections.abc import Iterable, Iterator

from earnorm.errors import AmbiguousModelError, UnknownModelError

__all__ = ["NameIndex"]


class NameIndex:
    """The keys of one registry, and the bare names that lead to them."""

    __slots__ = ("_by_name", "_keys")

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}
        self._by_name: dict[str, dict[str, None]] = {}  # bare name -> keys that end in it

    def add(self, key: str) -> None:
        """Makes the key findable; adding it twice changes nothing."""
        self._keys[key] = None
        self._by_name.setdefault(_bare(key), {})[key] = None

    def discard(self, key: str) -> None:
        """Makes the key unfindable."""
        self._keys.pop(key, None)
        self._by_name.get(_bare(key), {}).pop(key, None)

    def find(self, name: str) -> str:
        """The one key that `name` means anywhere; raises when none or several fit."""
        if name in self._keys:
            return name
        return self._only(name, self._ending_in(name))

    def find_from(self, module: str, scope: str, name: str) -> str:
        """The key that `name` means inside the class `scope` of `module`, as Python would look it up.

        First the enclosing scopes and the module itself, then its package and each package above it
        with all that they hold, then the whole registry. Two candidates at one step are an error.
        """
        for key in _enclosing(module, scope, name):
            if key in self._keys:
                return key
        if name in self._keys:
            return name
        candidates = self._ending_in(name)
        package = module
        while package:
            inside = [key for key in candidates if key.startswith(f"{package}.")]
            if inside:
                return self._only(name, inside)
            package = package.rpartition(".")[0]
        return self._only(name, candidates)

    def _ending_in(self, name: str) -> list[str]:
        """Keys whose last part is that of `name` and whose first parts are the others of `name`."""
        # Copied in one step, so that another thread may register meanwhile.
        keys = list(self._by_name.get(_bare(name), ()))
        prefix = name.rpartition(".")[0]
        return [key for key in keys if not prefix or key == name or key.startswith(f"{prefix}.")]

    def _only(self, name: str, candidates: Iterable[str]) -> str:
        found = list(candidates)
        if len(found) > 1:
            raise AmbiguousModelError(name, found)
        if not found:
            raise UnknownModelError(name, known=list(self._keys))
        return found[0]


def _bare(key: str) -> str:
    return key.rpartition(".")[2]


def _enclosing(module: str, scope: str, name: str) -> Iterator[str]:
    while scope:
        scope = scope.rpartition(".")[0]
        yield f"{module}.{scope}.{name}" if scope else f"{module}.{name}"
