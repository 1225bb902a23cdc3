"""The writes that plugins are told of when they are committed, or when they come to nothing."""

from collections.abc import Sequence

from earnorm.plugins import Plan, Plans
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
        for plans, writes in list(self._writes.items()):
            await plans.before_commit.run(tuple(writes))

    async def after_commit(self) -> None:
        """Runs `after_commit` for all, whatever others raise; raises the first error."""
        await _run_all([(plans.after_commit, writes) for plans, writes in self._writes.items()])

    async def after_rollback(self) -> None:
        """Runs `after_rollback` for all, whatever others raise; raises the first error."""
        await _run_all([(plans.after_rollback, writes) for plans, writes in self._writes.items()])


async def _run_all(told: Sequence[tuple[Plan, Sequence[Write]]]) -> None:
    failure: Exception | None = None
    for plan, writes in told:
        try:
            await plan.run(tuple(writes))
        except Exception as error:  # noqa: BLE001 # the others are told all the same
            failure = failure or error
    if failure is not None:
        raise failure
