"""Models that cannot be found, or that cannot be told apart."""

from collections.abc import Iterable, Sequence

from earnorm.errors.base import EarnORMError
from earnorm.errors.suggestions import suggestion
from earnorm.errors.validation import FieldFault

__all__ = [
    "AmbiguousModelError",
    "DiscoveryError",
    "EventRevisionError",
    "ListenerLoopError",
    "HistoryError",
    "ModelDocumentError",
    "PictureTooLargeError",
    "UnknownModelError",
    "UnknownOptionError",
    "UnknownRevisionError",
    "UnknownVersionError",
    "UnknownPackageError",
    "ModelInUseError",
]


class UnknownModelError(EarnORMError, LookupError):
    """No registered model has this name."""

    def __init__(self, name: str, *, known: Iterable[str] = (), in_history: bool = False) -> None:
        """With `in_history`, a history was asked, and not a registry."""
        names = list(known)
        bare = {key.rpartition(".")[2] for key in names}
        hint = suggestion(name, [*names, *bare])
        super().__init__(
            f"the history tells of no model that is called {name!r}.{hint} It has those that were recorded: "
            "earnorm registry history lists them."
            if in_history
            else f"no registered model is called {name!r}.{hint} A model registers itself when its module is "
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


class UnknownPackageError(EarnORMError, LookupError):
    """None of the models lies in a package or module of this name."""

    def __init__(self, name: str, *, known: Iterable[str]) -> None:
        packages = sorted(known)
        hint = suggestion(name, packages) or f" There are: {', '.join(packages) or 'none'}."
        super().__init__(f"none of the models lies in a package {name!r}.{hint}")
        self.name = name


class ListenerLoopError(EarnORMError, RuntimeError):
    """An async listener and the event loop do not fit: none is running, or another than that which subscribed."""


class EventRevisionError(EarnORMError, LookupError):
    """A registry does not have all events after the revision `since`: it keeps those from `oldest` to `newest`."""

    def __init__(self, since: int, *, oldest: int, newest: int) -> None:
        if since > newest:
            fault = (
                f"the registry is at revision {newest} and has not come to {since} yet. Revisions begin anew with "
                "every process: use one that this registry object gave."
            )
        else:
            fault = (
                f"events after revision {since} are not kept any more: the oldest that is kept is {oldest}. Look at "
                f"the registry as it is now and go on from there with since={oldest - 1} or later, or have more kept: "
                "ModelRegistry(events_kept=...)."
            )
        super().__init__(fault)
        self.since = since
        self.oldest = oldest
        self.newest = newest


class PictureTooLargeError(EarnORMError, ValueError):
    """A graph has more models than a picture can show; `models` is how many, `most` how many it can."""

    def __init__(self, models: int, *, most: int) -> None:
        super().__init__(
            f"the graph has {models} models, and a picture of more than {most} shows nobody anything. Narrow it: "
            "graph.subgraph(packages=[...]), or graph.subgraph(around=model, depth=2)."
        )
        self.models = models
        self.most = most


class AmbiguousModelError(EarnORMError, LookupError):
    """Several registered models have this bare name; `candidates` lists their keys."""

    def __init__(self, name: str, candidates: Iterable[str]) -> None:
        self.name = name
        self.candidates: tuple[str, ...] = tuple(sorted(candidates))
        super().__init__(
            f"the name {name!r} fits {len(self.candidates)} models: {', '.join(self.candidates)}. "
            "Use one of these keys, or the class itself."
        )


class ModelInUseError(EarnORMError, RuntimeError):
    """A model cannot be unregistered alone: `dependents` are the keys of those that refer to it or inherit it."""

    def __init__(self, model: str, dependents: Iterable[str]) -> None:
        self.model = model
        self.dependents: tuple[str, ...] = tuple(sorted(dependents))
        super().__init__(
            f"{model} cannot be unregistered, as other models depend on it: {', '.join(self.dependents)}. Unregister "
            "these as well with dependents='cascade', or leave their references pending with dependents='ignore'."
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


class ModelDocumentError(EarnORMError, ValueError):
    """What should be a model document is none, or cannot be made a model of.

    `faults` are all things that stand in the way of the model, each with its path in the document.
    """

    def __init__(
        self, fault: str, *, model: str | None = None, faults: Sequence[FieldFault] = ()
    ) -> None:
        self.model = model
        self.faults = tuple(faults)
        told = "".join(f"\n- {one}" for one in self.faults)
        super().__init__(
            f"{model}: the model document {fault}{told}" if model else f"it {fault}{told}"
        )


class HistoryError(EarnORMError, ValueError):
    """The history of a registry was changed, or is not whole; `revision` is that of the first faulty entry."""

    def __init__(self, fault: str, *, revision: int | None = None) -> None:
        where = "" if revision is None else f" at revision {revision}"
        super().__init__(
            f"the history of the registry cannot be trusted{where}: {fault}. Restore it from a backup; what "
            "stands before that revision is whole."
        )
        self.revision = revision


class UnknownRevisionError(EarnORMError, LookupError):
    """The registry has not had this revision, or its history was folded beyond it.

    `newest` is the one that it has, and `oldest` the first that its history tells of: 0 unless it was folded.
    """

    def __init__(self, revision: int, *, newest: int, oldest: int = 0) -> None:
        start = f"{oldest}, up to which the history was folded" if oldest else "0, nothing at all"
        gone = " What came before is gone." if revision < oldest else ""
        super().__init__(
            f"the registry has no revision {revision}: they go from {start}, to {newest}.{gone}"
        )
        self.revision = revision
        self.newest = newest
        self.oldest = oldest


class UnknownVersionError(EarnORMError, LookupError):
    """The model has not had this version, or its document went by folding; `known` are those that are there.

    `count` says how many it had.
    """

    def __init__(
        self, model: str, version: int, *, known: Sequence[int], count: int | None = None
    ) -> None:
        self.count = len(known) if count is None else count
        if 0 < version <= self.count:
            there = ", ".join(map(str, known)) or "no other"
            fault = (
                f"the document of version {version} of {model} went when the history was folded: there is {there}. An "
                "export from before has it."
            )
        else:
            had = f"1 to {self.count}" if self.count else "none that is kept"
            fault = (
                f"{model} has no version {version!r}: it had {had}. get_versions({model!r}) of the registry lists them, "
                f"and versions({model!r}) of a stored history."
            )
        super().__init__(fault)
        self.model = model
        self.version = version
        self.known = tuple(known)
