"""From a URL of MongoDB to a store that is connected."""

from earnorm.errors import UnsupportedError
from earnorm.stores.protocol import Store

__all__ = ["open_mongodb"]


async def open_mongodb(url: str) -> Store:
    """Refuses for now; `url` is MongoDB's connection string."""
    raise UnsupportedError(
        f"the scheme {url.partition('://')[0]}://",
        where="this commit",
        remedy="The MongoDB store follows within days; until then use sqlite:///FILE.",
    )
