"""Checks, encodes and decodes the instances of one class, field by field.

This interpreted path is the reference: any faster one must give the same values and the same errors.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from earnorm.errors import (
    SECRET,
    DocumentError,
    FieldFault,
    ModelDefinitionError,
    ValidationError,
    suggestion,
)
from earnorm.fields import (
    ABSENT,
    DYNAMIC,
    Difference,
    Field,
    copy_containers,
    hidden_fault,
    is_storable_name,
    recheck_dynamic,
)
from earnorm.models.rules import DISCRIMINATOR, KEEP_EXTRAS, REVISION, DocumentRules
from earnorm.models.state import InstanceState, Trace

__all__ = ["AbstractCodec", "ModelCodec"]

Assign = Callable[[Any, Any], None]


class ModelCodec:
    """The codec of one class, over its field table; immutable."""

    __slots__ = ("_by_stored_name", "fields", "model", "mutable", "rules", "setters")

    def __init__(
        self,
        model: type[Any],
        fields: Mapping[str, Field[Any]],
        rules: DocumentRules = KEEP_EXTRAS,
    ) -> None:
        self.model = model
        self.fields = fields
        self.rules = rules
        self.mutable = {name: field for name, field in fields.items() if field.is_mutable}
        self._by_stored_name = {field.stored_name: field for field in fields.values()}
        self.setters: dict[str, Assign] = {}

    @property
    def holds_secrets(self) -> bool:
        """Whether any field is secret, or holds something that is."""
        return any(field.holds_secrets for field in self.fields.values())

    def initialise(self, instance: Any, values: dict[str, Any]) -> None:
        """Fills a new instance from the arguments of its constructor; raises `ValidationError`."""
        faults: list[FieldFault] = []
        state = self.construct(values, "", faults)
        self._fill(instance, state, "", faults, 0)
        if faults:
            raise ValidationError(self.model.__qualname__, faults)

    def construct(
        self, values: Mapping[str, Any], path: str, faults: list[FieldFault]
    ) -> dict[str, Any]:
        """The checked values of a new instance, defaults filled in."""
        state: dict[str, Any] = {}
        found = len(faults)
        for name, field in self.fields.items():
            if name in values and field.contributed_by is None:
                state[name] = field.check(values[name], f"{path}{name}", faults)
            elif field.has_default:
                state[name] = field.check(field.make_default(), f"{path}{name}", faults)
            elif field.contributed_by is None:
                faults.append(field.fault(f"{path}{name}", "required", "is required", None))
        self._hide_secrets(state, path, faults, found)
        faults += self._unknown_arguments(values, path)
        return state

    def validate(self, instance: Any, path: str, faults: list[FieldFault]) -> None:
        """Checks every value again, as nested ones may have been changed in place; puts them in order."""
        state = vars(instance)
        found = len(faults)
        for name, field in self.fields.items():
            if name in state:
                state[name] = field.recheck(state[name], f"{path}{name}", faults)
            elif field.required:
                message = (
                    f"has no value: the plugin {field.contributed_by!r} should have set it before the save"
                    if field.contributed_by
                    else "has no value"
                )
                faults.append(field.fault(f"{path}{name}", "required", message, None))
        self._hide_secrets(state, path, faults, found)
        extras = instance.__extras__
        for name in list(extras):
            extras[name] = recheck_dynamic(extras[name], f"{path}{name}", faults)
        self._run_validators(instance, path, faults, found)

    def check_extra(self, name: str) -> Iterator[FieldFault]:
        """What is wrong with storing a value under `name` beside those of the fields."""
        field = self._by_stored_name.get(name)
        if field is not None:
            message = f"is the stored name of the field {field.name!r}; assign that one"
            yield FieldFault(path=name, code="key", message=message)
        elif not is_storable_name(name):
            message = "is no stored name: it is empty, starts with '$', or holds a NUL or a lone surrogate"
            yield FieldFault(path=name, code="key", message=message)

    def make_setter(self, name: str) -> Assign | None:
        """What assigns a checked value to the field of this name, from now on in `setters`; or None.

        It raises `ValidationError` for what does not fit.
        """
        field = self.fields.get(name)
        if field is None:
            return None
        is_id = field.stored_name == "_id" and not self.model.__embedded__
        setter = self.setters[name] = _refuse_id if is_id else self.compile_setter(field)
        return setter

    def compile_setter(self, field: Field[Any]) -> Assign:
        """A function `assign(instance, value)` for one field."""
        return partial(_assign, field)

    def encode(self, instance: Any) -> dict[str, Any]:
        """The document of a valid instance: `_id` first when it has one, extras last."""
        document = {}
        state = vars(instance)
        for name, field in self.fields.items():
            if name in state:
                value = state[name]
                document[field.stored_name] = None if value is None else field.encode(value)
        if document.get("_id", True) is None:
            del document["_id"]
        document.update(self.rules.constants)
        if self.rules.has_revision and instance.__state__.revision is not None:
            document[REVISION] = instance.__state__.revision
        document.update(copy_containers(dict(instance.__extras__)))
        return document

    def load(self, document: Mapping[str, Any]) -> Any:
        """A stored instance; raises `DocumentError` for a document that does not fit."""
        if type(document) is not dict and not isinstance(document, Mapping):
            what = f"{self.model.__qualname__}.from_document"
            shown = SECRET if self.holds_secrets else document
            raise TypeError(f"{what} takes a mapping, not {shown!r}")
        faults: list[FieldFault] = []
        instance = self.decode(document, "", faults)
        if faults:
            raise DocumentError(self.model.__qualname__, document.get("_id"), faults)
        return instance

    def load_trusted(self, document: Mapping[str, Any]) -> Any:
        """As `load`, for a document that is taken to fit: what is not looked at is not found out."""
        return self.load(document)

    def decode_exact(self, document: dict[str, Any]) -> Any:
        """None: only generated code can tell at once that a document fits."""
        return None

    def decode(self, document: Mapping[str, Any], path: str, faults: list[FieldFault]) -> Any:
        """A stored instance; what does not fit is added to `faults`.

        Unknown keys become extras, or what the rules make of them. What a default fills in is not what
        the store has, so the next save writes it. A document that says that it is of a class below this
        one gives an instance of that.
        """
        codec = self.codec_of(document, path, faults)
        if codec is not self:
            return codec and codec.decode(document, path, faults)
        state: dict[str, Any] = {}
        filled: set[str] = set()
        found = len(faults)
        for name, field in self.fields.items():
            stored_name = field.stored_name
            if stored_name in document:
                state[name] = field.decode(document[stored_name], f"{path}{stored_name}", faults)
            elif field.has_default:
                state[name] = field.check(field.make_default(), f"{path}{stored_name}", faults)
                if state[name] is not None:
                    filled.add(name)
            elif field.contributed_by is not None:
                filled.add(name)  # stored before the plugin was enabled; the next save sets it
            else:
                message = "is missing, and a value is required"
                faults.append(field.fault(f"{path}{stored_name}", "required", message, None))
        self._hide_secrets(document, path, faults, found)
        extras = self._read_extras(document, path, faults)
        if faults:
            return None
        return self.assemble(state, self._trace(document, state, filled, extras))

    def codec_of(
        self, document: Mapping[str, Any], path: str, faults: list[FieldFault]
    ) -> "ModelCodec | None":
        """The codec of the class that the document says it is of; None, with a fault, for no class here."""
        own = self.rules.constants.get(DISCRIMINATOR)
        is_own = (
            document.get(DISCRIMINATOR) == own
            if own is not None
            else DISCRIMINATOR not in document or DISCRIMINATOR in self._by_stored_name
        )
        if is_own or self.model.__embedded__:
            return self
        chosen = self.model.__tree__.choose(self.model, document, path)
        if isinstance(chosen, FieldFault):
            faults.append(chosen)
            return None
        codec: ModelCodec = chosen.__codec__
        return codec

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
            _picture(field, state.get(name, ABSENT)) for name, field in self.mutable.items()
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
            ABSENT if name in filled else _picture(field, state[name])
            for name, field in self.fields.items()
        )
        extras = instance.__extras__
        return (*values, DYNAMIC.freeze(extras)) if extras else tuple(values)

    def thaw(self, picture: tuple[Any, ...]) -> Any:
        """An embedded instance that has this picture."""
        state = {
            name: frozen if frozen is None else field.thaw(frozen)
            for (name, field), frozen in zip(self.fields.items(), picture, strict=False)
        }
        extras = picture[len(self.fields) :]
        return self.assemble(state, InstanceState(DYNAMIC.thaw(extras[0])) if extras else None)

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

    def _fill(
        self,
        instance: Any,
        state: Mapping[str, Any],
        path: str,
        faults: list[FieldFault],
        start: int,
    ) -> None:
        """Gives an instance the values that fit, and has the validators look at it."""
        faulty = _names(faults, path, start)
        vars(instance).update({name: v for name, v in state.items() if name not in faulty})
        self._run_validators(instance, path, faults, start)

    def _run_validators(
        self, instance: Any, path: str, faults: list[FieldFault], start: int
    ) -> None:
        """Runs the methods under `validates` whose fields have no faults from `start` on."""
        validators = self.model.__validators__
        if not validators:
            return
        faulty = _names(faults, path, start)
        is_whole = len(faults) == start
        for validator in validators:
            if faulty.isdisjoint(validator.fields) and validator.applies(instance):
                faults += validator.faults(instance, path, is_whole=is_whole)

    def _hide_secrets(
        self, values: Mapping[str, Any], path: str, faults: list[FieldFault], start: int
    ) -> None:
        """Takes secret values out of the faults from `start` on, whoever found them."""
        for number in range(start, len(faults)):
            name = faults[number].path[len(path) :].partition(".")[0]
            field = self.fields.get(name) or self._by_stored_name.get(name)
            if field is not None and field.is_hidden:
                faults[number] = hidden_fault(faults[number], values.get(name))

    def _read_extras(
        self, document: Mapping[str, Any], path: str, faults: list[FieldFault]
    ) -> dict[str, Any]:
        unknown = [
            key
            for key in document
            if key not in self._by_stored_name and key not in self.rules.reserved
        ]
        if self.rules.extra == "forbid":
            for key in unknown:
                hint = suggestion(key, self._by_stored_name) if isinstance(key, str) else ""
                message = f"is no stored name of {self.model.__name__}.{hint}"
                faults.append(FieldFault(path=f"{path}{key}", code="unknown", message=message))
        if self.rules.extra != "keep":
            return {}
        return {key: copy_containers(document[key]) for key in unknown}

    def _trace(
        self,
        document: Mapping[str, Any],
        state: Mapping[str, Any],
        filled: set[str],
        extras: dict[str, Any],
    ) -> Trace:
        if self.model.__embedded__:
            marks = dict.fromkeys(filled, ABSENT)
            return InstanceState(extras, changed=marks) if extras or marks else None
        pictures = tuple(
            ABSENT if name in filled else _picture(field, state[name])
            for name, field in self.mutable.items()
        )
        changed = {name: ABSENT for name in self.fields if name in filled - self.mutable.keys()}
        revision = document.get(REVISION) if self.rules.has_revision else None
        if extras or changed or revision is not None:
            return InstanceState(extras, pictures=pictures, changed=changed, revision=revision)
        return pictures

    def check_value(self, value: object, path: str, faults: list[FieldFault]) -> Any:
        """An embedded instance from itself, checked again, or from a mapping of its values."""
        below = f"{path}." if path else ""
        if isinstance(value, self.model):
            if type(value) is self.model:
                self.validate(value, below, faults)
            else:
                faults.append(self._type_fault(value, path))
            return value
        if not isinstance(value, Mapping):
            faults.append(self._type_fault(value, path))
            return value
        found = len(faults)
        state = self.construct(value, below, faults)
        instance = self.assemble({}, None)
        self._fill(instance, state, below, faults, found)
        return value if len(faults) > found else instance

    def encode_value(self, value: Any, path: str, faults: list[FieldFault]) -> Any:
        """What another document keeps of an instance: an embedded one whole, a stored one's id."""
        if self.model.__embedded__:
            return self.encode(value)
        if value.id is None:
            message = "refers to an instance that was never saved; save it first"
            faults.append(FieldFault(path=path, code="unsaved", message=message, input=value))
        return value.id

    def decode_value(self, stored: object, path: str, faults: list[FieldFault]) -> Any:
        """An embedded instance from its stored document."""
        assert isinstance(stored, Mapping)
        return self.decode(stored, f"{path}.", faults)

    def _type_fault(self, value: object, path: str) -> FieldFault:
        name = self.model.__name__
        message = f"must be an instance of {name} or a mapping of its values"
        if isinstance(value, self.model):
            message = f"must be an instance of {name} itself: what a subclass adds would be lost"
        shown = SECRET if self.holds_secrets else value
        return FieldFault(path=path, code="type", message=message, input=shown)

    def _unknown_arguments(self, names: Iterable[str], path: str) -> Iterator[FieldFault]:
        guesses = _MOST_GUESSES
        for name in names:
            field = self.fields.get(name)
            if field is None:
                hint = suggestion(name, self.fields) if guesses else ""
                guesses -= bool(guesses)
                message = f"is no field of {self.model.__name__}.{hint}"
            elif field.contributed_by is not None:
                message = f"is set by the plugin {field.contributed_by!r}, and is no argument"
            else:
                continue
            yield FieldFault(path=f"{path}{name}", code="unknown", message=message)


class AbstractCodec(ModelCodec):
    """The codec of an abstract model, which has no instances."""

    __slots__ = ()

    def initialise(self, instance: Any, values: dict[str, Any]) -> None:
        raise ModelDefinitionError(
            "is abstract and has no instances. Define a subclass.", model=self.model.__qualname__
        )


# Looking for near names takes time, and whoever sends thousands of wrong ones has not mistyped them.
_MOST_GUESSES = 20


def _names(faults: Sequence[FieldFault], path: str, start: int) -> set[str]:
    """The fields below `path` that the faults from `start` on are about."""
    return {fault.path[len(path) :].partition(".")[0] for fault in faults[start:]}


def _picture(field: Field[Any], value: Any) -> Any:
    return value if value is None or value is ABSENT else field.freeze(value)


def _assign(field: Field[Any], instance: Any, value: Any) -> None:
    checked = field.assign(value)
    values = vars(instance)
    if not field.is_mutable and instance.__trace__ is not None:
        instance.__state__.remember(field.name, values, ABSENT)
    values[field.name] = checked


def _refuse_id(instance: Any, value: Any) -> None:
    raise AttributeError(
        f"{type(instance).__qualname__}.id is set by the store when the instance is saved, and never "
        "changes. To choose it yourself, give it to the constructor.",
        name="id",
        obj=instance,
    )
