"""Findings as people read them."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from earnorm.cli.listing import Listing
from earnorm.cli.printing import plain
from earnorm.metadata import Finding

__all__ = ["findings_parts"]

_STYLES = {"ok": "green", "info": "cyan", "warning": "yellow", "error": "bold red"}


def findings_parts(findings: Sequence[Finding], *, ids: bool = False) -> Iterator[RenderableType]:
    """One row for each, with the id of the check where it is asked for."""
    rows = [
        (
            plain(finding.subject, "bold"),
            plain(finding.level, _STYLES[finding.level]),
            *((plain(finding.id),) if ids else ()),
            plain(finding.message),
            plain(finding.hint or ""),
        )
        for finding in findings
    ]
    yield Listing(
        headers=("What", "Level", *(("Check",) if ids else ()), "Finding", "Remedy"), rows=rows
    )
