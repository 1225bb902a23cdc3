"""Runs the checks over code, leaves out what is silenced, and puts the findings in order."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final

from earnorm.errors import PluginDefinitionError
from earnorm.metadata import Finding
from earnorm.model_registry.checks.collections import find_clashing_shapes, find_shared_collections
from earnorm.model_registry.checks.indexes import find_unbacked_validators, find_useless_indexes
from earnorm.model_registry.checks.names import find_reserved_names, find_shared_names
from earnorm.model_registry.checks.plugins import find_ageing_plugins
from earnorm.model_registry.checks.references import find_bad_references, find_required_cycles
from earnorm.model_registry.checks.subject import Subject
from earnorm.model_registry.checks.use import find_unused_models
from earnorm.model_registry.protocol import Model

__all__ = ["CHECKS", "audible", "in_order", "run_checks"]

CHECKS: Final[tuple[Callable[[Subject], Iterable[Finding]], ...]] = (
    find_bad_references,
    find_required_cycles,
    find_reserved_names,
    find_shared_names,
    find_clashing_shapes,
    find_shared_collections,
    find_useless_indexes,
    find_unbacked_validators,
    find_ageing_plugins,
    find_unused_models,
)
"""Each reads the models once."""

_RANKS: Final = {"error": 0, "warning": 1, "info": 2, "ok": 3}


def run_checks(subject: Subject, registry: Any, silenced: Collection[str]) -> list[Finding]:
    """What the checks find, the worst first; those of plugins run for the models that enable them."""
    found = [finding for check in CHECKS for finding in check(subject)]
    found += _of_plugins(subject, registry)
    return in_order(audible(found, subject.models, silenced))


def audible(
    findings: Iterable[Finding], models: Mapping[str, type[Model]], silenced: Collection[str]
) -> Iterator[Finding]:
    """Those whose check is not silenced, here or by `Meta.silenced_checks` of their model."""
    for finding in findings:
        model = models.get(finding.model or "")
        own = model.__metadata__.options.get("silenced_checks", ()) if model is not None else ()
        if finding.id not in silenced and finding.id not in own:
            yield finding


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """The findings by level, the worst first, then by model, field and id."""
    return sorted(
        findings,
        key=lambda one: (_RANKS[one.level], one.model or "", one.field or "", one.id, one.message),
    )


def _of_plugins(subject: Subject, registry: Any) -> Iterator[Finding]:
    for model in subject.models.values():
        try:
            yield from list(_answers(model, registry))
        except PluginDefinitionError:
            raise
        except Exception as error:  # noqa: BLE001 # what others found is not lost for it
            yield _failed(model, error)


def _answers(model: type[Model], registry: Any) -> Iterator[Finding]:
    plan = model.__plans__.check_model
    for implementation, findings in plan.run_sync(model, registry) if plan else ():
        with implementation.blame():
            for finding in findings:
                if not isinstance(finding, Finding) or finding.level not in _RANKS:
                    fault = (
                        f"check_model returned {finding!r}, and must return a list of Finding, each with one of the "
                        f"levels {', '.join(_RANKS)}"
                    )
                    raise PluginDefinitionError(
                        fault, plugin=implementation.plugin, source=implementation.source
                    )
                yield finding


def _failed(model: type[Model], error: Exception) -> Finding:
    notes = "".join(f" ({note})" for note in getattr(error, "__notes__", ()))
    return Finding(
        id="earnorm.P003",
        level="error",
        model=model.__metadata__.key,
        message=f"a check of a plugin failed: {type(error).__name__}: {error}{notes}",
        hint="Mend the plugin, or leave it out; its other checks of this model did not run.",
    )
