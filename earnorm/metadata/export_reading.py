"""Reads an exported registry, and holds every line of it against its hashes."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from earnorm.errors import HistoryError, ModelDocumentError, RegistryFileError
from earnorm.metadata.canonical import canonical_json
from earnorm.metadata.chain import Checkpoint, HistoryEntry
from earnorm.metadata.export_lines import EXPORT_FORMAT, ExportSums, version_facts
from earnorm.metadata.model_document import EXTENSION, ModelDocument
from earnorm.metadata.registry_history import RegistryHistory

__all__ = ["DATA", "ExportContent", "read_export", "read_lines"]

DATA: Final = "data/"
"""What the names of the parts begin with that have the documents of a collection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportContent:
    """What an exported registry holds: its history, and of each collection how many documents."""

    history: RegistryHistory
    collections: dict[str, int]


def read_export(lines: Iterable[bytes]) -> ExportContent:
    """What the lines hold, read to the last one; raises `RegistryFileError` at what is not as it was written."""
    return _Reading().read(lines)


def read_lines(lines: Iterable[bytes]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """The number, the part and the content of each line; raises `RegistryFileError` for one that is none."""
    part = "header"
    for number, line in enumerate(lines, 1):
        try:
            content = json.loads(line)
            part = _part_of(content)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise RegistryFileError(
                f"the line cannot be read ({error!r})", line=number, part=part
            ) from error
        yield number, part, content


def _part_of(content: Any) -> str:
    part = content["part"]
    if part == "data":
        if not isinstance(content["collection"], str):
            raise TypeError(f"{content['collection']!r} is no name of a collection")
        return f"{DATA}{content['collection']}"
    if part not in _PARTS:
        raise ValueError(f"there is no part {part!r}")
    return str(part)


_PARTS: Final = ("header", "snapshot", "versions", "checkpoint", "history", "manifest")


class _Reading:
    """An exported registry of which some lines were read."""

    def __init__(self) -> None:
        self._sums = ExportSums()
        self._number = 0
        self._entries: list[HistoryEntry] = []
        self._checkpoint: Checkpoint | None = None
        self._documents: dict[str, ModelDocument] = {}
        self._versions: list[dict[str, Any]] = []
        self._manifest: dict[str, Any] | None = None
        self._last = "header"

    def read(self, lines: Iterable[bytes]) -> ExportContent:
        read: list[bytes] = []

        def kept() -> Iterator[bytes]:
            for line in lines:
                read[:] = [line]
                yield line

        for number, part, content in read_lines(kept()):
            if self._manifest is not None:
                raise self._fault("there is something after the last line", part)
            self._number, self._last = number, part
            self._take(part, content, read[0])
        if self._manifest is None:
            raise RegistryFileError("the end is missing", line=self._number + 1, part="manifest")
        history = self._history()
        try:
            self._check_parts(self._manifest, history)
        except (AttributeError, KeyError, TypeError) as error:
            raise self._fault(f"the line says something else ({error!r})", "manifest") from error
        collections = {
            one["name"].removeprefix(DATA): one["lines"]
            for one in self._manifest["parts"]
            if one["name"].startswith(DATA)
        }
        return ExportContent(history=history, collections=collections)

    def _take(self, part: str, content: dict[str, Any], line: bytes) -> None:
        try:
            if not part.startswith(DATA) and _canonical(content) != line:
                raise self._fault("the line is not written as it should be", part)
            if part == "manifest":
                self._manifest = self._checked_manifest(content)
                return
            self._sums.add(part, line)
            self._keep(part, content)
        except RegistryFileError:
            raise
        except HistoryError as error:
            raise self._fault(str(error), part, revision=error.revision) from error
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise self._fault(f"the line says something else ({error!r})", part) from error

    def _keep(self, part: str, content: dict[str, Any]) -> None:
        if part == "header" and content["format"] != EXPORT_FORMAT:
            fault = f"its format is {content['format']!r}, and this EarnORM reads {EXPORT_FORMAT}"
            raise self._fault(fault, part)
        if part == "snapshot":
            self._documents[content["key"]] = self._document(content)
        elif part == "versions":
            self._versions.append({k: v for k, v in content.items() if k != "part"})
        elif part == "checkpoint":
            self._checkpoint = Checkpoint.from_dict(content["checkpoint"])
            _check_revision(self._checkpoint.revision)
        elif part == "history":
            self._entries.append(HistoryEntry.from_dict(content["entry"]))
            _check_revision(self._entries[-1].revision)

    def _document(self, content: dict[str, Any]) -> ModelDocument:
        key = content["key"]
        try:
            document = ModelDocument.of(content["document"])
        except ModelDocumentError as error:
            raise self._fault(str(error), "snapshot", model=key) from error
        if document.fingerprint != content["fingerprint"] or document.key != key:
            raise self._fault(
                f"the document of {key} is not the one that was written", "snapshot", model=key
            )
        if not isinstance(document.content[EXTENSION].get("collection"), str):
            raise self._fault(f"the document of {key} names no collection", "snapshot", model=key)
        return document

    def _checked_manifest(self, content: dict[str, Any]) -> dict[str, Any]:
        facts = {name: value for name, value in content.items() if name != "hash"}
        if hashlib.sha256(canonical_json(facts)).hexdigest() != content.get("hash"):
            raise self._fault("its hash is not that of what it says", "manifest")
        return content

    def _history(self) -> RegistryHistory:
        try:
            return RegistryHistory.of(self._entries, checkpoint=self._checkpoint)
        except HistoryError as error:
            raise self._fault(str(error), "history", revision=error.revision) from error

    def _check_parts(self, manifest: dict[str, Any], history: RegistryHistory) -> None:
        self._check_snapshot(history)
        self._check_versions(history)
        found = {one["name"]: one for one in self._sums.parts()}
        empty = hashlib.sha256().hexdigest()
        for wanted in manifest["parts"]:
            name = wanted["name"]
            here = found.pop(name, {"name": name, "lines": 0, "sha256": empty})
            if here != wanted:
                fault = (
                    f"the part {name} has {here['lines']} lines, and not the {wanted['lines']} that were written"
                    if here["lines"] != wanted["lines"]
                    else f"the part {name} is not as it was written"
                )
                raise self._part_fault(fault, name)
        for name in found:
            raise self._part_fault(f"the part {name} was not written", name)
        if (manifest["revision"], manifest["head"]) != (history.revision, history.head):
            raise self._fault("the newest entries are missing", "history")

    def _check_snapshot(self, history: RegistryHistory) -> None:
        documents = history.snapshot().documents
        for key in sorted(documents.keys() | self._documents.keys()):
            if documents.get(key) != self._documents.get(key):
                fault = f"the document of {key} is not the one of the history"
                raise self._fault(fault, "snapshot", model=key)

    def _check_versions(self, history: RegistryHistory) -> None:
        wanted = list(version_facts(history))
        for one, other in zip(wanted, self._versions, strict=False):
            if one != other:
                fault = f"version {one['number']} of {one['key']} is not the one of the history"
                raise self._fault(fault, "versions", model=one["key"])
        if len(wanted) != len(self._versions):
            raise self._fault("there are more versions, or fewer, than in the history", "versions")

    def _part_fault(self, fault: str, name: str) -> RegistryFileError:
        collection = name.removeprefix(DATA) if name.startswith(DATA) else None
        return self._fault(fault, name, collection=collection)

    def _fault(self, fault: str, part: str, **about: Any) -> RegistryFileError:
        return RegistryFileError(fault, line=self._number, part=part, **about)


def _check_revision(revision: object) -> None:
    # what a store can have as an `_id` and gives back as it was
    if type(revision) is not int or not 0 < revision < 2**63:
        raise ValueError(f"{revision!r} is no revision")


def _canonical(content: Any) -> bytes:
    return canonical_json(content) + b"\n"
