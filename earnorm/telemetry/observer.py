"""Makes metrics and spans of the calls of hooks."""

from time import time_ns

from opentelemetry import metrics, trace
from opentelemetry.metrics import MeterProvider
from opentelemetry.trace import Status, StatusCode, Tracer, TracerProvider

from earnorm.plugins import HookCall, HookObserver, Record

__all__ = ["OpenTelemetryObserver"]

_SCOPE = "earnorm"
# Seconds; from a hook that sets an attribute to one that asks another service.
_BUCKETS = (
    0.000_001, 0.000_01, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0,
)  # fmt: skip


class OpenTelemetryObserver(HookObserver):
    """Records each call of a hook: `registry.observe(OpenTelemetryObserver())`.

    The histogram `earnorm.hook.duration` (seconds) and the counter `earnorm.hook.errors` have the attributes
    `earnorm.plugin`, `earnorm.hook`, `earnorm.model`, and `error.type` where there was an error. With `spans` each call is
    a span as well, below the one that is current; it is made when the call has ended, so what the hook itself does is
    beside it and not below. The providers are the global ones unless they are given.
    """

    def __init__(
        self,
        *,
        meter_provider: MeterProvider | None = None,
        tracer_provider: TracerProvider | None = None,
        spans: bool = False,
    ) -> None:
        meter = metrics.get_meter(_SCOPE, meter_provider=meter_provider)
        self._seconds = meter.create_histogram(
            "earnorm.hook.duration",
            unit="s",
            description="What a call of a plugin's hook took.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )
        self._errors = meter.create_counter(
            "earnorm.hook.errors", unit="{error}", description="Calls of hooks that raised."
        )
        self._tracer: Tracer | None = (
            trace.get_tracer(_SCOPE, tracer_provider=tracer_provider) if spans else None
        )

    def recorder(self, call: HookCall) -> Record:
        """What records such calls."""
        attributes = {"earnorm.plugin": call.plugin, "earnorm.hook": call.hook}
        if call.model is not None:
            attributes["earnorm.model"] = call.model
        seconds, errors, tracer = self._seconds, self._errors, self._tracer

        def record(took: float, error: BaseException | None) -> None:
            told = attributes
            if error is not None:
                told = {**attributes, "error.type": type(error).__qualname__}
                errors.add(1, told)
            seconds.record(took, told)
            if tracer is not None:
                _add_span(tracer, call, told, took, error)

        return record


def _add_span(
    tracer: Tracer,
    call: HookCall,
    attributes: dict[str, str],
    seconds: float,
    error: BaseException | None,
) -> None:
    ended = time_ns()
    span = tracer.start_span(
        f"{call.hook} {call.plugin}", attributes=attributes, start_time=ended - int(seconds * 1e9)
    )
    if error is not None:
        span.record_exception(error)
        span.set_status(Status(StatusCode.ERROR, repr(error)))
    span.end(ended)
