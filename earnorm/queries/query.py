"""What `find` returns: a description of a query, run anew each time it is awaited or iterated."""

from collections.abc import AsyncIterator, Callable, Collection, Generator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Generic, Literal, TypeVar, Unpack, overload

from earnorm.errors import FilterError, UpdateError
from earnorm.expressions import EmbeddedLike, Expression, Path, SortOrder, Update
from earnorm.queries.aggregation import Aggregation, stages
from earnorm.queries.arguments import (
    QueryOptions,
    field_name,
    filter_documents,
    operation_options,
    plugin_names,
    sort_key,
    whole_number,
)
from earnorm.queries.prefetch import PrefetchName, follow
from earnorm.queries.projection import project
from earnorm.queries.shapes import StoredDocuments, TrustedInstances, result_shape
from earnorm.queries.shown import show_filters
from earnorm.queries.updates import update_document
from earnorm.typing import Document, MutableDocument, Page, QueryRunner, Selection, Shape

__all__ = ["Query"]

M = TypeVar("M")
S = TypeVar("S")
R = TypeVar("R")
D = TypeVar("D")
V = TypeVar("V", bound=EmbeddedLike)


class Query(Generic[M]):
    """Documents of one model that fit; immutable, so each method returns another query.

    Awaiting it gives a list, `async for` streams it in batches. Nothing is kept: each run asks the
    database again. It runs on the database that the model has when it runs.
    """

    __slots__ = ("_runner", "_selection")

    def __init__(self, selection: Selection[M], runner: Callable[[], QueryRunner]) -> None:
        self._selection = selection
        self._runner = runner

    @property
    def model(self) -> type[Any]:
        """The model whose documents are asked for, whatever is made of them."""
        return self._selection.model

    def find(self, *filters: Expression | Document) -> "Query[M]":
        """Narrowed by further filters, which must hold as well."""
        return self._with(filters=(*self._selection.filters, *filter_documents(filters)))

    def sort(self, *keys: "str | Path[Any] | SortOrder") -> "Query[M]":
        """Sorted by these fields, the first one first: `"name"`, `"-created_at"`, `User.age.desc()`.

        Replaces an earlier sort. Raises `FilterError` for a key that is no name.
        """
        return self._with(sort=tuple(sort_key(key) for key in keys))

    def skip(self, count: int) -> "Query[M]":
        """Without the first `count` documents."""
        return self._with(skip=whole_number("skip", count))

    def limit(self, count: int) -> "Query[M]":
        """At most `count` documents; 0 gives none."""
        return self._with(limit=whole_number("limit", count))

    def widen(self, *plugins: str) -> "Query[M]":
        """Seen without the narrowing of these plugins: `.widen("softdelete")` shows deleted documents."""
        return self._with(widened=self._selection.widened | set(plugins))

    def prefetch(self, *references: PrefetchName) -> "Query[M]":
        """With these references loaded: one look-up for each reference and level, for all documents.

        A reference is `"user"`, `"lines.product"`, `"user.company"` (two levels), `SortOrder.user`, or a reverse
        one. `async for` does it for each batch. Adds to an earlier prefetch. Raises `UnknownReferenceError`.
        """
        if not isinstance(self._selection.shape, TrustedInstances | None):
            raise FilterError(_NO_REFERENCES)
        paths = [follow(self._selection.model, reference) for reference in references]
        return self._with(prefetched=(*self._selection.prefetched, *paths))

    @overload
    # A lone path of an embedded model would be taken for a view; at run time it is refused.
    def project(self, view: type[V], /) -> "Query[V]": ...  # type: ignore[overload-overlap]
    @overload
    def project(
        self, *parts: "str | Path[Any] | type[EmbeddedLike]"
    ) -> "Query[dict[str, Any]]": ...
    def project(self, *parts: Any) -> "Query[Any]":
        """Dictionaries with these parts of each document only, or instances of an `EmbeddedModel` with its fields.

        The dictionaries have the names that were written: `project(User.name, "address.city")` gives
        `{"name": ..., "address": {"city": ...}}`. Nothing else leaves the store. Raises `FilterError` for
        a part that the model does not have.
        """
        return self._shaped(project(self._selection.model, parts))

    def as_documents(self) -> "Query[MutableDocument]":
        """The documents as they are stored: dictionaries under stored names, held against nothing."""
        return self._shaped(StoredDocuments())

    def options(self, **options: Unpack[QueryOptions]) -> "Query[M]":
        """Run in this way: `.options(hint="age_1", max_time=2.0)`; adds to what `Meta.store_options` says.

        Raises `FilterError` for an option or a value that none has; what the store does not support, it
        refuses when the query runs.
        """
        return self._with(options=operation_options(options).over(self._selection.options))

    async def page(self, size: int, *, after: str | None = None) -> Page[M]:
        """Up to `size` of what matches, and the cursor to go on with: `page(20, after=page.next)`.

        Whatever is inserted or deleted meanwhile, no document comes twice, and none that is there all the
        time is missed. Raises `FilterError` for a sort by lists, and for a query with `skip` or `limit`;
        `CursorError` for a cursor of another model or sort, or one that was changed.
        """
        if self._is_cut:
            raise FilterError(
                "a query is read page by page as a whole, so page() takes no skip() and no limit()"
            )
        size = whole_number("page", size, least=1)
        page = await self._runner().fetch_page(self._selection, size=size, after=after)
        if self._selection.prefetched:
            await self._runner().load_references(page.items, self._selection.prefetched)
        return page

    async def to_list(self) -> list[M]:
        """All matching instances."""
        runner, paths = self._runner(), self._selection.prefetched
        instances = await runner.fetch_all(self._selection)
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

    async def explain(self) -> MutableDocument:
        """How the store would find the documents, in MongoDB's form: `queryPlanner.winningPlan`."""
        return await self._runner().explain(self._selection)

    @overload
    async def distinct(self, path: "Path[list[D]]") -> "list[D]": ...
    @overload
    async def distinct(self, path: "Path[D]") -> "list[D]": ...
    @overload
    async def distinct(self, path: str) -> list[Any]: ...
    async def distinct(self, path: Any) -> list[Any]:
        """The different values of a field among what matches, in no order, those of lists one by one.

        Raises `FilterError` for what is no field, and for a query with `skip` or `limit`.
        """
        if self._is_cut:
            raise FilterError("distinct() sees every match, so it takes no skip() and no limit()")
        return await self._runner().distinct(self._selection, field_name("distinct", path))

    @overload
    def aggregate(self, pipeline: Sequence[Document], *, into: type[R]) -> Aggregation[R]: ...
    @overload
    def aggregate(
        self, pipeline: Sequence[Document], *, into: None = None
    ) -> Aggregation[MutableDocument]: ...
    def aggregate(
        self, pipeline: Sequence[Document], *, into: type[Any] | None = None
    ) -> Aggregation[Any]:
        """What the stages of an aggregation make of what matches, sorted and cut as the query says.

        Stages are MongoDB's, under stored names. The results are dictionaries, or instances of `into`: an
        `EmbeddedModel` with a field for each key, or a model. Raises `FilterError` for `$out` and `$merge`.
        """
        return Aggregation(self._selection, stages(pipeline), result_shape(into), self._runner)

    async def find_one_and_update(
        self,
        *updates: Update | Document,
        returned: Literal["before", "after"] = "after",
        skip_hooks: Collection[str] = (),
    ) -> M | None:
        """Updates the first match in the order of `sort`, and gives it as it is then, or was; None without one.

        Of those who do so at once, each gets another one: this is how workers claim jobs. The hooks are those of
        `update`.
        """
        if returned not in ("before", "after"):
            raise UpdateError(
                f"find_one_and_update() takes returned='before' or 'after', not {returned!r}"
            )
        return await self._runner().find_one_and_update(
            self._whole("update"),
            update_document(self._selection.model, updates),
            returned=returned,
            skip_hooks=plugin_names(skip_hooks),
        )

    async def update(
        self, *updates: Update | Document, each: bool = False, skip_hooks: Collection[str] = ()
    ) -> int:
        """Changes every match, by `User.age.inc(1)` or a mapping of MongoDB's operators; returns how many.

        The plugins' `before_update` and `after_update` run. A plugin that knows only `before_save`
        would be passed by: `HookBypassError` says so and nothing is written, unless `each=True`
        (load in batches, change each instance, run its save hooks) or `skip_hooks` names the plugin.
        """
        return await self._runner().update_matching(
            self._whole("update"),
            update_document(self._selection.model, updates),
            each=each,
            skip_hooks=plugin_names(skip_hooks),
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

    def _shaped(self, shape: Shape[S]) -> "Query[S]":
        if self._selection.prefetched:
            raise FilterError(_NO_REFERENCES)
        asked: Selection[Any] = self._selection
        return Query(replace(asked, shape=shape), self._runner)

    @property
    def _is_cut(self) -> bool:
        return bool(self._selection.skip) or self._selection.limit is not None

    def _at_most_one(self) -> "Query[M]":
        limit = self._selection.limit
        return self.limit(1 if limit is None else min(limit, 1))

    def _whole(self, operation: str) -> Selection[M]:
        if self._is_cut:
            raise FilterError(
                f"a query {operation} changes every match, so it takes no skip() and no limit(). "
                "Narrow it with a filter instead."
            )
        return self._selection


_NO_REFERENCES = (
    "prefetch() loads what instances refer to, and this query makes no instances of its model: leave out "
    "prefetch(), or project() and as_documents()"
)
