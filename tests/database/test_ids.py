"""Ids for new documents: unlike each other, in their order, and of the moment in which they were made."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain, pairwise

import pytest

from earnorm.database import ids
from earnorm.database.ids import new_ids


def test_many_ids_follow_each_other_and_tell_their_time() -> None:
    before = int(time.time())
    made = new_ids(1000) + new_ids(1) + new_ids(0)
    assert len(set(made)) == 1001
    assert len({one.binary[4:9] for one in made}) == 1
    numbers = [int.from_bytes(one.binary[9:]) for one in made]
    assert all((after - one) % 2**24 == 1 for one, after in pairwise(numbers))
    assert all(before <= one.generation_time.timestamp() <= time.time() for one in made)


def test_the_counter_begins_anew_after_its_last_number(monkeypatch: pytest.MonkeyPatch) -> None:
    process = ids._Process()
    process.counter = iter(range(2**24 - 1, 2**24 + 1))  # type: ignore[assignment] # a part of it
    monkeypatch.setattr(ids, "_process", process)
    assert [one.binary[9:] for one in new_ids(2)] == [b"\xff\xff\xff", b"\0\0\0"]


def test_threads_make_different_ids() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(chain.from_iterable(pool.map(new_ids, [500] * 40)))
    assert len(set(made)) == len(made)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_forked_process_makes_ids_of_its_own() -> None:
    ours = new_ids(1)[0]
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.write(writer, new_ids(1)[0].binary)
        os._exit(0)
    os.waitpid(child, 0)
    theirs = os.read(reader, 12)
    assert theirs[4:9] != ours.binary[4:9]
