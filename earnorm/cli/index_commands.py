"""`earnorm indexes`: what models declare, held against a store, and put right there."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.console import RenderableType

from earnorm.cli.ending import AsJson, Url, finish, load, refusal, refuse_missing_file, run
from earnorm.cli.faults import Fault
from earnorm.cli.listing import Listing
from earnorm.cli.printing import plain, print_facts, print_parts
from earnorm.cli.progress import Bars, bars
from earnorm.cli.stores import chosen_url
from earnorm.cli.target import LoadedTarget
from earnorm.database import (
    IndexChange,
    IndexProgress,
    connect,
    describe_index,
)
from earnorm.errors import EarnORMError
from earnorm.typing import Index

__all__ = ["IndexFacts", "indexes"]

indexes = typer.Typer(
    no_args_is_help=True, help="Compares the indexes of a store with those that models declare."
)

_TARGET = "The models: a module or a package (shop.models), or a registry in a module."
Target = Annotated[str, typer.Argument(metavar="TARGET", help=_TARGET)]
Drop = Annotated[
    bool, typer.Option("--drop", help="Also rebuild changed indexes, and drop extra ones.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexFacts:
    """A difference; `done` says whether it is gone now."""

    kind: str
    collection: str
    index: Index
    stored: Index | None
    done: bool


@indexes.command("plan")
def plan_indexes(target: Target, url: Url = None, as_json: AsJson = False) -> None:
    """Lists the differences between the models of TARGET and the store, and changes nothing.

    Exits with 1 when an index is missing or changed, or a module is faulty; with 2 when there is no such TARGET, or
    the store cannot be opened.
    """
    loaded = _loaded(target)
    chosen = chosen_url(url)
    refuse_missing_file(chosen)
    changes = run(_plan(loaded, chosen))
    _tell([_facts(change, done=False) for change in changes], as_json=as_json)
    finish((), is_faulty=any(change.kind != "extra" for change in changes))


@indexes.command("apply")
def apply_indexes(
    target: Target, url: Url = None, drop: Drop = False, as_json: AsJson = False
) -> None:
    """Creates the indexes that the store lacks, and waits until they are built.

    Exits with 1 when one cannot be built, when a changed one is left because --drop was not given, or a module is
    faulty; with 2 when there is no such TARGET, or the store cannot be opened.
    """
    loaded = _loaded(target)
    told: list[IndexProgress] = []
    with bars() as shown:
        fault = run(_apply(loaded, chosen_url(url), drop=drop, told=told, shown=shown))
    done = [step.change for step in told if step.state == "done"]
    _tell([_facts(change, done=True) for change in done], as_json=as_json)
    finish([fault] if fault else ())


def _loaded(target: str) -> LoadedTarget:
    """The target, all of it: what a faulty module declares would be taken for extra."""
    loaded = load(target)
    finish(loaded.faults)
    if not loaded.models:
        raise refusal(f"{target} defines no models. Name the module or the package that does.")
    return loaded


async def _plan(loaded: LoadedTarget, url: str) -> list[IndexChange]:
    assert loaded.registry is not None  # a target without faults has one
    async with connect(url, registry=loaded.registry, indexes="off", history="off") as database:
        return await database.indexes.plan()


async def _apply(
    loaded: LoadedTarget, url: str, *, drop: bool, told: list[IndexProgress], shown: Bars
) -> Fault | None:
    def tell(step: IndexProgress) -> None:
        told.append(step)
        name = f"{step.change.collection}.{step.change.index.name}"
        shown.show(name, step.built, step.entries)

    assert loaded.registry is not None  # a target without faults has one
    async with connect(url, registry=loaded.registry, indexes="off", history="off") as database:
        try:
            await database.indexes.apply(drop=drop, progress=tell)
        except EarnORMError as error:
            if not told:
                raise
            culprit = f"{told[-1].change.collection}.{told[-1].change.index.name}"
            return Fault(
                subject=f"{culprit} could not be built", lines=tuple(str(error).split("\n"))
            )
    return None


def _facts(change: IndexChange, *, done: bool) -> IndexFacts:
    return IndexFacts(
        kind=change.kind,
        collection=change.collection,
        index=change.index,
        stored=change.stored,
        done=done,
    )


def _tell(facts: Sequence[IndexFacts], *, as_json: bool) -> None:
    if as_json:
        print_facts(facts)
    else:
        print_parts(_parts(facts))


def _parts(facts: Sequence[IndexFacts]) -> Iterator[RenderableType]:
    if not facts:
        yield plain("The indexes are in step with the models.")
        return
    rows = [
        (
            plain(f"{fact.collection}.{fact.index.name}", "bold"),
            plain(_DONE[fact.kind] if fact.done else fact.kind),
            plain(describe_index(fact.index)),
            plain(describe_index(fact.stored) if fact.stored else ""),
        )
        for fact in facts
    ]
    yield Listing(headers=("Index", "Change", "Definition", "Stored"), rows=rows)


_DONE = {"missing": "created", "changed": "rebuilt", "extra": "dropped"}
