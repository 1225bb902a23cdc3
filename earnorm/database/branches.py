"""Query writes over a model that has children: one run for all that are treated alike."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

from earnorm.database.kinds import kinds_below, plugins_below, with_kinds
from earnorm.database.reading import active_plans
from earnorm.errors import UpdateError
from earnorm.models import DISCRIMINATOR
from earnorm.plugins import Plans
from earnorm.typing import MutableDocument, Selection

__all__ = ["Branch", "branches", "check_names_of_children", "touched_names"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A part of a selection whose documents have the same hooks, and these plans for them."""

    selection: Selection[Any]
    plans: Plans


def branches(
    selection: Selection[Any], skip_hooks: Collection[str], *, touched: Collection[str] = ()
) -> list[Branch]:
    """The parts of a selection: its model with all that is treated like it, and each other child alone.

    Treated alike are classes with the same plugins; where fields are `touched`, given by their stored
    names, also with the same validators and the same declarations of these fields. Raises
    `PluginNotEnabledError` for a skipped plugin that none of them enables.
    """
    model: Any = selection.model
    plans = active_plans(model, skip_hooks)
    own = _treatment(model, touched)
    others = [kind for kind in kinds_below(model) if _treatment(kind, touched) != own]
    if not others:
        return [Branch(selection=selection, plans=plans)]
    apart = {DISCRIMINATOR: {"$nin": [kind.__metadata__.discriminator for kind in others]}}
    rest = replace(selection, filters=(*selection.filters, apart))
    return [
        Branch(selection=rest, plans=plans),
        *(_branch(selection, kind, skip_hooks) for kind in others),
    ]


def check_names_of_children(
    model: Any, shaped: dict[str, MutableDocument], *, is_checked_later: bool
) -> None:
    """Raises `UpdateError` for a change of what a child declares and the model does not.

    And for one of the discriminator, after which a document might not fit, unless each instance is checked.
    """
    metadata = model.__metadata__
    known = {field.stored_name for field in metadata.fields.values()}
    for name in touched_names(shaped):
        if name == DISCRIMINATOR and not is_checked_later:
            raise UpdateError(
                f"{metadata.key}: {DISCRIMINATOR!r} says which class a document belongs to, and it might not "
                "fit another one. Pass each=True, which checks each instance."
            )
        if name in known or name == DISCRIMINATOR:
            continue
        for kind in kinds_below(model):
            fields = kind.__metadata__.fields
            if name in fields or name in {field.stored_name for field in fields.values()}:
                raise UpdateError(
                    f"{metadata.key} has no field {name!r}, and its child {kind.__metadata__.key} has. "
                    f"Say whose documents you mean: {kind.__name__}.find(...).update(...)."
                )


def touched_names(shaped: dict[str, MutableDocument]) -> set[str]:
    """The stored names, without what is below them, that an update changes."""
    paths = [path for changes in shaped.values() for path in changes]
    paths += map(str, shaped.get("$rename", {}).values())
    return {path.partition(".")[0] for path in paths}


def _branch(selection: Selection[Any], kind: Any, skip_hooks: Collection[str]) -> Branch:
    known = plugins_below(kind)
    only = with_kinds([kind.__metadata__.discriminator])
    narrowed = replace(
        selection,
        model=kind,
        filters=(*selection.filters, only),
        widened=selection.widened & known,
    )
    return Branch(selection=narrowed, plans=active_plans(kind, known.intersection(skip_hooks)))


def _treatment(model: Any, touched: Collection[str]) -> tuple[Any, ...]:
    """What decides how a query write treats the documents of a class; comparable."""
    counts = model.__codec__.rules.has_revision
    if not touched:
        return model.__plans__, counts
    metadata = model.__metadata__
    origins = _origins(metadata.fields.values(), touched)
    return model.__plans__, counts, metadata.validators, dict(origins)


def _origins(fields: Any, touched: Collection[str]) -> Iterator[tuple[str, Any]]:
    for field in fields:
        if field.stored_name in touched:
            yield field.stored_name, id(field.origin)
