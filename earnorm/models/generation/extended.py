"""The codec of a model that was extended while instances of it were alive."""

from collections.abc import Callable, Mapping
from typing import Any

from earnorm.errors import FieldFault
from earnorm.fields import Field
from earnorm.models.generation.codec import Decode, GeneratedCodec
from earnorm.models.rules import DocumentRules
from earnorm.models.state import InstanceState, Trace

__all__ = ["ExtendedCodec"]


class ExtendedCodec(GeneratedCodec):
    """Knows what an instance from before the extension holds: fewer values, and fewer pictures of them.

    Such an instance gets the defaults of the new fields when one is read or the instance is checked.
    """

    def __init__(
        self,
        model: type[Any],
        fields: Mapping[str, Field[Any]],
        rules: DocumentRules,
        *,
        plain_init: Callable[..., None],
        former: GeneratedCodec,
    ) -> None:
        super().__init__(model, fields, rules, plain_init=plain_init)
        self._first: GeneratedCodec = former._first if isinstance(former, ExtendedCodec) else former
        self._added = {
            name: field
            for name, field in fields.items()
            if name not in self._first.fields and field.contributed_by is None and field.has_default
        }

    def fill(self, instance: Any) -> None:
        """Gives an instance from before the extension the defaults of the new fields."""
        values = vars(instance)
        for name, field in self._added.items():
            if name not in values:
                value = field.check(field.make_default(), name, [])
                if not field.is_mutable and instance.__trace__ is not None and value is not None:
                    instance.__state__.remember(name, values)
                values.setdefault(name, value)

    def validate(self, instance: Any, path: str, faults: list[FieldFault]) -> None:
        self.fill(instance)
        super().validate(instance, path, faults)

    def unfold(self, trace: tuple[Any, ...]) -> tuple[Any, ...]:
        # Only the codec from before the first extension leaves bare pictures; see `_decode`.
        return self._first.unfold(trace)

    def trace(
        self,
        state: Mapping[str, Any],
        filled: set[str],
        extras: dict[str, Any],
        revision: int | None,
    ) -> Trace:
        trace = super().trace(state, filled, extras, revision)
        return InstanceState(pictures=trace) if isinstance(trace, tuple) else trace

    def _decode(self, *, trusted: bool) -> Decode:
        decode = super()._decode(trusted=trusted)

        def decode_to_state(document: Mapping[str, Any]) -> Any:
            instance = decode(document)
            if type(instance) is self.model:
                kept: Any = vars(instance)
                trace = kept.get("__trace__")
                if type(trace) is tuple:
                    pictures = super(ExtendedCodec, self).unfold(trace)
                    kept["__trace__"] = InstanceState(pictures=pictures)
            return instance

        return decode_to_state
