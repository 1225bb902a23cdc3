"""Reads what an author wrote in `Meta`, and merges it with what the bases say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from earnorm.errors import ModelDefinitionError, suggestion
from earnorm.metadata import OPTIONS, Merge, OptionSource
from earnorm.models.draft import Draft
from earnorm.typing import OperationOptions

__all__ = ["Options", "merged_by_name", "meta_items", "read_options", "read_store_options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `Meta` says, merged with the bases and unresolved.

    `given` holds what was written, and only that; `sources` says which class gave each value. Reading
    `options["strict"]` gives the default of an option that nobody wrote.
    """

    given: Mapping[str, Any]
    sources: Mapping[str, tuple[OptionSource, ...]] = field(repr=False)

    def __getitem__(self, name: str) -> Any:
        return self.given.get(name, OPTIONS[name].default)


# What other mappers' options are called beside ours: MongoEngine has them in `meta`, Beanie in `Settings`.
_ELSEWHERE = ("name",)
_LOOKALIKES = ("meta", "Settings", "Config")


def read_options(model: type, draft: Draft, *, key: str) -> Options:
    """The options of `model`, merged with those of its bases as `OPTIONS` says.

    Raises `ModelDefinitionError` for an unknown option or one of a wrong kind.
    """
    given: dict[str, Any] = {}
    sources: dict[str, tuple[OptionSource, ...]] = {}
    for base in reversed(model.__mro__):
        for name, value in _written(draft.namespace(base), key).items():
            merge = OPTIONS[name].merge
            if merge is Merge.ADDED:
                earlier = given.get(name, ())
                added = tuple(item for item in value if item not in earlier)
                given[name] = (*earlier, *added)
                new = tuple(OptionSource(value=item, owner=base) for item in added)
                sources[name] = (*sources.get(name, ()), *new)
            elif merge is Merge.NAMED:
                given[name] = merged_by_name(given.get(name, {}), value)
                sources[name] = (*sources.get(name, ()), OptionSource(value=value, owner=base))
            elif merge is Merge.NEAREST or base is model:
                given[name] = value
                sources[name] = (OptionSource(value=value, owner=base),)
    return Options(given=given, sources=sources)


def read_store_options(written: Mapping[str, Any] | None, *, key: str) -> OperationOptions | None:
    """What `Meta.store_options` says, None for nothing; raises `ModelDefinitionError`."""
    if not written:
        return None
    names = [one.name for one in fields(OperationOptions) if one.name != _OURS]
    for name in written:
        if name not in names:
            hint = suggestion(str(name), names) or f" They are: {', '.join(names)}."
            fault = f"Meta.store_options has the unknown option {name!r}.{hint}"
            raise ModelDefinitionError(fault, model=key)
    try:
        return OperationOptions(**written)
    except ValueError as error:
        raise ModelDefinitionError(f"Meta.store_options: {error}", model=key) from None


_OURS = "naive_dates"  # asked for where instances are made, and nowhere else


def merged_by_name(
    earlier: Mapping[str, Mapping[str, Any]], later: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Both by name, the later one's options first."""
    names = dict.fromkeys((*earlier, *later))
    return {name: {**earlier.get(name, {}), **later.get(name, {})} for name in names}


def _written(namespace: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The options that the body of one class writes itself, in `Meta` and `_collection`."""
    _refuse_lookalikes(namespace, key)
    meta, collection = namespace.get("Meta"), namespace.get("_collection")
    if meta is None and collection is None:
        return {}
    own = dict(meta_items(meta, key))
    if collection is not None and own.setdefault("collection", collection) != collection:
        fault = f"_collection is {collection!r} and Meta.collection is {own['collection']!r}. Keep one of them."
        raise ModelDefinitionError(fault, model=key)
    for name, value in own.items():
        wrong = OPTIONS[name].fault(value)
        if wrong is not None:
            raise ModelDefinitionError(wrong, model=key)
        if OPTIONS[name].merge is Merge.ADDED:
            own[name] = tuple(value)
    return own


def _refuse_lookalikes(namespace: Mapping[str, Any], key: str) -> None:
    """Raises for options under another mapper's name for `Meta`, which would be ignored."""
    for name in _LOOKALIKES:
        if name in namespace and _holds_options(namespace[name]):
            fault = f"has {name!r}, which means nothing here. Write the options as 'class Meta:'."
            raise ModelDefinitionError(fault, model=key)


def _holds_options(value: object) -> bool:
    """Whether a class or dictionary sets an option, and is not there for a purpose of its own."""
    if getattr(value, "__embedded__", False) is True:
        return False
    held = vars(value) if isinstance(value, type) else value if isinstance(value, dict) else {}
    return any(name in held for name in (*OPTIONS, *_ELSEWHERE))


def meta_items(meta: object, key: str) -> Iterator[tuple[str, Any]]:
    """What a `Meta` class says, with what it takes over from its bases; nothing for None."""
    if meta is None:
        return
    if not isinstance(meta, type):
        raise ModelDefinitionError(f"Meta must be a class, not {meta!r}", model=key)
    found: dict[str, Any] = {}
    for base in reversed(meta.__mro__[:-1]):
        # class Meta(Base.Meta) takes over what a base says, but for what is never inherited.
        found = {name: value for name, value in found.items() if not _is_own(name)}
        found.update(vars(base))
    for name, value in found.items():
        if name.startswith("__"):
            continue
        if name not in OPTIONS:
            known = ", ".join(sorted(OPTIONS))
            hint = suggestion(name, OPTIONS) or f" The options are: {known}."
            raise ModelDefinitionError(f"Meta has the unknown option {name!r}.{hint}", model=key)
        yield name, value


def _is_own(name: str) -> bool:
    return name in OPTIONS and OPTIONS[name].merge is Merge.OWN
