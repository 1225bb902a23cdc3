"""What `earnorm plugins show` tells of a plugin: plain values, the same for people and for JSON."""

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from earnorm.cli.faults import describe_error
from earnorm.cli.plugin_survey import SeenPlugin
from earnorm.fields import Field
from earnorm.fields.definitions import Definitions
from earnorm.model_registry.source_places import place_of
from earnorm.models import BaseModel
from earnorm.models.table import contributed_fields
from earnorm.plugins import Implementation, Plans, ResolvedPlugin

__all__ = ["ContributedField", "HookFacts", "ManifestFacts", "OptionFacts", "describe_manifest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HookFacts:
    """A hook that the plugin implements; `mark` is `wrapper`, `tryfirst`, `trylast` or None."""

    name: str
    mark: str | None
    asynchronous: bool
    where: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributedField:
    """A field that the plugin brings; `type` is the class of the field."""

    name: str
    type: str
    required: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionFacts:
    """An option; `schema` is its JSON Schema, with the default that may be shown, and empty where none is known."""

    name: str
    type: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestFacts:
    """Everything that is known of one plugin; what a faulty one could not be asked for is None."""

    name: str
    distribution: str | None
    version: str | None
    summary: str | None
    api: str | None = None
    requires: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    conflicts: tuple[str, ...] = ()
    deprecated: str | None = None
    ignores_query_writes: bool | None = None
    transactional: bool | None = None
    needs: tuple[str, ...] = ()
    budget: float | None = None
    hooks: tuple[HookFacts, ...] = ()
    fields: tuple[ContributedField, ...] = ()
    options: tuple[OptionFacts, ...] | None = None
    object: str | None
    where: str | None = None
    requires_python: str | None
    license: str | None
    urls: Mapping[str, str]
    readme: str | None
    fault: str | None


def describe_manifest(seen: SeenPlugin) -> ManifestFacts:
    """The facts of a plugin that was looked at."""
    about, fault = seen.distribution, seen.fault
    declared: dict[str, Any] = {}
    if seen.resolved is not None:
        declared = _declared(seen.resolved)
        try:
            declared["fields"] = tuple(_contributed(seen.resolved))
            declared["options"] = _options_of(seen.resolved)
        except Exception as error:  # noqa: BLE001 # a stranger's code may fail in any way
            fault = fault or f"its fields and options cannot be told: {describe_error(error)}"
    return ManifestFacts(
        name=seen.info.name,
        distribution=seen.info.distribution,
        version=seen.info.version,
        summary=about.summary if about else None,
        object=seen.point,
        requires_python=about.requires_python if about else None,
        license=about.license if about else None,
        urls=dict(about.urls) if about else {},
        readme=about.readme if about else None,
        fault=fault,
        **declared,
    )


def _declared(plugin: ResolvedPlugin) -> dict[str, Any]:
    manifest = plugin.manifest
    return {
        "api": str(manifest.api),
        "requires": {name: str(versions) for name, versions in manifest.requires.items()},
        "after": tuple(sorted(manifest.after)),
        "before": tuple(sorted(manifest.before)),
        "conflicts": tuple(sorted(manifest.conflicts)),
        "deprecated": manifest.deprecated,
        "ignores_query_writes": manifest.ignores_query_writes,
        "transactional": manifest.transactional,
        "needs": tuple(sorted(manifest.needs)),
        "budget": manifest.budget,
        "hooks": tuple(_hooks(plugin)),
        "where": _where(plugin.plugin),
    }


def _hooks(plugin: ResolvedPlugin) -> Iterator[HookFacts]:
    for name, implementation in plugin.implementations.items():
        function = implementation.function
        yield HookFacts(
            name=name,
            mark=implementation.mark,
            asynchronous=_is_asynchronous(implementation),
            where=place_of(inspect.unwrap(function)),
        )


def _is_asynchronous(implementation: Implementation) -> bool:
    function = implementation.function
    return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)


def _contributed(plugin: ResolvedPlugin) -> Iterator[ContributedField]:
    """What it brings to a model that has nothing of its own."""

    class Model(BaseModel):
        class Meta:
            abstract = True

    found = contributed_fields(Model, Plans.compile([plugin]), key="a model")
    for name, (one, _) in found.items():
        yield ContributedField(name=name, type=type(one).__name__, required=one.required)


def _options_of(plugin: ResolvedPlugin) -> tuple[OptionFacts, ...] | None:
    return None if plugin.factory is None else tuple(_options(plugin.options))


def _options(options: Any) -> Iterator[OptionFacts]:
    codec = getattr(type(options), "__codec__", None)
    fields: Mapping[str, Field[Any]] | None = getattr(codec, "fields", None)
    if fields is None:
        yield from _parameters(type(options))
        return
    for name, one in fields.items():
        yield OptionFacts(name=name, type=type(one).__name__, schema=one.json_schema(Definitions()))


def _parameters(declared: type[Any]) -> Iterator[OptionFacts]:
    """The options of a type that is not ours, as its constructor says them."""
    try:
        parameters = inspect.signature(declared).parameters.values()
    except (TypeError, ValueError):
        return
    for parameter in parameters:
        annotation = "" if parameter.annotation is parameter.empty else parameter.annotation
        written = (
            annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
        )
        shown = {} if parameter.default is parameter.empty else {"default": repr(parameter.default)}
        yield OptionFacts(name=parameter.name, type=written, schema=shown)


def _where(plugin: Any) -> str | None:
    return place_of(plugin if isinstance(plugin, ModuleType) else type(plugin))
