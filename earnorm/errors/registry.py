"""Models that cannot be found, or that cannot be told apart."""

from collections.abc import Iterable, Sequence

from earnorm.errors.base import EarnORMError
from earnorm.errors.suggestions import suggestion

__all__ = ["AmbiguousModelError", "DiscoveryError", "UnknownModelError", "UnknownOptionError"]


class UnknownModelError(EarnORMError, LookupError):
    """No registered model has this name."""

    def __init__(self, name: str, *, known: Iterable[str] = ()) -> None:
        names = list(known)
        bare = {key.rpartition(".")[2] for key in names}
        hint = suggestion(name, [*names, *bare])
        super().__init__(
            f"no registered model is called {name!r}.{hint} A model registers itself when its module is "
            f"imported: import that module first, or call registry.discover('package')."
        )
        self.name = name


class UnknownOptionError(EarnORMError, LookupError):
    """`Meta` has no option of this name."""

    def __init__(self, name: str, *, known: Iterable[str]) -> None:
        options = sorted(known)
        hint = suggestion(name, options) or f" The options are: {', '.join(options)}."
        super().__init__(f"Meta has no option {name!r}.{hint}")
        self.name = name


class AmbiguousModelError(EarnORMError, LookupError):
    """Several registered models have this bare name; `candidates` lists their keys."""

    def __init__(self, name: str, candidates: Iterable[str]) -> None:
        self.name = name
        self.candidates: tuple[str, ...] = tuple(sorted(candidates))
        super().__init__(
            f"the name {name!r} fits {len(self.candidates)} models: {', '.join(self.candidates)}. "
            "Use one of these keys, or the class itself."
        )


class DiscoveryError(EarnORMError, ExceptionGroup[Exception]):
    """Modules that failed while packages were discovered: one exception for each faulty module.

    `modules` names the module of each of `exceptions`, in the same order.
    """

    modules: tuple[str, ...]

    def __new__(
        cls, message: str, exceptions: Sequence[Exception], modules: Iterable[str] = ()
    ) -> "DiscoveryError":
        error = super().__new__(cls, message, exceptions)
        error.modules = tuple(modules)
        return error

    def derive(self, excs: Sequence[Exception]) -> "DiscoveryError":  # type: ignore[override] # narrower than typeshed's generic
        """The same kind of group over some of its parts."""
        named = {
            id(error): name for error, name in zip(self.exceptions, self.modules, strict=False)
        }
        return DiscoveryError(self.message, excs, [named.get(id(error), "") for error in excs])
