"""Checks of what is around a program that is to serve people: its environment and what is installed."""

import os
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution, packages_distributions
from typing import Any

from earnorm.cli.ending import is_in_memory
from earnorm.database import DATABASE_URL
from earnorm.metadata import Finding
from earnorm.plugins import SWITCHES

__all__ = ["deploy_findings"]


def deploy_findings(url: str | None, models: Iterable[Any]) -> list[Finding]:
    """What speaks against serving people with these models, from here; `url` is None for the embedded store's default."""
    return [*_switches(), *_store(url), *_shipped_twice(models)]


def _switches() -> Iterator[Finding]:
    for variable in SWITCHES:
        value = os.environ.get(variable)
        if value and value != "1":
            yield Finding(
                id="earnorm.E001",
                level="warning",
                subject=variable,
                message=f"is set to {value!r}: models go without plugins, or cannot be defined.",
                hint="Unset it where people are served; it is for tests and for emergencies.",
            )


def _store(url: str | None) -> Iterator[Finding]:
    if url is None:
        yield Finding(
            id="earnorm.E002",
            level="warning",
            subject=DATABASE_URL,
            message="is not set: connect() without a URL makes a file earnorm.db in whatever directory it is started.",
            hint=f"Set {DATABASE_URL}, or disregard this if the program gives its URL itself.",
        )
    elif is_in_memory(url):
        yield Finding(
            id="earnorm.E003",
            level="error",
            subject="URL",
            message="names a store in memory: everything is gone when the process ends.",
            hint="Name a file, sqlite:///shop.db, or a MongoDB server.",
        )


def _shipped_twice(models: Iterable[Any]) -> Iterator[Finding]:
    """Models whose module two installed distributions bring: one of them hides the other, or was overwritten."""
    origins = _Origins()
    for model in models:
        module: str = model.__module__
        both = origins.of(module)
        if len(both) > 1:
            yield Finding(
                id="earnorm.E004",
                level="error",
                model=model.__metadata__.key,
                message=(
                    f"is of {module}, which is shipped by {' and by '.join(map(_said, both))}: one is not there."
                ),
                hint="Uninstall both, and install the one that is meant.",
            )


class _Origins:
    """Which installed distributions bring a module, by the files that they list."""

    def __init__(self) -> None:
        self._providers = packages_distributions()
        self._files: dict[str, frozenset[str]] = {}
        self._known: dict[str, list[Distribution]] = {}

    def of(self, module: str) -> list[Distribution]:
        if module not in self._known:
            names = sorted(set(self._providers.get(module.partition(".")[0], ())))
            path = module.replace(".", "/")
            wanted = {f"{path}.py", f"{path}/__init__.py"}
            bringing = names if len(names) > 1 else []
            self._known[module] = [
                distribution(one) for one in bringing if wanted & self._files_of(one)
            ]
        return self._known[module]

    def _files_of(self, name: str) -> frozenset[str]:
        if name not in self._files:
            self._files[name] = frozenset(map(str, distribution(name).files or ()))
        return self._files[name]


def _said(one: Distribution) -> str:
    return f"{one.metadata['Name']} {one.version}"
