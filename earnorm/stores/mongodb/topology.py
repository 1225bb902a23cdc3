"""What answers under a URL: one server, a replica set or a sharded cluster, and what that can do."""

from dataclasses import dataclass

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure

from earnorm.stores.capabilities import Capability
from earnorm.typing import Document, MutableDocument

__all__ = ["Topology", "say_hello"]


async def say_hello(client: AsyncMongoClient[MutableDocument]) -> MutableDocument:
    """What a server says of itself; raises PyMongo's errors when none answers."""
    preference = client.read_preference
    try:
        return await client.admin.command("hello", read_preference=preference)
    except OperationFailure as error:
        if error.code != _UNKNOWN_COMMAND:
            raise
    # before 4.4 it had another name only
    return await client.admin.command("isMaster", read_preference=preference)


_UNKNOWN_COMMAND = 59


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """A server's answer to `hello`."""

    hello: Document

    @property
    def name(self) -> str:
        """`standalone`, `replica set rs0` or `sharded cluster`."""
        if self._is_sharded:
            return "sharded cluster"
        set_name = self.hello.get("setName")
        return f"replica set {set_name}" if set_name else "standalone"

    @property
    def capabilities(self) -> frozenset[Capability]:
        """Transactions and change streams are of replica sets and sharded clusters (MongoDB's manual)."""
        found = {Capability.ALL_COLLATIONS, Capability.ALL_STAGES, Capability.INDEX_BUILDS}
        if self._is_sharded or self.hello.get("setName"):
            found.add(Capability.WATCH)
            if self.hello.get("logicalSessionTimeoutMinutes"):
                found.add(Capability.TRANSACTIONS)
        return frozenset(found)

    @property
    def _is_sharded(self) -> bool:
        # A load balancer hides what is behind it, and only mongos can be.
        return self.hello.get("msg") == "isdbgrid" or "serviceId" in self.hello
