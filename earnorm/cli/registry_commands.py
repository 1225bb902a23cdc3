"""`earnorm registry`: the history that a database keeps of its models."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from earnorm.cli.ending import AsJson, finish, load, refusal, refuse_missing_file, run
from earnorm.cli.listing import Listing
from earnorm.cli.printing import plain, print_facts, print_parts
from earnorm.cli.stores import chosen_url, opened
from earnorm.database import Database
from earnorm.metadata import HistoryEntry, RegistryHistory, Verdict, judge
from earnorm.model_registry import ModelRegistry

__all__ = ["DatabaseUrl", "registry"]

registry = typer.Typer(
    no_args_is_help=True, help="Writes and reads the history that a database keeps of its models."
)

_TARGET = "The models: a module or a package (shop.models), or a registry in a module."
Target = Annotated[str, typer.Argument(metavar="TARGET", help=_TARGET)]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="The store. Without it EARNORM_DATABASE_URL is read, else sqlite:///earnorm.db used.",
    ),
]
ModelName = Annotated[
    str | None, typer.Argument(metavar="MODEL", help="A key, or a bare name that fits one only.")
]
Complete = Annotated[
    bool,
    typer.Option("--complete", help="No other program uses the store: what TARGET lacks is gone."),
]
Why = Annotated[str | None, typer.Option("--why", metavar="TEXT", help="Kept with each entry.")]
CodeVersion = Annotated[
    str | None,
    typer.Option("--code-version", metavar="VERSION", help="The version of the program."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFacts:
    """One change of one model."""

    revision: int
    time: str
    operation: str
    model: str
    version: int | None
    fingerprint: str | None
    code_version: str | None
    why: str | None
    hash: str
    folded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFacts:
    """One difference between two versions, and what it asks for."""

    path: str
    change: str
    level: str
    why: str


@registry.command("record")
def record(
    target: Target,
    database: DatabaseUrl = None,
    complete: Complete = False,
    why: Why = None,
    code_version: CodeVersion = None,
    as_json: AsJson = False,
) -> None:
    """Writes down what has changed of the models of TARGET since they were recorded last.

    Exits with 1 when a module is faulty, and with 2 when there is no such TARGET, or the store cannot be opened.
    """
    loaded = load(target)
    finish(loaded.faults)
    assert loaded.registry is not None  # a target without faults has one
    if not loaded.models:
        raise refusal(f"{target} defines no models. Name the module or the package that does.")
    loaded.registry.code_version = code_version or loaded.registry.code_version
    work = _record(loaded.registry, chosen_url(database), complete=complete, why=why)
    entries = run(work)
    if as_json:
        print_facts([_facts(entry) for entry in entries])
    else:
        print_parts(_recorded_parts(entries))


@registry.command("history")
def show_history(
    model: ModelName = None, database: DatabaseUrl = None, as_json: AsJson = False
) -> None:
    """Lists what became of the models in the store, or of MODEL, the oldest change first.

    Exits with 2 when the store cannot be opened, its history was changed, or it has no such MODEL.
    """
    chosen = chosen_url(database)
    refuse_missing_file(chosen)
    entries = run(_history(chosen, model))
    if as_json:
        print_facts([_facts(entry) for entry in entries])
    elif entries:
        print_parts(_history_parts(entries))
    else:
        print_parts(
            [plain("Nothing was recorded yet. Record models with: earnorm registry record TARGET")]
        )


@registry.command("diff")
def show_diff(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A key, or a bare name.")],
    before: Annotated[int, typer.Argument(metavar="BEFORE", help="The number of a version.")],
    after: Annotated[
        int | None, typer.Argument(metavar="AFTER", help="Another; without it, the newest.")
    ] = None,
    database: DatabaseUrl = None,
    as_json: AsJson = False,
) -> None:
    """Tells what changed between two versions of MODEL, and what that asks of those who use it.

    Exits with 2 when the store cannot be opened, its history was changed, or it has no such MODEL or version.
    """
    chosen = chosen_url(database)
    refuse_missing_file(chosen)
    verdict = run(_diff(chosen, model, before, after))
    facts = [
        ChangeFacts(
            path=reason.change.path,
            change=str(reason.change),
            level=reason.level.name.lower(),
            why=reason.why,
        )
        for reason in verdict.reasons
    ]
    if as_json:
        print_facts(facts)
    else:
        print_parts(_diff_parts(verdict, facts))


async def _record(
    models: ModelRegistry, url: str, *, complete: bool, why: str | None
) -> Sequence[HistoryEntry]:
    async with opened(url) as store:
        database = Database(store, models, indexes="off")
        return await database.record_registry(complete=complete, why=why)


async def _read(url: str) -> RegistryHistory:
    async with opened(url) as store:
        return await Database(store, ModelRegistry(), indexes="off").registry_history()


async def _history(url: str, model: str | None) -> Sequence[HistoryEntry]:
    return (await _read(url)).history(model)


async def _diff(url: str, model: str, before: int, after: int | None) -> Verdict:
    return judge((await _read(url)).diff(model, before, after))


def _facts(entry: HistoryEntry) -> EntryFacts:
    parts: dict[str, Any] = entry.as_dict()
    parts["model"], parts["folded"] = parts.pop("key"), entry.versions is not None
    return EntryFacts(**{name: parts[name] for name in EntryFacts.__dataclass_fields__})


def _recorded_parts(entries: Sequence[HistoryEntry]) -> Iterator[RenderableType]:
    if not entries:
        yield plain("The history is in step with the models.")
        return
    rows = [(plain(entry.key, "bold"), *_change(entry)) for entry in entries]
    yield Listing(headers=("Model", "Change", "Version"), rows=rows)


def _history_parts(entries: Sequence[HistoryEntry]) -> Iterator[RenderableType]:
    yield _listing(entries)
    if folded := [entry for entry in entries if entry.versions is not None]:
        yield plain(
            f"\nWhat came before was folded: {len(folded)} of these entries stand for more, each the newest of its model."
        )


def _listing(entries: Sequence[HistoryEntry]) -> Listing:
    rows = [
        (
            plain(str(entry.revision), "bold"),
            plain(entry.key),
            *_change(entry),
            plain(entry.time.isoformat(sep=" ", timespec="seconds")),
            plain(entry.code_version or ""),
            plain(entry.why or ""),
        )
        for entry in entries
    ]
    headers = ("Revision", "Model", "Change", "Version", "Time", "Code", "Why")
    return Listing(headers=headers, rows=rows)


def _change(entry: HistoryEntry) -> tuple[Text, Text]:
    return plain(entry.operation), plain("" if entry.version is None else str(entry.version))


def _diff_parts(verdict: Verdict, facts: Sequence[ChangeFacts]) -> Iterator[RenderableType]:
    if not facts:
        yield plain("The versions are the same.")
        return
    rows = [(plain(fact.change, "bold"), plain(fact.level), plain(fact.why)) for fact in facts]
    yield Listing(headers=("Change", "Level", "Why"), rows=rows)
    yield plain(f"\nTogether: {verdict.level.name.lower()}.")
