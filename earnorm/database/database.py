"""A connected database: the one place where a document flows between model, plugins and store."""

import time
import weakref
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager, aclosing
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar, Unpack

from earnorm.database.aggregating import Aggregates
from earnorm.database.batches import check_batch
from earnorm.database.checking import OnCheckProgress, check_data
from earnorm.database.dangling import DanglingReference, find_dangling
from earnorm.database.deleting import Deletes
from earnorm.database.folding import FOLD_GRACE, HistoryFold
from earnorm.database.indexes import Indexes, IndexMode
from earnorm.database.inferring import infer_model
from earnorm.database.instances import InstanceWrites
from earnorm.database.lifecycle import Lifecycle
from earnorm.database.matching import QueryUpdates
from earnorm.database.neighbours import Neighbours
from earnorm.database.paging import fetch_page
from earnorm.database.prefetching import load_page
from earnorm.database.pruning import GRACE, PruneCandidate
from earnorm.database.reading import Reads, explain_absence, reads_naive_dates
from earnorm.database.recording import HistoryMode, Recording
from earnorm.database.rules import Place
from earnorm.database.together import is_transactional, leads_to_transactional, together
from earnorm.database.transaction_options import TransactionOptions, read_options
from earnorm.database.transactions import TransactionBlock, Transactions
from earnorm.database.usage import ModelUsage, Prepared, measure_usage
from earnorm.database.watching import Watch
from earnorm.errors import DocumentNotFoundError
from earnorm.fields import as_object_id
from earnorm.metadata import Finding, HistoryEntry, RegistryHistory
from earnorm.model_registry import ModelRegistry, override_database
from earnorm.models import ModelProposal
from earnorm.plugins import run_all
from earnorm.queries import PrefetchName, follow, plugin_names
from earnorm.stores import Returned, Store
from earnorm.typing import (
    DatabaseLike,
    Document,
    MutableDocument,
    Page,
    PrefetchPath,
    Selection,
    Shape,
)

__all__ = ["Database"]

M = TypeVar("M")
T = TypeVar("T")


class Database:
    """Saves, finds and deletes the instances of models in one store; `connect` makes it.

    The methods of models call it. Calling it directly says which database is meant:
    `await tenant.save(user)`. It belongs to the event loop that opened it, where any task may use it.
    """

    def __init__(
        self,
        store: Store,
        registry: ModelRegistry,
        *,
        indexes: IndexMode | None = None,
        history: HistoryMode = "off",
    ) -> None:
        self.store = store
        self.registry = registry
        self._transactions = transactions = Transactions(store)
        self.indexes = Indexes(transactions, registry, indexes)
        self.recording = Recording(transactions, registry, history)
        self._reads = Reads(transactions)
        self._aggregates = Aggregates(transactions, self._reads)
        self._instances = InstanceWrites(transactions, self._reads)
        self._updates = QueryUpdates(transactions, self._reads, self._instances)
        self._place = Place(
            registry=registry,
            transactions=transactions,
            prepare=self._prepare,
            reads=self._reads,
            updates=self._updates,
            locate=_place_of,
        )
        # Checks look at documents, which is no use of their models.
        self._looking = replace(self._place, prepare=self._make_ready)
        self._deletes = Deletes(self._place)
        _neighbours.add(self)
        self._lifecycle = Lifecycle(self, registry.plugins)
        # weakly: a class that was defined inside a function is forgotten some day
        # models -> how often each had been extended when it was prepared
        self._prepared: weakref.WeakKeyDictionary[Any, Prepared] = weakref.WeakKeyDictionary()

    @property
    def url(self) -> str:
        """The URL of the store, without secrets."""
        return self.store.name

    async def save(self, instance: M) -> M:
        """Inserts a new instance or replaces a stored one; see `BaseModel.save`."""
        model: Any = type(instance)
        await self._prepare(model)
        plans = model.__plans__
        if plans.is_transactional:
            await self._together(model, lambda: self._instances.save(instance, plans))
        else:
            await self._instances.save(instance, plans)
        return instance

    async def insert_many(self, instances: Sequence[M], *, model: type[M] | None = None) -> list[M]:
        """Inserts all of these new instances of one model and its children or none, inside the hooks of each.

        The model is the root of the first instance's model, unless it is given. A store that does not
        write batches as one keeps those before the first fault, outside a transaction: `PartialWriteError`.
        """
        batch = list(instances)
        if batch:
            check_batch(batch, model)
            kinds: dict[Any, None] = dict.fromkeys(map(type, batch))
            for kind in kinds:
                await self._prepare(kind)
            if any(kind.__plans__.is_transactional for kind in kinds):
                await self._together(type(batch[0]), lambda: self._instances.insert_many(batch))
            else:
                await self._instances.insert_many(batch)
        return batch

    async def delete(self, instance: object, *, skip_hooks: Collection[str] = ()) -> bool:
        """Deletes the instance's document; see `BaseModel.delete`."""
        await self._prepare(type(instance))
        skipped = plugin_names(skip_hooks)
        return await self._deleting(
            type(instance), lambda: self._deletes.delete_instance(instance, skip_hooks=skipped)
        )

    async def reload(self, instance: M) -> M:
        """Reads the instance's document again and replaces every value."""
        await self._prepare(type(instance))
        await self._instances.reload(instance)
        return instance

    async def get(self, model: type[M], document_id: object) -> M:
        """The instance with this id, as the plugins narrow it; raises `DocumentNotFoundError`."""
        key = _metadata(model).key
        object_id = as_object_id(document_id)
        if object_id is None:
            why = "an id is an ObjectId, or its 24 hexadecimal digits."
            raise DocumentNotFoundError(key, document_id, why=why)
        await self._prepare(model)
        by_id: Selection[M] = Selection(model=model, filters=({"_id": object_id},))
        document = await self._reads.find_first(by_id, naive_dates=reads_naive_dates(model))
        if document is None:
            raise DocumentNotFoundError(key, object_id, why=explain_absence(model))
        return _decode(model, document)

    async def fetch(self, selection: Selection[M]) -> AsyncGenerator[M, None]:
        """Yields the instances of a selection, read in batches, with the references that it prefetches."""
        await self._prepare(selection.model)
        instances = self._reads.fetch(selection)
        if selection.prefetched:
            instances = self._with_references(instances, selection.prefetched)
        async with aclosing(instances):
            async for instance in instances:
                yield instance

    async def fetch_all(self, selection: Selection[M]) -> list[M]:
        """All instances of a selection, without the references that it prefetches."""
        await self._prepare(selection.model)
        return await self._reads.fetch_all(selection)

    async def prefetch(self, instances: Sequence[Any], *references: PrefetchName) -> None:
        """Loads what these instances refer to, as `Query.prefetch` does for those that it reads.

        What is loaded already is left as it is, and followed. Raises `UnknownReferenceError`.
        """
        by_model: dict[Any, list[Any]] = {}
        for instance in instances:
            by_model.setdefault(type(instance), []).append(instance)
        followed = [
            (held, [follow(model, reference) for reference in references])
            for model, held in by_model.items()
        ]
        for held, paths in followed:
            await self.load_references(held, paths)

    async def load_references(
        self, instances: Sequence[object], paths: Collection[PrefetchPath]
    ) -> None:
        """Loads what the instances refer to, and what refers to them, along these paths."""
        if instances:
            home = _registry(type(instances[0]))
            await load_page(instances, paths, lambda model: self._database_of(model, home))

    async def _with_references(
        self, instances: AsyncGenerator[M, None], paths: Collection[PrefetchPath]
    ) -> AsyncGenerator[M, None]:
        page: list[M] = []
        async with aclosing(instances):
            async for instance in instances:
                page.append(instance)
                if len(page) == _PAGE:
                    await self.load_references(page, paths)
                    for one in page:
                        yield one
                    page = []
        await self.load_references(page, paths)
        for one in page:
            yield one

    def _database_of(self, model: Any, home: ModelRegistry) -> DatabaseLike:
        """Where the documents of a model lie that refers to one of `home`, or is referred to by it."""
        if _registry(model) is home:
            return self
        database: DatabaseLike = model.__database__()
        return database

    async def fetch_page(self, selection: Selection[M], *, size: int, after: str | None) -> Page[M]:
        """Up to `size` of a selection, from the beginning or from what a cursor came after; see `Query.page`."""
        await self._prepare(selection.model)
        return await fetch_page(self._reads, selection, size=size, after=after)

    async def count(self, selection: Selection[Any]) -> int:
        """How many documents a selection has."""
        await self._prepare(selection.model)
        return await self._reads.count(selection)

    async def explain(self, selection: Selection[Any]) -> MutableDocument:
        """How the store would find the documents of a selection; see `Query.explain`."""
        await self._prepare(selection.model)
        return await self._aggregates.explain(selection)

    async def distinct(self, selection: Selection[Any], name: str) -> list[Any]:
        """The different values of a field in the documents of a selection; see `Query.distinct`."""
        await self._prepare(selection.model)
        return await self._aggregates.distinct(selection, name)

    async def aggregate(
        self, selection: Selection[Any], pipeline: Sequence[Document], shape: Shape[M]
    ) -> AsyncGenerator[M, None]:
        """Yields what a pipeline makes of the documents of a selection; see `Query.aggregate`."""
        await self._prepare(selection.model)
        results = self._aggregates.aggregate(selection, pipeline, shape)
        async with aclosing(results):
            async for result in results:
                yield result

    async def find_one_and_update(
        self,
        selection: Selection[M],
        update: Document,
        *,
        returned: Returned,
        skip_hooks: Collection[str],
    ) -> M | None:
        """Updates the first match, and gives it; see `Query.find_one_and_update`."""
        await self._prepare(selection.model)
        return await self._updating(
            selection.model,
            lambda: self._updates.find_one_and_update(
                selection, update, returned=returned, skip_hooks=skip_hooks
            ),
        )

    async def update_matching(
        self,
        selection: Selection[Any],
        update: Document,
        *,
        each: bool,
        skip_hooks: Collection[str],
    ) -> int:
        """Updates every match; see `Query.update`."""
        await self._prepare(selection.model)
        return await self._updating(
            selection.model,
            lambda: self._updates.update(selection, update, each=each, skip_hooks=skip_hooks),
        )

    async def delete_matching(
        self, selection: Selection[Any], *, each: bool, skip_hooks: Collection[str]
    ) -> int:
        """Deletes every match; see `Query.delete`."""
        await self._prepare(selection.model)
        return await self._deleting(
            selection.model,
            lambda: self._deletes.delete(selection, each=each, skip_hooks=skip_hooks),
        )

    def transaction(self, **options: Unpack[TransactionOptions]) -> TransactionBlock:
        """A block, to enter with `async with`, whose writes happen together when it ends, or not at all.

        It is for this database and the running task; a task that is started inside may not use the database.
        `read_concern`, `write_concern` and `read_preference` are MongoDB's, and `max_time` is the seconds that its
        commit may take. Raises `TypeError` for another option, `UnsupportedError` for a store
        without transactions, `TransactionError` inside another one, and `TransactionConflictError` when
        another transaction was faster: `with_transaction` tries again.
        """
        return self._transactions.begin(read_options(options))

    async def with_transaction(
        self, work: Callable[[], Awaitable[T]], **options: Unpack[TransactionOptions]
    ) -> T:
        """What the coroutine function `work` returns, done in a transaction, and again after a conflict.

        So `work` may run several times; what it does outside the database is not undone. It is tried for up to 120
        seconds, as the drivers' convenient API does.
        """
        return await self._transactions.retry(work, read_options(options))

    @property
    def transaction_info(self) -> dict[object, Any] | None:
        """A dictionary for plugins, as long as the transaction that runs in this task; None outside of one.

        Each keeps what it wants under a key of its own. It is gone with the transaction, however that ends.
        """
        return self._transactions.info

    def watch(
        self,
        model: type[M],
        *,
        pipeline: Sequence[Document] = (),
        resume_after: Document | None = None,
    ) -> Watch[M]:
        """The changes of a model's documents: `async with database.watch(User) as changes`, then `async for`.

        From now on, or after the token of an earlier change. `pipeline` narrows them by stages such as
        `{"$match": {"operationType": "insert"}}`. Raises `UnsupportedError` for a store that cannot be watched,
        and `FilterError` for a model that inherits a concrete one.
        """
        return Watch(self.store, model, pipeline=pipeline, resume_after=resume_after)

    async def infer_model(self, collection: str, *, sample: int = 1000) -> ModelProposal:
        """A model that the documents of a collection would fit, with the evidence for each field; changes nothing.

        Up to `sample` documents are looked at, drawn at random, and none of them is kept but one example of each value.
        """
        return await infer_model(self.store, collection, sample=sample)

    async def check_references(self, *models: type[Any]) -> AsyncGenerator[DanglingReference, None]:
        """Yields the references to documents that do not exist, in the documents that queries see.

        Of these models, or of all whose home is the registry. A document that a plugin only hides exists.
        """
        chosen = models or tuple(self.indexes.home_models())
        found = find_dangling(chosen, self._looking)
        async with aclosing(found):
            async for one in found:
                yield one

    async def record_registry(
        self, *, complete: bool = False, why: str | None = None
    ) -> list[HistoryEntry]:
        """Appends to the stored history what has changed of the models at home in the registry; returns the entries.

        A model that the registry lacks may be another program's, and stays as it is there; with `complete` it
        is gone. `why` is kept with each entry. Raises `TransactionError` inside a transaction.
        """
        return await self.recording.record(complete=complete, why=why)

    async def registry_history(self) -> RegistryHistory:
        """What became of the models in this database; raises `HistoryError` where it was changed by hand."""
        return await self.recording.read()

    async def check(
        self, *, silenced: Iterable[str] = (), progress: OnCheckProgress | None = None
    ) -> list[Finding]:
        """What is wrong with the data of all models whose home is the registry, the worst first.

        Documents that would not decode, whatever plugins hide; references to what does not exist; indexes out of
        step; models of other registries, which this process has connected to the same store, that want the same of it.
        Reads everything, batch by batch, and tells `progress` of each. Leaves out what `silenced` and the registry's
        `silenced_checks` name.
        """
        return await check_data(
            self.indexes.home_models(),
            await self.indexes.plan(),
            self._looking,
            others=_neighbours.registries(self),
            silenced=self.registry.silenced_checks.union(silenced),
            progress=progress,
        )

    async def usage(self) -> list[ModelUsage]:
        """The evidence that the models at home in the registry are used, those without any first; counts documents."""
        return await measure_usage(self.store, self.registry, self._prepared)

    async def prune_registry(
        self, *, apply: bool = False, grace: timedelta = GRACE
    ) -> list[PruneCandidate]:
        """What is to become of the models that the stored history has and the registry lacks.

        Nothing, while models refer to one or documents of it are stored. With `apply` it is marked as retired at first,
        and taken out when the time of grace is over. Recording it again takes the mark away. Raises `TransactionError`
        when it is to be done inside a transaction.
        """
        return await self.recording.prune(apply=apply, grace=grace)

    async def fold_registry(
        self, *, apply: bool = False, grace: timedelta = FOLD_GRACE
    ) -> HistoryFold:
        """What becomes of the stored history when its entries that are older than `grace` are folded; with `apply` it does.

        Of each model the newest of them stays, with its whole document and the fingerprints of all its versions; the
        other documents are gone. Raises `TransactionError` inside a transaction.
        """
        return await self.recording.fold(apply=apply, grace=grace)

    def use(self) -> AbstractContextManager[None]:
        """Within the block, in this task and those it starts, every model uses this database."""
        return override_database(self)

    async def prepare_all(self) -> None:
        """Looks after the indexes of every model whose home is the registry, and tells the plugins."""
        for model in self.indexes.home_models():
            await self._make_ready(model)

    async def aclose(self) -> None:
        """Runs the plugins' `on_disconnect`, unbinds the registry, waits for work in flight, closes the store.

        Idempotent. The store is closed also where a plugin raises.
        """
        try:
            await run_all([self.recording.finish(), self._lifecycle.end()])
        finally:
            if self.registry.database is self:
                self.registry.database = None
            _neighbours.remove(self)
            await self.store.aclose()

    async def _updating(self, model: Any, work: Callable[[], Awaitable[T]]) -> T:
        if is_transactional(model):
            return await self._together(model, work)
        return await work()

    async def _deleting(self, model: Any, work: Callable[[], Awaitable[T]]) -> T:
        if is_transactional(model) or leads_to_transactional(model, self._place):
            return await self._together(model, work)
        return await work()

    async def _together(self, model: Any, work: Callable[[], Awaitable[T]]) -> T:
        """Does a write and its hooks in one transaction, as a plugin asked for; what the hooks use is this database."""
        if _registry(model).finds_database(self):
            return await together(model, self._transactions, work)
        with self.use():
            return await together(model, self._transactions, work)

    async def _prepare(self, model: Any) -> None:
        """What comes before an operation of a model, which is a use of it."""
        known = self._prepared.get(model)
        if known is None or known.extended != model.__extended__:
            await self._make_ready(model)
            known = self._prepared.get(model)
        if known is not None:
            known.last_used = time.time()

    async def _make_ready(self, model: Any) -> None:
        """What comes before the first operation of a model, and before looking at its documents."""
        extended, known = model.__extended__, self._prepared.get(model)
        if known is not None and known.extended == extended:
            return
        await self.indexes.ensure(model)
        await self.recording.ensure(model)
        if await self._lifecycle.begin(model):
            last_used = None if known is None else known.last_used
            self._prepared[model] = Prepared(extended, last_used)

    def __repr__(self) -> str:
        return f"<Database {self.url}>"


def _decode(model: type[M], document: Document) -> M:
    decoding: Any = model
    instance: M = decoding.from_document(document)
    return instance


def _place_of(model: Any) -> Place:
    database: Database = model.__database__()
    return database._place


def _metadata(model: Any) -> Any:
    return model.__metadata__


def _registry(model: Any) -> ModelRegistry:
    registry: ModelRegistry = model.__registry__
    return registry


_neighbours = Neighbours()

_PAGE = 500  # instances that are held at once while a query with references is streamed
