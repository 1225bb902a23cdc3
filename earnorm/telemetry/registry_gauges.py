"""How large a registry is, as OpenTelemetry's gauges."""

from collections.abc import Callable, Iterable

from opentelemetry import metrics
from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation

from earnorm.model_registry import ModelRegistry, RegistrySize

__all__ = ["gauge_registry"]

_GAUGES: tuple[tuple[str, str, str, Callable[[RegistrySize], float]], ...] = (
    ("models", "{model}", "Models that are registered.", lambda size: len(size.models)),
    ("fields", "{field}", "Fields of all models.", lambda size: size.fields),
    ("versions", "{version}", "Versions of all models.", lambda size: size.versions),
    ("bytes", "By", "Documents of all models.", lambda size: size.bytes),
    ("build", "s", "What all class lines took.", lambda size: size.build_seconds),
)


def gauge_registry(registry: ModelRegistry, *, meter_provider: MeterProvider | None = None) -> None:
    """Has OpenTelemetry ask for the size of the registry whenever it collects.

    The gauges `earnorm.registry.models`, `.fields`, `.versions`, `.bytes` and `.build` (seconds) have the attribute
    `earnorm.registry`, its name. The provider is the global one unless it is given.
    """
    meter = metrics.get_meter("earnorm", meter_provider=meter_provider)
    attributes = {"earnorm.registry": registry.name}
    # Five gauges ask at a time, and a size stays what it is until the registry changes.
    known: dict[int, RegistrySize] = {}

    def size() -> RegistrySize:
        revision = registry.revision
        if revision not in known:
            known.clear()
            known[revision] = registry.size()
        return known[revision]

    def asked(read: Callable[[RegistrySize], float]) -> Callable[..., Iterable[Observation]]:
        def answer(options: CallbackOptions) -> Iterable[Observation]:
            yield Observation(read(size()), attributes)

        return answer

    for name, unit, description, read in _GAUGES:
        meter.create_observable_gauge(
            f"earnorm.registry.{name}",
            callbacks=[asked(read)],
            unit=unit,
            description=description,
        )
