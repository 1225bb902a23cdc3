"""Looks at versions, at a store, and at its indexes; changes nothing."""

import platform
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, cast

from earnorm.database import Database, IndexChange, describe_index
from earnorm.database.store_errors import translate_store_errors
from earnorm.metadata import Finding
from earnorm.stores import Capability, MaintainedStore, Store, StoreDescription

__all__ = ["examine_indexes", "examine_store", "examine_versions"]


def examine_versions() -> list[Finding]:
    """What is installed."""
    versions = {
        "EarnORM": version("earnorm"),
        "Python": platform.python_version(),
        "PyMongo": version("pymongo"),
    }
    return [
        Finding(id="version", level="ok", subject=subject, message=message)
        for subject, message in versions.items()
    ]


async def examine_store(store: Store) -> list[Finding]:
    """What answers, what it can do, and whether its file, if it is one of ours, is sound.

    To find that out, all of the file is read. Raises what the store raises when it does not answer.
    """
    with translate_store_errors(store.name):
        description = await store.describe()
        findings = [*_answer(store, description), *_capabilities(store)]
        if Capability.MAINTENANCE in store.capabilities:
            maintained = cast(MaintainedStore, store)
            findings += [*_space(description), *_integrity(store, await maintained.verify())]
    return findings


async def examine_indexes(database: Database) -> list[Finding]:
    """Whether the indexes are those that the models of the database's registry declare."""
    with translate_store_errors(database.url):
        changes = await database.indexes.plan()
    if not changes:
        return [_finding("indexes", "indexes", "in step with the models")]
    return [_index_finding(change) for change in changes]


_MOSTLY_FREE = 0.5


def _finding(id: str, subject: str, message: str) -> Finding:
    return Finding(id=id, level="ok", subject=subject, message=message)


def _answer(store: Store, description: StoreDescription) -> Iterator[Finding]:
    yield _finding("connection", store.name, "answers")
    yield _finding("version", description.product, description.version)
    yield _finding("topology", "topology", description.topology)
    for name, value in description.details.items():
        yield _finding("detail", name.replace("_", " "), _shown(value))


def _capabilities(store: Store) -> Iterator[Finding]:
    names = ", ".join(sorted(store.capabilities)) or "none beyond what every store has"
    yield _finding("capabilities", "capabilities", names)
    if Capability.TRANSACTIONS not in store.capabilities:
        yield Finding(
            id="transactions",
            level="warning",
            subject="transactions",
            message="there are none, and so nothing that needs them works",
            hint="Start the server as a replica set (one member is enough) or a sharded cluster.",
        )


def _space(description: StoreDescription) -> Iterator[Finding]:
    details = description.details
    size, free = details.get("bytes", 0), details.get("free_pages", 0)
    pages = size / details.get("page_size", 4096)
    if pages and free / pages > _MOSTLY_FREE:
        yield Finding(
            id="space",
            level="warning",
            subject="space",
            message=f"{free / pages:.0%} of the file's {size:,} bytes are free",
            hint="Give them back with: earnorm compact URL",
        )


def _integrity(store: Store, faults: list[str]) -> Iterator[Finding]:
    if not faults:
        yield _finding("integrity", "integrity", "every document and every index entry is sound")
    for fault in faults:
        yield Finding(
            id="integrity",
            level="error",
            subject=store.name,
            message=fault,
            hint="Restore the file from a backup. What can still be read, 'earnorm copy' takes to a new file.",
        )


def _index_finding(change: IndexChange) -> Finding:
    name = f"{change.collection}.{change.index.name}"
    told: dict[str, str] = {
        "missing": f"is missing: {describe_index(change.index)}",
        "changed": f"is declared as {describe_index(change.index)} and stored as {describe_index(change.stored)}",
        "extra": f"is declared by no model: {describe_index(change.index)}",
    }
    option = "" if change.kind == "missing" else " --drop"
    return Finding(
        id="indexes",
        level="warning" if change.kind == "extra" else "error",
        subject=name,
        message=told[change.kind],
        hint=f"earnorm indexes apply TARGET URL{option}",
    )


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
