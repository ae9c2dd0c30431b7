"""Flow runs that users start in Prefect; tests/prefect/test_original_flows.py has a real server."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from qdash_builtin.digests.feature import DIGEST_DELIVERY
from qdash_builtin.home.feature import PRUNER
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_builtin.timetables.clock import TimetableClock
from qdash_builtin.timetables.models.timetable import Moment, TimetableModel
from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core import InvalidInputError
from qdash_core.errors import StoreUnavailableError
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.process.clock import utc_now
from qdash_core.repositories.queue import QueueRepository
from qdash_core.runs.worker_context import WorkerContext
from qdash_prefect import external_runs
from qdash_prefect.external_runs import ExternalRuns
from qdash_prefect.forms import make_run_request
from qdash_prefect.schedules import is_of_timetable
from qdash_prefect.states import State
from tests.access import ADMIN
from tests.core.bench import CHIP, PROJECT, Bench, make_task
from tests.prefect.rest import FakeServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FLOW_RUN = "5f0c2f6a-0000-4000-8000-000000000000"


class RecordingReporter:
    """A `Reporter` that records its reports."""

    def __init__(self) -> None:
        self.states: list[State] = []

    def report(self, _flow_run_id: str, state: State) -> None:
        self.states.append(state)


class Started:
    """A `Relay` without a process."""

    def __init__(self) -> None:
        self.dismissed = False

    def dismiss(self) -> None:
        assert not self.dismissed
        self.dismissed = True


class Asking:
    """A worker, and the flow runs assigned to it."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.server, self.reported = bench, FakeServer(), RecordingReporter()
        self.server.answers["GET", "/flows/f"] = lambda _body: (200, {"name": self.flow})
        self.server.answers["GET", "/deployments/d"] = lambda _body: (200, {"name": self.deployment})
        self.flow, self.deployment = "Measure", "@qdash@cold"
        self.stopped = threading.Event()
        self.clock: Callable[[], datetime] = utc_now

    def serve(self, *, cancelled: bool = False, **flow_run: Any) -> list[State]:
        """Serve a flow run, and return its reported states."""
        qdash = self.bench.qdash
        timetables = TimetableClock(
            qdash,
            qdash.get(RUNS).submissions,
            digests=qdash.get(DIGEST_DELIVERY),
            get_pruner=lambda: qdash.get(PRUNER),
            clock=self.clock,
        )
        work = WorkerContext(qdash, qdash.get(RUNS), "me", self.stopped, print, timetables.handle_due)
        relay: Any = Started()
        at_prefect = threading.Event()
        if cancelled:
            at_prefect.set()
        reporter: Any = self.reported
        document = {"id": FLOW_RUN, "flow_id": "f", "deployment_id": "d", **flow_run}
        ExternalRuns(work, self.server.client(), reporter, clock=self.clock).serve(
            relay, document, at_prefect
        )
        assert relay.dismissed
        return self.reported.states


@pytest.fixture
def asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Asking]:
    monkeypatch.setattr(external_runs, "_CHECK_INTERVAL_S", 0.001)
    bench = Bench.open(tmp_path, f"memory://{tmp_path}", make_task())
    yield Asking(bench)
    bench.qdash.close()


def test_a_run_is_submitted_once_followed_and_cancelled(asking: Asking) -> None:
    asking.stopped.set()
    parameters = {"chip_id": CHIP, "qids": ["0"]}
    (running,) = asking.serve(parameters=parameters)
    (execution,) = asking.bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert running == State("RUNNING", f"execution {execution.execution_id}")
    assert execution.request is not None
    assert execution.request.targets == TargetSelection(qubits=("0",))
    (labels,) = [body for method, path, body in asking.server.asked if method == "PATCH"]
    assert labels == {
        "qdash.project": PROJECT,
        "qdash.execution": execution.execution_id,
    }

    asking.stopped.clear()
    states = asking.serve(parameters=parameters, cancelled=True)
    (execution,) = asking.bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert execution.status is ExecutionStatus.CANCELLED
    assert states[-1].kind == "CANCELLED"


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"chip_id": "nowhere"}, "there is no chip 'nowhere'"),
        ({"chip_id": CHIP, "qids": 3}, "flow 'Measure'"),
        ({"chip_id": CHIP, "username": "eve", "project_id": "elsewhere"}, "no user 'eve'"),
    ],
)
def test_an_invalid_external_flow_run_fails_with_the_reason(
    asking: Asking, parameters: dict[str, Any], why: str
) -> None:
    (state,) = asking.serve(parameters=parameters)
    assert state.kind == "FAILED"
    assert why in state.message
    assert asking.bench.qdash.get(EXECUTIONS).newest(ADMIN) == []


def test_a_file_of_the_workers_machine_is_not_run(asking: Asking) -> None:
    asking.flow = "/tmp/somebody.py"
    (state,) = asking.serve(parameters={})
    assert "names a file of the host's machine" in state.message


class PatientEvent(threading.Event):
    """A worker's `stopped` event, set after a number of waits; each of them calls `meanwhile`."""

    def __init__(
        self, waits: int = 1_000, meanwhile: Callable[[float], object] = lambda _seconds: None
    ) -> None:
        super().__init__()
        self.waits, self.meanwhile = waits, meanwhile

    def wait(self, timeout: float | None = None) -> bool:
        self.waits -= 1
        if self.waits < 0:
            self.set()
        self.meanwhile(timeout or 0.0)
        return self.is_set()


def away_once(do: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that finds the store unavailable on its first call."""
    failures = [StoreUnavailableError("away")]

    def tried(*given: Any, **named: Any) -> Any:
        if failures:
            raise failures.pop()
        return do(*given, **named)

    return tried


@pytest.mark.parametrize("what", ["submit", "cancel"])
def test_an_external_flow_run_is_retried_while_the_store_is_unavailable(
    asking: Asking, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    runs = asking.bench.qdash.get(RUNS)
    owner = runs.submissions if what == "submit" else runs
    monkeypatch.setattr(owner, what, away_once(getattr(owner, what)))
    states = asking.serve(parameters={"chip_id": CHIP, "qids": ["0"]}, cancelled=True)
    (execution,) = asking.bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert execution.status is ExecutionStatus.CANCELLED
    assert [state.kind for state in states] == ["RUNNING", "CANCELLED"]


def test_labels_refused_by_a_busy_server_are_written_later(asking: Asking) -> None:
    path = f"/flow_runs/{FLOW_RUN}/labels"
    asking.server.answers["PATCH", path] = away_once(lambda _body: (200, None))

    def away(body: Any) -> tuple[int, Any]:
        try:
            return taken(body)
        except StoreUnavailableError as error:
            raise httpx.ConnectError("busy") from error

    taken = asking.server.answers["PATCH", path]
    asking.server.answers["PATCH", path] = away
    asking.stopped = PatientEvent(waits=2)
    states = asking.serve(parameters={"chip_id": CHIP, "qids": ["0"]})
    assert [state.kind for state in states] == ["RUNNING"]
    assert [method for method, where, _ in asking.server.asked if where == path] == ["PATCH"] * 2


def test_an_unexpected_error_ends_an_external_flow_run(asking: Asking) -> None:
    asking.server.answers["GET", "/flows/f"] = lambda _body: (200, {"no": "name"})
    (state,) = asking.serve(parameters={})
    assert (state.kind, state.message) == ("FAILED", "KeyError: 'name'")


def test_a_held_run_is_waited_for(asking: Asking) -> None:
    queue = asking.bench.repositories.of(QueueRepository)

    def hold(_seconds: float) -> None:
        for entry in queue.list_all():
            queue.put(entry.model_copy(update={"held": True}))

    asking.stopped = PatientEvent(waits=3, meanwhile=hold)
    assert [state.kind for state in asking.serve(parameters={"chip_id": CHIP, "qids": ["0"]})] == ["RUNNING"]


def test_a_flow_run_retried_in_prefect_reports_that_its_execution_has_ended(asking: Asking) -> None:
    parameters = {"chip_id": CHIP, "qids": ["0"]}
    asking.serve(parameters=parameters, cancelled=True)
    retried = asking.serve(parameters=parameters)[-1]
    assert retried.kind == "CANCELLED"
    assert "start a new flow run" in retried.message


def test_the_performing_deployment_cannot_be_started_by_users(asking: Asking) -> None:
    asking.flow = "qdash-perform"
    (state,) = asking.serve(parameters={})
    assert "only QDash starts" in state.message


def test_a_schedule_of_a_flow_with_a_parameter_named_timetable_starts_that_flow(asking: Asking) -> None:
    asking.stopped.set()
    somebodys = {"chip_id": CHIP, "qids": ["0"]}
    assert not is_of_timetable(somebodys | {"timetable": "4/4", "project_id": PROJECT, "as_of": "1"})
    asking.serve(parameters=somebodys, auto_scheduled=True)
    assert len(asking.bench.qdash.get(EXECUTIONS).newest(ADMIN)) == 1


def timetable_at(asking: Asking, at: datetime) -> dict[str, Any]:
    """Add a timetable with one occurrence, and return the flow run of its schedule."""
    request = RunRequest(flow="Measure", chip_id=CHIP, targets=TargetSelection(qubits=("0",)))
    asking.bench.repositories.of(TimetableRepository).add(
        TimetableModel(
            project_id=PROJECT,
            name="now",
            username="admin",
            request=request,
            when=Moment(at=at),
            timezone="UTC",
            considered_until=at.replace(year=at.year - 1),
            next_at=at,
            created_at=at,
            updated_at=at,
        )
    )
    return {
        "parameters": {"qdash_timetable": "now", "project_id": PROJECT, "as_of": "1"},
        "auto_scheduled": True,
        "expected_start_time": at.isoformat(),
    }


def test_a_scheduled_flow_run_starts_the_due_timetables(asking: Asking) -> None:
    tick = timetable_at(asking, utc_now().replace(microsecond=0))
    (started,) = asking.serve(**tick)
    (execution,) = asking.bench.qdash.get(EXECUTIONS).newest(ADMIN)
    assert started == State("COMPLETED", f"execution {execution.execution_id}")
    assert asking.serve(**tick)[-1].message == "this occurrence has already been handled"
    assert len(asking.bench.qdash.get(EXECUTIONS).newest(ADMIN)) == 1


def test_a_scheduled_flow_run_that_is_early_waits_for_its_time(asking: Asking) -> None:
    at = utc_now().replace(microsecond=0)
    now = [at - timedelta(seconds=40)]

    def pass_(seconds: float) -> None:
        assert asking.bench.qdash.get(EXECUTIONS).newest(ADMIN) == [], "nothing starts early"
        now.append(now[-1] + timedelta(seconds=seconds))

    asking.clock, asking.stopped = lambda: now[-1], PatientEvent(meanwhile=pass_)
    (started,) = asking.serve(**timetable_at(asking, at))
    assert now == [at - timedelta(seconds=40), at]
    assert started.message.startswith("execution ")


@pytest.mark.parametrize(
    ("saved", "parameters", "request_"),
    [
        (
            False,
            {"chip_id": "c", "qids": [0, 1], "exclude": ["2"]},
            {"qubits": ("0", "1"), "exclude": ("2",)},
        ),
        (False, {"chip_id": "c", "couplings": ["0-1"], "qids": None}, {"couplings": ("0-1",)}),
        (True, {"chip_id": "c", "qids": []}, {}),
    ],
)
def test_parameters_make_a_request(saved: bool, parameters: dict[str, Any], request_: dict[str, Any]) -> None:
    made = make_run_request("night", parameters, saved=saved)
    assert (made.chip_id, made.targets) == ("c", TargetSelection(**request_))
    assert made.parameters == {}


def test_parameters_of_a_saved_flow_are_passed_to_its_function() -> None:
    given = {"chip_id": "c", "couplings": 3, "run_parameters": {"x": 1}, "tags": ["a"], "username": "ann"}
    made = make_run_request("night", given, saved=True)
    assert made.parameters == {"couplings": 3, "run_parameters": {"x": 1}}
    assert (made.tags, made.username) == (("a",), "")
    assert make_run_request("night", given | {"couplings": []}, saved=False).run_parameters == {"x": 1}
    with pytest.raises(InvalidInputError, match="flow 'night'"):
        make_run_request("night", given, saved=False)
