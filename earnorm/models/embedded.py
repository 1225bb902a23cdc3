"""The class that every embedded model inherits."""

from typing import Any, ClassVar

from earnorm.errors import ModelDefinitionError
from earnorm.fields import is_unicode
from earnorm.model_registry import ModelRegistry, registry
from earnorm.models.build import build_embedded, checked_registry
from earnorm.models.rules import Extra
from earnorm.models.structure import Structure

__all__ = ["EmbeddedModel"]


class EmbeddedModel(Structure):
    """A part of a document: fields without a collection, an id or methods of their own.

    Held by `EmbeddedField` in a model or in another embedded model. References inside it are looked up
    in the default registry, or in the one it names: `class Address(EmbeddedModel, registry=other)`. It
    must be the registry of the models that hold it. `extra` says what becomes of stored keys that no
    field declares: `"keep"`, `"ignore"` or `"forbid"`, as `Meta.extra` does for a model.

    A union of embedded models stores which one an instance is of: the name of the class, or what
    `class Address(EmbeddedModel, discriminator="address")` says.
    """

    __registry__: ClassVar[ModelRegistry] = registry
    __embedded__: ClassVar[bool] = True
    __extra__: ClassVar[Extra] = "keep"
    __discriminator__: ClassVar[str]

    def __init_subclass__(
        cls,
        *,
        registry: ModelRegistry | None = None,
        extra: Extra | None = None,
        discriminator: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init_subclass__(**kwargs)
        if extra is not None:
            cls.__extra__ = extra
        cls.__discriminator__ = cls.__name__ if discriminator is None else discriminator
        if not isinstance(cls.__discriminator__, str) or not is_unicode(cls.__discriminator__):
            raise ModelDefinitionError(
                f"has the discriminator {discriminator!r}, which must be a string",
                model=f"{cls.__module__}.{cls.__qualname__}",
            )
        if registry is not None:
            cls.__registry__ = checked_registry(registry, cls)
        build_embedded(cls, cls.__extra__)

    @classmethod
    def __find_model__(cls, target: str) -> Any:
        return cls.__registry__.get_referenced(cls.__module__, cls.__qualname__, target)
