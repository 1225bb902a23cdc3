"""`earnorm copy`: a store into another one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import RenderableType

from earnorm.cli.ending import AsJson, finish, refuse_missing_file, run
from earnorm.cli.faults import Fault
from earnorm.cli.listing import Listing
from earnorm.cli.printing import plain, print_facts, print_parts
from earnorm.cli.progress import bars
from earnorm.cli.stores import opened
from earnorm.errors import CopyError
from earnorm.upkeep import CollectionCopy, CopyProgress, CopyReport, Difference, copy_store

__all__ = ["CopyFacts", "copy"]

Source = Annotated[str, typer.Argument(metavar="SOURCE", help="The URL of the store to read.")]
Target = Annotated[str, typer.Argument(metavar="TARGET", help="The URL of the store to fill.")]
Collections = Annotated[
    list[str] | None,
    typer.Option(
        "--collections", metavar="NAME", help="A collection to copy; may be said several times."
    ),
]
Replacing = Annotated[
    bool, typer.Option("--replace", help="What the collections of TARGET hold may be lost.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyFacts:
    """A collection that was copied and compared."""

    collection: str
    exact: bool
    written: int
    source_documents: int
    target_documents: int
    source_hash: str
    target_hash: str
    differing: int
    differences: tuple[Difference, ...]
    indexes: tuple[str, ...]
    refused: tuple[str, ...]


def copy(
    source: Source,
    target: Target,
    collections: Collections = None,
    replace: Replacing = False,
    as_json: AsJson = False,
) -> None:
    """Copies SOURCE to TARGET, documents and indexes, and compares the two.

    Interrupted, it goes on where it stopped when it is started again. Started again later, it writes what differs by
    then.

    Exits with 1 when the two differ, and with 2 when nothing could be copied: a store that cannot be opened, a
    collection of TARGET that is not empty or was written to since it was copied, the unfinished copy of another SOURCE.
    """
    refuse_missing_file(source)
    report = run(_copy(source, target, collections or None, replace=replace))
    facts = [_facts(one) for one in report.collections]
    if as_json:
        print_facts(facts)
    else:
        print_parts(_parts(facts))
    finish(_faults(facts))


async def _copy(
    source: str, target: str, collections: Sequence[str] | None, *, replace: bool
) -> CopyReport:
    async with opened(source) as one, opened(target) as other:
        if (await other.describe()).topology == "memory":
            fault = "what it holds is gone when the command ends. Name a file: sqlite:///copy.db."
            raise CopyError(fault, source=one.name, target=other.name)
        with bars() as shown:

            def tell(step: CopyProgress) -> None:
                shown.show(f"{step.state} {step.collection}", step.done, step.documents)

            return await copy_store(
                one, other, collections=collections, replace=replace, progress=tell
            )


def _facts(copied: CollectionCopy) -> CopyFacts:
    names = (name for name in CopyFacts.__dataclass_fields__ if name != "exact")
    values: dict[str, Any] = {name: getattr(copied, name) for name in names}
    return CopyFacts(exact=copied.is_exact, **values)


def _parts(facts: Sequence[CopyFacts]) -> Iterator[RenderableType]:
    rows = [
        (
            plain(fact.collection, "bold"),
            plain(f"{fact.source_documents:,}"),
            plain(f"{fact.written:,}"),
            plain(str(len(fact.indexes))),
            plain("yes" if fact.exact else "no, see below", "" if fact.exact else "red"),
        )
        for fact in facts
    ]
    if rows:
        headers = ("Collection", "Documents", "Written", "Indexes", "Exact")
        yield Listing(headers=headers, rows=rows)
    else:
        yield plain("There are no collections.")


def _faults(facts: Sequence[CopyFacts]) -> Iterator[Fault]:
    for fact in facts:
        if fact.differing:
            lines = [f"{one.kind}: {one.id!r}" for one in fact.differences[:_MOST_SHOWN]]
            if fact.differing > len(lines):
                lines.append(f"and {fact.differing - len(lines):,} more")
            lines.append("Start the copy again, and it mends them.")
            count = f"{fact.differing:,} document{'s differ' if fact.differing > 1 else ' differs'}"
            yield Fault(subject=f"{fact.collection}: {count}", lines=tuple(lines))
        if fact.refused:
            subject = f"{fact.collection}: indexes that the target does not take"
            yield Fault(subject=subject, lines=fact.refused)


_MOST_SHOWN = 20
