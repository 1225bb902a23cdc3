"""An observer at work on the models of a registry."""

from types import TracebackType
from typing import Any

from earnorm.plugins import HookObserver

__all__ = ["Observation"]


class Observation:
    """What `registry.observe` gives; it lasts until `stop`, or until the end of its `with` block."""

    def __init__(self, observer: HookObserver, registry: Any) -> None:
        self._observer = observer
        self._registry = registry
        self._set([*registry.plugins.observers, observer])

    def stop(self) -> None:
        """Shows the observer nothing any longer. Idempotent."""
        present = list(self._registry.plugins.observers)
        if self._observer in present:
            present.remove(self._observer)
            self._set(present)

    def __enter__(self) -> Any:
        return self._observer

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _set(self, observers: list[HookObserver]) -> None:
        manager = self._registry.plugins
        manager.observe(observers)
        for model in self._registry.models_at_home():
            model.__plans__ = manager.plans(model.__plans__.plugins)
