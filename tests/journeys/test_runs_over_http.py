"""Runs requested over HTTP and performed by a worker process: no death of a process loses one."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from fastapi.testclient import TestClient

from qdash_api import create_app
from qdash_builtin.people.feature import TOKENS
from qdash_core.hooks.manager import load_plugins
from qdash_core.models.project import DEFAULT_USER
from qdash_core.models.token import TokenScope
from qdash_core.settings import Settings

from .command_line import CommandLine, wait_until
from .test_queue import start_command

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = {"flow": "bring-up", "chip_id": "slow", "targets": {"qubits": ["0"]}}
SHORT = {**LONG, "flow": "CheckResonatorSpectroscopy"}
LOOK = """
from qdash_core import CalibService
from qdash_core.flows.steps import CustomOneQubit
from qdash_core.flows.targets import QubitTargets

def look(username, chip_id, qids, *, rounds: int = 1):
    cal = CalibService(username, chip_id, flow_name="look")
    for _ in range(rounds):
        cal.run(QubitTargets(qids), [CustomOneQubit(["CheckResonatorSpectroscopy"])])
    cal.finish_calibration()
"""

ASKS = """
from qdash_core import open_qdash
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_builtin.runs.feature import RUNS

with open_qdash() as qdash:
    access = qdash.access("admin")
    request = RunRequest(flow="CheckResonatorSpectroscopy", chip_id="slow", targets=TargetSelection(qubits=("0",)))
    print("ready", flush=True)
    input()
    for number in range(20):
        print(qdash.get(RUNS).submissions.submit(access, request, key=str(number)).execution_id)
"""


@pytest.fixture(
    params=[
        pytest.param("sqlite", marks=pytest.mark.slow),
        pytest.param("mongodb", marks=pytest.mark.release),
    ]
)
def laboratory(request: pytest.FixtureRequest, qdash: CommandLine) -> CommandLine:
    """A command line on each kind of store in turn, with the chip `slow`."""
    if request.param == "mongodb":
        qdash = qdash.with_settings(QDASH_STORE_URL=request.getfixturevalue("mongo_url"))
    qdash.does("twin", "create", "slow", "--device", "jakarta", "--fault", "slow=0.05")
    return qdash


@contextmanager
def run_host(laboratory: CommandLine) -> Iterator[TestClient]:
    """Yield a client of a host on the store of a laboratory; the host ends with the block."""
    assert laboratory.home is not None
    url = {"store_url": found} if (found := laboratory.settings.get("QDASH_STORE_URL")) else {}
    app = create_app(Settings(home=laboratory.home, **url), load_plugins())  # type: ignore[arg-type]
    with TestClient(app) as client:
        name = f"journey-{id(client)}"
        secret, _ = app.state.qdash.get(TOKENS).create(DEFAULT_USER, name, scope=TokenScope.WRITE)
        client.headers["authorization"] = f"Bearer {secret}"
        yield client


def submit(client: TestClient, request: dict[str, Any], key: str = "") -> dict[str, Any]:
    answer = client.post("/executions", json=request, headers={"idempotency-key": key} if key else {})
    assert answer.status_code == 202, answer.text
    found: dict[str, Any] = answer.json()
    return found


def wait_for_status(client: TestClient, run: str, status: str) -> None:
    def is_so() -> bool:
        return bool(client.get(f"/executions/{run}/header").json()["status"] == status)

    wait_until(is_so, what=f"{run} is {status}")


def wait_for_measurement(client: TestClient, run: str, attempt: int) -> None:
    """Wait until a run attempt has recorded a result and is measuring."""

    def is_so() -> bool:
        shown = client.get(f"/executions/{run}").json()
        going_on = {"completed", "running"} <= shown["tasks"].keys()
        return going_on and shown["status"] == "running" and len(shown["attempts"]) == attempt

    wait_until(is_so, what=f"attempt {attempt} at {run} measures")


def test_a_run_outlives_its_worker_is_cancelled_and_gone_on_with(laboratory: CommandLine) -> None:
    with run_host(laboratory) as client:
        asked = submit(client, LONG, "once")
        run = asked["execution_id"]
        assert "no worker is running" in asked["advice"]
        with start_command(laboratory, "worker") as worker:
            wait_for_measurement(client, run, 1)
            worker.process.kill()
            worker.process.wait()
        with start_command(laboratory, "worker"):
            wait_for_measurement(client, run, 2)
            told = client.post(f"/executions/{asked['flow_run_id']}/cancel")
            assert (told.status_code, told.json()["execution_id"]) == (202, run)
            wait_for_status(client, run, "cancelled")
            wait_until(lambda: not client.get("/queue").json()["items"], what="the queue is empty")
            assert client.get("/locks").json()["locked"] is False
            assert client.post(f"/executions/{run}/resume").json()["workers"] == 1
            wait_for_status(client, run, "completed")
        assert submit(client, LONG, "once")["execution_id"] == run
        shown = client.get(f"/executions/{run}").json()
        assert [one["status"] for one in shown["attempts"]] == ["failed", "cancelled", "completed"]
        results = client.get(
            f"/executions/{run}/results", params={"status": "completed", "limit": 200}
        ).json()
        completed = [(one["name"], one["qid"]) for one in results["items"]]
        assert len(completed) == len(set(completed)), "nothing is measured twice"
        assert len(client.get("/executions").json()["items"]) == 1


def test_two_processes_that_ask_under_the_same_keys_at_once_are_told_of_the_same_runs(
    laboratory: CommandLine,
) -> None:
    with ExitStack() as stack:
        both = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", ASKS],
                    cwd=laboratory.folder,
                    env=laboratory.environment,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for _ in range(2)
        ]
        for one in both:
            assert one.stdout is not None
            assert one.stdout.readline() == "ready\n"
        for one in both:
            assert one.stdin is not None
            one.stdin.write("\n")
            one.stdin.flush()
        first, second = (one.communicate(timeout=60)[0].split() for one in both)
    assert first == second
    assert len(set(first)) == 20
    with run_host(laboratory) as client:
        assert len(client.get("/executions").json()["items"]) == 20


def test_a_run_goes_on_while_no_host_is_there(laboratory: CommandLine) -> None:
    with start_command(laboratory, "worker") as worker:
        with run_host(laboratory) as client:
            run = submit(client, SHORT)["execution_id"]
        worker.wait_for_text(rf"execution {run}: completed")
        with run_host(laboratory) as client:
            assert client.get(f"/executions/{run}/header").json()["status"] == "completed"
            assert (
                f"execution {run} begins" in client.get(f"/executions/{run}/log").json()["items"][0]["text"]
            )


def test_a_saved_flow_is_run_by_the_worker_alone(laboratory: CommandLine) -> None:
    before = set(sys.modules)
    with run_host(laboratory) as client, start_command(laboratory, "worker"):
        assert client.put("/flows/look", json={"source": LOOK}).json()["version"] == 1
        request = {**LONG, "flow": "look", "parameters": {"rounds": 2}}
        run = submit(client, request)["execution_id"]
        wait_for_status(client, run, "completed")
        results = client.get(f"/executions/{run}/results").json()["items"]
        assert [one["name"] for one in results] == ["CheckResonatorSpectroscopy"] * 2
        assert not any(name.startswith("flow_") for name in set(sys.modules) - before)
    assert laboratory.home is not None
    (source,) = (laboratory.home / "flows" / "default" / "look").glob("*.py")
    assert source.read_text() == LOOK
