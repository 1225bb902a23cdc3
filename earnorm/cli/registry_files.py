"""`earnorm registry export` and `import`: a registry in a file, and back in a store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import RenderableType
from rich.text import Text

from earnorm.cli.ending import (
    AsJson,
    finish,
    is_missing_file,
    load,
    refuse_missing_directory,
    refuse_missing_file,
    run,
)
from earnorm.cli.faults import Fault
from earnorm.cli.listing import Listing
from earnorm.cli.printing import plain, print_facts, print_parts
from earnorm.cli.registry_commands import DatabaseUrl
from earnorm.cli.stores import chosen_url, opened
from earnorm.database import Database
from earnorm.metadata import BEGINNING, HistoryEntry, RegistryHistory
from earnorm.model_registry import ModelRegistry
from earnorm.upkeep import (
    CollectionPlan,
    ExportReport,
    ImportPlan,
    Readability,
    export_registry,
    import_registry,
    plan_import,
)

__all__ = ["export_command", "import_command"]

_TARGET = (
    "Export the models of this module, package or registry, and what this process knows of their past. Without it, "
    "the history in the store is exported."
)
Target = Annotated[str | None, typer.Argument(metavar="[TARGET]", help=_TARGET)]
Output = Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where to write.")]
File = Annotated[
    Path, typer.Argument(metavar="FILE", help="What earnorm registry export has written.")
]
Data = Annotated[bool, typer.Option("--data", help="With the documents of the models.")]
ImportsFrom = Annotated[
    list[str] | None,
    typer.Option(
        "--imports",
        metavar="MODULE",
        help="With --plan, where functions of the models may be imported from; may be said several times.",
    ),
]
Plan = Annotated[bool, typer.Option("--plan", help="Only tell what would change.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """What becomes of one model."""

    model: str
    change: str
    level: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFacts:
    """What a restoration would do, or did."""

    revision: int
    stored_revision: int
    entries: int
    models: tuple[ModelFacts, ...]
    collections: tuple[CollectionPlan, ...]
    refusals: tuple[str, ...]
    readable: tuple[Readability, ...]
    done: bool


def export_command(
    output: Output,
    target: Target = None,
    database: DatabaseUrl = None,
    data: Data = False,
    as_json: AsJson = False,
) -> None:
    """Writes models, their versions and their history into one file, with checksums.

    Exits with 1 when a module is faulty, and with 2 when there is no such TARGET, the store cannot be read or the
    file cannot be written.
    """
    refuse_missing_directory(output)
    known = _timeless(_models(target)) if target else None
    chosen = chosen_url(database)
    if known is None or data:
        refuse_missing_file(chosen)
        report = run(_export(chosen, known, output, data=data))
    else:
        report = run(export_registry(known, output))
    if as_json:
        print_facts([report])
    else:
        print_parts(_export_parts(report, output))


def import_command(
    file: File,
    database: DatabaseUrl = None,
    plan: Plan = False,
    data: Data = False,
    imports: ImportsFrom = None,
    as_json: AsJson = False,
) -> None:
    """Restores what was exported into a store, which must be empty, or hold the beginning of what FILE holds.

    Interrupted, it goes on where it stopped when it is started again.

    Exits with 1 when --plan finds that something would be lost, or that stored documents cannot be read, and with 2
    when nothing could be restored: a file that is not as it was written, a store that has something else, or that
    cannot be opened.
    """
    chosen = chosen_url(database)
    if is_missing_file(chosen):
        # neither looking nor what is refused must make the file
        if plan:
            chosen = _EMPTY
        else:
            run(_plan(_EMPTY, file, data, ()))
    found = run(_plan(chosen, file, data, imports or ()) if plan else _import(chosen, file, data))
    if as_json:
        print_facts([_facts(found, done=not plan)])
    else:
        print_parts(_import_parts(found, done=not plan))
    finish(_faults(found))


_EMPTY = "sqlite://"


def _models(target: str) -> ModelRegistry:
    loaded = load(target)
    finish(loaded.faults)
    assert loaded.registry is not None  # a target without faults has one
    return loaded.registry


def _timeless(models: ModelRegistry) -> RegistryHistory:
    """What this process knows, without the moments at which it imported the modules: they say nothing of the models."""
    entries = list[HistoryEntry]()
    previous = BEGINNING
    for entry in models.history():
        entries.append(replace(entry, time=_NO_TIME, previous=previous))
        previous = entries[-1].hash
    return RegistryHistory.of(entries)


_NO_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)


async def _export(
    url: str, known: RegistryHistory | None, output: Path, *, data: bool
) -> ExportReport:
    async with opened(url) as store:
        if known is None:
            known = await Database(store, ModelRegistry()).registry_history()
        return await export_registry(known, output, data=store if data else None)


async def _plan(url: str, file: Path, data: bool, imports: Sequence[str]) -> ImportPlan:
    async with opened(url) as store:
        return await plan_import(file, store, data=data, imports=imports)


async def _import(url: str, file: Path, data: bool) -> ImportPlan:
    async with opened(url) as store:
        return await import_registry(file, store, data=data)


def _faults(plan: ImportPlan) -> Iterator[Fault]:
    for refusal in plan.refusals:
        yield Fault(subject="it would be refused", lines=(refusal,))
    for one in plan.readable:
        if one.untried:
            subject = f"{one.collection}: whether its documents can be read cannot be told"
            yield Fault(subject=subject, lines=one.untried)
        if one.unreadable:
            subject = (
                f"{one.collection}: {one.unreadable} of {one.documents} documents cannot be read"
            )
            yield Fault(subject=subject, lines=one.faults)


def _export_parts(report: ExportReport, output: Path) -> Iterator[RenderableType]:
    yield plain(
        f"{output} was written: {report.models} models, {report.entries} entries up to revision {report.revision}."
    )
    if report.collections:
        rows = [(plain(name, "bold"), plain(f"{n:,}")) for name, n in report.collections.items()]
        yield Listing(headers=("Collection", "Documents"), rows=rows)
    if report.left_out:
        yield plain(f"Left out, since no model is kept there: {', '.join(report.left_out)}.")


def _facts(plan: ImportPlan, *, done: bool) -> ImportFacts:
    models = tuple(
        ModelFacts(
            model=one.key,
            change=one.change,
            level=one.verdict.level.name.lower(),
            reasons=tuple(map(str, one.verdict.reasons)),
        )
        for one in plan.models
    )
    return ImportFacts(
        revision=plan.revision,
        stored_revision=plan.stored_revision,
        entries=plan.entries,
        models=models,
        collections=plan.collections,
        refusals=plan.refusals,
        readable=plan.readable,
        done=done,
    )


def _import_parts(plan: ImportPlan, *, done: bool) -> Iterator[RenderableType]:
    facts = _facts(plan, done=done)
    changed = [one for one in facts.models if one.change != "same"]
    if changed:
        yield Listing(headers=("Model", "Change", "Level", "Why"), rows=_model_rows(changed))
        yield ""
    if facts.collections:
        yield Listing(
            headers=("Collection", "Documents", "Stored", "Alike"),
            rows=_collection_rows(facts.collections),
        )
        yield ""
    way = "were restored" if done else "would be restored"
    yield plain(
        f"{plan.entries} entries {way}: revision {plan.stored_revision} to {plan.revision}."
    )


def _model_rows(models: Sequence[ModelFacts]) -> list[tuple[Text, ...]]:
    return [
        (
            plain(one.model, "bold"),
            plain(one.change),
            plain("" if one.level == "none" else one.level),
            plain("\n".join(one.reasons)),
        )
        for one in models
    ]


def _collection_rows(collections: Sequence[CollectionPlan]) -> list[tuple[Text, ...]]:
    return [
        (
            plain(one.name, "bold"),
            plain(f"{one.documents:,}"),
            plain(f"{one.stored:,}"),
            plain(f"{one.alike:,}"),
        )
        for one in collections
    ]
