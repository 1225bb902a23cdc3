"""A registry of its own for each test, so that nothing leaks into the default one."""

import pytest

from earnorm import ModelRegistry


@pytest.fixture
def home() -> ModelRegistry:
    return ModelRegistry("a test")
