"""What OpenTelemetry is told of hooks, asked from its own SDK."""

from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from earnorm import BaseModel, ModelRegistry, StringField, connect
from earnorm.telemetry import OpenTelemetryObserver


class Quick:
    def before_save(self, instance: Any) -> None:
        if instance.text == "bad":
            raise ValueError("bad")


@pytest.fixture
def home() -> ModelRegistry:
    home = ModelRegistry("a test")
    home.plugin("quick")(Quick)
    return home


@pytest.fixture
def note(home: ModelRegistry) -> Any:
    class Note(BaseModel, registry=home):
        text = StringField()

        class Meta:
            plugins = ["quick"]

    return Note


@pytest.fixture
def reader() -> InMemoryMetricReader:
    return InMemoryMetricReader()


def points(reader: InMemoryMetricReader) -> dict[str, list[Any]]:
    data = reader.get_metrics_data()
    assert data is not None
    return {
        metric.name: list(metric.data.data_points)
        for resource in data.resource_metrics
        for scope in resource.scope_metrics
        for metric in scope.metrics
    }


async def test_seconds_and_errors_are_measured(
    home: ModelRegistry, note: Any, reader: InMemoryMetricReader
) -> None:
    observer = OpenTelemetryObserver(meter_provider=MeterProvider([reader]))
    async with connect("sqlite://", registry=home):
        with home.observe(observer):
            await note.insert_many([note(text="a"), note(text="b")])
            with pytest.raises(ValueError, match="bad"):
                await note.create(text="bad")
    found = points(reader)
    about = {
        "earnorm.plugin": "quick",
        "earnorm.hook": "before_save",
        "earnorm.model": note.__metadata__.key,
    }
    failed = {**about, "error.type": "ValueError"}
    (errors,) = found["earnorm.hook.errors"]
    assert (errors.value, dict(errors.attributes)) == (1, failed)
    durations = {len(one.attributes): one for one in found["earnorm.hook.duration"]}
    fine, bad = durations[3], durations[4]
    assert isinstance(fine, HistogramDataPoint)
    assert (fine.count, fine.attributes, bad.attributes) == (2, about, failed)
    assert fine.explicit_bounds[0] == 0.000_001
    assert 0 < fine.sum < 1


async def test_calls_become_spans_below_the_current_one(home: ModelRegistry, note: Any) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    observer = OpenTelemetryObserver(tracer_provider=provider, spans=True)
    async with connect("sqlite://", registry=home):
        with home.observe(observer), provider.get_tracer("a test").start_as_current_span("request"):
            await note.create(text="a")
            with pytest.raises(ValueError, match="bad"):
                await note.create(text="bad")
    fine, bad, request = exporter.get_finished_spans()
    assert [fine.name, bad.name] == ["before_save quick"] * 2
    assert fine.parent is not None
    assert fine.parent.span_id == request.context.span_id
    assert fine.start_time is not None
    assert fine.end_time is not None
    assert fine.start_time <= fine.end_time
    assert (fine.status.status_code, bad.status.status_code) == (StatusCode.UNSET, StatusCode.ERROR)
    assert bad.events[0].name == "exception"
