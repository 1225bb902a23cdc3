"""MongoDB's aggregation pipelines over iterators of documents: no store, no input or output of its own."""

from earnorm.stores.pipeline.compiling import STAGES, compile_pipeline
from earnorm.stores.pipeline.grouping import GROUP_ACCUMULATORS
from earnorm.stores.pipeline.head import Head
from earnorm.stores.pipeline.pipeline import Pipeline
from earnorm.stores.pipeline.stage import Read

__all__ = ["GROUP_ACCUMULATORS", "STAGES", "Head", "Pipeline", "Read", "compile_pipeline"]
