"""How large a registry is, model by model, and where it is larger than somebody wants it to be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from earnorm.metadata import EXTENSION, Finding, ModelDocument

__all__ = ["ModelSize", "RegistrySize", "SizeLimits", "measure_size"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeLimits:
    """What is too large; None for what may grow. `bytes` are those of one model's document."""

    models: int | None = None
    fields: int | None = None
    indexes: int | None = None
    versions: int | None = None
    bytes: int | None = None
    build_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSize:
    """The size of one model.

    `fields` counts those of embedded models, too. `bytes` are those of its document, UTF-8. `build_seconds` is how long
    its class line took here, without what it imports.
    """

    key: str
    fields: int
    indexes: int
    versions: int
    bytes: int
    build_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrySize:
    """The sizes of all models, the largest document first."""

    models: tuple[ModelSize, ...]

    @property
    def fields(self) -> int:
        """How many fields all models have."""
        return sum(one.fields for one in self.models)

    @property
    def versions(self) -> int:
        """How many versions of all models are known."""
        return sum(one.versions for one in self.models)

    @property
    def bytes(self) -> int:
        """How large the documents are together, in UTF-8."""
        return sum(one.bytes for one in self.models)

    @property
    def build_seconds(self) -> float:
        """How long all class lines took together."""
        return sum(one.build_seconds for one in self.models)

    def exceeding(self, limits: SizeLimits) -> list[Finding]:
        """A warning for each limit that is passed: by the registry in models, by a model in all else."""
        return list(_exceeding(self, limits))


def measure_size(
    models: Sequence[Any], documents: Sequence[ModelDocument], versions: Sequence[int]
) -> RegistrySize:
    """The size of these models, each with its document and the number of its versions."""
    sizes = [
        ModelSize(
            key=model.__metadata__.key,
            fields=_count_fields(document),
            indexes=len(model.__metadata__.indexes),
            versions=number,
            bytes=len(document.text.encode()),
            build_seconds=model.__build_seconds__,
        )
        for model, document, number in zip(models, documents, versions, strict=True)
    ]
    return RegistrySize(models=tuple(sorted(sizes, key=lambda one: (-one.bytes, one.key))))


def _count_fields(document: ModelDocument) -> int:
    content = document.content
    embedded = (one[EXTENSION]["fields"] for one in content.get("$defs", {}).values())
    return len(content[EXTENSION]["fields"]) + sum(map(len, embedded))


def _exceeding(size: RegistrySize, limits: SizeLimits) -> Iterator[Finding]:
    if limits.models is not None and len(size.models) > limits.models:
        yield Finding(
            id="S001",
            level="warning",
            subject="the registry",
            message=f"has {len(size.models):,} models, and {limits.models:,} are allowed",
            hint="See which are used: earnorm registry usage. Split what does not belong together.",
        )
    for one in size.models:
        for name in ("fields", "indexes", "versions", "bytes", "build_seconds"):
            most, found = getattr(limits, name), getattr(one, name)
            if most is not None and found > most:
                what = name.replace("_", " ")
                yield Finding(
                    id="S002",
                    level="warning",
                    model=one.key,
                    message=f"has {found:,.6g} {what}, and {most:,.6g} are allowed",
                    hint="Move what belongs together into an embedded model or a model of its own.",
                )
