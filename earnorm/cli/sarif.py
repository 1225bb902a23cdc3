"""Findings in SARIF 2.1.0, the format in which tools for code tell what they found."""

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from earnorm.metadata import Finding

__all__ = ["sarif_log"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final = {"error": "error", "warning": "warning", "info": "note", "ok": "none"}


def sarif_log(
    findings: Sequence[Finding], models: Mapping[str, type[Any]], *, version: str
) -> dict[str, Any]:
    """The log of one run; a finding about one of these models points at the line of its class."""
    ids = sorted({finding.id for finding in findings})
    driver = {
        "name": "earnorm",
        "version": version,
        "rules": [{"id": id} for id in ids],
    }
    results = [_result(one, ids.index(one.id), models.get(one.model or "")) for one in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(finding: Finding, rule: int, model: type[Any] | None) -> dict[str, Any]:
    text = " ".join(filter(None, (f"{finding.subject} {finding.message}", finding.hint)))
    location: dict[str, Any] = {"logicalLocations": [{"fullyQualifiedName": finding.subject}]}
    place = None if model is None else _place(model)
    if place is not None:
        location["physicalLocation"] = place
    return {
        "ruleId": finding.id,
        "ruleIndex": rule,
        "kind": "informational" if finding.level == "ok" else "fail",
        "level": _LEVELS[finding.level],
        "message": {"text": text},
        "locations": [location],
    }


def _place(model: type[Any]) -> dict[str, Any] | None:
    """The file and line of the class; None where there is no source."""
    try:
        file = inspect.getsourcefile(model)
        _, line = inspect.getsourcelines(model)
    except (OSError, TypeError):
        return None
    if file is None:
        return None
    artifact = {"uri": _uri(Path(file))}
    return {"artifactLocation": artifact, "region": {"startLine": max(line, 1)}}


def _uri(file: Path) -> str:
    """Relative to the current directory where it lies below, so that the log fits every checkout."""
    here = Path.cwd()
    return quote(file.relative_to(here).as_posix()) if file.is_relative_to(here) else file.as_uri()
