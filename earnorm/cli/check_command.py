"""`earnorm check`: what is wrong with models, with their data, and with what is around them."""

import json
import os
import sys
from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum
from importlib.metadata import version
from typing import Annotated

import typer
from rich.console import RenderableType

from earnorm.cli.deploy_checks import deploy_findings
from earnorm.cli.ending import AsJson, finish, load, refusal, refuse_missing_file, run
from earnorm.cli.findings import findings_parts
from earnorm.cli.printing import plain, print_facts, print_parts
from earnorm.cli.progress import bars
from earnorm.cli.sarif import sarif_log
from earnorm.cli.target import LoadedTarget
from earnorm.database import DATABASE_URL, CheckProgress, connect
from earnorm.database.usage import without_used
from earnorm.metadata import Finding
from earnorm.model_registry import ModelRegistry, audible, in_order

__all__ = ["FailLevel", "check"]


class FailLevel(StrEnum):
    """From which level on findings end the command with exit code 1."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"
    NEVER = "never"


Target = Annotated[
    str,
    typer.Argument(
        metavar="TARGET",
        help="The models: a module or a package (shop.models), or a registry in a module.",
    ),
]
Store = Annotated[
    str | None,
    typer.Argument(metavar="URL", help="The store, to check the data as well."),
]
Deploy = Annotated[
    bool,
    typer.Option(
        "--deploy",
        help="Also check what matters where people are served: the environment, and the data in EARNORM_DATABASE_URL.",
    ),
]
AsSarif = Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0, for code scanning.")]
Silenced = Annotated[
    list[str] | None,
    typer.Option("--silence", metavar="ID", help="Leave out this check; may be repeated."),
]
Level = Annotated[
    FailLevel, typer.Option("--fail-level", help="From which level on to exit with 1.")
]


def check(
    target: Target,
    url: Store = None,
    deploy: Deploy = False,
    as_json: AsJson = False,
    as_sarif: AsSarif = False,
    silence: Silenced = None,
    fail_level: Level = FailLevel.ERROR,
) -> None:
    """Checks the models of TARGET; with URL, their documents and indexes too. Changes nothing.

    Exits with 1 when something of --fail-level or worse is found or a module is faulty, and with 2 when there is no such
    TARGET or the store cannot be opened.
    """
    if as_json and as_sarif:
        raise refusal("--json and --sarif are two forms of one output. Choose one.")
    loaded = load(target)
    finish(loaded.faults)
    assert loaded.registry is not None  # a target without faults has one
    chosen = url or (os.environ.get(DATABASE_URL) if deploy else None)
    findings = _findings(loaded, loaded.registry, chosen, set(silence or ()), deploy=deploy)
    _tell(findings, loaded, as_json=as_json, as_sarif=as_sarif)
    finish((), is_faulty=any(one.level in _failing(fail_level) for one in findings))


def _findings(
    loaded: LoadedTarget,
    registry: ModelRegistry,
    url: str | None,
    silenced: Collection[str],
    *,
    deploy: bool,
) -> list[Finding]:
    found = registry.check(silenced=silenced)
    if deploy:
        around = deploy_findings(url or None, loaded.models)
        models = {model.__metadata__.key: model for model in loaded.models}
        found += audible(around, models, {*silenced, *registry.silenced_checks})
    if url:
        refuse_missing_file(url)
        found = run(_with_data(found, registry, url, silenced))
    return in_order(found)


async def _with_data(
    found: Sequence[Finding], registry: ModelRegistry, url: str, silenced: Collection[str]
) -> list[Finding]:
    """What was found and what is wrong with the data; these also tell which models are used."""
    async with connect(url, registry=registry, indexes="off", history="off") as database:
        with bars() as shown:

            def tell(step: CheckProgress) -> None:
                shown.show(f"{step.state} {step.collection}".rstrip(), step.done, step.documents)

            in_data = await database.check(silenced=silenced, progress=tell)
        return [*without_used(found, await database.usage()), *in_data]


def _failing(level: FailLevel) -> frozenset[str]:
    levels = [FailLevel.INFO, FailLevel.WARNING, FailLevel.ERROR, FailLevel.NEVER]
    return frozenset(levels[levels.index(level) : -1])


def _tell(
    findings: Sequence[Finding], loaded: LoadedTarget, *, as_json: bool, as_sarif: bool
) -> None:
    if as_sarif:
        models = {model.__metadata__.key: model for model in loaded.models}
        json.dump(sarif_log(findings, models, version=version("earnorm")), sys.stdout, indent=2)
        sys.stdout.write("\n")
    elif as_json:
        print_facts(findings)
    else:
        print_parts(_parts(findings))


def _parts(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    if findings:
        yield from findings_parts(findings, ids=True)
    else:
        yield plain("Nothing was found.")
