"""The log replays to what the collection holds, after random writes of every kind, failures and rollbacks."""

import random
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest

from earnorm import (
    BaseModel,
    Database,
    DictField,
    EarnORMError,
    EmbeddedField,
    EmbeddedModel,
    IntegerField,
    ListField,
    ModelRegistry,
    ReferenceField,
    StringField,
    connect,
    hookimpl,
)
from earnorm_audit import AuditEntry, history, version_of
from earnorm_audit.values import ABSENT, apply


class Injected(Exception):
    """What the saboteur raises."""


class Saboteur:
    """Fails where it is told to, in one hook of one write."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.rate = 0.0
        self.failures: Counter[str] = Counter()

    def strike(self, hook: str) -> None:
        if self.chance.random() < self.rate:
            self.failures[hook] += 1
            raise Injected(hook)

    def before_save(self) -> None:
        self.strike("before_save")

    def before_validate(self) -> None:
        self.strike("before_validate")

    @hookimpl(wrapper=True)
    def after_save(self) -> Any:
        self.strike("after_save, before the log")
        yield
        self.strike("after_save, after the log")

    def before_update(self) -> None:
        self.strike("before_update")

    @hookimpl(tryfirst=True)
    def after_update(self) -> None:
        self.strike("after_update")

    def before_delete(self) -> None:
        self.strike("before_delete")

    @hookimpl(wrapper=True)
    def after_delete(self) -> Any:
        self.strike("after_delete, before the log")
        yield
        self.strike("after_delete, after the log")

    def before_commit(self) -> None:
        self.strike("before_commit")


class Address(EmbeddedModel):
    city = StringField()
    code = IntegerField(default=0)


class Shop:
    """Two models that refer to each other's documents, and random writes of both."""

    def __init__(self, home: ModelRegistry, seed: int) -> None:
        self.chance = random.Random(seed)
        self.saboteur = Saboteur(self.chance)
        home.plugins.register("saboteur", self.saboteur)

        class Customer(BaseModel, registry=home):
            name = StringField()
            email = StringField()
            age = IntegerField(default=0)
            address = EmbeddedField(Address, required=False)
            tags = ListField(StringField())
            notes: Any = DictField(IntegerField())

            class Meta:
                plugins = ["saboteur", "audit"]
                indexes = [{"fields": ["email"], "unique": True}]

        class Order(BaseModel, registry=home):
            text = StringField()
            amount = IntegerField(default=0)
            by = ReferenceField(Customer, on_delete="cascade", required=False)
            seller = ReferenceField(Customer, on_delete="nullify", required=False)

            class Meta:
                plugins = ["saboteur", "softdelete", "audit"]

        self.customer: Any = Customer
        self.order: Any = Order
        self.held: list[Any] = []
        self.writes = 0
        self.outcomes: Counter[str] = Counter()

    async def write(self) -> None:
        """One random write, which may fail."""
        self.writes += 1
        ways = (
            self.create,
            self.save,
            self.save,
            self.insert_many,
            self.delete,
            self.update,
            self.claim,
            self.delete_some,
        )
        way = self.chance.choice(ways)
        try:
            await way()
        except (EarnORMError, Injected) as error:
            self.outcomes[type(error).__name__] += 1
            raise
        self.outcomes[way.__name__] += 1

    async def write_alone(self) -> None:
        with suppress(EarnORMError, Injected):
            await self.write()

    async def write_together(self, database: Database) -> None:
        """Several writes in one transaction, in which failures are caught, and which may come to nothing."""
        try:
            async with database.transaction():
                for _ in range(self.chance.randint(1, 6)):
                    await self.write_alone()
                if self.chance.random() < 0.3:
                    raise Injected("the transaction")
        except (EarnORMError, Injected) as error:
            self.outcomes[f"transaction: {type(error).__name__}"] += 1

    def new_customer(self) -> Any:
        number = self.chance.randint(0, 60)
        address = Address(city=self.word(), code=number) if number % 2 else None
        return self.customer(
            name=self.word(),
            email=f"{number}@example.org",
            address=address,
            tags=[self.word() for _ in range(number % 3)],
            notes={self.word(): number for _ in range(number % 4)},
        )

    def new_order(self) -> Any:
        customers = [one.id for one in self.held if isinstance(one, self.customer) and one.id]
        given = {
            name: self.chance.choice(customers)
            for name in ("by", "seller")
            if customers and self.chance.random() < 0.7
        }
        return self.order(text=self.word(), **given)

    def new(self) -> Any:
        return self.new_customer() if self.chance.random() < 0.6 else self.new_order()

    async def create(self) -> None:
        one = self.new()
        self.hold(one)
        await one.save()

    async def insert_many(self) -> None:
        make = self.chance.choice((self.new_customer, self.new_order))
        many = [make() for _ in range(self.chance.randint(1, 5))]
        await type(many[0]).insert_many(many)
        for one in many:
            self.hold(one)

    async def save(self) -> None:
        one = self.any_held()
        if isinstance(one, self.customer):
            self.change(one)
        else:
            one.text, one.amount = self.word(), one.amount + self.chance.randint(0, 1)
        await one.save()

    def change(self, one: Any) -> None:
        match self.chance.randint(0, 5):
            case 0:
                one.age += 1
            case 1:
                one.tags.append(self.word())
            case 2:
                one.notes[self.word()] = self.chance.randint(0, 9)
            case 3 if one.notes:
                one.notes.pop(self.chance.choice(list(one.notes)))
            case 4 if one.address is not None:
                one.address.city = self.word()
            case _:
                one.email = f"{self.chance.randint(0, 60)}@example.org"

    async def delete(self) -> None:
        await self.any_held().delete()

    async def update(self) -> None:
        update: Any
        each = self.chance.random() < 0.4
        if self.chance.random() < 0.5:
            update = self.chance.choice(
                (
                    {"$inc": {"age": 1}},
                    {"$set": {"address": {"city": self.word()}}},
                    {"$push": {"tags": self.word()}},
                    # without a transaction it would be made halfway, and fail
                    {"$set": {"email": "7@example.org"}}
                    if self.saboteur.rate
                    else {"$inc": {"age": 2}},
                )
            )
            found = {"age": {"$lt": self.chance.randint(0, 5)}}
            await self.customer.find(found).update(update, each=each)
        else:
            update = {"$set": {"text": self.word()}, "$inc": {"amount": 1}}
            query = self.order.find({"text": {"$gt": self.word()}})
            query = query.widen("softdelete") if self.chance.random() < 0.3 else query
            await query.update(update, each=each)

    async def claim(self) -> None:
        query = self.customer.find().sort("-name")
        await query.find_one_and_update({"$inc": {"age": 1}})

    async def delete_some(self) -> None:
        if self.chance.random() < 0.5:
            await self.customer.find({"name": self.word()}).delete()
            return
        skipped = ["softdelete"] if self.chance.random() < 0.5 else []
        await self.order.find({"text": self.word()}).delete(skip_hooks=skipped)

    def any_held(self) -> Any:
        if not self.held:
            self.hold(self.new())
        return self.chance.choice(self.held)

    def hold(self, instance: Any) -> None:
        self.held = [*self.held[-30:], instance]

    def word(self) -> str:
        return self.chance.choice(["apple", "bread", "cider", "dates", "eggs", "flour"])


async def stored(model: Any) -> dict[Any, dict[str, Any]]:
    plugins = [plugin.name for plugin in model.__metadata__.plugins]
    documents = await model.find().widen(*plugins).as_documents()
    return {document.pop("_id"): document for document in documents}


def replayed(entries: list[AuditEntry]) -> dict[Any, dict[str, Any]]:
    """What the log alone says that there is; each entry must fit what the earlier ones have left."""
    documents: dict[Any, dict[str, Any]] = {}
    versions: Counter[Any] = Counter()
    for entry in sorted(entries, key=lambda one: one.version):
        versions[entry.document_id] += 1
        assert entry.version == versions[entry.document_id]
        assert (entry.operation == "insert") == (entry.document_id not in documents)
        document = documents.setdefault(entry.document_id, {})
        for change in entry.changes:
            assert at(document, change.path) == change.undone
            apply(document, change.path, change.done)
        if entry.operation == "delete":
            assert documents.pop(entry.document_id) == {}
    return documents


def at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for key in path.split("."):
        value = value.get(key, ABSENT) if isinstance(value, Mapping) else ABSENT
    return value


async def check(shop: Shop) -> int:
    counted = 0
    for model in (shop.customer, shop.order):
        entries = await history(model)
        counted += len(entries)
        assert replayed(entries) == await stored(model)
    return counted


async def run(
    home: ModelRegistry, *, seed: int, writes: int, every: int, failures: float = 0.02
) -> Shop:
    shop = Shop(home, seed)
    async with connect("sqlite://", registry=home) as database:
        shop.saboteur.rate = failures
        checked = 0
        while shop.writes < writes:
            if failures and shop.chance.random() < 0.25:
                await shop.write_together(database)
            else:
                await shop.write_alone()
            if shop.writes - checked >= every:
                checked = shop.writes
                await check(shop)
        entries = await check(shop)
        assert entries > writes / 3
        await check_past(shop)
    return shop


async def check_past(shop: Shop) -> None:
    """What the log tells of past versions, going back from now, is what it tells going forward."""
    entries = (await history(shop.customer))[-20:]
    for entry in entries:
        if entry.operation != "delete":
            earlier = [
                one
                for one in await history(shop.customer)
                if one.document_id == entry.document_id and one.version <= entry.version
            ]
            past = await version_of(shop.customer, entry)
            assert past.pop("_id") == entry.document_id
            assert past == replayed(earlier)[entry.document_id]


@pytest.mark.needs("transactions")
@pytest.mark.parametrize("seed", range(3))
async def test_the_log_replays_to_what_the_collections_hold(seed: int) -> None:
    shop = await run(ModelRegistry(f"replay {seed}"), seed=seed, writes=200, every=40)
    assert shop.saboteur.failures


async def test_without_transactions_the_log_of_one_writer_whose_hooks_do_not_fail_replays() -> None:
    # Embedded it runs in transactions all the same; a server may have none.
    shop = await run(ModelRegistry("a writer"), seed=7, writes=200, every=100, failures=0.0)
    assert shop.outcomes["DuplicateKeyError"]


@pytest.mark.soak
async def test_without_transactions_it_replays_after_ten_thousand_writes_too() -> None:
    shop = await run(
        ModelRegistry("a steady writer"), seed=77, writes=10_000, every=2_000, failures=0.0
    )
    assert shop.outcomes["DuplicateKeyError"] > 100


@pytest.mark.soak
@pytest.mark.needs("transactions")
async def test_the_log_replays_after_ten_thousand_writes() -> None:
    shop = await run(ModelRegistry("soak"), seed=99, writes=10_000, every=1_000)
    hooks = {
        "before_save",
        "before_validate",
        "after_save, before the log",
        "after_save, after the log",
        "before_update",
        "after_update",
        "before_delete",
        "after_delete, before the log",
        "after_delete, after the log",
        "before_commit",
    }
    assert shop.saboteur.failures.keys() == hooks
    assert shop.outcomes["DuplicateKeyError"] > 100
    assert shop.outcomes["transaction: Injected"] > 100
