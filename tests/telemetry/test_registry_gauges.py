"""What OpenTelemetry is told of the size of a registry, asked from its own SDK."""

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from earnorm import ModelRegistry, StringField
from earnorm.telemetry import gauge_registry
from tests.model_registry.conftest import define


def read(reader: InMemoryMetricReader) -> dict[str, float]:
    data = reader.get_metrics_data()
    assert data is not None
    return {
        metric.name: point.value  # type: ignore[union-attr] # that of a gauge has one
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
        for point in metric.data.data_points
        if point.attributes == {"earnorm.registry": "a test"}
    }


def test_each_collection_is_told_the_size_of_then() -> None:
    home, reader = ModelRegistry("a test"), InMemoryMetricReader()
    provider = MeterProvider(metric_readers=[reader])
    gauge_registry(home, meter_provider=provider)
    define(home, "shop.User", name=StringField())
    first = read(reader)
    assert (first["earnorm.registry.models"], first["earnorm.registry.fields"]) == (1, 2)
    assert first["earnorm.registry.build"] > 0
    define(home, "shop.Order")
    second = read(reader)
    assert (second["earnorm.registry.models"], second["earnorm.registry.versions"]) == (2, 2)
    assert second["earnorm.registry.bytes"] > first["earnorm.registry.bytes"]
    provider.shutdown()
