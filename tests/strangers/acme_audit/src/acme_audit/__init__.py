"""Writes down who was saved: a plugin of one sync and one async hook, and not one import of EarnORM."""

import asyncio

journal = []


class Audit:
    def before_save(self, instance):
        instance.name_as_audited = instance.name

    async def after_save(self, instance):
        await asyncio.sleep(0)
        journal.append(f"{instance.name} is {instance.id is not None and 'stored'}")
