"""The plugin for mypy: `plugins = ["earnorm.mypy"]`. The only room that imports mypy, and nothing imports it."""

from earnorm.mypy.plugin import ModelPlugin, plugin

__all__ = ["ModelPlugin", "plugin"]
