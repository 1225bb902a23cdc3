"""Marks what a test of the suite proves, and heeds what the store says that it does not do."""

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar, cast

import pytest

from earnorm.errors import UnsupportedError
from earnorm.stores.capabilities import Capability
from earnorm.stores.protocol import Store
from earnorm.testing.stores.opening import OpensStore

__all__ = ["NamedCase", "proven", "proves", "proves_cases"]

P = ParamSpec("P")
Suite = TypeVar("Suite", bound=OpensStore)
Test = Callable[Concatenate[Suite, Store, P], Coroutine[Any, Any, None]]


class NamedCase(Protocol):
    """One row of a table of cases."""

    @property
    def name(self) -> str:
        """Its area, its group and what it shows: `filters/arrays/$size`."""
        ...


def proves(
    name: str, *, needs: Capability | None = None
) -> Callable[[Test[Suite, P]], Test[Suite, P]]:
    """Names what a test proves (`area/what`); without the capability that it needs it is skipped."""

    def decorate(test: Test[Suite, P]) -> Test[Suite, P]:
        @wraps(test)
        async def run(self: Suite, store: Store, *args: P.args, **kwargs: P.kwargs) -> None:
            if needs is not None and needs not in store.capabilities:
                pytest.skip(f"the store does not have Capability.{needs.name}")
            await _heeding(self, name, lambda: test(self, store, *args, **kwargs))

        setattr(run, _NAMES, (name,))
        # wraps() gives what mypy takes for another type
        return cast(Test[Suite, P], run)

    return decorate


def proves_cases(cases: Sequence[NamedCase]) -> Callable[[Test[Suite, [Any]]], Test[Suite, [Any]]]:
    """Runs a test once for each case of a table, as its argument `case`."""

    def decorate(test: Test[Suite, [Any]]) -> Test[Suite, [Any]]:
        @wraps(test)
        async def run(self: Suite, store: Store, case: Any) -> None:
            await _heeding(self, case.name, lambda: test(self, store, case))

        names = [case.name for case in cases]
        setattr(run, _NAMES, tuple(names))
        parametrized: Test[Suite, [Any]] = pytest.mark.parametrize("case", cases, ids=names)(run)
        return parametrized

    return decorate


def proven(suite: type[OpensStore]) -> Iterator[str]:
    """The names of all that a suite proves."""
    for attribute in dir(suite):
        yield from getattr(getattr(suite, attribute), _NAMES, ())


_NAMES = "__proves__"


async def _heeding(
    suite: OpensStore, name: str, test: Callable[[], Coroutine[Any, Any, None]]
) -> None:
    if reason := _declared(suite.skipped, name):
        pytest.skip(reason)
    if not (reason := _declared(suite.unsupported, name)):
        await test()
        return
    try:
        await test()
    except UnsupportedError:
        return
    pytest.fail(
        f"{type(suite).__qualname__} declares {name!r} unsupported ({reason}), and the store did not "
        "raise UnsupportedError. Refuse it, or take it from 'unsupported' if it works."
    )


def _declared(reasons: Mapping[str, str], name: str) -> str | None:
    parts = name.split("/")
    keys = ("/".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((reasons[key] for key in keys if key in reasons), None)
