"""The store: what a database awaits, over the worker that does it."""

import asyncio
import random
import sqlite3
import weakref
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Literal, Self, TypeVar

from earnorm.errors import StoreBusyError, StoreClosedError, WrongEventLoopError
from earnorm.stores.sqlite.opening import open_session
from earnorm.stores.sqlite.reading import Counting, Finding
from earnorm.stores.sqlite.session import Session
from earnorm.stores.sqlite.translation import is_busy, translated
from earnorm.stores.sqlite.worker import Worker
from earnorm.stores.sqlite.writing import insert
from earnorm.typing import Document, MutableDocument, SortKey

__all__ = ["SqliteStore"]
