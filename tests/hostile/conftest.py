"""A registry and a database file of its own for each test."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from earnorm import ModelRegistry


@pytest.fixture
def home() -> ModelRegistry:
    return ModelRegistry("a test")


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """The URL of a file that must be sound when the test is over."""
    path = tmp_path / "hostile.db"
    yield f"sqlite:///{path}"
    if path.exists():
        connection = sqlite3.connect(path)
        try:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        finally:
            connection.close()
