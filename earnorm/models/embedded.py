"""The class that every embedded model inherits."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from earnorm.errors import ModelDefinitionError
from earnorm.expressions import Expression, Path, Update
from earnorm.fields import is_unicode
from earnorm.model_registry import ModelRegistry, registry
from earnorm.models.build import build_embedded, checked_registry
from earnorm.models.rules import Extra
from earnorm.models.structure import Structure

__all__ = ["EmbeddedModel"]

E = TypeVar("E")


if TYPE_CHECKING:

    class _EmbeddedPaths(type):
        """What `User.address` can do: to type checkers it is the embedded model, at run time a path."""

        def __eq__(cls: type[E], other: E | None) -> Expression: ...  # type: ignore[override]
        def __ne__(cls: type[E], other: E | None) -> Expression: ...  # type: ignore[override]
        def __hash__(cls) -> int: ...
        def __getitem__(cls, key: str) -> Path[Any]: ...
        def in_(cls: type[E], values: Iterable[E | None]) -> Expression: ...
        def not_in(cls: type[E], values: Iterable[E | None]) -> Expression: ...
        def exists(cls, *, present: bool = True) -> Expression: ...
        def set(cls: type[E], value: E | None) -> Update: ...
        def unset(cls) -> Update: ...
else:
    _EmbeddedPaths = type


class EmbeddedModel(Structure, metaclass=_EmbeddedPaths):
    """A part of a document: fields without a collection, an id or methods of their own.

    Held by `EmbeddedField` in a model or in another embedded model. References inside it are looked up
    in the default registry, or in the one it names: `class Address(EmbeddedModel, registry=other)`. It
    must be the registry of the models that hold it. `extra` says what becomes of stored keys that no
    field declares: `"keep"`, `"ignore"` or `"forbid"`, as `Meta.extra` does for a model.

    A union of embedded models stores which one an instance is of: the name of the class, or what
    `class Address(EmbeddedModel, discriminator="address")` says.
    """

    __registry__: ClassVar[ModelRegistry] = registry
    __extra__: ClassVar[Extra] = "keep"
    __discriminator__: ClassVar[str]
    __embedded__: ClassVar[Literal[True]] = True

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
