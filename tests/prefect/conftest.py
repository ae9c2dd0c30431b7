"""A real Prefect server, one for each test process; homes whose runs go there, and workers.

A server takes 17 s to start, a worker 7 s: tests that kill neither share both.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from faults.commands import PATIENCE_S, wait_until
from faults.laboratory import SQLITE, Place
from qdash_core.errors import QDashError
from qdash_prefect.client import PrefectAwayError, PrefectClient
from qdash_prefect.server import PrefectServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from faults.commands import Command
    from faults.laboratory import Laboratory

    Workers = Callable[[Laboratory], AbstractContextManager[Command]]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a real server is slow by nature, unless it is left to a release."""
    for item in items:
        if item.nodeid.startswith("tests/prefect/") and "server" in getattr(item, "fixturenames", ()):
            if item.get_closest_marker("release"):
                continue
            item.add_marker(pytest.mark.slow)


@pytest.fixture(autouse=True)
def no_certificates_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave authorities out that the caller's environment names: each time that settings are read their file would be, which takes long."""
    for name in ("PREFECT_API_SSL_CERT_FILE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """Return the server of this test process. It is not to be stopped.

    Its SQLite bears the workers of one process: with those of three it is locked for minutes.
    """
    with PrefectServer(tmp_path_factory.mktemp("prefect")) as server:
        yield server


@pytest.fixture
def own_server(server: PrefectServer, tmp_path: Path) -> Iterator[PrefectServer]:
    """Return a server that a test may stop. It begins with what the shared one knows, which is quicker than to make its tables."""
    home = tmp_path / "prefect" / "server"
    home.mkdir(parents=True)
    with (
        closing(sqlite3.connect(server.folder / "server" / "prefect.db")) as shared,
        closing(sqlite3.connect(home / "prefect.db")) as own,
    ):
        shared.backup(own)
    with PrefectServer(home.parent) as found:
        yield found


class PatientClient(PrefectClient):
    """Asks again when the server does not answer: on SQLite, on a busy machine, it says 503 for longer than anybody waits for."""

    def ask(self, method: str, path: str, body: Mapping[str, Any] | Sequence[Any] | None = None) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return super().ask(method, path, body)
            except PrefectAwayError:
                if time.monotonic() > deadline:
                    raise


@pytest.fixture(scope="session")
def client(server: PrefectServer) -> Iterator[PrefectClient]:
    """Return a client of the server. What it asks for may be done twice."""
    with PatientClient(server.settings) as client:
        yield client


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Return where homes on SQLite are made."""
    return Place(SQLITE, tmp_path_factory.mktemp("homes"))


def of_prefect(laboratory: Laboratory, server: PrefectServer) -> Laboratory:
    """Return the same home with runs on Prefect, in a pool of its own."""
    pool = f"test-{uuid.uuid4().hex[:8]}"
    return laboratory.with_settings(QDASH_RUNNER="prefect", QDASH_PREFECT_POOL=pool, **server.environment)


@pytest.fixture
def laboratory(place: Place, server: PrefectServer) -> Iterator[Laboratory]:
    """Return a fresh home with the chip `bench`, whose measurements take 0.1 s, and a pool of its own."""
    with place.laboratory(slow_s=0.1) as home:
        yield of_prefect(home, server)


def online(client: PrefectClient, pool: str) -> set[str]:
    """Return the names of the workers of a pool that Prefect says are there."""
    try:
        found = client.post(f"/work_pools/{pool}/workers/filter", {})
    except QDashError:
        return set()
    return {one["name"] for one in found if one["status"] == "ONLINE"}


@contextmanager
def working(client: PrefectClient, laboratory: Laboratory) -> Iterator[Command]:
    """Start a worker of a home, and yield it when Prefect knows it; it is gone when the block is left.

    `worker.signal(SIGTERM)`, `worker.kill()` and `worker.kill_others()` end it, `worker.err` is what it says.
    """
    pool = laboratory.settings["QDASH_PREFECT_POOL"]
    before = online(client, pool)
    with laboratory.start("worker") as worker:
        wait_until(
            lambda: online(client, pool) - before or not worker.running,
            what=f"a worker in the pool {pool}: {worker.err}",
        )
        assert worker.running, worker.err
        yield worker


@pytest.fixture(scope="session")
def workers(client: PrefectClient) -> Workers:
    """Return what starts a worker of a home: `with workers(laboratory) as worker`."""
    return lambda laboratory: working(client, laboratory)
