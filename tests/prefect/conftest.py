"""A real Prefect server per test process, homes whose runs go there, and workers.

A server takes 17 s to start, a worker 7 s: tests that do not kill them share both.
"""

from __future__ import annotations

import sqlite3
import time
import uuid
from contextlib import ExitStack, closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from faults.commands import PATIENCE_S, wait_until
from faults.laboratory import SQLITE, Place
from qdash_core.errors import QDashError
from qdash_prefect.client import PrefectClient, PrefectUnavailableError
from qdash_prefect.server import PrefectServer
from tests.prepared.shared_files import shared_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from faults.commands import Command
    from faults.laboratory import Laboratory

    Workers = Callable[[Laboratory], AbstractContextManager[Command]]


BEFORE_RELEASE = (
    "test_a_timetable_starts_a_run_when_its_moment_has_come",
    "test_a_run_whose_process_is_killed_goes_on_under_the_same_worker",
    "test_a_worker_that_is_told_to_end_lets_its_run_go_on_under_another",
    "test_a_cancelled_run_goes_on_when_it_is_asked_for",
)
"""Parts of the contract of runners: a wait for the next minute, processes that end in other ways than the killed worker, and the
continuation of a cancelled run, whose request the local runner tests."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests with a real server as slow, unless they belong to a release."""
    for item in items:
        with_server = item.nodeid.startswith("tests/prefect/") and "server" in getattr(
            item, "fixturenames", ()
        )
        if with_server and not item.get_closest_marker("release"):
            item.add_marker("release" if item.nodeid.endswith(BEFORE_RELEASE) else "slow")


_RUNNING: list[PrefectServer] = []


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """End the server after the last test of this folder, rather than let it work beside all others until the end."""
    if nextitem is None or not nextitem.nodeid.startswith("tests/prefect/"):
        while _RUNNING:
            _RUNNING.pop().kill()


@pytest.fixture(autouse=True)
def no_certificates_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    """Environment without the caller's certificate authorities: each reading of settings would load their
    file, which is slow.
    """
    for name in ("PREFECT_API_SSL_CERT_FILE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrefectServer]:
    """The server of this test process. A test that stops it has to start it again.

    Its SQLite copes with the workers of one process: with those of three it is locked for minutes. The first
    server of all test processes creates the tables; the others start with a copy, since that takes 10 s.
    """
    server = PrefectServer(tmp_path_factory.mktemp("prefect"))
    with ExitStack() as stack:
        with shared_path(tmp_path_factory, "prefect.db") as tables:
            copied = tables.exists()
            if not copied:
                stack.enter_context(server)
                copy_database(database_of(server), tables)
        if copied:
            copy_database(tables, database_of(server))
            stack.enter_context(server)
        _RUNNING.append(server)
        yield server


def database_of(server: PrefectServer) -> Path:
    """Return the path of a server's database."""
    return server.folder / "server" / "prefect.db"


def copy_database(source: Path, target: Path) -> None:
    """Copy a database that a server may be writing."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as here, closing(sqlite3.connect(target)) as there:
        here.backup(there)


class PatientClient(PrefectClient):
    """Client that retries if the server does not respond: with SQLite on a busy machine, 503 lasts longer
    than the usual timeout.
    """

    def request(self, method: str, path: str, body: Mapping[str, Any] | Sequence[Any] | None = None) -> Any:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                return super().request(method, path, body)
            except PrefectUnavailableError:
                if time.monotonic() > deadline:
                    raise


@pytest.fixture(scope="session")
def client(server: PrefectServer) -> Iterator[PrefectClient]:
    """A client of the server, which may repeat requests."""
    with PatientClient(server.settings) as client:
        yield client


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory, prepared_processes: None) -> Place:
    """Place for homes on SQLite."""
    return Place(SQLITE, tmp_path_factory.mktemp("homes"))


def of_prefect(laboratory: Laboratory, server: PrefectServer) -> Laboratory:
    """Return the same home with runs in Prefect, in a pool of its own."""
    pool = f"test-{uuid.uuid4().hex[:8]}"
    return laboratory.with_settings(QDASH_RUNNER="prefect", QDASH_PREFECT_POOL=pool, **server.environment)


@pytest.fixture
def laboratory(place: Place, server: PrefectServer) -> Iterator[Laboratory]:
    """A fresh home with the chip `bench`, whose measurements take 0.1 s, and a pool of its own."""
    with place.laboratory(slow_s=0.1) as home:
        yield of_prefect(home, server)


def online(client: PrefectClient, pool: str) -> set[str]:
    """Return the names of the workers of a pool that are online in Prefect."""
    try:
        found = client.post(f"/work_pools/{pool}/workers/filter", {})
    except QDashError:
        return set()
    return {one["name"] for one in found if one["status"] == "ONLINE"}


@contextmanager
def working(client: PrefectClient, laboratory: Laboratory) -> Iterator[Command]:
    """Start a worker of a home, and yield it when it is online in Prefect; it ends with the block.

    `worker.signal(SIGTERM)`, `worker.kill()` and `worker.kill_others()` end it, `worker.err` is its standard
    error.
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
    """Function that starts a worker of a home: `with workers(laboratory) as worker`."""
    return lambda laboratory: working(client, laboratory)
