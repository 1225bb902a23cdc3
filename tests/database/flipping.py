"""Damages what a store keeps of the past of models, one bit at a time."""

from hypothesis import strategies as st

from earnorm.database.history_collection import COLLECTION
from earnorm.stores import Store


async def flip_a_bit(data: st.DataObject, store: Store) -> int:
    """Changes one bit of one text of any document but the head; returns the `_id` of that document."""
    found = [one async for batch in store.find(COLLECTION, {}) for one in batch]
    one = data.draw(st.sampled_from([one for one in found if one["_id"] != "head"]))
    texts = sorted(name for name, value in one.items() if value and isinstance(value, str))
    part = data.draw(st.sampled_from(texts))
    place = data.draw(st.integers(0, len(one[part]) - 1))
    flipped = chr(ord(one[part][place]) ^ 1 << data.draw(st.integers(0, 6)))
    changed = one[part][:place] + flipped + one[part][place + 1 :]
    position: int = one["_id"]
    await store.update(COLLECTION, {"_id": position}, {"$set": {part: changed}})
    return position
