"""The plugins that a document names, held against those that are here."""

from collections.abc import Iterator
from typing import Any

from earnorm.errors import EarnORMError
from earnorm.model_registry import ModelRegistry
from earnorm.models.rebuilding.reading import Reading
from earnorm.models.rebuilding.values import ValueReader

__all__ = ["read_plugins"]


def read_plugins(
    facts: dict[str, Any], values: ValueReader, reading: Reading, home: ModelRegistry, key: str
) -> dict[str, Any]:
    """The options `plugins` and `plugin_options` of `Meta`; a plugin that is another one here becomes a fault."""
    described = [
        (reading.mapping(one, f"plugins.{n}"), f"plugins.{n}")
        for n, one in enumerate(reading.items(facts.get("plugins", []), "plugins"))
    ]
    names = [reading.text(one.get("name"), path) for one, path in described]
    options = {
        name: reading.mapping(values.read(one["options"], f"{path}.options"), f"{path}.options")
        for name, (one, path) in zip(names, described, strict=True)
        if "options" in one
    }
    own = [
        name
        for name, (one, _) in zip(names, described, strict=True)
        if "implied_by" not in one and "of_registry" not in one
    ]
    of_registry = [one.get("name") for one, _ in described if "of_registry" in one]
    _check_registry(of_registry, home, reading)
    if not reading.faults:
        _check_versions([one for one, _ in described], own, options, reading, home, key)
    return {"plugins": own, "plugin_options": options}


def _check_registry(names: list[Any], home: ModelRegistry, reading: Reading) -> None:
    if sorted(map(str, names)) != sorted(home.enabled):
        there = ", ".join(map(repr, names)) or "none"
        here = ", ".join(map(repr, home.enabled)) or "none"
        message = (
            f"come from the registry: {there}, and the one that is to have the model gives {here}. "
            f"Use a ModelRegistry(plugins={[str(name) for name in names]!r})"
        )
        reading.refuse("plugins", message, "plugin")


def _check_versions(
    described: list[dict[str, Any]],
    names: list[str],
    options: dict[str, Any],
    reading: Reading,
    home: ModelRegistry,
    key: str,
) -> None:
    try:
        enabled = home.plugins.resolve(
            [*home.enabled, *names], options, home.plugin_options, model=key
        )
    except EarnORMError as error:
        for fault in _each(error):
            reading.refuse("plugins", str(fault), "plugin")
        return
    here = {one.name: one.info for one in enabled.plugins}
    for one in described:
        info = here.get(one["name"])
        if info is None:
            message = f"has {one['name']!r}, which no plugin of the model requires any more"
            reading.refuse("plugins", message, "plugin")
        elif [info.distribution, info.version] != [one.get("distribution"), one.get("version")]:
            was = f"{one.get('distribution')} {one.get('version')}"
            message = (
                f"has {info.name!r} of {was if one.get('distribution') else 'the process'}, and here it is of {info.source}. "
                "Install the one that the document names"
            )
            reading.refuse("plugins", message, "plugin")


def _each(error: Exception) -> Iterator[Exception]:
    if isinstance(error, ExceptionGroup):
        yield from error.exceptions
    else:
        yield error
