"""Reconciliation of Prefect with the record, without a server; tests/prefect/test_crashes.py has crashes."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from qdash_builtin.timetables.repository import TimetableRepository
from qdash_core.errors import IllegalTransitionError, NotFoundError
from qdash_core.models.execution import EndReason, ExecutionModel, ExecutionStatus, ResumeRequest, RunAttempt
from qdash_core.repositories.idempotency import IdempotencyRepository
from qdash_core.runs.worker_context import WorkerContext
from qdash_prefect.client import PrefectClient, PrefectUnavailableError
from qdash_prefect.reconciler import Reconciler
from qdash_prefect.settings import PrefectSettings
from qdash_prefect.states import RESUME_REMARK, SUPERSEDED
from qdash_prefect.worker_names import make_worker_name

from .fake_pool import DEAD, HERE, NOW, THERE, FakePrefect, online

if TYPE_CHECKING:
    from collections.abc import Iterator


SCHEDULES_PLACE = "qdash_builtin.timetables.run_schedules:SCHEDULES"
ENDED = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


@dataclass
class Record:
    """The record of one execution."""

    execution: ExecutionModel | None
    waits: bool = False
    """True if it has ended and is queued to be resumed."""

    def find(self, project_id: str, execution_id: str) -> ExecutionModel:
        if self.execution is None:
            raise NotFoundError(f"there is no execution {execution_id}")
        return self.execution

    def request_cancel(self, project_id: str, execution_id: str, username: str) -> ExecutionModel:
        found = self.find(project_id, execution_id)
        if found.status.terminal and not self.waits:
            raise IllegalTransitionError("it has ended")
        cancelled = {"status": ExecutionStatus.CANCELLED, "message": f"cancelled by {username}"}
        self.execution, self.waits = found.model_copy(update=cancelled), False
        return self.execution

    def get_last_of_flow(self, execution: ExecutionModel) -> ExecutionModel:
        return execution


@dataclass
class Scene:
    """A server, a record, live workers, and a reconciler."""

    prefect: FakePrefect = field(default_factory=FakePrefect)
    living: list[str] = field(default_factory=lambda: [HERE])
    active: set[str] = field(default_factory=set)
    record: Record = field(default_factory=lambda: Record(execution()))
    told: list[str] = field(default_factory=list)
    submitted: dict[str, str] = field(default_factory=dict)
    """Execution submitted for each flow run, by id."""
    due_at: datetime = NOW
    started: list[str] = field(default_factory=list)

    @contextmanager
    def reconciler(self, owner: str = HERE) -> Iterator[Reconciler]:
        timetables = SimpleNamespace(list_due=lambda now: ["nightly"] if now >= self.due_at else [])
        presences = lambda: [SimpleNamespace(owner=one) for one in self.living]  # noqa: E731
        work = WorkerContext(
            cast(
                "Any",
                SimpleNamespace(
                    record=self.record,
                    external_transitions=self.record,
                    registry=SimpleNamespace(list_named=lambda _: [("timetables", SCHEDULES_PLACE)]),
                    repositories=SimpleNamespace(
                        of={
                            TimetableRepository: timetables,
                            IdempotencyRepository: SimpleNamespace(find_anywhere=self._asked),
                        }.__getitem__
                    ),
                ),
            ),
            cast("Any", SimpleNamespace(queue=SimpleNamespace(view=SimpleNamespace(list_workers=presences)))),
            owner,
            threading.Event(),
            self.told.append,
            lambda: self.started.append("what is due"),
        )
        settings = PrefectSettings()
        transport = httpx.MockTransport(self.prefect.answer)
        with PrefectClient(settings, transport=transport) as client:
            yield Reconciler(client, settings, work, active=lambda: self.active, clock=lambda: NOW)

    def _asked(self, key: str) -> SimpleNamespace | None:
        found = self.submitted.get(key)
        return SimpleNamespace(project_id="default", record_id=found) if found else None

    def reconcile_twice(self, owner: str = HERE) -> list[str]:
        """Reconcile twice and return the fixes; a third pass must find nothing."""
        with self.reconciler(owner) as reconciler:
            assert reconciler.reconcile() == [], "whoever is about to tell it is waited for"
            corrections = reconciler.reconcile()
            assert [*reconciler.reconcile(), *reconciler.reconcile()] == [], "it is done once"
        assert self.told == corrections
        return corrections


def execution(status: str = "scheduled", *stretches: RunAttempt, **given: Any) -> ExecutionModel:
    return ExecutionModel(
        project_id="default",
        username="admin",
        name="bring-up",
        execution_id="001",
        chip_id="bench",
        status=ExecutionStatus(status),
        attempts=list(stretches),
        **given,
    )


def make_attempt(status: str, message: str = "", reason: EndReason | None = None) -> RunAttempt:
    return RunAttempt(
        username="admin", start_at=NOW, status=ExecutionStatus(status), message=message, reason=reason
    )


INTERRUPTED = make_attempt("failed", "interrupted: its process died", EndReason.INTERRUPTED)


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.mark.parametrize("prefect", ["PENDING", "RUNNING", "CANCELLING", "CRASHED"])
@pytest.mark.parametrize(
    ("record", "wanted"),
    [
        (execution("completed", make_attempt("completed")), "COMPLETED"),
        (execution("failed", make_attempt("failed", "no signal", EndReason.ERROR)), "FAILED"),
        (execution("cancelled", make_attempt("cancelled", "by bob")), "CANCELLED"),
        (execution("failed", message="refused: no such chip"), "FAILED"),
    ],
)
def test_a_flow_run_of_a_dead_worker_ends_as_its_execution_did(
    scene: Scene, prefect: str, record: ExecutionModel, wanted: str
) -> None:
    row = scene.prefect.flow_run(prefect)
    scene.record.execution = record
    (line,) = scene.reconcile_twice()
    assert row["state_type"] == wanted
    message = row["state"]["message"]
    assert f"state {prefect.capitalize()} corrected by {make_worker_name(HERE)}" in message
    assert line.startswith("state of 001 bring-up on bench")


def test_a_flow_run_whose_execution_was_resumed_elsewhere_has_crashed(scene: Scene) -> None:
    scene.record.execution = execution("completed", INTERRUPTED, make_attempt("completed"))
    here = scene.prefect.flow_run("RUNNING")
    there = scene.prefect.flow_run("COMPLETED", THERE, before=1, created=1)
    scene.living = [HERE, THERE]
    assert len(scene.reconcile_twice()) == 1
    assert here["state_type"] == "CRASHED"
    assert here["state"]["message"].startswith(f"interrupted: its process died; {RESUME_REMARK} [")
    assert there["state_type"] == "COMPLETED"


def test_an_unstarted_flow_run_of_a_dead_worker_is_cancelled(scene: Scene) -> None:
    scene.record.execution = execution("failed", INTERRUPTED, reason=EndReason.INTERRUPTED)
    row = scene.prefect.flow_run("PENDING", before=1)
    assert len(scene.reconcile_twice()) == 1
    assert row["state_type"] == "CANCELLED"
    assert row["state"]["message"].startswith(f"nothing was started; {RESUME_REMARK}")
    assert row["state"]["name"] == SUPERSEDED


def test_of_two_flow_runs_for_one_run_attempt_the_later_one_counts(scene: Scene) -> None:
    scene.record.execution = execution("completed", make_attempt("completed"))
    given_back = scene.prefect.flow_run("CANCELLED", created=0)
    left = scene.prefect.flow_run("RUNNING", created=1)
    begun = scene.prefect.flow_run("COMPLETED", created=2)
    assert len(scene.reconcile_twice()) == 1
    assert [one["state_type"] for one in (given_back, left, begun)] == ["CANCELLED", "CANCELLED", "COMPLETED"]


def test_a_flow_run_is_left_alone_while_its_execution_is_recorded_as_running(scene: Scene) -> None:
    scene.record.execution = execution("running", make_attempt("running"))
    scene.prefect.flow_run("RUNNING")
    assert scene.reconcile_twice() == []


def test_a_flow_run_whose_execution_is_gone_is_cancelled(scene: Scene) -> None:
    scene.record.execution = None
    row = scene.prefect.flow_run("RUNNING")
    scene.prefect.flow_run("CRASHED", created=-9)["idempotency_key"] = "default/000/0/other"
    assert len(scene.reconcile_twice()) == 1
    assert row["state_type"] == "CANCELLED"


def test_a_worker_leaves_flow_runs_of_live_workers_alone(scene: Scene) -> None:
    scene.record.execution = execution("completed", make_attempt("completed"))
    scene.living = [HERE, THERE]
    scene.prefect.flow_run("RUNNING", THERE)
    assert scene.reconcile_twice() == []


def test_only_the_first_live_worker_is_responsible_for_dead_ones(scene: Scene) -> None:
    scene.record.execution = execution("completed", make_attempt("completed"))
    scene.living = [HERE, THERE]
    scene.prefect.flow_run("RUNNING", DEAD)
    assert scene.reconcile_twice(THERE) == []
    assert len(scene.reconcile_twice(HERE)) == 1


def test_only_workers_of_the_pool_are_responsible_for_dead_ones(scene: Scene) -> None:
    scene.record.execution = execution("completed", make_attempt("completed"))
    scene.living = [HERE, THERE]
    scene.prefect.workers = [{"name": make_worker_name(HERE), "status": "OFFLINE"}, online(THERE)]
    scene.prefect.flow_run("RUNNING", DEAD)
    assert scene.reconcile_twice(HERE) == []
    assert len(scene.reconcile_twice(THERE)) == 1


def test_flow_runs_with_forged_labels_are_left_alone(scene: Scene) -> None:
    scene.record.execution = execution("completed", make_attempt("completed"))
    theirs, ours = scene.prefect.flow_run("RUNNING"), scene.prefect.flow_run("RUNNING")
    theirs.update(
        labels={"qdash.worker": "me", "prefect.worker.name": make_worker_name(HERE)}, idempotency_key="a/b"
    )
    assert len(scene.reconcile_twice()) == 1
    assert (theirs["state_type"], ours["state_type"]) == ("RUNNING", "COMPLETED")


def test_wrong_final_states_are_found_after_a_long_outage(scene: Scene) -> None:
    scene.record.execution = execution("completed", make_attempt("completed"))
    with scene.reconciler() as reconciler:
        assert [*reconciler.reconcile(), *reconciler.reconcile()] == []
        scene.prefect.away = True
        with pytest.raises(PrefectUnavailableError):
            reconciler.reconcile()
        scene.prefect.away = False
        row = scene.prefect.flow_run("CRASHED", age_s=3600.0)
        assert len([*reconciler.reconcile(), *reconciler.reconcile()]) == 1
    assert row["state_type"] == "COMPLETED"


def test_a_worker_corrects_the_states_of_its_own_ended_runs(scene: Scene) -> None:
    scene.record.execution = execution("completed", make_attempt("completed"))
    scene.living = [HERE, THERE]
    row = scene.prefect.flow_run("RUNNING", THERE)
    assert len(scene.reconcile_twice(THERE)) == 1
    assert row["state_type"] == "COMPLETED"


@pytest.mark.parametrize("prefect", ["CRASHED", "FAILED", "COMPLETED", "PENDING"])
def test_a_run_in_progress_is_corrected_to_running(scene: Scene, prefect: str) -> None:
    scene.record.execution = execution("running", make_attempt("running"))
    row = scene.prefect.flow_run(prefect, HERE)
    scene.active = {row["id"]}
    assert len(scene.reconcile_twice()) == 1
    assert row["state_type"] == "RUNNING"


@pytest.mark.parametrize("prefect", ["CANCELLING", "CANCELLED"])
def test_the_cancel_of_a_run_in_progress_is_left_to_its_worker(scene: Scene, prefect: str) -> None:
    scene.record.execution = execution("running", make_attempt("running"))
    scene.active = {scene.prefect.flow_run(prefect, HERE)["id"]}
    assert scene.reconcile_twice() == []


def test_a_run_in_progress_that_was_superseded_is_corrected_to_running(scene: Scene) -> None:
    scene.record.execution = execution("running", make_attempt("running"))
    row = scene.prefect.flow_run("CANCELLED", HERE)
    row["state"]["name"] = SUPERSEDED
    scene.active = {row["id"]}
    assert len(scene.reconcile_twice()) == 1
    assert row["state_type"] == "RUNNING"


def test_a_flow_run_with_a_pending_request_is_left_alone(scene: Scene) -> None:
    row = scene.prefect.flow_run("SCHEDULED", HERE)
    scene.active = {row["idempotency_key"]}
    assert scene.reconcile_twice() == []


def test_a_flow_run_taken_and_not_started_is_scheduled_again(scene: Scene) -> None:
    row = scene.prefect.flow_run("PENDING", HERE, age_s=31.0)
    scene.active = {row["id"]}
    assert len(scene.reconcile_twice()) == 1
    assert row["state_type"] == "SCHEDULED"


def test_a_flow_run_just_taken_is_left_alone(scene: Scene) -> None:
    row = scene.prefect.flow_run("PENDING", HERE, age_s=29.0)
    scene.active = {row["id"]}
    assert scene.reconcile_twice() == []


@pytest.mark.parametrize(
    ("kind", "worker", "age_s", "corrections"),
    [
        ("RUNNING", make_worker_name(DEAD), 1.0, 1),
        ("PENDING", make_worker_name(DEAD), 1.0, 1),
        ("PENDING", "", 61.0, 1),
        ("PENDING", "", 59.0, 0),
        ("RUNNING", make_worker_name(HERE), 100.0, 0),
        ("SCHEDULED", "", 100.0, 0),
        ("COMPLETED", make_worker_name(DEAD), 100.0, 0),
    ],
)
def test_an_external_flow_run_of_a_dead_worker_is_scheduled_again(
    scene: Scene, kind: str, worker: str, age_s: float, corrections: int
) -> None:
    row = scene.prefect.flow_run(kind, age_s=age_s)
    row.update(labels={"prefect.worker.name": worker} if worker else None, idempotency_key=None)
    assert len(scene.reconcile_twice()) == corrections
    assert row["state_type"] == ("SCHEDULED" if corrections else kind)


def taken_externally(scene: Scene, taker: str, age_s: float, label: str | None = None) -> dict[str, Any]:
    """Add an external flow run that a worker has taken and not begun."""
    row = scene.prefect.flow_run("PENDING", age_s=age_s)
    labels = {"prefect.worker.name": make_worker_name(label)} if label else None
    row.update(labels=labels, idempotency_key=None)
    row["state"]["message"] = f"taken by {make_worker_name(taker)}"
    return row


@pytest.mark.parametrize("label", [None, HERE, DEAD])
@pytest.mark.parametrize(("taker", "corrections"), [(DEAD, 1), (HERE, 0)])
def test_a_flow_run_belongs_to_the_worker_that_took_it_last(
    scene: Scene, taker: str, label: str | None, corrections: int
) -> None:
    taken_externally(scene, taker, 1.0, label)
    assert len(scene.reconcile_twice()) == corrections


@pytest.mark.parametrize(("reconciling", "corrections"), [(HERE, 0), (THERE, 1)])
def test_an_external_flow_run_is_scheduled_again_if_prefects_worker_died_before_it_began(
    scene: Scene, reconciling: str, corrections: int
) -> None:
    scene.living = [HERE, THERE]
    row = taken_externally(scene, THERE, age_s=31.0)
    just_taken = taken_externally(scene, THERE, age_s=29.0)
    assert len(scene.reconcile_twice(reconciling)) == corrections
    assert row["state_type"] == ("SCHEDULED" if corrections else "PENDING")
    assert just_taken["state_type"] == "PENDING"


def test_an_external_flow_run_that_waits_for_the_store_is_left_alone(scene: Scene) -> None:
    scene.active = {taken_externally(scene, HERE, age_s=100.0)["id"]}
    assert scene.reconcile_twice() == []


def test_queues_and_workers_of_dead_workers_without_active_flow_runs_are_removed(scene: Scene) -> None:
    scene.record.execution = execution("running", make_attempt("running"))
    scene.prefect.flow_run("RUNNING", DEAD)
    others = [make_worker_name(one) for one in ("eeeeeeee-5", "ffffffff-6")]
    names = [make_worker_name(HERE), make_worker_name(DEAD), *others]
    states = ("ONLINE", "OFFLINE", "OFFLINE", "ONLINE")
    scene.prefect.workers = [
        {"name": name, "status": status} for name, status in zip(names, states, strict=True)
    ]
    scene.prefect.queues = ["default", *names, "somebody's"]
    with scene.reconciler() as reconciler:
        reconciler.reconcile()
    kept = [make_worker_name(HERE), make_worker_name(DEAD), others[1]]
    assert scene.prefect.queues == ["default", *kept, "somebody's"]
    assert [one["name"] for one in scene.prefect.workers] == kept


def test_the_queue_of_a_new_worker_is_not_removed(scene: Scene) -> None:
    scene.prefect.queues = [make_worker_name(DEAD)]

    def come() -> None:
        scene.living.append(THERE)
        scene.prefect.queues.append(make_worker_name(THERE))

    scene.prefect.workers = [online(HERE)]
    scene.prefect.come = come
    with scene.reconciler() as reconciler:
        reconciler.reconcile()
    assert scene.prefect.queues == [make_worker_name(THERE)]


def test_a_server_that_is_away_is_asked_again(scene: Scene) -> None:
    scene.record.execution = execution("completed", make_attempt("completed"))
    row = scene.prefect.flow_run("RUNNING")
    with scene.reconciler() as reconciler:
        reconciler.reconcile()
        scene.prefect.away = True
        with pytest.raises(PrefectUnavailableError):
            reconciler.reconcile()
        scene.prefect.away = False
        assert len(reconciler.reconcile()) == 1
    assert row["state_type"] == "COMPLETED"


@pytest.mark.parametrize(("overdue_s", "started"), [(29.0, []), (31.0, ["what is due"])])
def test_overdue_runs_of_timetables_are_started(scene: Scene, overdue_s: float, started: list[str]) -> None:
    scene.due_at = NOW - timedelta(seconds=overdue_s)
    with scene.reconciler() as reconciler:
        reconciler.start_overdue()
    assert scene.started == started


def test_a_cancel_missed_by_a_dead_worker_is_recorded(scene: Scene) -> None:
    row = scene.prefect.flow_run("CANCELLING")
    of_it = {"qdash.project": "default", "qdash.execution": "001"}
    row.update(labels={"prefect.worker.name": make_worker_name(DEAD), **of_it}, idempotency_key=None)
    with scene.reconciler() as reconciler:
        reconciler.reconcile()
        assert scene.record.execution is not None
        assert scene.record.execution.message == "cancelled by prefect"
        reconciler.reconcile()
        reconciler.reconcile()
    assert row["state_type"] == "CANCELLED"


@pytest.mark.parametrize("worker", [{"prefect.worker.name": make_worker_name(DEAD)}, {}])
def test_a_cancel_is_recorded_if_the_worker_died_before_it_wrote_labels(
    scene: Scene, worker: dict[str, str]
) -> None:
    row = scene.prefect.flow_run("CANCELLING")
    row.update(labels=worker, idempotency_key=None)
    scene.submitted[row["id"]] = "001"
    with scene.reconciler() as reconciler:
        for _ in range(3):
            reconciler.reconcile()
    assert scene.record.execution is not None
    assert scene.record.execution.message == "cancelled by prefect"
    assert row["state_type"] == "CANCELLED"


def test_a_cancelled_external_flow_run_without_execution_ends(scene: Scene) -> None:
    row = scene.prefect.flow_run("CANCELLING")
    row.update(labels={"prefect.worker.name": make_worker_name(DEAD)}, idempotency_key=None)
    assert len(scene.reconcile_twice()) == 1
    assert row["state_type"] == "CANCELLED"


def test_a_cancel_is_left_to_the_live_worker_of_the_flow_run(scene: Scene) -> None:
    row = scene.prefect.flow_run("CANCELLING")
    row.update(labels={"prefect.worker.name": make_worker_name(HERE)}, idempotency_key=None)
    assert scene.reconcile_twice() == []


@pytest.mark.parametrize("prefect", ["CANCELLING", "CANCELLED", "CRASHED"])
def test_an_execution_cancelled_before_its_worker_died_is_not_resumed(scene: Scene, prefect: str) -> None:
    scene.record = Record(
        execution("failed", INTERRUPTED, message="interrupted", reason=EndReason.INTERRUPTED), waits=True
    )
    row = scene.prefect.flow_run(prefect)
    scene.prefect.histories[row["id"]] = [{"type": "RUNNING"}, {"type": "CANCELLING"}, {"type": "CRASHED"}]
    scene.reconcile_twice()
    assert scene.record.execution is not None
    assert scene.record.execution.message == "cancelled by prefect"
    assert row["state_type"] == "CANCELLED"


def test_a_crashed_execution_without_cancel_is_resumed(scene: Scene) -> None:
    interrupted = execution("failed", INTERRUPTED, message="interrupted", reason=EndReason.INTERRUPTED)
    scene.record = Record(interrupted, waits=True)
    row = scene.prefect.flow_run("CRASHED")
    assert scene.reconcile_twice() == []
    assert scene.record.execution == interrupted
    assert row["state_type"] == "CRASHED"


def test_a_cancel_before_an_automatic_resume_is_recorded(scene: Scene) -> None:
    scene.record.execution = execution("running", INTERRUPTED, make_attempt("running"))
    first = scene.prefect.flow_run("CANCELLING")
    scene.prefect.flow_run("RUNNING", THERE, before=1, created=1)
    scene.living = [HERE, THERE]
    scene.reconcile_twice()
    assert scene.record.execution.message == "cancelled by prefect"
    assert first["state_type"] == "CANCELLED"


def test_a_cancelled_and_superseded_flow_run_cancels_its_successor(scene: Scene) -> None:
    scene.record.execution = execution("running", make_attempt("running"))
    scene.prefect.flow_run("CANCELLING")
    scene.prefect.flow_run("RUNNING", THERE, created=1)
    scene.living = [HERE, THERE]
    scene.reconcile_twice()
    assert scene.record.execution.message == "cancelled by prefect"


def test_an_earlier_cancel_does_not_cancel_a_users_resume(scene: Scene) -> None:
    request = ResumeRequest(username="bob", requested_at=NOW + timedelta(seconds=1))
    resumed = make_attempt("running").model_copy(update={"resume_request": request})
    scene.record.execution = execution("running", INTERRUPTED, resumed)
    scene.prefect.flow_run("CANCELLING")
    scene.prefect.flow_run("RUNNING", THERE, before=1, created=2)
    scene.living = [HERE, THERE]
    scene.reconcile_twice()
    assert scene.record.execution.status is ExecutionStatus.RUNNING
