"""A host with a store locked by another process: reads continue, and writes fail early with a message."""

from __future__ import annotations

import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from .command_line import CommandLine
from .hosts import Answer, Host, run_host

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .command_line import Prepared

pytestmark = pytest.mark.slow

READS = ("/chips", "/executions", "/auth/me", "/tokens", "/prometheus", "/ready", "/health")
MANY_WRITERS = 45


@pytest.fixture(scope="module")
def qdash(prepared: Prepared, tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """A command line with a home for all tests, since a host takes seconds to start."""
    folder = tmp_path_factory.mktemp("locked")
    return CommandLine(prepared, folder, folder / "home")


@pytest.fixture(scope="module")
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


def create_unused_tokens(admin: Host, number: int, *, prefix: str) -> list[Host]:
    names = (f"{prefix}-{one}" for one in range(number))
    made = (admin.send_request("POST", "/tokens", {"name": name, "scope": "admin"}) for name in names)
    return [admin.with_token(answer.body["secret"]) for answer in made]


def write_many(asked: Host) -> list[Answer]:
    """Return the responses to writes that were sent concurrently."""
    with ThreadPoolExecutor(MANY_WRITERS) as pool:
        return list(
            pool.map(
                lambda number: asked.send_request("POST", "/tags", {"name": f"refused-{number}"}),
                range(MANY_WRITERS),
            )
        )


def test_a_token_that_was_not_used_for_long_reads_at_once_and_its_use_is_recorded_later(
    qdash: CommandLine, running: Host
) -> None:
    during, after = create_unused_tokens(running, 2, prefix="read")
    with lock_store(qdash):
        for path in READS:
            assert during.send_request("GET", path).status == 200, path
    after.get("/chips")
    deadline = time.monotonic() + 60
    while not [
        one for one in running.get("/tokens")["items"] if one["name"] == "read-1" and "last_used_at" in one
    ]:
        assert time.monotonic() < deadline


def test_writers_are_refused_during_a_lock_beside_readers_and_have_written_nothing(
    qdash: CommandLine, running: Host
) -> None:
    """The lock lasts until every request has its response, so that none waits for its end."""

    def count_audited() -> int:
        return sum(row["path"] == "/tags" for row in running.get("/audit?limit=200")["items"])

    tags, audited = running.get("/tags")["items"], count_audited()
    reader, writer = create_unused_tokens(running, 2, prefix="beside")
    done = threading.Event()

    def read() -> set[int]:
        found = set()
        while not done.is_set():
            found |= {reader.send_request("GET", path).status for path in READS}
        return found

    with ThreadPoolExecutor(1) as beside, lock_store(qdash):
        reading = beside.submit(read)
        written = write_many(writer)
        done.set()
        assert reading.result() == {200}
    assert {(answer.status, answer.body["type"]) for answer in written} == {
        (503, "/problems/store-unavailable")
    }
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in written)
    assert running.get("/tags")["items"] == tags
    assert count_audited() == audited
    assert writer.send_request("POST", "/tags", {"name": "afterwards"}).status == 200


def test_writers_go_on_when_a_lock_is_short(qdash: CommandLine, running: Host) -> None:
    [writer] = create_unused_tokens(running, 1, prefix="short")
    with ThreadPoolExecutor(1) as beside:
        with lock_store(qdash):
            written = beside.submit(writer.send_request, "POST", "/tags", {"name": "short"})
            with pytest.raises(TimeoutError):
                written.result(timeout=1.0)
        assert written.result().status == 200


def test_a_burst_of_writes_to_a_store_that_nobody_locks_is_done(running: Host) -> None:
    [writer] = create_unused_tokens(running, 1, prefix="burst")
    with ThreadPoolExecutor(20) as pool:
        answers = pool.map(
            lambda number: writer.send_request("POST", "/tags", {"name": f"tag-{number}"}).status, range(20)
        )
        assert set(answers) == {200}


def test_reads_of_many_users_end_during_a_lock_beside_writers(qdash: CommandLine, running: Host) -> None:
    """`benchmarks/host.md` has the times of reads during a lock of 20 seconds."""
    tokens = create_unused_tokens(running, 50, prefix="many")
    done = threading.Event()

    def keep_writing() -> None:
        while not done.is_set():
            running.send_request("POST", "/tags", {"name": "cold"})
            done.wait(0.2)

    with ThreadPoolExecutor(MANY_WRITERS + len(tokens)) as pool, lock_store(qdash):
        writers = [pool.submit(keep_writing) for _ in range(MANY_WRITERS)]
        readers = [pool.submit(one.send_request, "GET", "/chips") for one in tokens for _ in range(3)]
        assert {one.result().status for one in readers} == {200}
        done.set()
        [one.result() for one in writers]
