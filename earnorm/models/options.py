"""Reads what an author wrote in `Meta`, and merges it with what the bases say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from earnorm.errors import ModelDefinitionError, suggestion

__all__ = ["Options", "read_options"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `Meta` says, unresolved. `given` is the merged mapping as it was written."""

    collection: str
    abstract: bool
    plugins: tuple[str, ...]
    indexes: tuple[Any, ...]
    validators: tuple[Any, ...]
    given: Mapping[str, Any]


# What other mappers' options are called beside ours: MongoEngine has them in `meta`, Beanie in `Settings`.
_ELSEWHERE = ("name",)

# How an option combines with that of a base: the class's own value alone, or both, the base's first.
_OWN = ("abstract", "collection")
_ADDED = ("indexes", "plugins", "validators")


def read_options(model: type, *, key: str) -> Options:
    """The options of `model`: lists add to those of its bases, without duplicates.

    Raises `ModelDefinitionError` for an unknown option or one of a wrong kind.
    """
    given: dict[str, Any] = {}
    for base in reversed(model.__mro__):
        for name, value in _written(base, key).items():
            if name in _ADDED:
                earlier = given.get(name, ())
                given[name] = (*earlier, *(item for item in value if item not in earlier))
            elif base is model:
                given[name] = value
    abstract = given.get("abstract", False)
    if not isinstance(abstract, bool):
        fault = f"Meta.abstract must be True or False, not {abstract!r}"
        raise ModelDefinitionError(fault, model=key)
    return Options(
        collection=_collection(model, given, key),
        abstract=abstract,
        plugins=given.get("plugins", ()),
        indexes=given.get("indexes", ()),
        validators=given.get("validators", ()),
        given=given,
    )


def _written(base: type, key: str) -> dict[str, Any]:
    """The options that one class writes itself, in `Meta` and `_collection`."""
    _refuse_lookalikes(base, key)
    own = dict(_meta_items(vars(base).get("Meta"), key))
    for name, value in own.items():
        if name in _ADDED:
            if not isinstance(value, (list, tuple)):
                raise ModelDefinitionError(f"Meta.{name} must be a list, not {value!r}", model=key)
            own[name] = tuple(value)
    collection = vars(base).get("_collection")
    if collection is not None and own.setdefault("collection", collection) != collection:
        fault = f"_collection is {collection!r} and Meta.collection is {own['collection']!r}. Keep one of them."
        raise ModelDefinitionError(fault, model=key)
    return own


def _refuse_lookalikes(base: type, key: str) -> None:
    """Raises for options under another mapper's name for `Meta`, which would be ignored."""
    for name in ("meta", "Settings", "Config"):
        if _holds_options(vars(base).get(name)):
            fault = f"has {name!r}, which means nothing here. Write the options as 'class Meta:'."
            raise ModelDefinitionError(fault, model=key)


def _holds_options(value: object) -> bool:
    """Whether a class or dictionary sets an option, and is not there for a purpose of its own."""
    if getattr(value, "__embedded__", False) is True:
        return False
    held = vars(value) if isinstance(value, type) else value if isinstance(value, dict) else {}
    return any(name in held for name in (*_OWN, *_ADDED, *_ELSEWHERE))


def _meta_items(meta: object, key: str) -> Iterator[tuple[str, Any]]:
    if meta is None:
        return
    if not isinstance(meta, type):
        raise ModelDefinitionError(f"Meta must be a class, not {meta!r}", model=key)
    found: dict[str, Any] = {}
    for base in reversed(meta.__mro__[:-1]):
        # class Meta(Base.Meta) takes over what an abstract base says, but not that it is abstract.
        found.pop("abstract", None)
        found.update(vars(base))
    for name, value in found.items():
        if name.startswith("__"):
            continue
        if name not in (*_OWN, *_ADDED):
            known = ", ".join(sorted((*_OWN, *_ADDED)))
            hint = suggestion(name, (*_OWN, *_ADDED)) or f" The options are: {known}."
            raise ModelDefinitionError(f"Meta has the unknown option {name!r}.{hint}", model=key)
        yield name, value


def _collection(model: type, given: Mapping[str, Any], key: str) -> str:
    collection = given.get("collection")
    if collection is None:
        return _snake_case(model.__name__)
    if not isinstance(collection, str):
        raise ModelDefinitionError(
            f"the collection must be a string, not {collection!r}", model=key
        )
    fault = _collection_fault(collection)
    if fault:
        raise ModelDefinitionError(f"the collection {collection!r} {fault}", model=key)
    return collection


_LONGEST_COLLECTION = 255


def _collection_fault(name: str) -> str | None:
    """What MongoDB forbids in the name of a collection (manual: "Naming Restrictions")."""
    if not name:
        return "has no name. Give one, or leave the option out."
    if "$" in name or "\0" in name:
        return "has a '$' or a NUL in its name, which MongoDB forbids. Choose another name."
    if name.startswith(("system.", ".")) or name.endswith("."):
        return "starts with 'system.', or starts or ends with a dot, which MongoDB forbids. Choose another name."
    try:
        length = len(name.encode())
    except UnicodeEncodeError:
        return "has a lone surrogate in its name, which is not text. Choose another name."
    if length > _LONGEST_COLLECTION:
        return f"is longer than {_LONGEST_COLLECTION} bytes. Choose a shorter name."
    return None


def _snake_case(name: str) -> str:
    """`OrderItem` as `order_item`, `HTTPLog` as `http_log`."""
    words = []
    for n, letter in enumerate(name):
        starts_word = letter.isupper() and n > 0 and name[n - 1] != "_"
        follows_lower = starts_word and not name[n - 1].isupper()
        precedes_lower = starts_word and n + 1 < len(name) and name[n + 1].islower()
        words.append(f"_{letter}" if follows_lower or precedes_lower else letter)
    return "".join(words).lower()
