"""Takes pictures of the values of one class, and tells where a value is not as in its picture."""

from collections.abc import Iterator, Mapping
from typing import Any

from earnorm.fields import ABSENT, DYNAMIC, Difference, Field, picture_of
from earnorm.models.state import InstanceState, Trace

__all__ = ["Pictures", "value_of"]


class Pictures:
    """The part of a codec that knows what the store has, over the field table of one class."""

    def __init__(self, model: type[Any], fields: Mapping[str, Field[Any]]) -> None:
        self.model = model
        self.fields = fields
        self.mutable = {name: field for name, field in fields.items() if field.is_mutable}

    def assemble(self, state: dict[str, Any], trace: Trace) -> Any:
        """An instance with exactly these values, unchecked."""
        instance = object.__new__(self.model)
        vars(instance).update(state)
        if trace is not None:
            vars(instance)["__trace__"] = trace
        return instance

    def pictures(self, state: Mapping[str, Any]) -> tuple[Any, ...]:
        """The pictures of the values that can change in place, in the order of `mutable`."""
        return tuple(
            picture_of(field, state.get(name, ABSENT)) for name, field in self.mutable.items()
        )

    def unfold(self, trace: tuple[Any, ...]) -> tuple[Any, ...]:
        """The pictures of `mutable`, one for each, of a trace that may hold those of inner values."""
        return trace

    def freeze(self, instance: Any) -> tuple[Any, ...]:
        """The picture of an embedded instance: those of its values, then that of its extras, if any.

        What a default filled in when the instance was decoded is `ABSENT` in its first picture.
        """
        state, trace = vars(instance), instance.__trace__
        filled: Mapping[str, Any] = {}
        if type(trace) is InstanceState and trace.changed:
            filled, trace.changed = trace.changed, {}
        values = (
            ABSENT if name in filled else picture_of(field, state[name])
            for name, field in self.fields.items()
        )
        extras = instance.__extras__
        return (*values, DYNAMIC.freeze(extras)) if extras else tuple(values)

    def thaw(self, picture: tuple[Any, ...]) -> Any:
        """An embedded instance that has this picture."""
        frozen = dict(zip(self.fields, picture, strict=False))
        state = {name: value_of(self.fields[name], one) for name, one in frozen.items()}
        filled = {name: ABSENT for name, one in frozen.items() if one is ABSENT}
        extras = [DYNAMIC.thaw(one) for one in picture[len(self.fields) :]]
        is_plain = not (extras or filled)
        return self.assemble(state, None if is_plain else InstanceState(*extras, changed=filled))

    def differences(
        self, picture: tuple[Any, ...], instance: Any, path: str, stored_path: str
    ) -> Iterator[Difference] | None:
        """The fields of an embedded instance that are not as in the picture; None when its extras are not."""
        extras = instance.__extras__
        if picture[len(self.fields) :] != ((DYNAMIC.freeze(extras),) if extras else ()):
            return None
        return self._differences(picture, vars(instance), path, stored_path)

    def _differences(
        self, picture: tuple[Any, ...], state: Mapping[str, Any], path: str, stored_path: str
    ) -> Iterator[Difference]:
        for (name, field), frozen in zip(self.fields.items(), picture, strict=False):
            yield from field.differences(
                frozen, state[name], f"{path}{name}", f"{stored_path}{field.stored_name}"
            )

    def trace(
        self,
        state: Mapping[str, Any],
        filled: set[str],
        extras: dict[str, Any],
        revision: int | None,
    ) -> Trace:
        """What an instance is to know that was just loaded; `filled` are the fields that got a default."""
        if self.model.__embedded__:
            marks = dict.fromkeys(filled, ABSENT)
            return InstanceState(extras, changed=marks) if extras or marks else None
        pictures = tuple(
            ABSENT if name in filled else picture_of(field, state[name])
            for name, field in self.mutable.items()
        )
        changed = {name: ABSENT for name in self.fields if name in filled - self.mutable.keys()}
        if extras or changed or revision is not None:
            return InstanceState(extras, pictures=pictures, changed=changed, revision=revision)
        return pictures


def value_of(field: Field[Any], picture: Any) -> Any:
    """A fresh value that has this picture; for `ABSENT`, the default of the field, which has one."""
    if picture is ABSENT:
        return field.check(field.make_default(), field.name, [])
    return None if picture is None else field.thaw(picture)
