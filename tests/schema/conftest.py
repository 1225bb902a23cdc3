"""A registry of its own for each test."""

import pytest

from earnorm import ModelRegistry
from earnorm.plugins import PluginManager


@pytest.fixture
def home() -> ModelRegistry:
    return ModelRegistry("a test", manager=PluginManager("a test"))
