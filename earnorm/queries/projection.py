"""What `Query.project` is given, as the shape that a query takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from earnorm.errors import FilterError, is_typo, suggestion
from earnorm.expressions import EmbeddedPath, Path
from earnorm.fields import Field, TupleField, is_unicode, resolve_path, steps
from earnorm.fields.arrays import ArrayField
from earnorm.queries.parts import Part, Parts
from earnorm.queries.views import Views
from earnorm.typing import Shape

__all__ = ["project"]


def project(model: Any, parts: Sequence[Any]) -> Shape[Any]:
    """The shape for a view class, or for names and paths; raises `FilterError`."""
    if len(parts) == 1 and isinstance(parts[0], type):
        return Views(model, parts[0])
    if len(parts) == 1 and isinstance(parts[0], EmbeddedPath):
        # to a type checker it is the embedded model, and so would be the result
        raise FilterError(
            f"project({parts[0].__written__!r}) by its path alone would read like a view class. Write its "
            f"name: project({parts[0].__written__!r})."
        )
    if not parts:
        raise FilterError("project() takes names or paths of fields, or a view class")
    tree: dict[str, Part] = {}
    for part in parts:
        _add(tree, model, part)
    return Parts(model.__qualname__, tree)


def _add(tree: dict[str, Part], model: Any, wanted: Any) -> None:
    """Puts a wanted part into the tree; one inside another that is wanted whole is that other's already."""
    written = _names(wanted) if isinstance(wanted, Path) else wanted
    is_path = isinstance(written, str) and "" not in written.split(".")
    if not is_path or "\0" in written or not is_unicode(written):
        raise FilterError(
            f"project() takes names of fields such as 'name' or 'address.city', paths, or one view class, "
            f"not {wanted!r}"
        )
    fields: Mapping[str, Field[Any]] = model.__codec__.fields
    stored, _ = resolve_path(fields, written)
    names = written.split(".")
    way = list(steps(fields, stored))
    _check_way(model, names, way, is_declared=isinstance(wanted, Path))
    level = tree
    is_key = False
    for name, (stored_name, field) in zip(names, way, strict=True):
        is_new = name not in level
        new = Part(stored=stored_name, field=field, is_key=is_key, parts={})
        part = level.setdefault(name, new)
        if not is_new and not part.parts:
            return
        level = part.parts
        is_key = field is not None and field.has_keys
    level.clear()


def _names(path: Path[Any]) -> str:
    """The names that lead there: a projection goes into every item by itself."""
    names = path.__written__.split(".")
    return (
        ".".join(name for name in names if name != "each") if path.__through__ else ".".join(names)
    )


def _check_way(
    model: Any,
    names: Sequence[str],
    way: Sequence[tuple[str, Field[Any] | None]],
    *,
    is_declared: bool,
) -> None:
    holder: Field[Any] | None = None
    for depth, (name, (_, field)) in enumerate(zip(names, way, strict=True)):
        known = (
            model.__codec__.fields.keys() if not depth else holder.part_names() if holder else ()
        )
        # a name at the top that no field has may be that of an extra, which may have parts
        is_extra = not depth and not is_declared and not is_typo(name, known) and name[0] != "$"
        is_free = holder.has_keys if holder is not None else is_extra or depth
        if field is None and not is_free:
            raise FilterError(
                f"{model.__qualname__} has no {'.'.join(names[: depth + 1])!r} to project."
                f"{suggestion(name, known)}"
            )
        if name.isdecimal() and isinstance(holder, (ArrayField, TupleField)):
            raise FilterError(
                f"a projection gives every item of a list, and {'.'.join(names)!r} names a position"
            )
        holder = field
