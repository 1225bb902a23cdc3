"""Code that is generated for each class: the fast path of constructing, decoding and encoding."""

from earnorm.models.generation.codec import GeneratedCodec

__all__ = ["GeneratedCodec"]
