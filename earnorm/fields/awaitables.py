"""What would have to be awaited, where nobody awaits."""

from inspect import isasyncgenfunction, isawaitable, iscoroutine, iscoroutinefunction

__all__ = ["is_async", "refuse_awaitable"]


def is_async(function: object) -> bool:
    """Whether a call gives something to await: `async def`, a partial of one, an object that is called so."""
    call = getattr(type(function), "__call__", None)  # noqa: B004 # asks what it is, not whether
    return any(iscoroutinefunction(one) or isasyncgenfunction(one) for one in (function, call))


def refuse_awaitable(answer: object, validator: object) -> None:
    """Raises `TypeError` when a validator answered with something to await, because nobody would.

    A coroutine is closed, so that Python does not warn of it as well.
    """
    if answer is None or not isawaitable(answer):
        return
    if iscoroutine(answer):
        answer.close()
    name = getattr(validator, "__qualname__", repr(validator))
    raise TypeError(
        f"the validator {name} returned an awaitable, and validators are not awaited. Write it as 'def', "
        "or declare a UniqueValidator in Meta.validators."
    )
