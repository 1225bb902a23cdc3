"""Shouts the names of the saved: a plugin that is a module, marked with the hookimpl of the front door."""

from earnorm import hookimpl


@hookimpl
async def before_save(instance):
    instance.name = instance.name.upper()
