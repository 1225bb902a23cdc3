"""What hooks cost and how large registries are, told to OpenTelemetry: `pip install earnorm[metrics]`."""

from earnorm.telemetry.observer import OpenTelemetryObserver
from earnorm.telemetry.registry_gauges import gauge_registry

__all__ = ["OpenTelemetryObserver", "gauge_registry"]
