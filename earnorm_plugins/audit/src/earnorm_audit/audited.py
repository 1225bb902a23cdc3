"""A model whose writes are logged: where its documents and its entries are, and what of them is shown."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from earnorm import (
    Database,
    Document,
    Metadata,
    ModelDefinitionError,
    MutableDocument,
    Query,
)
from earnorm_audit.entry import AuditEntry, entry_model
from earnorm_audit.options import AuditOptions
from earnorm_audit.values import split

__all__ = ["BATCH", "Audited", "batches"]

NAME = "audit"
BATCH = 1_000
"""How many documents are read, or entries written, at once."""


@dataclass(frozen=True, slots=True)
class Audited:
    """A model as the log sees it, with all that share its collection by inheritance."""

    model: Any

    @property
    def options(self) -> AuditOptions:
        """What the model says in `Meta.plugin_options`."""
        options: AuditOptions = self.metadata.plugin_options.get(NAME, AuditOptions())
        return options

    @property
    def metadata(self) -> Metadata:
        """The model's own."""
        return cast("Metadata", self.model.__metadata__)

    @property
    def collection(self) -> str:
        """Where its documents are."""
        return self.metadata.collection

    @property
    def entries(self) -> type[AuditEntry]:
        """The model of its entries, made when it is first asked for."""
        return entry_model(self.model.__registry__, self.options.collection)

    @property
    def database(self) -> Database:
        """The database that the model uses here and now."""
        return cast("Database", self.model.__database__())

    @property
    def root(self) -> Any:
        """The model of all documents of the collection."""
        root = self.metadata.root
        return self.model if root is None else self.model.__registry__.get_model(root)

    def kinds(self) -> Iterator[Any]:
        """The model and those that inherit it."""
        known = self.model.__registry__
        waiting = [self.model]
        while waiting:
            kind = waiting.pop()
            if kind in known or kind is self.model:
                yield kind
            waiting += kind.__subclasses__()

    def kinds_told(self) -> Callable[[Document], str | None]:
        """What tells of a document what it carries to say of which child class it is; None for the root's."""
        root = self.root
        roots = {None, root.__name__}
        is_told = "_type" not in _stored_names(root)  # it may be a field of the author's own

        def kind_of(document: Document) -> str | None:
            kind = document.get("_type")
            return kind if is_told and isinstance(kind, str) and kind not in roots else None

        return kind_of

    def secrets_of(self, kind: str | None) -> Callable[[str], bool]:
        """What tells of a path whether it is secret, in documents of this kind.

        Of a class that is not imported, all is secret that the root does not declare.
        """
        root = self.root
        if kind is None:
            return cast("Metadata", root.__metadata__).is_secret
        for member in Audited(root).kinds():
            if member.__metadata__.discriminator == kind:
                return cast("Metadata", member.__metadata__).is_secret
        known = {"_type", *_stored_names(root)}
        return lambda path: split(path)[0] not in known or root.__metadata__.is_secret(path)

    async def read(self, ids: Sequence[Any]) -> dict[Any, MutableDocument]:
        """The stored documents with these ids, whatever plugins narrow, by their ids."""
        found: dict[Any, MutableDocument] = {}
        for some in batches(ids):
            by_id = {"_id": {"$in": list(some)} if len(some) > 1 else some[0]}
            query = Audited(self.root).everything().find(by_id).as_documents()
            found.update([(document["_id"], document) for document in await query])
        return found

    async def matching(self, filter: Document) -> list[MutableDocument]:
        """The stored documents that fit a filter under stored names, whatever plugins narrow."""
        # as a stage it is taken as it is: a filter of a query would be translated once more
        stages = [{"$match": filter}] if filter else []
        found: list[MutableDocument] = await self.everything().aggregate(stages)
        return found

    def everything(self) -> Query[Any]:
        """A query for all documents of the model, whatever plugins narrow."""
        plugins = {one.name for kind in self.kinds() for one in kind.__metadata__.plugins}
        query: Query[Any] = self.model.find().widen(*plugins)
        return query

    def logged(self) -> Callable[[str], bool]:
        """What tells of a document's key whether it is logged: never the id, and what the options say."""
        only = self._stored(self.options.only)
        exclude = {"_id", *self._stored(self.options.exclude)}
        return lambda key: (not only or key in only) and key not in exclude

    def check_options(self) -> None:
        """Raises `ModelDefinitionError` where the options name what is no field of the model."""
        for option in ("only", "exclude"):
            for name in getattr(self.options, option):
                if name not in self.metadata.fields:
                    fault = (
                        f"Meta.plugin_options['{NAME}']['{option}'] names {name!r}, which is no field of the "
                        f"model. It has: {', '.join(self.metadata.fields)}."
                    )
                    raise ModelDefinitionError(fault, model=self.metadata.key)

    def _stored(self, names: Sequence[str]) -> set[str]:
        fields = self.metadata.fields
        return {fields[name].stored_name for name in names if name in fields}


def _stored_names(model: Any) -> set[str]:
    return {field.stored_name for field in model.__metadata__.fields.values()}


def batches(items: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """The items, so many at a time."""
    for start in range(0, len(items), BATCH):
        yield items[start : start + BATCH]
