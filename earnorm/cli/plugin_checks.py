"""What `earnorm plugins check` finds in the plugins of a distribution."""

from collections.abc import Iterable, Iterator, Sequence

from packaging.utils import canonicalize_name
from packaging.version import Version

from earnorm.cli.distribution_checks import (
    examine_metadata,
    examine_typing,
    required_distributions,
    warning,
)
from earnorm.cli.faults import describe_error
from earnorm.cli.manifest_facts import describe_manifest
from earnorm.cli.plugin_survey import SeenPlugin, survey
from earnorm.errors import EarnORMError, PluginFaultsError
from earnorm.metadata import Finding
from earnorm.plugins import CORE_API, Plans, PluginManager, ResolvedPlugin, installed

__all__ = ["distributions_with_plugins", "examine_plugins", "plugins_of"]


def distributions_with_plugins() -> list[str]:
    """The distributions that advertise plugins, by name."""
    found = (plugin.info.distribution for plugins in installed.all().values() for plugin in plugins)
    return sorted({name for name in found if name})


def plugins_of(name: str) -> list[SeenPlugin]:
    """The plugins that the distribution advertises; none when it advertises none, or is not installed."""
    key = canonicalize_name(name)
    names = [
        plugin.info.name
        for plugins in installed.all().values()
        for plugin in plugins
        if canonicalize_name(plugin.info.distribution or "") == key
    ]
    seen = survey(names=names)
    return [one for one in seen if canonicalize_name(one.info.distribution or "") == key]


def examine_plugins(plugins: Sequence[SeenPlugin]) -> list[Finding]:
    """What is right and wrong with a distribution and its plugins."""
    about = next((seen.distribution for seen in plugins if seen.distribution), None)
    findings = [] if about is None else [*examine_metadata(about)]
    findings += examine_typing(plugins)
    for seen in plugins:
        findings += _examine_plugin(seen)
    return findings


def _examine_plugin(seen: SeenPlugin) -> Iterator[Finding]:
    subject = f"plugin {seen.info.name}"
    if seen.fault is not None:
        yield Finding(id="plugin", level="error", subject=subject, message=seen.fault)
    if seen.resolved is None:
        return
    plugin = seen.resolved
    if seen.fault is None:
        yield from _enabling(plugin, subject)
        yield from _contribution(seen, subject)
    yield from _hooks(plugin, subject)
    yield from _declarations(plugin, subject)
    yield from _requirements(seen, plugin, subject)


def _enabling(plugin: ResolvedPlugin, subject: str) -> Iterator[Finding]:
    """Whether a model can name it here, with what is installed."""
    try:
        PluginManager("a check").resolve([plugin.name], model="A model that names it")
    except Exception as error:  # noqa: BLE001 # a stranger's code may fail in any way
        for fault in error.exceptions if isinstance(error, PluginFaultsError) else [error]:
            message = str(fault) if isinstance(fault, EarnORMError) else describe_error(fault)
            yield Finding(id="enabling", level="error", subject=subject, message=message)
    else:
        yield Finding(id="enabling", level="ok", subject=subject, message="can be enabled here")


def _contribution(seen: SeenPlugin, subject: str) -> Iterator[Finding]:
    manifest = describe_manifest(seen)
    if manifest.fault is not None:
        yield Finding(id="fields", level="error", subject=subject, message=manifest.fault)
    elif manifest.fields:
        names = ", ".join(field.name for field in manifest.fields)
        yield Finding(id="fields", level="ok", subject=subject, message=f"brings {names}")


def _hooks(plugin: ResolvedPlugin, subject: str) -> Iterator[Finding]:
    if not plugin.implementations:
        yield warning(
            "hooks",
            subject,
            "implements no hook, so it does nothing",
            "Name its methods after hooks: before_save, after_save, …",
        )
        return
    hooks = ", ".join(plugin.implementations)
    yield Finding(id="hooks", level="ok", subject=subject, message=f"implements {hooks}")
    for _, bypassed in Plans.compile([plugin]).bypassed():
        yield warning(
            "query-writes",
            subject,
            f"implements {bypassed}: query updates of its models raise HookBypassError",
            "Implement the other one too, or declare ignores_query_writes = True.",
        )


def _declarations(plugin: ResolvedPlugin, subject: str) -> Iterator[Finding]:
    api, following = plugin.manifest.api, Version(CORE_API).major + 1
    remedy = f'Declare the versions that you have tried: api = ">={CORE_API},<{following}".'
    if not str(api):
        yield warning("api", subject, "does not say which core API it knows", remedy)
    elif api.contains(f"{following}.0"):
        yield warning("api", subject, f"says that it knows the core API {following}.0", remedy)
    for name in sorted(plugin.manifest.after & plugin.manifest.before):
        message = f"declares that it runs both after and before {name!r}"
        yield Finding(
            id="order",
            level="error",
            subject=subject,
            message=message,
            hint="Take one of them out.",
        )


def _requirements(seen: SeenPlugin, plugin: ResolvedPlugin, subject: str) -> Iterator[Finding]:
    """Whether pip installs the distributions of the plugins that this one requires."""
    if seen.distribution is None:
        return
    known = required_distributions(seen.distribution)
    for name in plugin.manifest.requires:
        providers = _providers(name)
        if providers and not known.intersection(map(canonicalize_name, providers)):
            yield warning(
                "dependencies",
                subject,
                f"requires the plugin {name!r}, and pip does not install {providers[0]} with it",
                f'Add "{providers[0]}" to the dependencies in pyproject.toml.',
            )


def _providers(name: str) -> list[str]:
    points: Iterable[str | None] = (
        plugin.info.distribution for plugin in installed.all().get(name, ())
    )
    return [distribution for distribution in points if distribution]
