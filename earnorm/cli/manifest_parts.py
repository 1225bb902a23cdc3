"""The facts of one plugin as people read them."""

import json
from collections.abc import Iterable, Iterator, Mapping

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from earnorm.cli.faults import Fault
from earnorm.cli.listing import facts_grid
from earnorm.cli.manifest_facts import HookFacts, ManifestFacts, OptionFacts
from earnorm.cli.printing import fault_parts, plain

__all__ = ["manifest_parts"]


def manifest_parts(manifests: Iterable[ManifestFacts]) -> Iterator[RenderableType]:
    """A block for each plugin: who it is, what it declares and does, and where more is to be read."""
    for number, manifest in enumerate(manifests):
        if number:
            yield ""
        yield _title(manifest)
        if manifest.summary:
            yield _indented(plain(manifest.summary))
        yield ""
        yield _indented(facts_grid(_facts(manifest)))
        if manifest.fault:
            yield ""
            yield from fault_parts(Fault(subject=manifest.fault))


def _title(manifest: ManifestFacts) -> Text:
    source = (
        f"{manifest.distribution} {manifest.version}" if manifest.distribution else "this process"
    )
    return Text.assemble(plain(manifest.name, "bold"), plain(f"  {source}", "dim"))


def _facts(manifest: ManifestFacts) -> Iterator[tuple[str, Text]]:
    yield "Deprecated", plain(manifest.deprecated or "", "yellow")
    yield "Core API", plain("" if manifest.api is None else manifest.api or "any")
    yield "Requires", _lines(map(_requirement, manifest.requires.items()))
    for header in ("after", "before", "conflicts"):
        yield header.capitalize(), plain(", ".join(getattr(manifest, header)))
    if manifest.ignores_query_writes:
        yield "Query writes", plain("may pass its save hooks by")
    if manifest.transactional:
        yield "Transaction", plain("one round each write and its hooks, where the store has them")
    yield "Needs", plain(", ".join(manifest.needs))
    yield "Budget", plain("" if manifest.budget is None else f"{manifest.budget:g} s for one hook")
    yield "Hooks", _lines(map(_hook, manifest.hooks))
    fields = (f"{one.name}: {one.type}{_optional(one.required)}" for one in manifest.fields)
    yield "Fields", _lines(map(plain, fields))
    yield "Options", _lines(map(_option, manifest.options or ()))
    yield "Object", plain(manifest.object or "")
    yield "Code", plain(manifest.where or "")
    yield "Python", plain(manifest.requires_python or "")
    yield "License", plain((manifest.license or "").partition("\n")[0])
    for label, url in manifest.urls.items():
        yield label, plain(url)


def _requirement(requirement: tuple[str, str]) -> Text:
    name, versions = requirement
    return plain(f"{name} {versions}".rstrip())


def _hook(hook: HookFacts) -> Text:
    marks = [hook.mark] if hook.mark else []
    marks += ["async"] if hook.asynchronous else []
    return Text.assemble(
        plain(hook.name), plain(f" ({', '.join(marks)})" if marks else "", "yellow")
    )


def _option(option: OptionFacts) -> Text:
    schema = dict(option.schema)
    default = f" = {_json(schema.pop('default'))}" if "default" in schema else ""
    limits = ", ".join(f"{name} {_json(value)}" for name, value in _limits(schema))
    head = plain(f"{option.name}: {option.type}{default}")
    return Text.assemble(head, plain(f" ({limits})" if limits else "", "yellow"))


def _limits(schema: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    """What the schema says beyond the type, which the class of the field tells already."""
    return ((name, value) for name, value in schema.items() if name not in ("type", "writeOnly"))


def _json(value: object) -> str:
    return value if isinstance(value, str) and value[:1] in "'\"" else json.dumps(value)


def _optional(required: object) -> str:
    return "" if required else " (optional)"


def _indented(part: RenderableType) -> RenderableType:
    return Padding(part, (0, 0, 0, 2), expand=False)


def _lines(lines: Iterable[Text]) -> Text:
    return Text("\n").join(lines)
