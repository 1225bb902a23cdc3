"""Code that is generated for each class: the fast path of constructing, decoding and encoding."""

from earnorm.models.generation.codec import GeneratedCodec
from earnorm.models.generation.extended import ExtendedCodec

__all__ = ["ExtendedCodec", "GeneratedCodec"]
