"""States in the store: no illegal transition, for any order of writers."""

from __future__ import annotations

from contextlib import suppress
from itertools import product
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from qdash_builtin.runs.feature import EXECUTIONS
from qdash_core import (
    CalibConfig,
    CancelledError,
    ConflictError,
    IllegalTransitionError,
    InvalidInputError,
    LockedError,
    Parameter,
)
from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_core.models.execution import EXECUTION_TRANSITIONS, ExecutionModel, ExecutionStatus
from qdash_core.models.task import TaskResultModel, TaskStatus, can_change
from qdash_core.repositories.executions import ExecutionLockRepository, ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN
from ..bench import CHIP, PROJECT, Bench, make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from qdash_core import CalibOrchestrator

pytestmark = pytest.mark.every_store

EXAMPLES = {"memory": settings().max_examples // 4, "sqlite": settings().max_examples // 8, "mongodb": 3}
"""Number of random sequences tested on each store."""


@pytest.fixture
def bench(tmp_path: Path, store_url: str, no_settings: None) -> Iterator[Bench]:
    broken = make_task("Broken", {"x": Parameter(1.0)}, run=make_raising(OSError("cable")))
    bench = Bench.open(tmp_path, store_url, make_task(), broken)
    yield bench
    bench.qdash.close()


def make_document(status: TaskStatus = TaskStatus.SCHEDULED, **given: Any) -> TaskResultModel:
    shared = {"project_id": PROJECT, "username": "admin", "chip_id": CHIP, "execution_id": "20260101-000"}
    return TaskResultModel(**shared, task_id=str(uuid4()), name="Measure", qid="0", status=status, **given)


def test_a_result_goes_on_only_from_the_state_it_is_in(bench: Bench) -> None:
    results = bench.repositories.of(TaskResultHistoryRepository)
    for stored, was, status in product(TaskStatus, TaskStatus, TaskStatus):
        result = make_document(stored)
        results.add(result)
        moved = result.model_copy(update={"status": status, "message": "moved"})
        if stored is was and can_change(was, status):
            results.replace(moved, was=was)
            assert bench.get_stored(result) == moved
            continue
        with pytest.raises((ConflictError, IllegalTransitionError)) as refused:
            results.replace(moved, was=was)
        ended = stored.terminal or not can_change(was, status)
        assert refused.type is (IllegalTransitionError if ended else ConflictError)
        assert bench.get_stored(result) == result


def test_an_execution_goes_on_only_from_the_state_it_is_in(bench: Bench) -> None:
    executions = bench.repositories.of(ExecutionRepository)
    for number, (stored, was, status) in enumerate(product(*[ExecutionStatus] * 3)):
        execution = ExecutionModel(
            project_id=PROJECT,
            username="admin",
            name="n",
            execution_id=f"20260101-{number:03d}",
            chip_id=CHIP,
            status=stored,
        )
        executions.add(execution)
        moved = execution.model_copy(update={"status": status, "message": "moved"})
        if stored is was and (was is status or status in EXECUTION_TRANSITIONS.get(was, ())):
            executions.replace(moved, was=was)
            assert executions.find(PROJECT, execution.execution_id) == moved
            continue
        with pytest.raises(IllegalTransitionError, match=execution.execution_id):
            executions.replace(moved, was=was)
        assert executions.find(PROJECT, execution.execution_id) == execution


def test_what_is_not_there_is_not_made_by_moving_it(bench: Bench) -> None:
    with pytest.raises(ConflictError):
        bench.repositories.of(TaskResultHistoryRepository).replace(
            make_document(TaskStatus.PENDING), was=TaskStatus.SCHEDULED
        )


def test_a_record_whose_answer_was_lost_may_be_written_again(bench: Bench) -> None:
    """A process may repeat a write whose response was lost; another process may not."""
    result = make_document()
    forgetful = [TaskHistoryRecorder(bench.qdash.store, bench.qdash.zone) for _ in range(2)]
    for recorder in forgetful:
        recorder.record_state([result])
    result.status = TaskStatus.RUNNING
    for recorder in forgetful:
        recorder.record_state([result])
    result.status, result.message, result.end_at = TaskStatus.FAILED, "cable", result.created_at
    seq = len(bench.list_events())
    for recorder in forgetful:
        recorder.record_outcome(result)
    assert bench.get_stored(result) == result
    assert [event.kind for event in bench.list_events(seq)] == ["task.failed"], "the event is told once"
    other = result.model_copy(update={"status": TaskStatus.CANCELLED})
    with pytest.raises(ConflictError):
        TaskHistoryRecorder(bench.qdash.store, bench.qdash.zone).record_outcome(other)


def test_an_end_whose_answer_was_lost_may_be_repeated(bench: Bench) -> None:
    executions = bench.qdash.record
    begun = executions.start(PROJECT, CalibConfig(username="admin", chip_id=CHIP))
    ended = executions.end(begun, ExecutionStatus.FAILED, "cable", lab_seconds=1.5)
    assert executions.end(begun, ExecutionStatus.FAILED, "cable", lab_seconds=1.5) == ended
    assert executions.end(begun, ExecutionStatus.COMPLETED, "", lab_seconds=None) == ended, (
        "the first end counts"
    )
    assert [event.kind for event in bench.list_events()] == ["execution.running", "execution.failed"]


QIDS = st.sampled_from(["0", "1"])


class RunStateMachine(RuleBasedStateMachine):
    """Runs of one chip: started, measuring, dying, swept, cancelled by request and externally, resumed."""

    bench: Bench

    def __init__(self) -> None:
        super().__init__()
        self.session: CalibOrchestrator | None = None
        self.late: list[CalibOrchestrator] = []
        """Live sessions that were considered dead."""
        self.execution_id = ""
        self.resuming = False
        self.seen = self.look()

    def teardown(self) -> None:
        for execution in self.bench.qdash.get(EXECUTIONS).newest(ADMIN):
            self.bench.qdash.external_transitions.cancel_from_outside(PROJECT, execution.execution_id)
        if self.session is not None:
            self.session.cancel()

    def look(self) -> tuple[dict[str, ExecutionModel], dict[str, TaskResultModel]]:
        executions = {one.execution_id: one for one in self.bench.qdash.get(EXECUTIONS).newest(ADMIN)}
        rows = [] if not self.execution_id else self.bench.list_results(self.execution_id)
        return executions, {one.task_id: one for one in rows}

    @precondition(lambda self: self.session is None)
    @rule(resume=st.booleans())
    def begin(self, resume: bool) -> None:
        status = self.seen[0][self.execution_id].status if self.execution_id else ExecutionStatus.COMPLETED
        config = {"resume": True, "execution_id": self.execution_id} if resume and self.execution_id else {}
        try:
            self.session = self.bench.start_session(**config)
        except InvalidInputError:
            assert config
            assert status is ExecutionStatus.COMPLETED
            return
        self.resuming = bool(config)
        self.execution_id = self.session.execution.execution_id
        self.seen = (self.seen[0], {one.task_id: one for one in self.seen[1].values() if config})

    @precondition(lambda self: self.session is not None)
    @rule(qid=QIDS, name=st.sampled_from(["Measure", "Broken"]))
    def measure(self, qid: str, name: str) -> None:
        assert self.session is not None
        try:
            assert self.session.run_task(name, qid).status.terminal
        except (LockedError, CancelledError, KeyboardInterrupt):
            stored = self.bench.get_execution(self.execution_id)
            assert stored.status is ExecutionStatus.CANCELLED or stored.cancel_request is not None

    @precondition(lambda self: self.session is not None)
    @rule(how=st.sampled_from(["complete", "fail", "cancel"]))
    def end(self, how: str) -> None:
        assert self.session is not None
        try:
            ended = getattr(self.session, how)(*([""] if how == "fail" else []))
        except CancelledError:
            ended = self.bench.get_execution(self.execution_id)
            assert ended.status is ExecutionStatus.CANCELLED
        assert ended == self.bench.get_execution(self.execution_id)
        assert ended.status.terminal
        assert self.bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []
        self.session = None

    @precondition(lambda self: self.session is not None)
    @rule()
    def die(self) -> None:
        assert self.session is not None
        if self.bench.get_execution(self.execution_id).status is ExecutionStatus.RUNNING:
            self.bench.abandon(self.session)
            self.late.append(self.session)
        else:
            self.session.cancel()
        self.session = None

    @rule()
    def sweep(self) -> None:
        self.bench.qdash.external_transitions.end_interrupted(PROJECT)
        if self.session is None:
            assert self.bench.repositories.of(ExecutionLockRepository).list_by_project(PROJECT) == []

    @precondition(lambda self: self.late)
    @rule()
    def come_back(self) -> None:
        """Continue and end a process that was considered dead."""
        self.bench.qdash.external_transitions.end_interrupted(PROJECT)
        late = self.late.pop()
        with pytest.raises((LockedError, CancelledError)):
            late.run_task("Measure", "4")
        with suppress(CancelledError):
            late.complete()

    @precondition(lambda self: self.execution_id)
    @rule()
    def ask(self) -> None:
        try:
            self.bench.qdash.external_transitions.request_cancel(PROJECT, self.execution_id, "alice")
        except IllegalTransitionError:
            # A heartbeat of the process may have ended it since it was seen.
            assert self.bench.get_execution(self.execution_id).status.terminal

    @precondition(lambda self: self.execution_id)
    @rule()
    def cancel_from_outside(self) -> None:
        self.bench.qdash.external_transitions.cancel_from_outside(PROJECT, self.execution_id, "from outside")

    @invariant()
    def every_way_is_legal(self) -> None:
        before, after = self.seen, self.look()
        for key, result in before[1].items():
            now = after[1][key]
            assert (
                now == result
                if result.status.terminal
                else now.status is result.status or can_change(result.status, now.status)
            )
        for key, execution in before[0].items():
            stored = after[0][key]
            if execution.status.terminal and stored != execution:
                assert self.resuming, f"{execution.status} became {stored.status}"
                assert key == self.execution_id
                assert execution.status is not ExecutionStatus.COMPLETED
        self.seen, self.resuming = after, False

    @invariant()
    def what_has_ended_says_when_and_why(self) -> None:
        records: list[ExecutionModel | TaskResultModel] = [*self.seen[0].values(), *self.seen[1].values()]
        for ended in records:
            if ended.status.terminal:
                assert ended.end_at is not None
                assert ended.message or ended.status == "completed"

    @invariant()
    def attempts_follow_each_other_and_one_completes(self) -> None:
        nodes: dict[tuple[str, str, int], list[TaskResultModel]] = {}
        for result in self.seen[1].values():
            nodes.setdefault(result.node, []).append(result)
        for attempts in nodes.values():
            assert sorted(one.attempt for one in attempts) == list(range(1, len(attempts) + 1))
            assert sum(one.status == "completed" for one in attempts) <= 1
        for execution in self.seen[0].values():
            ends = [one.status.terminal for one in execution.attempts]
            assert ends == [True] * (len(ends) - 1) + [execution.status.terminal]
            assert execution.attempts[-1].status is execution.status


@pytest.mark.hypothesis
def test_whatever_happens_to_runs_their_states_stay_legal(
    bench: Bench, request: pytest.FixtureRequest
) -> None:
    machine = type("Machine", (RunStateMachine,), {"bench": bench})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES[request.node.callspec.params["store_url"]],
            stateful_step_count=15,
            suppress_health_check=list(HealthCheck),
        ),
    )
