"""Prefect's hello world: time from the request to the first line of a flow that Prefect's own worker starts."""

from __future__ import annotations

import os
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from benchmarks.servers import PATIENCE_S, program
from qdash_prefect.client import PrefectUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from qdash_prefect.client import PrefectClient

_POOL, _WORKER = "hello-world", "prefects-own"
_FLOW = """
import time
from pathlib import Path

from prefect import flow


@flow
def hello(said: str) -> None:
    now = time.time()
    print("hello world")
    Path(said).write_text(str(now))
"""
_PAUSE_S = 0.02


@contextmanager
def prefects_worker(folder: Path, client: PrefectClient, environment: Mapping[str, str]) -> Iterator[str]:
    """Start a worker of Prefect in a pool of its own, and yield the deployment that it runs."""
    folder.mkdir()
    (folder / "hello.py").write_text(_FLOW, "utf-8")
    client.post("/work_pools/", {"name": _POOL, "type": "process"})
    deployment = client.post(
        "/deployments/",
        {
            "name": "hello",
            "flow_id": client.post("/flows/", {"name": "hello"})["id"],
            "work_pool_name": _POOL,
            "entrypoint": "hello.py:hello",
            "pull_steps": [{"prefect.deployments.steps.set_working_directory": {"directory": str(folder)}}],
            "enforce_parameter_schema": False,
        },
    )
    command = [program("prefect"), "worker", "start", "--pool", _POOL]
    with (
        (folder / "log").open("ab") as log,
        subprocess.Popen(
            [*command, "--name", _WORKER], env={**os.environ, **environment}, stdout=log, stderr=log
        ) as process,
    ):
        try:
            _until(lambda: _is_there(client))
            yield str(deployment["id"])
        finally:
            process.kill()  # after SIGTERM it sometimes takes minutes to end
            process.wait(PATIENCE_S)


def seconds_to_hello(folder: Path, client: PrefectClient, deployment: str) -> float:
    """Return the time from the request of a run to its first line, in s."""
    said = folder / f"said-{time.time_ns()}"
    begun = time.time()
    _until(lambda: _is_asked_for(client, deployment, said))
    _until(lambda: said.exists() and said.read_text())
    return float(said.read_text()) - begun


def _is_asked_for(client: PrefectClient, deployment: str, said: Path) -> bool:
    """Request a run and return whether the server accepted it; it may refuse while its SQLite is busy."""
    wanted = {"parameters": {"said": str(said)}, "idempotency_key": said.name}
    try:
        client.post(f"/deployments/{deployment}/create_flow_run", wanted)
    except PrefectUnavailableError:
        return False
    return True


def _is_there(client: PrefectClient) -> bool:
    found = client.post(f"/work_pools/{_POOL}/workers/filter", {})
    return any(one["name"] == _WORKER and one["status"] == "ONLINE" for one in found)


def _until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("Prefect's own worker does not perform its flow; see its log")
        time.sleep(_PAUSE_S)
