"""A registry of its own for each test."""

import pytest

from earnorm import ModelRegistry


@pytest.fixture
def home() -> ModelRegistry:
    return ModelRegistry("a test")
