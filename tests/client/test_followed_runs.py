"""Runs that a command submits to a host and follows, and that go on without it."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from qdash_core.cli.main import run
from qdash_core.cli.watched_runs import follow_run
from qdash_core.models.project import DEFAULT_PROJECT, DEFAULT_USER
from qdash_core.models.token import TokenScope
from qdash_core.operations.local_transport import LocalTransport
from qdash_core.progress import SilentProgress
from qdash_core.settings import Settings

from ..api import sockets
from ..core.bench import LINE, make_backend_by_chip, make_registry, make_task
from ..user_settings import remove_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.application import QDash
    from qdash_core.hooks.manager import Registry

PATIENCE_S = 20.0


@pytest.fixture(scope="module")
def registry() -> Registry:
    """A task of the bench, which needs no laboratory."""
    return make_registry((make_task(),), [make_backend_by_chip()], http_host=True)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, registry: Registry) -> Iterator[sockets.Sockets]:
    with sockets.run_host(Settings(home=tmp_path_factory.mktemp("served") / "home"), registry) as found:
        qdash = found.host.qdash
        qdash.chips.create(qdash.access(DEFAULT_USER), "a", LINE, backend="bench", controls={"2-3": "3"})
        yield found


@pytest.fixture
def qdash(served: sockets.Sockets, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> QDash:
    """Services of the host that commands ask."""
    remove_settings(monkeypatch, tmp_path)
    qdash = served.host.qdash
    secret, _ = qdash.tokens.create(DEFAULT_USER, f"token-{id(monkeypatch)}", scope=TokenScope.ADMIN)
    monkeypatch.setenv("QDASH_API_URL", f"http://{served.address[0]}:{served.address[1]}")
    monkeypatch.setenv("QDASH_TOKEN", secret)
    monkeypatch.setattr("qdash_core.runs.followers.LOOK_S", 0.02)
    return qdash


def perform_next(qdash: QDash) -> str:
    """Perform the next run in the queue like the process of a worker, and return its id."""
    access, waited = qdash.access(DEFAULT_USER), threading.Event()
    for _ in range(int(PATIENCE_S / 0.02)):
        if entries := qdash.queue.list_entries(access):
            named = entries[0].entry.execution_id
            qdash.runs.perform(DEFAULT_PROJECT, named, SilentProgress(), alone=False)
            qdash.runs.queue.conclude(DEFAULT_PROJECT, named, died=False)
            return named
        waited.wait(0.02)
    raise AssertionError("nothing was submitted")


def test_calibrate_at_a_host_follows_its_run_to_the_end(
    qdash: QDash, capsys: pytest.CaptureFixture[str]
) -> None:
    with ThreadPoolExecutor(1) as worker:
        performed = worker.submit(perform_next, qdash)
        status = run(["calibrate", "a", "--flow", "Measure", "--json"])
    said = capsys.readouterr()
    assert status == 0, said.err
    ended = json.loads(said.out)
    assert (ended["execution_id"], ended["status"]) == (performed.result(), "completed")
    assert f"execution {ended['execution_id']}" in said.err
    assert "1 task on 5 targets" in said.err
    assert "qubit 3: " in said.err
    assert run(["executions", "follow", ended["execution_id"], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == ended


def test_who_leaves_a_run_at_a_host_is_told_how_to_follow_it_again(
    qdash: QDash, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("qdash_core.runs.followers.time.sleep", interrupt)
    assert run(["calibrate", "a", "--flow", "Measure"]) != 0
    told = capsys.readouterr().err
    monkeypatch.undo()
    (entry,) = qdash.queue.list_entries(qdash.access(DEFAULT_USER))
    named = entry.entry.execution_id
    assert f"execution {named} goes on at the host: `qdash executions follow {named}`" in " ".join(
        told.split()
    )
    assert perform_next(qdash) == named
    home = LocalTransport(qdash, DEFAULT_USER)
    assert follow_run(home, named).status == "completed"
