"""What hooks cost, told to OpenTelemetry: `pip install earnorm[metrics]`."""

from earnorm.telemetry.observer import OpenTelemetryObserver

__all__ = ["OpenTelemetryObserver"]
