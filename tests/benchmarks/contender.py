"""What is measured: one system, its model, and the statements that are timed."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from tests.benchmarks.document import WRONG, arrange, document_of, leaves, sparse

__all__ = ["PEERS", "Contender", "Define", "Missing", "load"]

PEERS = ("mongoengine", "beanie", "odmantic", "umongo", "pydantic", "msgspec", "attrs")
"""The modules of `tests.benchmarks.contenders`, one for each peer."""

Define = Callable[[str], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One system.

    `definer` gives a function that defines the model under a title; each call of it starts with a registry
    of its own where the system has one. `prepare` does what a model needs before its first instance. The
    statements name `User`, `values`, `document` and `user`, and what is in `names`; those that make an
    instance assign it to `user`. `aware`: the driver gives it aware moments. `has_classes`: it defines
    classes of its own, which are worth timing. `note` says what the reader of the figures has to know.
    """

    name: str
    distributions: tuple[str, ...]
    definer: Callable[[], Define]
    construct: str
    decode: str
    encode: str
    trusted: str | None = None
    prepare: Callable[[Any], object] | None = None
    names: Mapping[str, Any] = field(default_factory=dict)
    aware: bool = False
    has_classes: bool = True
    note: str = ""

    @property
    def title(self) -> str:
        """The name, with the versions of what is measured."""
        return " + ".join(f"{name} {_version(name)}" for name in self.distributions)

    @property
    def statements(self) -> dict[str, str]:
        """The statements that are timed, by what they do."""
        made = {
            "construct": self.construct,
            "trusted": self.trusted,
            "decode": self.decode,
            "encode": self.encode,
            "get": "user.name",
            "set": "user.age = 37",
        }
        return {what: statement for what, statement in made.items() if statement is not None}

    def scope(
        self, model: Any = None, *, number: int = 7, is_sparse: bool = False
    ) -> dict[str, Any]:
        """The names that the statements need, over one document."""
        one = leaves(number, aware=self.aware)
        cut = sparse if is_sparse else dict
        model = self.definer()("User") if model is None else model
        values, document = cut(arrange(one)), cut(document_of(one))
        scope = {**self.names, "User": model, "values": values, "document": document}
        if self.prepare is not None:
            self.prepare(model)
        exec(self.decode, scope)
        return scope

    def maker(self, what: str, scope: Mapping[str, Any]) -> Callable[[dict[str, Any]], Any]:
        """A function from values or a document to the instance that the statement makes of it."""
        given = "values" if what == "construct" else "document"
        program = compile(self.statements[what], f"<{self.name} {what}>", "exec")
        return partial(_run, program, dict(scope), given)

    def refused(self) -> dict[str, int]:
        """How many of the four wrong values constructing, decoding and setting refuse."""
        scope = self.scope()
        counts = {}
        for what, good in (("construct", scope["values"]), ("decode", scope["document"])):
            make = self.maker(what, scope)
            counts[what] = sum(_fails(make, {**good, name: WRONG[name]}) for name in WRONG)
        user = scope["user"]
        counts["set"] = sum(_fails(partial(setattr, user, name), WRONG[name]) for name in WRONG)
        return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A system that could not be measured, and why."""

    name: str
    reason: str


def load(name: str) -> list[Contender | Missing]:
    """The contenders of one module, proven to do what is timed, or why there are none."""
    try:
        module = importlib.import_module(f"tests.benchmarks.contenders.{name}")
        contenders: list[Contender] = module.CONTENDERS
    except Exception as error:  # noqa: BLE001 # whatever stops a peer is reported
        return [Missing(name=name, reason=_reason(error))]
    return [_proven(contender) for contender in contenders]


def _proven(contender: Contender) -> Contender | Missing:
    try:
        _prove(contender)
    except Exception as error:  # noqa: BLE001 # see above
        return Missing(name=contender.name, reason=_reason(error))
    return contender


def _prove(contender: Contender) -> None:
    """Raises when a statement does not give what it is timed for, full and sparse documents alike."""
    for is_sparse in (False, True):
        scope = contender.scope(is_sparse=is_sparse)
        for what, statement in contender.statements.items():
            exec(statement, scope)
            user = scope["user"]
            _expect(user.name == scope["values"]["name"], f"{what} loses the name")
            if what in ("construct", "decode"):
                _expect(user.address.city == _city(scope["values"]), f"{what} loses the city")
                _expect(len(user.tags) == (0 if is_sparse else 3), f"{what} loses the tags")
        exec(contender.decode, scope)
        document = eval(contender.encode, scope)
        _expect(_city(document) == _city(scope["values"]), "encode loses the city")
        _expect(set(document) >= set(scope["document"]), "encode loses a key")


def _city(document: Mapping[str, Any]) -> Any:
    return document["address"]["city"]


def _expect(fact: object, otherwise: str) -> None:
    if not fact:
        raise AssertionError(otherwise)


def _run(program: Any, scope: dict[str, Any], given: str, value: dict[str, Any]) -> Any:
    scope[given] = value
    exec(program, scope)
    return scope.pop("user")


def _fails(function: Callable[[Any], object], value: object) -> bool:
    try:
        function(value)
    except Exception:  # noqa: BLE001 # each system has errors of its own
        return True
    return False


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "(this checkout)"
