"""Findings as people read them."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType

from earnorm.cli.listing import Listing
from earnorm.cli.printing import plain
from earnorm.metadata import Finding

__all__ = ["findings_parts"]

_STYLES = {"ok": "green", "info": "cyan", "warning": "yellow", "error": "bold red"}


def findings_parts(findings: Sequence[Finding]) -> Iterator[RenderableType]:
    """One row for each."""
    rows = [
        (
            plain(finding.subject, "bold"),
            plain(finding.level, _STYLES[finding.level]),
            plain(finding.message),
            plain(finding.hint or ""),
        )
        for finding in findings
    ]
    yield Listing(headers=("What", "Level", "Finding", "Remedy"), rows=rows)
