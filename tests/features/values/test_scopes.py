"""Value scopes: runs read and write them in place of the chip's values; a user commits or discards them."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.runs.feature import RUNS
from qdash_builtin.values.feature import VALUE_SCOPES, VALUES
from qdash_builtin.values.views.values import ValueEventDocument
from qdash_core import (
    AccessDeniedError,
    CalibConfig,
    ConflictError,
    InvalidInputError,
    LockedError,
    MissingInputError,
    NotFoundError,
    Parameter,
    TaskOutput,
)
from qdash_core.flows.steps import BringUp, CustomOneQubit, FilterByStatus
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.chip import TargetStatus
from qdash_core.models.project import ProjectRole
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.models.task import TaskStatus
from qdash_core.models.value_change import ScopeStatus, ValueEventKind
from qdash_core.repositories.chips import QubitCalibrationRepository
from qdash_core.repositories.results import LatestResultRepository

from ...access import ADMIN, access_of
from ...core.bench import CHIP, PROJECT, OutputParameter, make_backend, make_task
from ...core.session.test_simulated_runs import FREQUENCY, GATE, T1, make_twin, read_chip

if TYPE_CHECKING:
    from qdash_builtin.values.value_scopes import ValueScopeService
    from qdash_core.models.task import TaskResultModel

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

SCOPE = "evening"


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(FREQUENCY, T1, GATE, backends=[make_backend(note={"drive": 0.1}), make_twin()])


@pytest.fixture
def scopes(bench: Bench) -> ValueScopeService:
    return bench.qdash.get(VALUE_SCOPES)


def measure(
    bench: Bench, *tasks: str, qid: str = "0", scope: str = SCOPE, **config: Any
) -> list[TaskResultModel]:
    """Run tasks in a session in a scope."""
    session = bench.start_session(scope=scope, **config)
    results = [session.run_task(task, qid) for task in tasks]
    session.complete()
    return [bench.get_stored(result) for result in results]


def measure_gate(bench: Bench, control: str) -> TaskResultModel:
    session = bench.start_session(scope=SCOPE)
    session.set_directions({"0-1": control})
    result = session.run_task("Gate", "0-1")
    session.complete()
    return result


@pytest.mark.every_store
def test_a_run_in_a_scope_changes_nothing_of_the_chip(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1, GATE, backends=[make_backend(note={"drive": 0.1})])
    before = read_chip(bench)
    cal = bench.make_service(scope=SCOPE)
    cal.run(QubitTargets(["0", "1"]), [BringUp(["Frequency", "T1"]), FilterByStatus()])
    ended = cal.finish_calibration()

    assert (ended.tasks, ended.scope) == ({"completed": 4}, SCOPE)
    assert {(one.saved, one.scope) for one in bench.list_results(ended.execution_id)} == {(False, SCOPE)}
    assert read_chip(bench) == before
    assert bench.repositories.of(LatestResultRepository).list_by_chip(PROJECT, CHIP) == []


@pytest.mark.every_store
def test_a_second_run_uses_the_values_of_the_first(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    (first,) = measure(bench, "Frequency")
    (second,) = measure(bench, "T1")
    assert second.input_parameters["frequency"].task_id == first.task_id
    assert bench.qdash.get(VALUE_SCOPES).show(ADMIN, CHIP, SCOPE).scope.executions == [
        first.execution_id,
        second.execution_id,
    ]
    assert bench.run("T1").status is TaskStatus.FAILED


def test_a_flow_in_a_scope_is_checked_with_its_values(bench: Bench) -> None:
    with pytest.raises(MissingInputError):
        bench.make_service(scope=SCOPE).check(QubitTargets(["0"]), [CustomOneQubit(["T1"])])
    measure(bench, "Frequency")
    bench.make_service(scope=SCOPE).check(QubitTargets(["0"]), [CustomOneQubit(["T1"])])


def test_a_value_of_the_scope_comes_before_a_later_one_of_the_chip(bench: Bench) -> None:
    (in_scope,) = measure(bench, "Frequency")
    bench.run("Frequency")
    (used,) = measure(bench, "T1")
    assert used.input_parameters["frequency"].task_id == in_scope.task_id


def test_a_status_holds_in_its_scope(bench: Bench) -> None:
    cal = bench.make_service(scope=SCOPE)
    cal.run(QubitTargets(["0"]), [BringUp(["Frequency", "T1"])])
    cal.finish_calibration()
    assert bench.get_qubit().status is TargetStatus.PENDING
    session = bench.start_session(scope=SCOPE)
    assert session.read_chip().qubits["0"].status is TargetStatus.CALIBRATED
    session.cancel()


def test_a_direction_holds_in_its_scope(bench: Bench) -> None:
    measure_gate(bench, "1")
    assert bench.get_coupling("0-1").control is None
    session = bench.start_session(scope=SCOPE)
    again = session.run_task("Gate", "0-1")
    session.complete()
    assert again.control == "1"


def test_tasks_of_a_trial_use_each_others_values(bench: Bench) -> None:
    before = read_chip(bench)
    session = bench.start_session(saved=False)
    first = session.run_task("Frequency", "0")
    second = session.run_task("T1", "0")
    session.set_directions({"0-1": "1"})
    session.set_status("0", TargetStatus.CALIBRATED)
    session.complete()
    assert second.input_parameters["frequency"].task_id == first.task_id
    assert (second.saved, second.scope) == (False, None)
    assert read_chip(bench) == before


def test_a_resumed_run_stays_in_its_scope(bench: Bench) -> None:
    session = bench.start_session(scope=SCOPE)
    first = session.run_task("Frequency", "0")
    execution_id = session.fail("the cryostat is warm").execution_id

    resumed = bench.start_session(execution_id=execution_id, resume=True)
    resumed.run_task("Frequency", "0")
    second = resumed.run_task("T1", "0")
    assert resumed.complete().scope == SCOPE
    assert (second.scope, second.input_parameters["frequency"].task_id) == (SCOPE, first.task_id)
    assert bench.get_value("frequency") is None


def test_a_run_is_not_resumed_in_another_scope_or_after_the_commit(
    bench: Bench, scopes: ValueScopeService
) -> None:
    session = bench.start_session(scope=SCOPE)
    session.run_task("Frequency", "0")
    execution_id = session.fail("the cryostat is warm").execution_id
    with pytest.raises(InvalidInputError, match="ran in value scope evening"):
        bench.start_session(execution_id=execution_id, resume=True, scope="night")
    scopes.commit(ADMIN, CHIP, SCOPE)
    with pytest.raises(ConflictError, match="was committed at"):
        bench.start_session(execution_id=execution_id, resume=True)


def test_a_rerun_of_failed_tasks_stays_in_the_scope(bench: Bench) -> None:
    session = bench.start_session(scope=SCOPE)
    session.run_task("T1", "0")
    session.run_task("Frequency", "0")
    failed = session.complete().execution_id
    request = RunRequest(
        username="admin",
        project_id=PROJECT,
        chip_id=CHIP,
        flow="T1",
        scope=SCOPE,
        since=failed,
        targets=TargetSelection(qubits=("0",)),
    )
    submitted = bench.qdash.get(RUNS).submissions.submit(ADMIN, request)
    assert submitted.execution.scope == SCOPE
    done = bench.qdash.get(RUNS).perform(PROJECT, submitted.execution_id, alone=False)
    (result,) = bench.list_results(done.execution_id)
    assert (result.status, result.scope) == (TaskStatus.COMPLETED, SCOPE)


def test_a_refit_in_a_scope_is_a_value_of_the_scope(bench: Bench, scopes: ValueScopeService) -> None:
    from ..results.test_refit import make_finding_task

    bench = bench.reinstall(make_finding_task(1.0))
    (measured,) = measure(bench, "Measure")
    refit = bench.reinstall(make_finding_task(2.0)).qdash.get(RESULTS).refit(ADMIN, measured.task_id)
    assert (refit.scope, refit.saved) == (SCOPE, False)
    assert scopes.commit(ADMIN, CHIP, SCOPE).transfer.changes["0"]["t1"].after is not None
    assert bench.get_value() == 2.0


# ---------------------------------------------------------------------------------------------------------------- commit


@pytest.mark.every_store
def test_a_commit_is_one_event_and_its_undo_reopens_the_scope(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    bench.run("Frequency")
    before = read_chip(bench)
    results = [*measure(bench, "Frequency", "T1"), *measure(bench, "Frequency", qid="1")]
    committed = bench.qdash.get(VALUE_SCOPES).commit(ADMIN, CHIP, SCOPE, reason="all good")

    assert {name: bench.get_qubit().data[name].task_id for name in ("frequency", "t1")} == {
        "frequency": results[0].task_id,
        "t1": results[1].task_id,
    }
    assert bench.get_qubit("1").data["frequency"].task_id == results[2].task_id
    scope = committed.scope
    assert (scope.status, scope.closed_by, scope.reason) == (ScopeStatus.COMMITTED, "admin", "all good")
    assert scope.event is not None
    event = bench.qdash.get(VALUES).show_event(ADMIN, scope.event)
    assert (event.head.kind, event.head.scope, len(event.parts)) == (ValueEventKind.COMMITTED, SCOPE, 2)
    assert bench.list_events()[-1].kind == "value.committed"

    undone = bench.qdash.get(VALUES).undo(ADMIN, scope.event)
    assert [_drop_times(one) for one in read_chip(bench) if "recorded_date" not in one] == [
        _drop_times(one) for one in before if "recorded_date" not in one
    ]
    reopened = bench.qdash.get(VALUE_SCOPES).show(ADMIN, CHIP, SCOPE).scope
    assert (reopened.status, reopened.event, reopened.reason) == (ScopeStatus.OPEN, None, "")
    with pytest.raises(ConflictError, match="can be committed again"):
        bench.qdash.get(VALUES).undo(ADMIN, undone.number)
    bench.qdash.get(VALUE_SCOPES).commit(ADMIN, CHIP, SCOPE)
    assert bench.get_value("t1") == 30.0


@pytest.mark.every_store
def test_a_commit_whose_value_came_into_use_later_is_not_undone(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, T1)
    bench.run("Frequency")
    measure(bench, "Frequency", "T1")
    newer = bench.run("Frequency")
    event = bench.qdash.get(VALUE_SCOPES).commit(ADMIN, CHIP, SCOPE).scope.event
    rejected = bench.qdash.get(VALUES).reject(ADMIN, newer.task_id, reason="a bad one").event
    with pytest.raises(ConflictError, match=r"frequency of 0 is a value of execution .* since a later event"):
        bench.qdash.get(VALUES).undo(ADMIN, event)
    bench.qdash.get(VALUES).undo(ADMIN, rejected.number)
    bench.qdash.get(VALUES).undo(ADMIN, event)
    assert bench.qdash.get(VALUE_SCOPES).show(ADMIN, CHIP, SCOPE).scope.status is ScopeStatus.OPEN


def test_a_reversion_leaves_out_values_of_a_scope_whose_commit_was_undone(bench: Bench) -> None:
    bench.run("Frequency")
    (measured,) = measure(bench, "Frequency")
    values = bench.qdash.get(VALUES)
    event = values.show_event(
        ADMIN, bench.qdash.get(VALUE_SCOPES).commit(ADMIN, CHIP, SCOPE).scope.event or 0
    )
    committed_at = event.head.created_at.isoformat()
    values.undo(ADMIN, event.number)
    found = values.revert(ADMIN, CHIP, committed_at)
    assert [(one.name, one.after and one.after.task_id) for one in found.withdrawn] == [
        ("frequency", measured.task_id)
    ]
    assert bench.get_qubit().data["frequency"].task_id != measured.task_id


def _drop_times(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in ("updated_at", "changed_at")}


def test_results_of_a_committed_scope_can_be_decided_on(bench: Bench, scopes: ValueScopeService) -> None:
    (first,) = measure(bench, "Frequency")
    with pytest.raises(InvalidInputError, match="not committed"):
        bench.qdash.get(VALUES).use(ADMIN, first.task_id)
    scopes.commit(ADMIN, CHIP, SCOPE)
    bench.run("Frequency")
    bench.qdash.get(VALUES).use(ADMIN, first.task_id)
    assert bench.get_qubit().data["frequency"].task_id == first.task_id


def test_values_that_were_measured_later_stay(bench: Bench, scopes: ValueScopeService) -> None:
    measure(bench, "Frequency", "T1")
    later = bench.run("Frequency")
    shown = scopes.show(ADMIN, CHIP, SCOPE).transfer
    committed = scopes.commit(ADMIN, CHIP, SCOPE).transfer
    assert shown == committed
    assert (list(committed.changes["0"]), list(committed.kept["0"])) == (["t1"], ["frequency"])
    assert bench.get_qubit().data["frequency"].task_id == later.task_id


def test_a_direction_is_committed_with_its_values(bench: Bench, scopes: ValueScopeService) -> None:
    former = bench.run("Gate", "0-1")
    measured = measure_gate(bench, "1")
    committed = scopes.commit(ADMIN, CHIP, SCOPE)
    assert committed.transfer.directions == {"0-1": "1"}
    coupling = bench.get_coupling("0-1")
    assert (coupling.control, coupling.data["gate_fidelity"].task_id) == ("1", measured.task_id)

    assert committed.scope.event is not None
    bench.qdash.get(VALUES).undo(ADMIN, committed.scope.event)
    coupling = bench.get_coupling("0-1")
    assert (coupling.control, coupling.data["gate_fidelity"].task_id) == (None, former.task_id)


def set_status(bench: Bench, status: TargetStatus, *targets: str, scope: str | None = SCOPE) -> None:
    """Set the status of targets in a run in a scope, or on the chip."""
    session = bench.start_session(scope=scope)
    for target in targets or ("0",):
        session.set_status(target, status)
    session.complete()


def test_a_closed_scope_is_not_committed_and_the_message_names_the_undo(
    bench: Bench, scopes: ValueScopeService
) -> None:
    measure(bench, "Frequency")
    event = scopes.commit(ADMIN, CHIP, SCOPE).scope.event
    with pytest.raises(ConflictError, match=f"by admin: `qdash values undo {event}` reopens it"):
        scopes.commit(ADMIN, CHIP, SCOPE)
    measure(bench, "Frequency", scope="noon")
    scopes.discard(ADMIN, CHIP, "noon")
    with pytest.raises(ConflictError, match="by admin: its results stay in the record"):
        scopes.commit(ADMIN, CHIP, "noon")


@pytest.mark.every_store
def test_statuses_are_committed_with_the_values_and_undone(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY)
    scopes, values = bench.qdash.get(VALUE_SCOPES), bench.qdash.get(VALUES)
    set_status(bench, TargetStatus.FAILED, scope=None)
    measure(bench, "Frequency")
    set_status(bench, TargetStatus.CALIBRATED, "0", "0-1")
    shown = scopes.show(ADMIN, CHIP, SCOPE).transfer.statuses
    assert {target: (one.before, one.after) for target, one in shown.items()} == {
        "0": ("failed", "calibrated"),
        "0-1": ("pending", "calibrated"),
    }
    committed = scopes.commit(ADMIN, CHIP, SCOPE)
    assert committed.transfer.statuses == scopes.show(ADMIN, CHIP, SCOPE).transfer.statuses == shown
    assert bench.get_qubit().status is bench.get_coupling("0-1").status is TargetStatus.CALIBRATED
    assert (
        bench.repositories.of(QubitCalibrationRepository).list_days(PROJECT, CHIP, "0")[-1].status
        is TargetStatus.CALIBRATED
    )

    assert committed.scope.event is not None
    event = ValueEventDocument.from_event(values.show_event(ADMIN, committed.scope.event))
    assert (event.targets, event.parameters) == (["0", "0-1"], ["frequency"])
    assert event.statuses == {"0": "calibrated", "0-1": "calibrated"}
    values.undo(ADMIN, event.number)
    assert bench.get_qubit().status is TargetStatus.FAILED
    assert bench.get_coupling("0-1").status is TargetStatus.PENDING
    assert scopes.show(ADMIN, CHIP, SCOPE).transfer.statuses == shown


def test_a_scope_with_statuses_only_is_committed(bench: Bench, scopes: ValueScopeService) -> None:
    set_status(bench, TargetStatus.FAILED)
    scopes.commit(ADMIN, CHIP, SCOPE)
    assert bench.get_qubit().status is TargetStatus.FAILED


@pytest.mark.parametrize("status", [TargetStatus.EXCLUDED, TargetStatus.DEAD])
def test_a_status_that_a_user_set_stays(
    bench: Bench, scopes: ValueScopeService, status: TargetStatus
) -> None:
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "0", status, "no signal")
    measure(bench, "Frequency")
    set_status(bench, TargetStatus.CALIBRATED)
    committed = scopes.commit(ADMIN, CHIP, SCOPE).transfer
    (kept,) = committed.kept_statuses.values()
    assert (kept.before, kept.after, committed.statuses) == (status, "calibrated", {})
    assert bench.get_qubit().status is status


@pytest.mark.parametrize("status", [TargetStatus.CALIBRATED, TargetStatus.FAILED])
def test_a_status_that_was_set_later_stays(
    bench: Bench, scopes: ValueScopeService, status: TargetStatus
) -> None:
    """It stays, too, if a later run found the same status again."""
    set_status(bench, TargetStatus.CALIBRATED, scope=None)
    measure(bench, "Frequency")
    set_status(bench, TargetStatus.FAILED if status == "calibrated" else TargetStatus.PENDING)
    set_status(bench, status, scope=None)
    assert list(scopes.show(ADMIN, CHIP, SCOPE).transfer.kept_statuses) == ["0"]
    scopes.commit(ADMIN, CHIP, SCOPE)
    assert bench.get_qubit().status is status


def test_a_status_older_than_that_of_the_scope_is_replaced(bench: Bench, scopes: ValueScopeService) -> None:
    set_status(bench, TargetStatus.CALIBRATED, scope=None)
    set_status(bench, TargetStatus.FAILED)
    scopes.commit(ADMIN, CHIP, SCOPE)
    assert bench.get_qubit().status is TargetStatus.FAILED


def test_the_undo_of_a_commit_leaves_a_status_that_was_set_since(
    bench: Bench, scopes: ValueScopeService
) -> None:
    set_status(bench, TargetStatus.CALIBRATED, "0", "1")
    scopes.commit(ADMIN, CHIP, SCOPE)
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "0", TargetStatus.EXCLUDED, "noisy")
    bench.qdash.get(VALUES).undo(ADMIN)
    assert bench.get_qubit("0").status is TargetStatus.EXCLUDED
    assert bench.get_qubit("1").status is TargetStatus.PENDING


def test_a_commit_whose_status_a_later_commit_changed_is_not_undone(
    bench: Bench, scopes: ValueScopeService
) -> None:
    set_status(bench, TargetStatus.CALIBRATED)
    first = scopes.commit(ADMIN, CHIP, SCOPE).scope.event
    set_status(bench, TargetStatus.FAILED, scope="night")
    second = scopes.commit(ADMIN, CHIP, "night").scope.event
    with pytest.raises(ConflictError, match=f"status of 0 has changed since, in event {second}"):
        bench.qdash.get(VALUES).undo(ADMIN, first)


def test_a_turned_coupling_has_the_status_of_its_scope(bench: Bench, scopes: ValueScopeService) -> None:
    set_status(bench, TargetStatus.CALIBRATED, "0-1", scope=None)
    measure_gate(bench, "1")
    shown = scopes.show(ADMIN, CHIP, SCOPE).transfer.statuses["0-1"]
    assert (shown.before, shown.after) == ("calibrated", "pending")
    set_status(bench, TargetStatus.CALIBRATED, "0-1")
    committed = scopes.commit(ADMIN, CHIP, SCOPE)
    assert committed.transfer.statuses == {}
    assert (bench.get_coupling("0-1").control, bench.get_coupling("0-1").status) == ("1", "calibrated")
    bench.qdash.get(VALUES).undo(ADMIN)
    set_status(bench, TargetStatus.FAILED, "0-1", scope=None)
    scopes.commit(ADMIN, CHIP, SCOPE)
    assert bench.get_coupling("0-1").status is TargetStatus.CALIBRATED, (
        "the later one is of the other direction"
    )


def test_a_reversion_leaves_statuses(bench: Bench, scopes: ValueScopeService) -> None:
    before = measure(bench, "Frequency", scope="noon")[0].execution_id
    scopes.commit(ADMIN, CHIP, "noon")
    measure(bench, "Frequency")
    set_status(bench, TargetStatus.CALIBRATED)
    scopes.commit(ADMIN, CHIP, SCOPE)
    moment = bench.qdash.get(VALUES).show_event(ADMIN, 1).head.created_at.isoformat()
    assert bench.qdash.get(VALUES).revert(ADMIN, CHIP, moment).event is not None
    qubit = bench.get_qubit()
    assert (qubit.data["frequency"].execution_id, qubit.status) == (before, "calibrated")


def test_values_of_the_former_direction_are_listed_as_removed(make_bench: MakeBench) -> None:
    other = make_task("Length", {"gate_length": Parameter(30.0)}, task_type="coupling")
    bench = make_bench(GATE, other)
    bench.run("Length", "0-1")
    measure_gate(bench, "1")
    removed = bench.qdash.get(VALUE_SCOPES).show(ADMIN, CHIP, SCOPE).transfer.removed
    assert list(removed["0-1"]) == ["gate_length"]
    scopes = bench.qdash.get(VALUE_SCOPES)
    assert scopes.commit(ADMIN, CHIP, SCOPE).transfer.removed == removed
    assert scopes.show(ADMIN, CHIP, SCOPE).transfer.removed == removed


@pytest.mark.every_store
def test_of_several_concurrent_commits_one_succeeds(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY)
    measure(bench, "Frequency")

    def commit(_: int) -> str:
        try:
            bench.qdash.get(VALUE_SCOPES).commit(ADMIN, CHIP, SCOPE)
        except ConflictError as error:
            return str(error)
        return "committed"

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(commit, range(4)))
    assert answers.count("committed") == 1
    assert all("was committed at" in answer for answer in answers if answer != "committed")
    assert [one.kind for one in bench.list_events()].count("value.committed") == 1


@pytest.mark.every_store
def test_a_scope_is_not_committed_while_a_run_starts_in_it(make_bench: MakeBench) -> None:
    created, connected = threading.Event(), threading.Event()
    hardware = make_backend(__init__=lambda _: created.set(), connect=lambda _: connected.set())
    bench = make_bench(FREQUENCY, backends=[hardware])

    def commit_after(moment: threading.Event, scope: str) -> None:
        assert moment.wait(60.0)
        bench.qdash.get(VALUE_SCOPES).commit(ADMIN, CHIP, scope)

    for number, moment in enumerate((created, created, connected)):
        scope = f"scope-{number}"
        measure(bench, "Frequency", scope=scope)
        moment.clear()
        session = None
        with ThreadPoolExecutor(1) as pool:
            commit = pool.submit(commit_after, moment, scope)
            with suppress(ConflictError):
                session = bench.start_session(scope=scope)
            refused = commit.exception()
        state = bench.qdash.get(VALUE_SCOPES).show(ADMIN, CHIP, scope).scope
        if session is None:
            assert (refused, state.status, len(state.executions)) == (None, ScopeStatus.COMMITTED, 1)
        else:
            session.cancel()
            assert isinstance(refused, LockedError)
            assert (state.status, len(state.executions)) == (ScopeStatus.OPEN, 2)


@pytest.mark.every_store
def test_an_interrupted_commit_changes_nothing(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process dies between the values and the state of the scope."""
    bench = make_bench(FREQUENCY)
    measure(bench, "Frequency")
    before = read_chip(bench)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("qdash_core.repositories.value_changes.ValueScopeRepository.put", die)
        with pytest.raises(KeyboardInterrupt):
            bench.qdash.get(VALUE_SCOPES).commit(ADMIN, CHIP, SCOPE)
    assert read_chip(bench) == before
    assert bench.qdash.get(VALUE_SCOPES).show(ADMIN, CHIP, SCOPE).scope.status is ScopeStatus.OPEN
    bench.qdash.get(VALUE_SCOPES).commit(ADMIN, CHIP, SCOPE)


def test_a_commit_waits_for_runs(bench: Bench, scopes: ValueScopeService) -> None:
    measure(bench, "Frequency")
    session = bench.start_session()
    with pytest.raises(LockedError, match="is being measured"):
        scopes.commit(ADMIN, CHIP, SCOPE)
    session.cancel()
    session = bench.start_session(scope=SCOPE)
    for close in (scopes.commit, scopes.discard):
        with pytest.raises(LockedError, match="is running in value scope evening"):
            close(ADMIN, CHIP, SCOPE)
    session.cancel()
    scopes.commit(ADMIN, CHIP, SCOPE)


def test_a_scope_of_a_dead_run_can_be_committed(bench: Bench, scopes: ValueScopeService) -> None:
    session = bench.start_session(scope=SCOPE)
    session.run_task("Frequency", "0")
    bench.abandon(session)
    assert scopes.commit(ADMIN, CHIP, SCOPE).scope.status is ScopeStatus.COMMITTED


def test_there_must_be_something_to_commit(make_bench: MakeBench) -> None:
    nan = TaskOutput(parameters={"frequency": Parameter(float("nan"), 0.1, "GHz")})
    broken = make_task(
        "Broken", analyse=lambda *_: nan, output_parameters={"frequency": OutputParameter(unit="GHz")}
    )
    bench = make_bench(FREQUENCY, broken)
    measure(bench, "Broken")
    scopes = bench.qdash.get(VALUE_SCOPES)
    with pytest.raises(ConflictError, match="has no accepted value"):
        scopes.commit(ADMIN, CHIP, SCOPE)
    measure(bench, "Frequency")
    bench.run("Frequency")
    with pytest.raises(ConflictError, match="nothing to commit"):
        scopes.commit(ADMIN, CHIP, SCOPE)
    assert scopes.show(ADMIN, CHIP, SCOPE).scope.status is ScopeStatus.OPEN


# --------------------------------------------------------------------------------------------------------------- discard


@pytest.mark.every_store
def test_a_discarded_scope_leaves_an_event_and_no_value(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY)
    (result,) = measure(bench, "Frequency")
    before = read_chip(bench)
    closed = bench.qdash.get(VALUE_SCOPES).discard(ADMIN, CHIP, SCOPE, reason="the magnet was on")
    assert (closed.status, closed.closed_by, closed.reason) == (
        ScopeStatus.DISCARDED,
        "admin",
        "the magnet was on",
    )
    assert read_chip(bench) == before
    event = bench.list_events()[-1]
    assert (event.kind, event.data["scope"]) == ("value.discarded", SCOPE)
    assert bench.get_stored(result).output_parameters
    for close in (bench.qdash.get(VALUE_SCOPES).discard, bench.qdash.get(VALUE_SCOPES).commit):
        with pytest.raises(ConflictError, match=r"was discarded at .* by admin"):
            close(ADMIN, CHIP, SCOPE)


def test_a_repeated_request_with_one_key_closes_once(bench: Bench, scopes: ValueScopeService) -> None:
    measure(bench, "Frequency")
    first = scopes.commit(ADMIN, CHIP, SCOPE, key="7f1c")
    assert scopes.commit(ADMIN, CHIP, SCOPE, key="7f1c").scope == first.scope
    measure(bench, "Frequency", scope="night")
    assert scopes.discard(ADMIN, CHIP, "night", key="8a") == scopes.discard(ADMIN, CHIP, "night", key="8a")


# ------------------------------------------------------------------------------------------------------ names and rights


def test_a_closed_name_is_refused(bench: Bench, scopes: ValueScopeService) -> None:
    measure(bench, "Frequency")
    scopes.commit(ADMIN, CHIP, SCOPE)
    events = bench.list_events()
    with pytest.raises(ConflictError, match=r"evening was committed at .* by admin: choose another name"):
        bench.start_session(scope=SCOPE)
    with pytest.raises(ConflictError, match="choose another name"):
        bench.make_service(scope=SCOPE).check(QubitTargets(["0"]), [CustomOneQubit(["Frequency"])])
    assert bench.list_events() == events
    bench.start_session().cancel()


@pytest.mark.parametrize("name", ["", " evening", "a/b", "x" * 65, "-a"])
def test_an_invalid_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidInputError, match="value scope"):
        CalibConfig(username="admin", chip_id=CHIP, scope=name)


def test_an_unsaved_run_names_no_scope() -> None:
    with pytest.raises(InvalidInputError, match="keeps its values there"):
        CalibConfig(username="admin", chip_id=CHIP, scope=SCOPE, saved=False)


def test_a_simulated_run_uses_no_scope(bench: Bench, scopes: ValueScopeService) -> None:
    with pytest.raises(InvalidInputError, match="simulated run cannot use a value scope"):
        bench.start_session(scope=SCOPE, backend_name="twin")
    assert scopes.list_by_chip(ADMIN, CHIP) == []


def test_scopes_of_a_chip_are_listed_newest_first(bench: Bench, scopes: ValueScopeService) -> None:
    measure(bench, "Frequency", scope="first")
    measure(bench, "Frequency", scope="second")
    assert [one.name for one in scopes.list_by_chip(ADMIN, CHIP)] == ["second", "first"]
    with pytest.raises(NotFoundError, match="no value scope 'night'"):
        scopes.show(ADMIN, CHIP, "night")
    with pytest.raises(NotFoundError):
        scopes.list_by_chip(ADMIN, "other")


def test_a_viewer_reads_and_closes_nothing(bench: Bench, scopes: ValueScopeService) -> None:
    measure(bench, "Frequency")
    viewer = access_of("victor", role=ProjectRole.VIEWER)
    assert scopes.show(viewer, CHIP, SCOPE).scope.name == SCOPE
    for close in (scopes.commit, scopes.discard):
        with pytest.raises(AccessDeniedError):
            close(viewer, CHIP, SCOPE)
