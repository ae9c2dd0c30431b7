"""Shutdown of the host by SIGTERM within five seconds, under any load, without loss of acknowledged writes."""

from __future__ import annotations

import signal
import socket
import sqlite3
import time
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psutil
import pytest

from .command_line import wait_until
from .hosts import run_host

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

    from .command_line import CommandLine
    from .hosts import Host

WITHIN_S = 5.0
WRITERS = 24
"""Number of writers, above the host's number of threads."""


def measure_shutdown_s(process: subprocess.Popen[str]) -> float:
    """Send SIGTERM and return the time until the process exits."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.wait()
    return time.monotonic() - began


@contextmanager
def write_lock(qdash: CommandLine) -> Iterator[sqlite3.Connection]:
    """Hold the write lock of the store."""
    assert qdash.home is not None
    path = qdash.home / "qdash.db"
    with closing(sqlite3.connect(path, timeout=60, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def begin(found: Host, head: str, body: bytes = b"") -> socket.socket:
    """Return a connection with a sent request and an unread response."""
    address = urlsplit(found.url)
    assert address.hostname is not None
    connection = socket.create_connection((address.hostname, address.port or 80), timeout=60)
    connection.sendall(
        f"{head} HTTP/1.1\r\nHost: host\r\nAuthorization: Bearer {found.token}\r\n".encode() + body
    )
    return connection


def make_tag_request(name: str) -> bytes:
    body = b'{"name": "%s"}' % name.encode()
    return b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


ENDLESS_UPLOAD = b"Content-Type: application/json\r\nContent-Length: 900000\r\n\r\n{"


@pytest.mark.parametrize(
    "workers", [pytest.param("1", marks=pytest.mark.slow), pytest.param("2", marks=pytest.mark.release)]
)
def test_a_host_whose_store_is_locked_and_whose_clients_never_finish_ends_in_time(
    qdash: CommandLine, workers: str
) -> None:
    with run_host(qdash, "--workers", workers) as found, ExitStack() as stack:
        admin = found.set_up()
        assert admin.send_request("POST", "/tags", {"name": "acknowledged"}).status == 200
        live = stack.enter_context(admin.follow_events())
        open_connections = [
            begin(admin, "GET /health", b"\r\n"),
            begin(admin, "GET /chips"),
            *(begin(admin, "POST /tags", ENDLESS_UPLOAD) for _ in range(3)),
        ]
        with write_lock(qdash):
            open_connections += [
                begin(admin, "POST /tags", make_tag_request(f"waiting-{n}")) for n in range(WRITERS)
            ]
            for connection in open_connections:
                stack.enter_context(closing(connection))
            admin.get("/health")  # answered in order, after the others have been read
            assert measure_shutdown_s(found.process) < WITHIN_S
        assert found.process.returncode == 0
        assert not list(live)
    tags = [row[0] for row in qdash.query_rows("SELECT doc ->> '$.name' FROM tag")]
    assert "acknowledged" in tags
    assert not [name for name in tags if name.startswith("waiting")]


@pytest.mark.slow
def test_a_host_that_waits_for_a_locked_store_at_its_start_ends_in_time(qdash: CommandLine) -> None:
    qdash.does("init")
    with write_lock(qdash), qdash.start("api", "--port", "0") as process:
        wait_until(lambda: has_open_store(process), what="it opens the store")
        assert measure_shutdown_s(process) < WITHIN_S


def has_open_store(process: subprocess.Popen[str]) -> bool:
    return any(file.path.endswith("qdash.db") for file in psutil.Process(process.pid).open_files())


@pytest.mark.slow
def test_a_host_that_draws_figures_ends_in_time(bench: CommandLine) -> None:
    with run_host(bench) as found, ExitStack() as stack:
        admin = found.set_up()
        results = [one["task_id"] for one in admin.get("/task-results?limit=30")["items"]]
        for result in results:
            stack.enter_context(closing(begin(admin, f"GET /task-results/{result}/figure", b"\r\n")))
        assert measure_shutdown_s(found.process) < WITHIN_S
        assert found.process.returncode == 0
