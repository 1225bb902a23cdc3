"""A registry of its own for each test, and models that are not written as classes."""

from typing import Any

import pytest

from earnorm import BaseModel, ModelRegistry
from earnorm.plugins import PluginManager


@pytest.fixture
def home() -> ModelRegistry:
    return ModelRegistry("a test", manager=PluginManager("a test"))


def define_plain(home: ModelRegistry, key: str, **namespace: Any) -> type[BaseModel]:
    """The model `key`, with these fields and options and nothing else."""
    module, _, name = key.rpartition(".")
    return type(
        name, (BaseModel,), {"__module__": module, "__qualname__": name, **namespace}, registry=home
    )


def define(home: ModelRegistry, key: str, **namespace: Any) -> type[BaseModel]:
    """The same in a collection of its own."""
    return define_plain(home, key, _collection=key, **namespace)
