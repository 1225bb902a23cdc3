"""`earnorm doctor`, `earnorm backup`, `earnorm compact`: a store, looked at and looked after."""

from pathlib import Path
from typing import Annotated

import typer

from earnorm.cli.ending import AsJson, Url, finish, load, refuse_missing_file, run
from earnorm.cli.faults import Fault
from earnorm.cli.findings import findings_parts
from earnorm.cli.printing import plain, print_facts, print_parts
from earnorm.cli.stores import chosen_url, maintained, opened
from earnorm.cli.target import LoadedTarget
from earnorm.database import Database
from earnorm.errors import EarnORMError
from earnorm.metadata import Finding
from earnorm.upkeep import examine_indexes, examine_store, examine_versions

__all__ = ["backup", "compact", "doctor"]

Models = Annotated[
    str | None,
    typer.Option(
        "--models", metavar="TARGET", help="Also compare the indexes with those of these models."
    ),
]
File = Annotated[Path, typer.Argument(metavar="FILE", help="The file to make.")]
StoreUrl = Annotated[str, typer.Argument(metavar="URL", help="The embedded store.")]


def doctor(url: Url = None, models: Models = None, as_json: AsJson = False) -> None:
    """Looks at what is installed, and at the store: its server, its capabilities, its indexes, its file.

    Exits with 1 when an error is found, and with 2 when there is no such TARGET or no such file.
    """
    loaded = load(models) if models else None
    chosen = chosen_url(url)
    refuse_missing_file(chosen)
    findings = [*examine_versions(), *run(_examine(chosen, loaded))]
    if as_json:
        print_facts(findings)
    else:
        print_parts(findings_parts([one for one in findings if one.level != "error"]))
    errors = [_fault(finding) for finding in findings if finding.level == "error"]
    finish([*errors, *(loaded.faults if loaded else ())])


def backup(url: StoreUrl, file: File) -> None:
    """Writes a copy of the embedded store, as it is at this moment, to a new FILE, while others read and write.

    Exits with 2 when there is something at FILE, or the store cannot be read.
    """
    refuse_missing_file(url)
    run(_backup(url, file))
    print_parts([plain(f"{file} was written.")])


def compact(url: StoreUrl) -> None:
    """Gives the space of deleted documents back. Nobody else is served meanwhile.

    Exits with 2 when the store cannot be opened or written.
    """
    refuse_missing_file(url)
    print_parts([plain(f"The file is smaller by {run(_compact(url)):,} bytes.")])


async def _examine(url: str, loaded: LoadedTarget | None) -> list[Finding]:
    try:
        async with opened(url) as store:
            findings = await examine_store(store)
            if loaded is not None and loaded.registry is not None and not loaded.faults:
                database = Database(store, loaded.registry, indexes="off")
                findings += await examine_indexes(database)
            return findings
    except (EarnORMError, OSError) as error:
        return [Finding(id="connection", level="error", subject="connection", message=str(error))]


async def _backup(url: str, file: Path) -> None:
    async with opened(url) as store:
        remedy = "Take MongoDB's tools: mongodump, or a snapshot of its volume."
        await maintained(store, "a backup by EarnORM", remedy).backup(file)


async def _compact(url: str) -> int:
    async with opened(url) as store:
        remedy = "MongoDB has a command of its own, compact."
        return await maintained(store, "compacting by EarnORM", remedy).compact()


def _fault(finding: Finding) -> Fault:
    subject = f"{finding.subject}: {finding.message}"
    return Fault(subject=subject, lines=(finding.hint,) if finding.hint else ())
