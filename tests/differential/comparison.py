"""What two stores answer to the same questions, and where they differ."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pymongo.errors import PyMongoError

from earnorm.errors import EarnORMError
from earnorm.stores import Store
from earnorm.testing.stores.comparing import all_of, exact
from earnorm.typing import Document, SortKey

COLLECTION = "differential"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the documents: which of them a filter finds, or what an update makes of them."""

    documents: Sequence[Document]
    filter: Document
    sort: Sequence[SortKey] = ()
    update: Document | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A question to which two stores give different answers."""

    question: Question
    ours: str
    theirs: str

    def __str__(self) -> str:
        question = self.question
        lines = [
            f"documents {list(question.documents)}",
            f"filter    {question.filter}",
            f"sort      {question.sort}"
            if question.update is None
            else f"update    {question.update}",
            f"ours      {self.ours}",
            f"theirs    {self.theirs}",
        ]
        return "\n".join(lines)


async def fill(store: Store, documents: Sequence[Document]) -> None:
    """Makes the documents all that the collection holds; its indexes stay."""
    await store.delete(COLLECTION, {})
    await store.insert(COLLECTION, documents)


async def answer(store: Store, question: Question) -> str:
    """The ids that are found, or the documents after the update; of an error only that it is one.

    The documents are to be there already. After a refused update they are as before, one by one: a store without
    atomic batches may have changed some of several, so that updates are asked of one document at a time.
    """
    try:
        if question.update is None:
            found = await all_of(store, COLLECTION, question.filter, sort=question.sort)
            return str([one["_id"] for one in found])
        result = await store.update(COLLECTION, question.filter, question.update)
    except (PyMongoError, EarnORMError) as error:
        return f"refused ({type(error).__name__} {getattr(error, 'code', None)}: {error})"
    after = await all_of(store, COLLECTION, {}, sort=[("_id", 1)])
    return f"{result.matched} matched, {result.modified} modified: {', '.join(map(exact, after))}"


def differ(ours: str, theirs: str) -> bool:
    """Whether the answers differ; two refusals are alike, whatever their words."""
    if ours.startswith("refused") and theirs.startswith("refused"):
        return False
    return ours != theirs


async def differences(
    ours: Store, theirs: Store, documents: Sequence[Document], questions: Sequence[Question]
) -> list[Difference]:
    """Asks both stores, and says where they differ."""
    for store in (ours, theirs):
        await fill(store, documents)
    found = []
    for question in questions:
        if question.update is not None:
            for store in (ours, theirs):
                await fill(store, question.documents)
        here, there = await answer(ours, question), await answer(theirs, question)
        if differ(here, there):
            found.append(Difference(question=question, ours=here, theirs=there))
    return found


def searches(
    documents: Sequence[Document], asked: Sequence[tuple[Document, Sequence[SortKey]]]
) -> list[Question]:
    """A question for each filter and its sort, over the same documents."""
    return [Question(documents=documents, filter=one, sort=sort) for one, sort in asked]


def changes(documents: Sequence[Document], updates: Sequence[Document]) -> Iterator[Question]:
    """A question for each update of each document alone."""
    for update in updates:
        for document in documents:
            yield Question(documents=[document], filter={"_id": document["_id"]}, update=update)


def values_in(value: Any) -> Iterator[Any]:
    """Every value of a question's documents, filter or update, the mappings and lists among them."""
    yield value
    inner: Sequence[Any] = ()
    if isinstance(value, dict):
        inner = list(value.values())
    elif isinstance(value, list | tuple):
        inner = value
    for one in inner:
        yield from values_in(one)
