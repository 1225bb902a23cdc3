"""The lines of an exported registry: written in one way only, and hashed as they are written."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from earnorm.metadata.canonical import canonical_json
from earnorm.metadata.registry_history import RegistryHistory

__all__ = ["EXPORT_FORMAT", "ExportSums", "history_lines", "version_facts"]

EXPORT_FORMAT: Final = 1
"""The version of the form of exported registries."""


class ExportSums:
    """Hashes the lines of each part, and of all, and gives the last line, which has all of them."""

    def __init__(self) -> None:
        self._all = hashlib.sha256()
        self._parts: dict[str, Any] = {}
        self._lines: dict[str, int] = {}

    def open(self, part: str) -> None:
        """Says that there is such a part, if it should have no lines."""
        self._parts.setdefault(part, hashlib.sha256())
        self._lines.setdefault(part, 0)

    def add(self, part: str, line: bytes) -> bytes:
        """Takes a line into account, and returns it."""
        self.open(part)
        self._parts[part].update(line)
        self._lines[part] += 1
        self._all.update(line)
        return line

    def parts(self) -> list[dict[str, Any]]:
        """The name of each part, its number of lines and its hash."""
        return [
            {"name": name, "lines": self._lines[name], "sha256": digest.hexdigest()}
            for name, digest in self._parts.items()
        ]

    def manifest(self, history: Mapping[str, Any]) -> bytes:
        """The last line: what the file holds, the hash of all lines before, and that of this one."""
        facts = {
            "part": "manifest",
            "format": EXPORT_FORMAT,
            **history,
            "parts": self.parts(),
            "sha256": self._all.hexdigest(),
        }
        return _line({**facts, "hash": hashlib.sha256(canonical_json(facts)).hexdigest()})


def history_lines(history: RegistryHistory) -> Iterator[tuple[str, bytes]]:
    """The lines of a history, each with its part: documents, versions, the checkpoint if there is one, entries."""
    header = {"part": "header", "kind": "earnorm registry", "format": EXPORT_FORMAT}
    yield "header", _line(header)
    snapshot = history.snapshot()
    for key in snapshot:
        document = snapshot[key]
        facts = {"key": key, "fingerprint": document.fingerprint, "document": document.content}
        yield "snapshot", _line({"part": "snapshot", **facts})
    for facts in version_facts(history):
        yield "versions", _line({"part": "versions", **facts})
    if history.checkpoint is not None:
        facts = history.checkpoint.as_dict()
        yield "checkpoint", _line({"part": "checkpoint", "checkpoint": facts})
    for entry in history.entries:
        yield "history", _line({"part": "history", "entry": entry.as_dict()})


def version_facts(history: RegistryHistory) -> Iterator[dict[str, Any]]:
    """What an export tells of each version; its document is in the history."""
    for key in history.keys:
        for version in history.versions(key):
            yield {
                "key": key,
                "number": version.number,
                "fingerprint": version.fingerprint,
                "revision": version.revision,
                "time": version.time.isoformat(),
                "code_version": version.code_version,
                "why": version.why,
            }


def _line(facts: Mapping[str, Any]) -> bytes:
    return canonical_json(facts) + b"\n"
