"""What the metadata of an installed distribution says."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

__all__ = ["DistributionFacts", "read_distribution"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DistributionFacts:
    """The core metadata that a reader asks for; what the distribution does not say is None, or empty.

    `requires` are its requirements (PEP 508), `urls` its links by their labels, `readme` is its long description.
    """

    name: str
    version: str
    summary: str | None
    license: str | None
    requires_python: str | None
    requires: tuple[str, ...]
    keywords: tuple[str, ...]
    urls: Mapping[str, str]
    readme: str | None


def read_distribution(distribution: Any) -> DistributionFacts | None:
    """The facts of what an entry point names as its distribution; None where there is no metadata."""
    try:
        metadata, name, version = distribution.metadata, distribution.name, distribution.version
    except (AttributeError, LookupError, OSError, TypeError):
        return None
    licence = metadata.get("License-Expression") or metadata.get("License")
    return DistributionFacts(
        name=name,
        version=version,
        summary=_said(metadata.get("Summary")),
        license=_said(licence),
        requires_python=_said(metadata.get("Requires-Python")),
        requires=tuple(metadata.get_all("Requires-Dist") or ()),
        keywords=_keywords(metadata.get("Keywords")),
        urls=MappingProxyType(_urls(metadata)),
        readme=_said(metadata.get("Description") or metadata.get_payload()),
    )


def _said(text: object) -> str | None:
    # What a distribution leaves out, older tools wrote down as unknown.
    said = str(text).strip() if text is not None else ""
    return said if said and said != "UNKNOWN" else None


def _keywords(text: object) -> tuple[str, ...]:
    """Metadata 2.1 separates them by commas; before, spaces were common."""
    said = _said(text) or ""
    return tuple(said.replace(",", " ").split())


def _urls(metadata: Any) -> dict[str, str]:
    home = _said(metadata.get("Home-page"))
    found = {"Homepage": home} if home else {}
    for line in metadata.get_all("Project-URL") or ():
        label, _, url = str(line).partition(",")
        found[label.strip()] = url.strip()
    return found
