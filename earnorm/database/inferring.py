"""Draws documents of a collection, and asks what model they would fit."""

from earnorm.database.store_errors import translate_store_errors
from earnorm.models import ModelProposal, ModelSketch
from earnorm.stores import Store

__all__ = ["infer_model"]


async def infer_model(store: Store, collection: str, *, sample: int) -> ModelProposal:
    """The proposal; raises `ValueError` for a sample of no documents."""
    if isinstance(sample, bool) or not isinstance(sample, int) or sample < 1:
        raise ValueError(f"infer_model looks at one document at least, not at {sample!r}")
    sketch = ModelSketch()
    with translate_store_errors(store.name):
        async for batch in store.aggregate(collection, [{"$sample": {"size": sample}}]):
            for document in batch:
                sketch.add(document)
    return sketch.propose(collection)
