"""The writes that plugins are told of when they are committed, or when they come to nothing."""

from earnorm.plugins import Plans, run_all, run_nested
from earnorm.typing import Write

__all__ = ["Commits"]


class Commits:
    """The writes of one transaction, grouped by the plugins that are told of them together."""

    def __init__(self) -> None:
        self._writes: dict[Plans, list[Write]] = {}

    def add(self, plans: Plans, write: Write) -> None:
        """Notes a write that was made."""
        self._writes.setdefault(plans, []).append(write)

    async def before_commit(self) -> None:
        """Runs `before_commit`; the first error stops it."""
        # What a hook writes is told afterwards with the rest, and asks nobody again.
        for plans, writes in self._told():
            await run_nested(plans.before_commit, tuple(writes))

    async def after_commit(self) -> None:
        """Runs `after_commit` for all, whatever others raise; raises the first error."""
        await run_all(
            run_nested(plans.after_commit, tuple(writes)) for plans, writes in self._told()
        )

    async def after_rollback(self) -> None:
        """Runs `after_rollback` for all, whatever others raise; raises the first error."""
        await run_all(
            run_nested(plans.after_rollback, tuple(writes)) for plans, writes in self._told()
        )

    def _told(self) -> list[tuple[Plans, list[Write]]]:
        return list(self._writes.items())
