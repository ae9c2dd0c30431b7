"""A host with a store locked by another process: reads continue, and writes fail early with a message."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from qdash_api.process.limits import WRITE_QUEUE, WRITE_QUEUE_S, WRITE_WAIT_S, WRITERS_PER_USER

from .hosts import Answer, Host, run_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .command_line import CommandLine

READS = ("/chips", "/executions", "/auth/me", "/tokens", "/prometheus", "/ready", "/health")
MANY_WRITERS = 45
READ_S = WRITE_WAIT_S / 2
"""Limit above any read on a busy machine, and below the wait of a request for a locked store."""


@pytest.fixture
def running(qdash: CommandLine) -> Iterator[Host]:
    with run_host(qdash) as found:
        yield found.set_up()


@contextmanager
def lock_store(qdash: CommandLine) -> Iterator[None]:
    """Hold the write lock of the store for a block."""
    assert qdash.home is not None
    with closing(sqlite3.connect(qdash.home / "qdash.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


def time_request(asked: Host, method: str, path: str, body: object = None) -> tuple[float, Answer]:
    """Return the time until a response, in seconds, and the response."""
    began = time.monotonic()
    answer = asked.send_request(method, path, body)
    return time.monotonic() - began, answer


def create_unused_tokens(admin: Host, number: int) -> list[Host]:
    made = (
        admin.send_request("POST", "/tokens", {"name": f"t-{one}", "scope": "admin"}) for one in range(number)
    )
    return [admin.with_token(answer.body["secret"]) for answer in made]


def write_many(asked: Host) -> list[tuple[float, Answer]]:
    """Return the responses to writes that were sent concurrently."""
    with ThreadPoolExecutor(MANY_WRITERS) as pool:
        return list(
            pool.map(
                lambda number: time_request(asked, "POST", "/tags", {"name": f"tag-{number}"}),
                range(MANY_WRITERS),
            )
        )


def test_a_token_that_was_not_used_for_long_reads_at_once_and_its_use_is_recorded_later(
    qdash: CommandLine, running: Host
) -> None:
    during, after = create_unused_tokens(running, 2)
    with lock_store(qdash):
        for path in READS:
            took, answer = time_request(during, "GET", path)
            assert answer.status == 200
            assert took < READ_S, path
    after.get("/chips")
    deadline = time.monotonic() + 60
    while not [
        one for one in running.get("/tokens")["items"] if one["name"] == "t-1" and "last_used_at" in one
    ]:
        assert time.monotonic() < deadline


@pytest.mark.slow
def test_writers_are_refused_in_time_beside_readers_and_have_written_nothing(
    qdash: CommandLine, running: Host
) -> None:
    """The host's own wait for the store applies to writers, since the lock lasts longer."""
    reader, writer = create_unused_tokens(running, 2)
    slowest, done = [0.0], threading.Event()

    def read() -> None:
        while not done.is_set():
            for path in READS:
                slowest[0] = max(slowest[0], time_request(reader, "GET", path)[0])

    with ThreadPoolExecutor(1) as beside, lock_store(qdash):
        reading = beside.submit(read)
        written = write_many(writer)
        done.set()
        reading.result()
    assert slowest[0] < READ_S
    assert {(answer.status, answer.body["type"]) for _, answer in written} == {
        (503, "/problems/store-unavailable")
    }
    assert all(int(answer.headers["retry-after"]) >= 1 for _, answer in written)
    took = sorted(seconds for seconds, _ in written)
    at_once = MANY_WRITERS - WRITE_QUEUE - WRITERS_PER_USER
    assert took[at_once - 1] < WRITE_QUEUE_S
    assert took[-WRITERS_PER_USER - 1] < WRITE_QUEUE_S + READ_S
    assert took[-1] < WRITE_WAIT_S + READ_S
    assert running.get("/tags")["items"] == []
    assert not [row for row in running.get("/audit")["items"] if row["path"] == "/tags"]
    assert writer.send_request("POST", "/tags", {"name": "cold"}).status == 200


def test_writers_go_on_when_a_lock_is_short(qdash: CommandLine, running: Host) -> None:
    [writer] = create_unused_tokens(running, 1)
    with ThreadPoolExecutor(1) as beside:
        with lock_store(qdash):
            written = beside.submit(time_request, writer, "POST", "/tags", {"name": "cold"})
            with pytest.raises(TimeoutError):
                written.result(timeout=1.0)
        assert written.result()[1].status == 200


def test_a_burst_of_writes_to_a_store_that_nobody_locks_is_done(running: Host) -> None:
    [writer] = create_unused_tokens(running, 1)
    with ThreadPoolExecutor(20) as pool:
        answers = pool.map(
            lambda number: writer.send_request("POST", "/tags", {"name": f"tag-{number}"}).status, range(20)
        )
        assert set(answers) == {200}


@pytest.mark.parametrize(
    "seconds", [pytest.param(4, marks=pytest.mark.slow), pytest.param(20, marks=pytest.mark.release)]
)
def test_reads_at_fifty_a_second_are_quick_during_a_long_lock(
    qdash: CommandLine, running: Host, seconds: int
) -> None:
    tokens = create_unused_tokens(running, 50)
    done = threading.Event()

    def keep_writing() -> None:
        while not done.is_set():
            running.send_request("POST", "/tags", {"name": "cold"})
            done.wait(0.2)

    def read(asked: Host) -> list[float]:
        found = []
        while not done.wait(1.0):
            seconds, answer = time_request(asked, "GET", "/chips")
            assert answer.status == 200
            found.append(seconds)
        return found

    with ThreadPoolExecutor(MANY_WRITERS + len(tokens)) as pool, lock_store(qdash):
        writers = [pool.submit(keep_writing) for _ in range(MANY_WRITERS)]
        readers = [pool.submit(read, one) for one in tokens]
        threading.Event().wait(seconds)
        done.set()
        took = sorted(seconds for one in readers for seconds in one.result())
        [one.result() for one in writers]
    assert len(took) > 25 * seconds
    # A read that waits for the lock waits until its end; `benchmarks.host --lock` measures the times of the others.
    assert took[int(0.99 * len(took))] < seconds / 2
