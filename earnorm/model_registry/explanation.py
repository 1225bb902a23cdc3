"""Says which class gave a model the value of an option."""

from collections.abc import Iterator
from typing import Any

from earnorm.errors import UnknownOptionError
from earnorm.metadata import OPTIONS, Explanation, Merge, Metadata, OptionOrigin
from earnorm.model_registry.source_places import find_place

__all__ = ["explain_option"]


def explain_option(metadata: Metadata, option: str) -> Explanation:
    """The value of the option, and its origins; raises `UnknownOptionError`."""
    if option not in OPTIONS:
        raise UnknownOptionError(option, known=OPTIONS)
    return Explanation(
        model=metadata.key,
        option=option,
        value=_value(metadata, option),
        rule=str(OPTIONS[option].merge),
        origins=tuple(_origins(metadata, option)),
        reason=_reason(metadata, option),
    )


def _value(metadata: Metadata, option: str) -> Any:
    if option == "collection":
        return metadata.collection
    if option == "discriminator":
        return metadata.discriminator
    if OPTIONS[option].merge is Merge.ADDED:
        return tuple(source.value for source in metadata.sources.get(option, ()))
    return metadata.options.get(option, OPTIONS[option].default)


def _origins(metadata: Metadata, option: str) -> Iterator[OptionOrigin]:
    for source in metadata.sources.get(option, ()):
        item = source.value if OPTIONS[option].merge is Merge.ADDED else None
        yield OptionOrigin(
            value=source.value,
            given_by=f"{source.owner.__module__}.{source.owner.__qualname__}",
            where=find_place(source.owner, option, item=item),
        )


def _reason(metadata: Metadata, option: str) -> str:
    """What a value is that no class gives."""
    if option == "collection" and metadata.root is not None:
        return f"the collection of its root {metadata.root}"
    if option == "discriminator" and metadata.discriminator is None:
        return "as it inherits no concrete model"
    return "from the name of the class" if option in _NAMED else "the default"


_NAMED = ("collection", "discriminator")
