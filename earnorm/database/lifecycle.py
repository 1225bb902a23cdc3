"""Tells plugins when a database can be used, and when it is about to be closed."""

import asyncio
from contextvars import ContextVar
from typing import Any

from earnorm.errors import PluginCompatibilityError
from earnorm.plugins import PluginManager, ResolvedPlugin, run_all, run_nested

__all__ = ["Lifecycle"]


class Lifecycle:
    """Runs `on_connect` once for each plugin, and `on_disconnect` for those in the reverse order.

    A plugin that a model brings later is told before the first operation of that model.
    """

    def __init__(self, database: Any, plugins: PluginManager) -> None:
        self._database = database
        self._plugins = plugins
        self._told: dict[ResolvedPlugin, asyncio.Future[None]] = {}

    async def begin(self, model: Any) -> bool:
        """Runs `on_connect` of the model's plugins that have not been told yet; returns whether all have been.

        It waits for a plugin that another task tells. What a plugin's own `on_connect` does goes on. Raises
        `PluginCompatibilityError` for a plugin that needs more than the store can do.
        """
        self._check_store(model)
        if not (model.__plans__.on_connect or model.__plans__.on_disconnect):
            return True
        for plugin in model.__plans__.plugins:
            if plugin in _telling.get():
                continue
            if (told := self._told.get(plugin)) is not None:
                await asyncio.wait([told])
            if plugin not in self._told:
                await self._tell(plugin)
        return _telling.get().isdisjoint(model.__plans__.plugins)

    async def end(self) -> None:
        """Runs `on_disconnect` of every plugin that has been told, whatever others raise; raises the first error."""
        told = list(reversed(self._told))
        self._told.clear()
        plans = (self._plugins.plans([plugin]) for plugin in told)
        await run_all(run_nested(one.on_disconnect, self._database) for one in plans)

    def _check_store(self, model: Any) -> None:
        store = self._database.store
        for plugin in model.__plans__.plugins:
            if missing := sorted(plugin.manifest.needs - store.capabilities):
                fault = (
                    f"its plugin {plugin.name!r} ({plugin.source}) needs what {store.name} cannot do: "
                    f"{', '.join(missing)}. Connect to a store that can, or take the plugin out of Meta.plugins."
                )
                raise PluginCompatibilityError(
                    fault, plugin=plugin.name, model=model.__metadata__.key
                )

    async def _tell(self, plugin: ResolvedPlugin) -> None:
        told = self._told[plugin] = asyncio.get_running_loop().create_future()
        token = _telling.set(_telling.get() | {plugin})
        try:
            await run_nested(self._plugins.plans([plugin]).on_connect, self._database)
        except BaseException:
            del self._told[plugin]
            raise
        finally:
            _telling.reset(token)
            told.set_result(None)


# the plugins whose on_connect runs in this task, or in one above it
_telling: ContextVar[frozenset[ResolvedPlugin]] = ContextVar("earnorm_telling", default=frozenset())
