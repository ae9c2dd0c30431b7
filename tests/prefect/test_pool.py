"""A worker in the pool: it requests flow runs, waits for them, and ends them with their executions."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Self

import httpx
import pytest

from qdash_builtin.runs.feature import RUNS
from qdash_core.errors import NotFoundError
from qdash_core.hooks.runners import ProcessDiedError, Stop
from qdash_core.models.execution import ExecutionStatus
from qdash_core.repositories.queue import QueueRepository
from qdash_core.runs.worker_context import WorkerContext
from qdash_core.session.running_flow import RunningFlow, set_current_flow
from qdash_prefect import flow_run as one_flow_run
from qdash_prefect import flow_runs, registration, requested_flow_runs
from qdash_prefect import pool as pools
from qdash_prefect.client import PrefectError, PrefectUnavailableError
from qdash_prefect.deployments import FlowRunRequest, RegisteredDeployments
from qdash_prefect.flow_run import FlowRun
from qdash_prefect.pool import PoolConnection
from qdash_prefect.settings import PrefectSettings
from qdash_prefect.states import SUPERSEDED

from ..access import ADMIN
from ..core.bench import CHIP, PROJECT, Bench, make_task
from ..core.runs.crew import make_request, wait_until
from .rest import FakeServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core.models.execution import ExecutionModel

OWNER = "12345678-aaaa"
QUEUE = "worker-12345678-aaaa"
pytestmark = pytest.mark.slow  # each creates a store, and waits for threads

PATIENCE_S = 20.0


class FakeRelay:
    """A relay without a process."""

    def __init__(self, flow_run_id: str) -> None:
        self.flow_run_id = flow_run_id
        self.dismissed: int | None = None
        self.on_termination = lambda: None

    def dismiss(self, status: int = 0) -> None:
        self.dismissed = status

    def dismiss_after_termination(self) -> None:
        self.dismissed = 0


class FakeReportServer:
    """A report server without processes: tests pass relays to the pool directly."""

    address_text = ""

    def __init__(self, **_given: Any) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        pass


class FakeWorkerProcess:
    """Prefect's worker, which polls its server."""

    is_polling = True
    ends: ClassVar[list[str]] = []

    def __init__(self, *_given: Any, **_named: Any) -> None:
        self.ends.clear()

    def record_poll(self) -> None:
        pass

    def keep_alive(self, _post: str) -> None:
        pass

    def end(self) -> None:
        self.ends.append("ended")


@dataclass
class Scene:
    """A worker in the pool of a fake server."""

    bench: Bench
    server: FakeServer
    output: list[str] = field(default_factory=list)
    shown: dict[str, dict[str, Any]] = field(default_factory=dict)
    """States of flow runs in responses of the server."""
    paused: set[str] = field(default_factory=set)
    """Objects that a user has paused on the server's page: `pool`, `queue`."""
    active: list[dict[str, Any]] = field(default_factory=list)
    """Flow runs in the worker's queue that have not ended when it leaves."""

    def __post_init__(self) -> None:
        self.server.answers |= {
            ("POST", "/deployments/d1/create_flow_run"): self._create,
            ("POST", "/flow_runs/filter"): self._found,
            ("GET", "/work_pools/qdash"): lambda _body: (200, {"is_paused": "pool" in self.paused}),
            ("GET", f"/work_pools/qdash/queues/{QUEUE}"): lambda _body: (
                200,
                {"is_paused": "queue" in self.paused},
            ),
        }

    def _create(self, _body: Any) -> tuple[int, Any]:
        flow_run_id = f"7f2f1c9e-53a2-4a43-8d4f-{len(self.shown):012}"
        self.shown[flow_run_id] = {"type": "SCHEDULED", "name": "Scheduled"}
        self.server.answers["POST", f"/flow_runs/{flow_run_id}/set_state"] = lambda _body: (
            201,
            None,
        )
        return 201, {"id": flow_run_id}

    def _found(self, body: Any) -> tuple[int, Any]:
        if "work_pool_queues" in body:
            return 200, self.active
        return 200, self._rows()

    def _rows(self) -> list[dict[str, Any]]:
        return [{"id": name, "state": state} for name, state in self.shown.items()]

    @contextmanager
    def pool(self) -> Iterator[PoolConnection]:
        """Run a worker in the pool for the length of a block."""
        work = WorkerContext(
            runtime=self.bench.qdash,
            runs=self.bench.qdash.get(RUNS),
            owner=OWNER,
            stopped=threading.Event(),
            notify=self.output.append,
            start_due=lambda: None,
        )
        with self.server.client() as client, PoolConnection(work, PrefectSettings(), client) as pool:
            wait_until(lambda: pool.can_begin, what="the worker is ready")
            yield pool

    def submitted(self) -> ExecutionModel:
        """Submit a run, and return its execution."""
        return self.bench.qdash.get(RUNS).submissions.submit(ADMIN, make_request()).execution

    def started(self, pool: PoolConnection) -> FakeRelay:
        """Start the flow run requested last, as Prefect would."""
        wait_until(
            lambda: pool.flow_runs.get_active_ids_and_keys().intersection(self.shown),
            what="a flow run was asked for, and has an id",
        )
        relay = FakeRelay([*self.shown][-1])
        pool.flow_runs.accept(relay)  # type: ignore[arg-type]
        return relay

    def show(self, kind: str, name: str = "") -> None:
        """Make the server return a state of the flow run requested last."""
        self.shown[[*self.shown][-1]] = {"type": kind, "name": name or kind.capitalize()}

    def told(self) -> list[str]:
        """Return the states of the flow run requested last as reported to Prefect."""
        bodies = self.server.bodies(f"/flow_runs/{[*self.shown][-1]}/set_state")
        return [body["state"]["type"] for body in bodies]


class _Deployments:
    """A single deployment."""

    def ensure_pool(self, *_given: Any) -> None:
        pass

    def register_deployments(self, *_given: Any) -> RegisteredDeployments:
        return RegisteredDeployments({}, [])

    has_hooks = False

    def resolve_flow_run_request(self, *_given: Any) -> FlowRunRequest:
        return FlowRunRequest("d1", {"execution_id": "as it is"}, has_hooks=self.has_hooks)


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """A bench with a worker in a pool."""
    for name in [name for name in os.environ if name.startswith(("QDASH_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(pools, "_CHECK_INTERVAL_S", 0.01)
    monkeypatch.setattr(pools, "ReportServer", FakeReportServer)
    monkeypatch.setattr(pools, "WorkerProcess", FakeWorkerProcess)
    for module in (registration, requested_flow_runs):
        monkeypatch.setattr(module, "deployments", _Deployments())
    bench = Bench.open(tmp_path, f"sqlite:///{tmp_path / 'store.db'}", make_task())
    yield Scene(bench, FakeServer())
    bench.qdash.close()


@contextmanager
def performing(
    pool: PoolConnection, execution: ExecutionModel, stop: Stop, during: Any = lambda: None
) -> Iterator[Any]:
    """Perform an execution in a thread; yield its outcome."""

    def perform() -> None:
        with pool.flow_runs.start_flow_run(execution, stop):
            during()

    with ThreadPoolExecutor() as threads:
        yield threads.submit(perform)


def test_a_claimed_run_is_requested_in_the_workers_queue(scene: Scene) -> None:
    execution = scene.submitted()
    with scene.pool() as pool, performing(pool, execution, Stop()) as future:
        scene.started(pool)
        future.result(PATIENCE_S)
    [asked_for] = scene.server.bodies("/deployments/d1/create_flow_run")
    assert asked_for["work_queue_name"] == QUEUE
    assert asked_for["name"] == f"{execution.execution_id} Measure on {CHIP}"
    assert asked_for["labels"] == {
        "qdash.project": PROJECT,
        "qdash.execution": execution.execution_id,
        "qdash.worker": OWNER,
    }


def test_the_flow_run_of_an_execution_is_recorded(scene: Scene) -> None:
    execution = scene.submitted()
    with scene.pool() as pool, performing(pool, execution, Stop()) as future:
        scene.started(pool)
        future.result(PATIENCE_S)
    [flow_run_id] = scene.shown
    for known_as in (flow_run_id, execution.flow_run_id):
        [found] = scene.bench.qdash.record.find_by_flow_run_id(known_as or "")
        assert found.execution_id == execution.execution_id
        assert (found.flow_run_id, found.brought_as) == (execution.flow_run_id, flow_run_id)


def test_a_completed_run_is_reported_as_running_and_completed(scene: Scene) -> None:
    execution = scene.submitted()

    def perform() -> None:
        scene.bench.qdash.get(RUNS).perform(PROJECT, execution.execution_id, alone=False)

    with scene.pool() as pool, performing(pool, execution, Stop(), perform) as future:
        relay = scene.started(pool)
        future.result(PATIENCE_S)
        assert relay.dismissed == 0
    assert scene.told() == ["RUNNING", "COMPLETED"]


def test_a_run_whose_process_died_is_reported_as_crashed(scene: Scene) -> None:
    def die() -> None:
        raise ProcessDiedError("killed by SIGKILL")

    with scene.pool() as pool, performing(pool, scene.submitted(), Stop(), die) as future:
        scene.started(pool)
        with pytest.raises(ProcessDiedError):
            future.result(PATIENCE_S)
    assert scene.told() == ["RUNNING", "CRASHED"]


def test_a_run_cancelled_before_its_start_does_not_begin(scene: Scene) -> None:
    execution, stop = scene.submitted(), Stop()
    with scene.pool() as pool, performing(pool, execution, stop) as future:
        wait_until(pool.flow_runs.get_active_ids_and_keys, what="it was asked for")
        stop.ask("cancel")
        with pytest.raises(KeyboardInterrupt):
            future.result(PATIENCE_S)
    assert scene.bench.get_execution(execution.execution_id).status is ExecutionStatus.CANCELLED
    assert scene.told() == ["CANCELLED"]


def test_a_run_released_before_its_start_returns_to_the_queue(scene: Scene) -> None:
    execution, stop = scene.submitted(), Stop()
    with scene.pool() as pool, performing(pool, execution, stop) as future:
        wait_until(pool.flow_runs.get_active_ids_and_keys, what="it was asked for")
        stop.ask("leave")
        with pytest.raises(KeyboardInterrupt):
            future.result(PATIENCE_S)
    assert scene.bench.get_execution(execution.execution_id).status is ExecutionStatus.SCHEDULED
    assert scene.told() == ["CANCELLED"]


def test_the_release_of_a_waiting_run_calls_no_cancellation_hooks(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_Deployments, "has_hooks", True)
    stop = Stop()
    with scene.pool() as pool, performing(pool, scene.submitted(), stop) as future:
        wait_until(pool.flow_runs.get_active_ids_and_keys, what="it was asked for")
        stop.ask("leave")
        with pytest.raises(KeyboardInterrupt):
            future.result(PATIENCE_S)
    assert scene.told() == ["CANCELLED"], "Cancelling would have the hooks called"


def test_a_superseded_run_returns_to_the_queue_and_is_not_cancelled(scene: Scene) -> None:
    execution, stop = scene.submitted(), Stop()
    with scene.pool() as pool, performing(pool, execution, stop) as future:
        wait_until(lambda: scene.shown, what="it was asked for")
        scene.show("CANCELLED", SUPERSEDED)
        with pytest.raises(PrefectUnavailableError, match="was superseded"):
            future.result(PATIENCE_S)
    assert scene.bench.get_execution(execution.execution_id).status is ExecutionStatus.SCHEDULED
    assert scene.bench.repositories.of(QueueRepository).find(PROJECT, execution.execution_id) is not None
    assert stop.asked is None


def test_a_cancel_of_an_old_flow_run_does_not_end_what_another_worker_has_claimed(scene: Scene) -> None:
    execution, stop = scene.submitted(), Stop()
    queue = scene.bench.qdash.get(RUNS).queue
    assert queue.claim(queue.view.list_entries()[0].entry, "another")
    with scene.pool() as pool, performing(pool, execution, stop) as future:
        wait_until(lambda: scene.shown, what="it was asked for")
        scene.show("CANCELLED")
        with pytest.raises(PrefectUnavailableError):
            future.result(PATIENCE_S)
    assert scene.bench.get_execution(execution.execution_id).status is ExecutionStatus.SCHEDULED
    assert stop.asked is None


def test_a_flow_run_started_before_the_response_to_its_request_is_accepted(scene: Scene) -> None:
    arrived = threading.Event()

    def create(body: Any) -> tuple[int, Any]:
        status, made = scene._create(body)
        found = {"id": made["id"], "labels": body["labels"], "idempotency_key": body["idempotency_key"]}
        scene.server.answers["GET", f"/flow_runs/{made['id']}"] = lambda _body: (arrived.set(), (200, found))[
            1
        ]
        assert pool.flow_runs.get_active_ids_and_keys() == {body["idempotency_key"]}
        relay: Any = FakeRelay(made["id"])
        threading.Thread(target=pool.flow_runs.accept, args=(relay,)).start()
        assert arrived.wait(PATIENCE_S)
        return status, made

    scene.server.answers["POST", "/deployments/d1/create_flow_run"] = create
    with scene.pool() as pool, performing(pool, scene.submitted(), Stop()) as future:
        future.result(PATIENCE_S)
        assert pool.flow_runs.get_active_ids_and_keys() == set()


def test_a_second_or_late_process_of_a_flow_run_is_dismissed(scene: Scene) -> None:
    flow_run = FlowRun(scene.bench.qdash, "f1", scene.submitted(), Stop(), owner=OWNER)
    first, second, late = (FakeRelay("f1") for _ in range(3))
    given: Any = (first, second)
    for relay in given:
        flow_run.accept(relay)
    assert (first.dismissed, second.dismissed) == (None, 0)
    flow_run.dismiss_process(by_cancel=False)
    assert first.dismissed == 0
    given = late
    flow_run.accept(given)
    assert late.dismissed == 0


def test_a_failed_check_of_one_run_does_not_hide_the_cancel_of_another(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, other, stop = scene.submitted(), scene.submitted(), Stop()
    cancelled_in_record = FlowRun.cancel_from_record

    def look(flow_run: FlowRun) -> bool:
        if flow_run.execution.execution_id == odd.execution_id:
            raise NotFoundError("somebody has removed it")
        return cancelled_in_record(flow_run)

    monkeypatch.setattr(FlowRun, "cancel_from_record", look)
    unheard = Stop()
    with (
        scene.pool() as pool,
        performing(pool, odd, unheard) as first,
        performing(pool, other, stop) as second,
    ):
        wait_until(
            lambda: len(pool.flow_runs.get_active_ids_and_keys()) == len(scene.shown) == 2,
            what="both were asked for",
        )
        for flow_run_id in scene.shown:
            scene.shown[flow_run_id] = {"type": "CANCELLING", "name": "Cancelling"}
        for future in (second, first):
            with pytest.raises(KeyboardInterrupt):
                future.result(PATIENCE_S)


def test_a_cancel_of_an_external_flow_run_is_read_from_prefect(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, seen = threading.Event(), threading.Event()

    class Followed:
        def __init__(self, *_given: Any) -> None:
            pass

        def serve(self, relay: FakeRelay, _found: Any, cancelled: threading.Event) -> None:
            relay.on_termination()
            begun.set()
            assert cancelled.wait(PATIENCE_S)
            seen.set()

    monkeypatch.setattr(pools, "ExternalRuns", Followed)
    monkeypatch.setattr(flow_runs, "_RETRY_S", 0.001)
    refusals = [httpx.ConnectError("busy")]

    def found(_body: Any) -> tuple[int, Any]:
        if refusals:
            raise refusals.pop()
        return 200, {"id": "theirs", "labels": None}

    scene.server.answers["GET", "/flow_runs/theirs"] = found
    scene.shown["theirs"] = {"type": "RUNNING", "name": "Running"}
    with scene.pool() as pool:
        relay: Any = FakeRelay("theirs")
        arriving = threading.Thread(target=pool.flow_runs.accept, args=(relay,))
        arriving.start()
        assert begun.wait(PATIENCE_S)
        assert pool.flow_runs.get_active_ids_and_keys() == {"theirs"}
        looks = len(scene.server.bodies("/flow_runs/filter"))
        wait_until(lambda: len(scene.server.bodies("/flow_runs/filter")) > looks + 2, what="it was looked at")
        assert not seen.is_set()
        scene.show("CANCELLING")
        arriving.join(PATIENCE_S)
    assert seen.is_set()


@pytest.mark.parametrize("shown", ["CANCELLING", "CANCELLED"])
def test_a_cancel_in_prefect_is_recorded_before_the_run_ends(scene: Scene, shown: str) -> None:
    execution, stop = scene.submitted(), Stop()
    statuses: list[ExecutionStatus] = []
    stop.listen(lambda _how: statuses.append(scene.bench.get_execution(execution.execution_id).status))
    with scene.pool() as pool, performing(pool, execution, stop) as future:
        wait_until(lambda: scene.shown, what="it was asked for")
        scene.shown[[*scene.shown][-1]] = {"type": shown, "name": shown.capitalize()}
        with pytest.raises(KeyboardInterrupt):
            future.result(PATIENCE_S)
    ended = scene.bench.get_execution(execution.execution_id)
    assert (ended.status, ended.message) == (ExecutionStatus.CANCELLED, "cancelled by prefect")
    assert stop.asked == "cancel"


def test_a_recorded_cancel_is_reported_to_prefect(scene: Scene) -> None:
    execution, begun, over = scene.submitted(), threading.Event(), threading.Event()

    def perform() -> None:
        identity = RunningFlow(
            scene.bench.get_execution(execution.execution_id).flow_run_id or "",
            scheduled=execution.execution_id,
            request=execution.request,
        )
        with set_current_flow(identity):
            session = scene.bench.start_session(name=execution.name)
            begun.set()
            assert over.wait(PATIENCE_S)
            session.cancel()

    with scene.pool() as pool, performing(pool, execution, Stop(), perform) as future:
        scene.started(pool)
        assert begun.wait(PATIENCE_S)
        scene.bench.qdash.get(RUNS).cancel(ADMIN, execution.execution_id, wait=False)
        wait_until(lambda: "CANCELLING" in scene.told(), what="Prefect was told of the cancel")
        over.set()
        future.result(PATIENCE_S)
    assert scene.told() == ["RUNNING", "CANCELLING", "CANCELLED"]


def test_a_recorded_cancel_ends_the_run_while_prefect_is_unavailable(scene: Scene) -> None:
    execution, stop = scene.submitted(), Stop()

    def perform() -> None:
        identity = RunningFlow(
            execution.flow_run_id or "", scheduled=execution.execution_id, request=execution.request
        )
        with set_current_flow(identity):
            session = scene.bench.start_session(name=execution.name)
            scene.server.away = True
            scene.bench.qdash.get(RUNS).cancel(ADMIN, execution.execution_id, wait=False)
            wait_until(lambda: stop.asked == "cancel", what="the run is asked to end")
            scene.server.away = False
            session.cancel()

    with scene.pool() as pool, performing(pool, execution, stop, perform) as future:
        scene.started(pool)
        future.result(PATIENCE_S)
    assert scene.bench.get_execution(execution.execution_id).status is ExecutionStatus.CANCELLED


def test_a_flow_run_ended_before_its_start_is_refused_with_prefects_reason(scene: Scene) -> None:
    with scene.pool() as pool, performing(pool, scene.submitted(), Stop()) as future:
        wait_until(lambda: scene.shown, what="it was asked for")
        scene.shown[[*scene.shown][-1]] = {"type": "CRASHED", "name": "Crashed", "message": "no image"}
        with pytest.raises(PrefectError, match="no image"):
            future.result(PATIENCE_S)


def test_a_deleted_flow_run_is_refused(scene: Scene) -> None:
    with scene.pool() as pool, performing(pool, scene.submitted(), Stop()) as future:
        wait_until(lambda: scene.shown, what="it was asked for")
        scene.shown.clear()
        with pytest.raises(PrefectError, match="was deleted"):
            future.result(PATIENCE_S)


def test_while_prefect_is_unavailable_no_run_begins_and_the_user_is_told_once(scene: Scene) -> None:
    with scene.pool() as pool:
        scene.server.away = True
        wait_until(lambda: not pool.can_begin, what="it was noticed")
        with pytest.raises(PrefectUnavailableError), pool.flow_runs.start_flow_run(scene.submitted(), Stop()):
            pytest.fail("it began")
        scene.server.away = False
        wait_until(lambda: pool.can_begin, what="the server is back")
    assert len(scene.output) == 2
    assert "runs wait until it is available" in scene.output[0]
    assert "responds again" in scene.output[1]


def test_runs_that_wait_for_an_unavailable_server_return_to_the_queue(scene: Scene) -> None:
    with scene.pool() as pool, performing(pool, scene.submitted(), Stop()) as future:
        wait_until(pool.flow_runs.get_active_ids_and_keys, what="it was asked for")
        scene.server.away = True
        with pytest.raises(PrefectUnavailableError):
            future.result(PATIENCE_S)
        scene.server.away = False


def test_prefects_worker_ends_during_an_outage_so_that_its_end_loses_no_flow_run(scene: Scene) -> None:
    with scene.pool() as pool:
        scene.server.away = True
        wait_until(lambda: FakeWorkerProcess.ends, what="it ends before the server is back")
        scene.server.away = False
        wait_until(lambda: pool.can_begin, what="the server is back")
        assert FakeWorkerProcess.ends == ["ended"], "the one that takes flow runs again goes on"


def test_a_process_started_too_late_is_dismissed(scene: Scene) -> None:
    relay = FakeRelay("late")
    scene.server.answers["GET", "/flow_runs/late"] = lambda _body: (
        200,
        {"id": "late", "labels": {"qdash.worker": OWNER}},
    )
    with scene.pool() as pool:
        pool.flow_runs.accept(relay)  # type: ignore[arg-type]
        assert relay.dismissed == 0
    [told] = scene.server.bodies("/flow_runs/late/set_state")
    assert (told["state"]["type"], told["state"]["name"]) == ("CANCELLED", SUPERSEDED)
    assert "performed as another flow run" in told["state"]["message"]


def test_a_worker_that_stops_removes_its_queue(scene: Scene) -> None:
    with scene.pool():
        pass
    deleted = [path for method, path, _ in scene.server.asked if method == "DELETE"]
    assert deleted == [f"/work_pools/qdash/workers/{QUEUE}", f"/work_pools/qdash/queues/{QUEUE}"]


def test_a_queue_with_active_flow_runs_is_left_to_the_reconciler(scene: Scene) -> None:
    scene.active.append({"id": "left"})
    with scene.pool():
        pass
    deleted = [path for method, path, _ in scene.server.asked if method == "DELETE"]
    assert deleted == [f"/work_pools/qdash/workers/{QUEUE}"]


@pytest.mark.parametrize(("what", "said"), [("pool", "pool qdash is"), ("queue", f"work queue {QUEUE} is")])
def test_while_pool_or_queue_is_paused_no_run_is_claimed(scene: Scene, what: str, said: str) -> None:
    with scene.pool() as pool:
        scene.paused.add(what)
        wait_until(lambda: not pool.can_begin, what="it was noticed")
        scene.paused.clear()
        wait_until(lambda: pool.can_begin, what="it is resumed")
    [line] = scene.output
    assert f"{said} paused" in line


def test_a_flow_run_that_prefect_does_not_start_in_time_returns_to_the_queue(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_flow_run, "_START_TIMEOUT_S", 0.01)
    with (
        scene.pool() as pool,
        performing(pool, scene.submitted(), Stop()) as future,
        pytest.raises(PrefectUnavailableError, match="concurrency limit"),
    ):
        future.result(PATIENCE_S)
    assert scene.told() == ["CANCELLED"]
    [line] = scene.output
    assert "returned to the queue: Prefect did not start" in line


def test_wrong_credentials_are_reported_in_one_line(scene: Scene) -> None:
    with scene.pool() as pool:
        scene.server.answers["GET", "/work_pools/qdash"] = lambda _body: (401, None)
        wait_until(lambda: scene.output, what="it was told")
        assert not pool.can_begin
        del scene.server.answers["GET", "/work_pools/qdash"]
    assert "PREFECT_API_AUTH_STRING" in scene.output[0]
