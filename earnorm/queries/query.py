"""What `find` returns: a description of a query, run anew each time it is awaited or iterated."""

from collections.abc import AsyncIterator, Callable, Collection, Generator, Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Generic, TypeVar

from earnorm.errors import FilterError
from earnorm.expressions import Expression, Order, Path
from earnorm.queries.prefetch import PrefetchName, follow
from earnorm.queries.shown import show_filters
from earnorm.typing import Document, QueryRunner, Selection, SortKey

__all__ = ["Query", "filter_documents", "plugin_names"]

M = TypeVar("M")

_DEEPEST = 200
_MOST = 2**63 - 1  # what a store can count to


class Query(Generic[M]):
    """Documents of one model that fit; immutable, so each method returns another query.

    Awaiting it gives a list, `async for` streams it in batches. Nothing is kept: each run asks the
    database again. It runs on the database that the model has when it runs.
    """

    __slots__ = ("_runner", "_selection")

    def __init__(self, selection: Selection[M], runner: Callable[[], QueryRunner]) -> None:
        self._selection = selection
        self._runner = runner

    def find(self, *filters: Expression | Document) -> "Query[M]":
        """Narrowed by further filters, which must hold as well."""
        return self._with(filters=(*self._selection.filters, *filter_documents(filters)))

    def sort(self, *keys: "str | Path[Any] | Order") -> "Query[M]":
        """Sorted by these fields, the first one first: `"name"`, `"-created_at"`, `User.age.desc()`.

        Replaces an earlier sort. Raises `FilterError` for a key that is no name.
        """
        return self._with(sort=tuple(_sort_key(key) for key in keys))

    def skip(self, count: int) -> "Query[M]":
        """Without the first `count` documents."""
        return self._with(skip=_non_negative("skip", count))

    def limit(self, count: int) -> "Query[M]":
        """At most `count` documents; 0 gives none."""
        return self._with(limit=_non_negative("limit", count))

    def widen(self, *plugins: str) -> "Query[M]":
        """Seen without the narrowing of these plugins: `.widen("softdelete")` shows deleted documents."""
        return self._with(widened=self._selection.widened | set(plugins))

    def prefetch(self, *references: PrefetchName) -> "Query[M]":
        """With these references loaded: one look-up for each reference and level, for all documents.

        A reference is `"user"`, `"lines.product"`, `"user.company"` (two levels), `Order.user`, or a reverse
        one. `async for` does it for each batch. Adds to an earlier prefetch. Raises `UnknownReferenceError`.
        """
        paths = [follow(self._selection.model, reference) for reference in references]
        return self._with(prefetched=(*self._selection.prefetched, *paths))

    async def to_list(self) -> list[M]:
        """All matching instances."""
        runner, paths = self._runner(), self._selection.prefetched
        found = runner.fetch(self._with(prefetched=())._selection)
        instances = [instance async for instance in found]
        if paths:
            await runner.load_references(instances, paths)
        return instances

    async def first(self) -> M | None:
        """The first matching instance, or None."""
        found = self._runner().fetch(self._at_most_one()._selection)
        async with aclosing(found):
            async for instance in found:
                return instance
        return None

    async def count(self) -> int:
        """How many documents match, `skip` and `limit` respected."""
        return await self._runner().count(self._selection)

    async def exists(self) -> bool:
        """Whether any document matches."""
        return await self._at_most_one().count() > 0

    async def update(
        self, update: Document, *, each: bool = False, skip_hooks: Collection[str] = ()
    ) -> int:
        """Changes every match by MongoDB's update operators (`{"$set": {"name": "Ada"}}`); returns how many.

        The plugins' `before_update` and `after_update` run. A plugin that knows only `before_save`
        would be passed by: `HookBypassError` says so and nothing is written, unless `each=True`
        (load in batches, change each instance, run its save hooks) or `skip_hooks` names the plugin.
        """
        return await self._runner().update_matching(
            self._whole("update"), update, each=each, skip_hooks=plugin_names(skip_hooks)
        )

    async def delete(self, *, each: bool = False, skip_hooks: Collection[str] = ()) -> int:
        """Deletes every match; returns how many.

        A plugin may turn it into an update (`softdelete` does); then `each` and `skip_hooks` mean what
        they mean for `update`, and naming that plugin in `skip_hooks` deletes for good.
        """
        return await self._runner().delete_matching(
            self._whole("delete"), each=each, skip_hooks=plugin_names(skip_hooks)
        )

    def __await__(self) -> Generator[Any, None, list[M]]:
        return self.to_list().__await__()

    def __aiter__(self) -> AsyncIterator[M]:
        return self._runner().fetch(self._selection)

    def __bool__(self) -> bool:
        raise TypeError(
            "a query is neither true nor false: await query.exists(), or await the query for a list"
        )

    def __repr__(self) -> str:
        asked = self._selection
        return f"<Query of {asked.model.__qualname__}: {show_filters(asked.model, asked.filters)}>"

    def _with(self, **changes: Any) -> "Query[M]":
        return Query(replace(self._selection, **changes), self._runner)

    def _at_most_one(self) -> "Query[M]":
        limit = self._selection.limit
        return self.limit(1 if limit is None else min(limit, 1))

    def _whole(self, operation: str) -> Selection[M]:
        if self._selection.skip or self._selection.limit is not None:
            raise FilterError(
                f"a query {operation} changes every match, so it takes no skip() and no limit(). "
                "Narrow it with a filter instead."
            )
        return self._selection


def filter_documents(filters: Iterable[Expression | Document]) -> tuple[Document, ...]:
    """The filters as mappings, for a `Selection`."""
    return tuple(f.document if isinstance(f, Expression) else _copied(f) for f in filters)


def _copied(value: Any, depth: int = 0) -> Any:
    """The mapping as it is now: a query must not follow what its caller does with it later."""
    if depth > _DEEPEST:
        return value  # refused when the query runs
    if isinstance(value, dict):
        return {name: _copied(item, depth + 1) for name, item in value.items()}
    return [_copied(item, depth + 1) for item in value] if isinstance(value, list) else value


def _sort_key(key: "str | Path[Any] | Order") -> SortKey:
    if isinstance(key, Order):
        return key.name, key.direction
    name = key.name if isinstance(key, Path) else key
    descends = isinstance(name, str) and name.startswith("-")
    bare = name[1:] if descends else name
    if not isinstance(bare, str) or not bare or bare.startswith("-"):
        raise FilterError(
            f"sort() takes names of fields such as 'name' or '-created_at', not {key!r}"
        )
    return bare, -1 if descends else 1


def _non_negative(what: str, count: int) -> int:
    if not isinstance(count, int) or isinstance(count, bool) or not 0 <= count <= _MOST:
        shown = repr(count) if not isinstance(count, int) else "a number outside these"
        raise FilterError(f"{what}() takes a whole number from 0 to 2**63 - 1, not {shown}")
    return count


def plugin_names(names: Collection[str]) -> frozenset[str]:
    """The names as a set; a bare string, which is a collection of letters, raises `TypeError`."""
    if isinstance(names, str):
        raise TypeError(f"skip_hooks takes a list of plugin names: skip_hooks=[{names!r}]")
    return frozenset(names)
