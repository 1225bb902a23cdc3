"""`earnorm registry size|usage|prune|fold`: how large a registry is, what of it is used, and what can go."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import RenderableType

from earnorm.cli.ending import AsJson, finish, load, refuse_missing_file, run
from earnorm.cli.findings import findings_parts
from earnorm.cli.listing import Listing
from earnorm.cli.printing import plain, print_facts, print_parts
from earnorm.cli.registry_commands import DatabaseUrl, Target
from earnorm.cli.stores import chosen_url, opened
from earnorm.cli.target import LoadedTarget
from earnorm.database import Database, HistoryFold, ModelUsage, PruneCandidate
from earnorm.model_registry import ModelRegistry, RegistrySize, SizeLimits

__all__ = ["fold", "prune", "size", "usage"]

MostModels = Annotated[int | None, typer.Option("--max-models", help="More are too many.")]
MostFields = Annotated[int | None, typer.Option("--max-fields", help="The same of one model.")]
MostVersions = Annotated[int | None, typer.Option("--max-versions", help="The same of one model.")]
MostBytes = Annotated[
    int | None, typer.Option("--max-bytes", help="The same of the document of one model.")
]
Apply = Annotated[bool, typer.Option("--apply", help="Do it; without it, nothing is written.")]


def _check_days(days: float) -> float:
    if not 0 <= days <= _MOST_DAYS:
        raise typer.BadParameter(f"it takes a number of days from 0 to {_MOST_DAYS:,}, not {days}")
    return days


_MOST_DAYS = 36_500

GraceDays = Annotated[
    float,
    typer.Option(
        "--grace", metavar="DAYS", help="How long a retired model stays.", callback=_check_days
    ),
]
FoldDays = Annotated[
    float,
    typer.Option(
        "--grace",
        metavar="DAYS",
        help="How old entries become before they fold.",
        callback=_check_days,
    ),
]


def size(
    target: Target,
    max_models: MostModels = None,
    max_fields: MostFields = None,
    max_versions: MostVersions = None,
    max_bytes: MostBytes = None,
    as_json: AsJson = False,
) -> None:
    """Tells how large the models of TARGET are, the largest first.

    Exits with 1 when a limit is passed, or a module is faulty; with 2 when there is no such TARGET.
    """
    loaded = load(target)
    finish(loaded.faults)
    found = _registry(loaded).size()
    limits = SizeLimits(
        models=max_models, fields=max_fields, versions=max_versions, bytes=max_bytes
    )
    findings = found.exceeding(limits)
    if as_json:
        print_facts([*found.models, *findings])
    else:
        print_parts(_size_parts(found))
        if findings:
            print_parts(findings_parts(findings))
    if findings:
        raise typer.Exit(1)


def usage(target: Target, database: DatabaseUrl = None, as_json: AsJson = False) -> None:
    """Tells of the models of TARGET how many documents the store has, and what depends on them.

    Exits with 1 when a module is faulty, and with 2 when there is no such TARGET, or the store cannot be opened.
    """
    loaded = load(target)
    finish(loaded.faults)
    chosen = chosen_url(database)
    refuse_missing_file(chosen)
    found = run(_usage(_registry(loaded), chosen))
    if as_json:
        print_facts(found)
    else:
        print_parts([_usage_listing(found)])


def prune(
    target: Target,
    database: DatabaseUrl = None,
    apply: Apply = False,
    grace: GraceDays = 30,
    as_json: AsJson = False,
) -> None:
    """Lists what the stored history has and TARGET has not; with --apply, retires it, and removes it after a time.

    What models of TARGET refer to, and what has documents, is kept. Exits with 1 when a module is faulty, and with 2
    when there is no such TARGET, or the store cannot be opened.
    """
    loaded = load(target)
    finish(loaded.faults)
    chosen = chosen_url(database)
    refuse_missing_file(chosen)
    found = run(_prune(_registry(loaded), chosen, apply=apply, grace=timedelta(days=grace)))
    if as_json:
        print_facts(found)
    else:
        print_parts(_prune_parts(found, is_done=apply))


def fold(
    database: DatabaseUrl = None,
    apply: Apply = False,
    grace: FoldDays = 365,
    as_json: AsJson = False,
) -> None:
    """Tells how much of the stored history is older than a time; with --apply, folds it.

    Of each model the newest of these entries stays, with its whole document; its other documents are gone. Exits with 2
    when the store cannot be opened, or its history was changed.
    """
    chosen = chosen_url(database)
    refuse_missing_file(chosen)
    told = run(_fold(chosen, apply=apply, grace=timedelta(days=grace)))
    if as_json:
        print_facts([told])
    else:
        print_parts(_fold_parts(told, is_done=apply))


def _registry(loaded: LoadedTarget) -> ModelRegistry:
    assert loaded.registry is not None  # a target without faults has one
    return loaded.registry


async def _usage(models: ModelRegistry, url: str) -> list[ModelUsage]:
    async with opened(url) as store:
        return await Database(store, models, indexes="off").usage()


async def _prune(
    models: ModelRegistry, url: str, *, apply: bool, grace: timedelta
) -> list[PruneCandidate]:
    async with opened(url) as store:
        return await Database(store, models, indexes="off").prune_registry(apply=apply, grace=grace)


async def _fold(url: str, *, apply: bool, grace: timedelta) -> HistoryFold:
    async with opened(url) as store:
        database = Database(store, ModelRegistry(), indexes="off")
        return await database.fold_registry(apply=apply, grace=grace)


def _size_parts(found: RegistrySize) -> Iterator[RenderableType]:
    rows = [
        (
            plain(one.key, "bold"),
            plain(str(one.fields)),
            plain(str(one.indexes)),
            plain(str(one.versions)),
            plain(f"{one.bytes:,}"),
            plain(f"{one.build_seconds * 1000:.2f}"),
        )
        for one in found.models
    ]
    yield Listing(
        headers=("Model", "Fields", "Indexes", "Versions", "Bytes", "Built, ms"), rows=rows
    )
    yield plain(
        f"\nTogether: models {len(found.models):,}, fields {found.fields:,}, versions {found.versions:,}, "
        f"bytes {found.bytes:,}"
    )


def _usage_listing(found: Sequence[ModelUsage]) -> Listing:
    rows = [
        (
            plain(one.key, "bold"),
            plain(f"{one.documents:,}"),
            plain(", ".join(one.dependents)),
            plain("yes" if one.is_used else "no sign of it"),
        )
        for one in found
    ]
    return Listing(headers=("Model", "Documents", "What depends on it", "In use"), rows=rows)


def _prune_parts(found: Sequence[PruneCandidate], *, is_done: bool) -> Iterator[RenderableType]:
    if not found:
        yield plain("The history has no model that the program lacks.")
        return
    rows = [(plain(one.key, "bold"), plain(one.decision), plain(one.why)) for one in found]
    yield Listing(headers=("Model", "Done" if is_done else "To do", "Why"), rows=rows)
    if not is_done and any(one.decision in ("retire", "remove") for one in found):
        yield plain("\nNothing was written. Do it with: --apply")


def _fold_parts(told: HistoryFold, *, is_done: bool) -> Iterator[RenderableType]:
    if not told.folded:
        oldest = (
            "" if told.oldest is None else f": what is not folded begins on {told.oldest:%Y-%m-%d}"
        )
        yield plain(f"Nothing is old enough to be folded{oldest}.")
        return
    way, stay = ("were folded", "are left") if is_done else ("would be folded", "would be left")
    yield plain(
        f"{told.folded:,} entries {way}, up to revision {told.revision} of {told.time:%Y-%m-%d}: of {told.entries:,} "
        f"entries {told.left:,} {stay}."
    )
    if not is_done:
        yield plain("\nNothing was written. Do it with: --apply")
