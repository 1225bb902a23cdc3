"""What tests of models and of plugins need."""

from earnorm.clock import frozen

__all__ = ["frozen"]
