"""OpenTelemetry's observers; importing this fails where its API or its SDK is not installed."""

from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from earnorm import HookObserver
from earnorm.telemetry import OpenTelemetryObserver

__all__ = ["api_alone", "in_memory"]


def api_alone() -> HookObserver:
    """The observer of a program that has the API and nothing that listens to it."""
    return OpenTelemetryObserver(meter_provider=NoOpMeterProvider())


def in_memory() -> HookObserver:
    """The observer with the SDK, which adds up in memory and sends nothing."""
    return OpenTelemetryObserver(
        meter_provider=MeterProvider(metric_readers=[InMemoryMetricReader()])
    )
