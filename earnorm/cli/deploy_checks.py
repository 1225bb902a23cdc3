"""Checks of what is around a program that is to serve people: its environment and what is installed."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

from earnorm.cli.ending import is_in_memory
from earnorm.database import DATABASE_URL
from earnorm.metadata import Finding
from earnorm.model_registry.origins import Origins
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
    origins = Origins()
    for model in models:
        module: str = model.__module__
        both = origins.named(module)
        if len(both) > 1:
            yield Finding(
                id="earnorm.E004",
                level="error",
                model=model.__metadata__.key,
                message=(
                    f"is of {module}, which is shipped by {' and by '.join(both)}: one is not there."
                ),
                hint="Uninstall both, and install the one that is meant.",
            )
