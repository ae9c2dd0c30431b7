"""The status of a qubit or coupling follows its newest measurements."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.values.feature import VALUE_SCOPES, VALUES
from qdash_core import AnalysisError, BackendError, OutputParameter, Parameter, TaskOutput
from qdash_core.errors import NoSignalError
from qdash_core.models.chip import MeasuredAttempt, TargetStatus
from qdash_core.models.judgement import FailureKind
from qdash_core.models.task import TaskStatus
from qdash_core.repositories.chips import ChipRepository, QubitCalibrationRepository
from qdash_core.values.evidence import join_failures, read_evidence
from qdash_core.values.usable_results import UsableResults

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, SIGNAL, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask
    from qdash_core.models.task import TaskResultModel

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

NEXT = {"outcome": "accepted"}
"""Outcome of the next measurements; with `then` only of the next one, and `then` of those after it."""


def analyse(task: BaseTask, _raw: object) -> TaskOutput:
    """Return an output with the next outcome: a reduced chi² above 10 is flagged, a negative value rejected."""
    outcome = NEXT["outcome"]
    NEXT["outcome"] = NEXT.pop("then", outcome)
    if outcome == "failed":
        raise AnalysisError("no peak")
    if outcome == "absent":
        raise NoSignalError("no peak above the noise")
    value = -1.0 if outcome == "rejected" else 5.0
    quality = {"reduced_chi2": 100.0 if outcome == "flagged" else 1.0}
    return TaskOutput({name: Parameter(value) for name in task.output_parameters}, quality=quality)


def make_measurement(name: str, *outputs: str, **attributes: Any) -> type[BaseTask]:
    declared = {one: OutputParameter(minimum=0.0) for one in outputs}
    return make_task(name, analyse=analyse, output_parameters=declared, **attributes)


FREQUENCY = make_measurement("Frequency", "qubit_frequency")
RAMSEY = make_measurement("Ramsey", "qubit_frequency", "t2_star")
T1 = make_measurement("T1", "t1")


@pytest.fixture(autouse=True)
def _accept_next() -> None:
    NEXT["outcome"] = "accepted"


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(FREQUENCY, RAMSEY, T1)


def measure(bench: Bench, outcome: str, name: str = "Frequency", **config: Any) -> TaskResultModel:
    NEXT["outcome"] = outcome
    return bench.run(name, **config)


def get_status(bench: Bench) -> str:
    return str(bench.get_qubit().status)


@pytest.mark.every_store
@pytest.mark.parametrize("outcome", ["failed", "rejected"])
def test_a_target_without_an_essential_value_is_failed_until_a_measurement_succeeds(
    make_bench: MakeBench, outcome: str
) -> None:
    bench = make_bench(FREQUENCY, RAMSEY, T1)
    result = measure(bench, outcome)
    qubit = bench.get_qubit()
    assert qubit.status is TargetStatus.FAILED
    assert qubit.status_reason is not None
    assert qubit.status_reason.task_id == result.task_id
    assert qubit.status_reason.text.startswith(
        f"Frequency {'was ' if outcome == 'rejected' else ''}{outcome}: "
    )
    assert (
        bench.repositories.of(QubitCalibrationRepository).list_days(PROJECT, CHIP, "0")[-1].status
        is TargetStatus.FAILED
    )
    measure(bench, "accepted", "Ramsey")
    qubit = bench.get_qubit()
    assert (qubit.status, qubit.failures) == (TargetStatus.CALIBRATED, {})


@pytest.mark.parametrize("outcome", ["failed", "rejected"])
def test_measurements_that_do_not_tell_take_nothing_from_a_target_with_a_value(
    bench: Bench, outcome: str
) -> None:
    measure(bench, "accepted")
    for _ in range(3):
        measure(bench, outcome)
    qubit = bench.get_qubit()
    assert (qubit.status, qubit.data["qubit_frequency"].value) == (TargetStatus.CALIBRATED, 5.0)
    assert qubit.failures["qubit_frequency"].times == 3


@pytest.mark.every_store
@pytest.mark.parametrize("name", ["Frequency", "T1"])
def test_a_target_whose_signal_is_absent_twice_in_a_row_is_failed_until_the_signal_returns(
    make_bench: MakeBench, name: str
) -> None:
    bench = make_bench(FREQUENCY, RAMSEY, T1)
    measure(bench, "accepted")
    measure(bench, "accepted", name)
    result = measure(bench, "absent", name)
    first, second = bench.list_results(result.execution_id)
    qubit = bench.get_qubit()
    assert (qubit.status, qubit.data["qubit_frequency"].value) == (TargetStatus.FAILED, 5.0)
    assert qubit.status_reason is not None
    assert (qubit.status_reason.since, qubit.status_reason.task_id) == (first.start_at, second.task_id)
    assert qubit.status_reason.text == (
        f"{name} failed: no peak above the noise, in two measurements in a row"
    )
    measure(bench, "failed", name)
    assert get_status(bench) == "failed", "the next measurement did not tell"
    measure(bench, "accepted", name)
    qubit = bench.get_qubit()
    assert (qubit.status, qubit.failures) == (TargetStatus.CALIBRATED, {})


def test_a_signal_that_was_absent_once_changes_nothing(bench: Bench) -> None:
    measure(bench, "accepted")
    NEXT["outcome"], NEXT["then"] = "absent", "accepted"
    result = bench.run("Frequency")
    assert [one.outcome for one in bench.list_results(result.execution_id)] == ["failed", "accepted"]
    assert (get_status(bench), bench.get_qubit().failures) == ("calibrated", {})


def test_a_signal_is_not_measured_again_where_none_is_expected(bench: Bench) -> None:
    new = measure(bench, "absent")
    assert [one.attempt for one in bench.list_results(new.execution_id)] == [1]
    measure(bench, "accepted")
    measure(bench, "absent")
    assert get_status(bench) == "failed"
    known = measure(bench, "absent")
    assert [one.attempt for one in bench.list_results(known.execution_id)] == [1]
    unsaved = measure(bench, "absent", saved=False)
    assert [one.attempt for one in bench.list_results(unsaved.execution_id)] == [1]


def test_the_couplings_of_a_failed_qubit_are_failed_and_return_with_it(make_bench: MakeBench) -> None:
    gate = make_measurement("Gate", "zx90_gate_fidelity", "zx90_gate_time", task_type="coupling")
    bench = make_bench(FREQUENCY, gate)
    measure(bench, "accepted", qid="1")
    measure(bench, "absent", qid="1")
    assert bench.get_coupling("0-1").status is TargetStatus.PENDING, "it was never calibrated"
    measure(bench, "accepted", qid="1")
    measure(bench, "accepted", "Gate", qid="0-1")
    assert bench.get_coupling("0-1").status is TargetStatus.CALIBRATED
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "1-2", TargetStatus.DEAD, "no coupling")
    measure(bench, "absent", qid="1")
    coupling = bench.get_coupling("0-1")
    assert coupling.status is TargetStatus.FAILED
    assert coupling.status_reason is not None
    assert coupling.status_reason.text == "qubit 1 failed"
    assert bench.get_coupling("1-2").status is TargetStatus.DEAD
    measure(bench, "accepted", "Gate", qid="0-1")
    assert bench.get_coupling("0-1").status is TargetStatus.FAILED, "the qubit is still failed"
    measure(bench, "accepted", qid="1")
    coupling = bench.get_coupling("0-1")
    assert (coupling.status, coupling.status_reason) == (TargetStatus.CALIBRATED, None)


def test_a_coupling_without_a_gate_stays_failed_when_its_qubit_returns(make_bench: MakeBench) -> None:
    gate = make_measurement("Gate", "zx90_gate_fidelity", "zx90_gate_time", task_type="coupling")
    bench = make_bench(FREQUENCY, gate)
    measure(bench, "accepted")
    measure(bench, "failed", "Gate", qid="0-1")
    measure(bench, "absent")
    measure(bench, "accepted")
    assert bench.get_coupling("0-1").status is TargetStatus.FAILED


def test_the_failure_of_a_metric_that_is_not_essential_leaves_the_status(bench: Bench) -> None:
    measure(bench, "accepted")
    result = measure(bench, "failed", "T1")
    assert get_status(bench) == "calibrated"
    assert bench.get_qubit().failures["t1"].task_id == result.task_id


def test_a_target_fails_while_any_essential_metric_fails(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_measurement("Rabi", "rabi_frequency"))
    measure(bench, "failed", "Rabi")
    measure(bench, "accepted")
    assert get_status(bench) == "failed"
    measure(bench, "accepted", "Rabi")
    assert get_status(bench) == "calibrated"


def test_a_target_is_calibrated_when_it_has_every_essential_value_that_tasks_measure(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(FREQUENCY, make_measurement("Rabi", "rabi_frequency"))
    measure(bench, "accepted", "Rabi", qid="1")
    measure(bench, "accepted")
    assert get_status(bench) == "pending"
    measure(bench, "accepted", "Rabi")
    assert get_status(bench) == "calibrated"


def test_a_metrics_file_says_what_is_essential(make_bench: MakeBench, tmp_path: Any) -> None:
    file = tmp_path / "metrics.yaml"
    file.write_text("qubit_metrics: {qubit_frequency: {essential: false}, t1: {essential: true}}")
    bench = make_bench(FREQUENCY, T1, metrics_file=file)
    measure(bench, "failed")
    assert get_status(bench) == "pending"
    measure(bench, "failed", "T1")
    assert get_status(bench) == "failed"


def raise_backend_error(_task: object, _backend: object) -> Any:
    if NEXT["outcome"] == "lost":
        raise BackendError("the instruments do not answer")
    if NEXT["outcome"] == "broken":
        raise ValueError("a fault of the program before the data are complete")
    return SIGNAL


@pytest.mark.parametrize("outcome", ["lost", "broken"])
@pytest.mark.parametrize("before", ["accepted", "failed"])
def test_an_incomplete_measurement_changes_no_status(
    make_bench: MakeBench, outcome: str, before: str
) -> None:
    bench = make_bench(make_measurement("Frequency", "qubit_frequency", measure=raise_backend_error))
    measure(bench, before)
    known = bench.get_qubit()
    result = measure(bench, outcome)
    assert (result.status, result.measurement_complete) == (TaskStatus.FAILED, False)
    assert bench.get_qubit() == known


def test_a_backend_error_during_the_analysis_changes_no_status(make_bench: MakeBench) -> None:
    def read_again(_task: object, _raw: object) -> TaskOutput:
        raise BackendError("the instruments do not answer")

    bench = make_bench(make_task("Frequency", {"qubit_frequency": Parameter(5.0)}, analyse=read_again))
    bench.run("Frequency")
    assert get_status(bench) == "pending"


def test_a_missing_input_changes_no_status(make_bench: MakeBench) -> None:
    bench = make_bench(make_measurement("Ramsey", "qubit_frequency", needs=["pi_amplitude"]))
    result = bench.run("Ramsey")
    assert (result.status, get_status(bench)) == (TaskStatus.FAILED, "pending")


@pytest.mark.parametrize("config", [{"saved": False}, {"scope": "trial"}])
def test_a_run_that_does_not_write_to_the_chip_changes_no_status(
    bench: Bench, config: dict[str, Any]
) -> None:
    measure(bench, "accepted")
    measure(bench, "absent", **config)
    measure(bench, "failed", qid="1", **config)
    assert get_status(bench) == "calibrated"
    assert bench.get_qubit().failures == {}
    assert bench.get_qubit("1").status is TargetStatus.PENDING


def test_the_failures_of_a_value_scope_become_the_chips_when_it_is_committed(bench: Bench) -> None:
    measure(bench, "accepted")
    measure(bench, "accepted", "T1", scope="night")
    measure(bench, "absent", scope="night")
    measure(bench, "failed", scope="night", qid="1")
    assert get_status(bench) == "calibrated"
    event = bench.qdash.get(VALUE_SCOPES).commit(ADMIN, CHIP, "night").scope.event
    assert get_status(bench) == "failed"
    assert bench.get_qubit("1").status is TargetStatus.FAILED, "it has no accepted value in the scope"
    bench.qdash.get(VALUES).undo(ADMIN, event)
    assert get_status(bench) == "calibrated"
    assert bench.get_qubit("1").failures == {}


def test_excluded_and_dead_targets_keep_their_status(bench: Bench) -> None:
    for status in (TargetStatus.EXCLUDED, TargetStatus.DEAD):
        bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "0", status, "no signal")
        for outcome in ("failed", "accepted"):
            measure(bench, outcome)
            assert bench.get_qubit().status is status


def test_a_target_that_is_included_again_has_its_former_status(bench: Bench) -> None:
    [included] = include(bench)
    assert included.status == "pending"
    for outcome, expected in (("accepted", "calibrated"), ("failed", "calibrated"), ("absent", "failed")):
        measure(bench, outcome)
        [included] = include(bench)
        assert included.status == expected


def include(bench: Bench) -> Any:
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "0", TargetStatus.EXCLUDED, "no signal")
    return bench.qdash.get(TARGETS).take_back(ADMIN, CHIP, "0", "soldered")


@pytest.mark.parametrize(
    ("before", "outcome", "status_after"),
    [("failed", "accepted", "calibrated"), ("accepted", "absent", "failed")],
)
def test_a_target_that_was_measured_while_it_was_excluded_has_the_status_that_follows(
    bench: Bench, before: str, outcome: str, status_after: str
) -> None:
    measure(bench, before)
    for status in (TargetStatus.EXCLUDED, TargetStatus.DEAD):
        bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, "0", status, "no signal")
    measure(bench, outcome)
    [included] = bench.qdash.get(TARGETS).take_back(ADMIN, CHIP, "0", "soldered")
    assert included.status == status_after


def test_the_values_of_a_killed_analysis_are_no_evidence(bench: Bench) -> None:
    measure(bench, "accepted")
    session = bench.start_session()
    running = session.run_task("Frequency", "0")
    execution_id = bench.abandon(session)
    unfinished = {"status": TaskStatus.RUNNING, "verdict": None, "measurement_complete": None, "end_at": None}
    half = bench.get_stored(running).model_copy(update=unfinished)
    with bench.qdash.store.transaction() as transaction:
        transaction.put("task_result_history", half.to_document())
    bench.qdash.external_transitions.end_interrupted(PROJECT)
    ended = next(one for one in bench.list_results(execution_id) if one.task_id == running.task_id)
    assert (ended.status, ended.measurement_complete) == (TaskStatus.FAILED, False)
    t1 = measure(bench, "accepted", "T1")
    bench.qdash.get(VALUES).reject(ADMIN, t1.task_id, reason="a jump")
    assert get_status(bench) == "calibrated"


def test_an_invalid_metrics_file_stops_neither_runs_nor_decisions(
    make_bench: MakeBench, tmp_path: Any
) -> None:
    file = tmp_path / "metrics.yaml"
    file.write_text("qubit_metrics: {t1: {essential: treu}}")
    bench = make_bench(FREQUENCY, T1, metrics_file=file)
    result = measure(bench, "failed")
    assert get_status(bench) == "failed"
    accepted = measure(bench, "accepted")
    bench.qdash.get(VALUES).reject(ADMIN, accepted.task_id, reason="two peaks")
    assert result.measurement_complete


def test_the_undo_of_an_acceptance_without_which_values_are_missing_is_pending(bench: Bench) -> None:
    flagged = measure(bench, "flagged")
    event = bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id).event
    assert get_status(bench) == "calibrated"
    bench.qdash.get(VALUES).undo(ADMIN, event.number)
    assert get_status(bench) == "pending"


@pytest.mark.every_store
def test_a_flagged_result_leaves_the_status_until_a_person_decides(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, RAMSEY, T1)
    measure(bench, "accepted")
    flagged = measure(bench, "flagged")
    qubit = bench.get_qubit()
    assert (qubit.status, qubit.disputes["qubit_frequency"].task_id) == (
        TargetStatus.CALIBRATED,
        flagged.task_id,
    )
    event = bench.qdash.get(VALUES).reject(ADMIN, flagged.task_id, reason="two peaks").event
    qubit = bench.get_qubit()
    assert (qubit.status, qubit.disputes) == (TargetStatus.CALIBRATED, {}), "the earlier value is in use"
    assert qubit.failures["qubit_frequency"].text == "Frequency was rejected by admin: two peaks"
    bench.qdash.get(VALUES).undo(ADMIN, event.number)
    qubit = bench.get_qubit()
    assert (qubit.status, [*qubit.disputes]) == (TargetStatus.CALIBRATED, ["qubit_frequency"])
    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id)
    qubit = bench.get_qubit()
    assert (qubit.status, qubit.disputes) == (TargetStatus.CALIBRATED, {})


def test_a_flagged_result_does_not_heal_a_failed_target(bench: Bench) -> None:
    measure(bench, "failed")
    flagged = measure(bench, "flagged")
    assert get_status(bench) == "failed"
    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id)
    assert get_status(bench) == "calibrated"


def test_a_target_whose_only_measurement_was_rejected_by_a_person_is_failed(bench: Bench) -> None:
    result = measure(bench, "accepted")
    event = bench.qdash.get(VALUES).reject(ADMIN, result.task_id, reason="the wrong line").event
    assert get_status(bench) == "failed"
    bench.qdash.get(VALUES).undo(ADMIN, event.number)
    assert get_status(bench) == "calibrated"


def test_a_refit_that_is_accepted_resolves_the_failure_of_its_measurement(bench: Bench) -> None:
    failed = measure(bench, "failed")
    assert get_status(bench) == "failed"
    NEXT["outcome"] = "accepted"
    bench.qdash.get(RESULTS).refit(ADMIN, failed.task_id)
    assert get_status(bench) == "calibrated"


def test_a_refit_that_fails_is_no_new_measurement(bench: Bench) -> None:
    accepted = measure(bench, "accepted")
    NEXT["outcome"] = "failed"
    bench.qdash.get(RESULTS).refit(ADMIN, accepted.task_id)
    assert get_status(bench) == "calibrated"


def test_an_optional_value_that_a_later_success_does_not_yield_is_not_failed_any_more(
    make_bench: MakeBench,
) -> None:
    def analyse_some(_task: object, _raw: object) -> TaskOutput:
        if NEXT["outcome"] == "failed":
            raise AnalysisError("no decay")
        return TaskOutput({"t1": Parameter(10.0)})

    outputs = {"t1": OutputParameter(), "qubit_frequency": OutputParameter(optional=True)}
    bench = make_bench(make_task("Both", analyse=analyse_some, output_parameters=outputs))
    measure(bench, "failed", "Both")
    assert get_status(bench) == "failed"
    measure(bench, "accepted", "Both")
    assert bench.get_qubit().failures == {}
    assert get_status(bench) != "failed"


def test_values_that_a_person_sets_are_no_evidence(bench: Bench) -> None:
    measure(bench, "failed")
    bench.qdash.get(VALUES).set(
        ADMIN, CHIP, "0", {"qubit_frequency": Parameter(5.1)}, reason="from the design"
    )
    assert get_status(bench) == "failed"


def test_another_direction_of_a_coupling_has_no_failures(make_bench: MakeBench) -> None:
    bench = make_bench(make_measurement("Gate", "zx90_gate_fidelity", task_type="coupling"))
    measure(bench, "failed", "Gate", qid="0-1")
    coupling = bench.get_coupling("0-1")
    assert (coupling.status, [*coupling.failures]) == (TargetStatus.FAILED, ["zx90_gate_fidelity"])
    bench.qdash.chip_record.set_directions(PROJECT, CHIP, {"0-1": "1"})
    coupling = bench.get_coupling("0-1")
    assert (coupling.status, coupling.status_reason, coupling.failures) == (TargetStatus.PENDING, None, {})


@pytest.mark.every_store
def test_the_first_run_on_a_chip_of_an_older_version_adds_the_outcomes_of_its_results(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(FREQUENCY, RAMSEY, T1)
    measure(bench, "accepted")
    measure(bench, "accepted", "T1")
    failed, flagged = measure(bench, "failed"), measure(bench, "flagged", "T1")
    measure(bench, "accepted", qid="1")
    forget_outcomes(bench)
    bench.qdash.chip_record.set_status(PROJECT, CHIP, "1", TargetStatus.FAILED)
    measure(bench, "accepted", qid="4")
    qubit = bench.get_qubit()
    assert qubit.failures["qubit_frequency"].task_id == failed.task_id
    assert qubit.disputes["t1"].task_id == flagged.task_id
    assert bench.get_qubit("1").status is TargetStatus.CALIBRATED
    assert bench.repositories.of(ChipRepository).require(PROJECT, CHIP).assessed


def forget_outcomes(bench: Bench) -> None:
    """Reduce the chip to what older versions stored."""
    with bench.qdash.store.transaction() as transaction:
        for qubit in transaction.find("qubit", {"project_id": PROJECT, "chip_id": CHIP}):
            new = ("failures", "disputes", "status_reason")
            transaction.put("qubit", {name: value for name, value in qubit.items() if name not in new})
        chip = transaction.get("chip", (PROJECT, CHIP))
        assert chip is not None
        transaction.put("chip", {name: value for name, value in chip.items() if name != "assessed"})


KINDS = {
    "failed": FailureKind.COULD_NOT_TELL,
    "absent": FailureKind.NO_SIGNAL,
    "rejected": FailureKind.REJECTED,
}


@pytest.mark.parametrize("outcome", KINDS)
def test_a_failure_has_the_kind_of_its_measurement(bench: Bench, outcome: str) -> None:
    result = measure(bench, outcome)
    failure = bench.get_qubit().failures["qubit_frequency"]
    assert (failure.kind, failure.task_id) == (KINDS[outcome], result.task_id)
    assert result.no_signal is (True if outcome == "absent" else None)


def test_a_rejection_by_a_user_has_a_kind_of_its_own(bench: Bench) -> None:
    result = measure(bench, "accepted")
    bench.qdash.get(VALUES).reject(ADMIN, result.task_id, reason="two peaks")
    assert bench.get_qubit().failures["qubit_frequency"].kind is FailureKind.REJECTED_BY_USER


def test_failures_in_a_row_are_counted_from_the_first_one(bench: Bench) -> None:
    first = measure(bench, "rejected")
    measure(bench, "failed", "Ramsey")
    measure(bench, "failed", "T1")
    measure(bench, "flagged")
    measure(bench, "absent")
    failures = bench.get_qubit().failures
    assert {name: one.times for name, one in failures.items()} == {
        "qubit_frequency": 3,
        "t2_star": 1,
        "t1": 1,
    }
    assert failures["qubit_frequency"].first_at == first.start_at
    measure(bench, "accepted")
    again = measure(bench, "failed")
    known = bench.get_qubit().failures["qubit_frequency"]
    assert (known.times, known.first_at) == (1, again.start_at)


def test_a_refit_is_no_second_measurement(bench: Bench) -> None:
    failed = measure(bench, "absent")
    refit = bench.qdash.get(RESULTS).refit(ADMIN, failed.task_id)
    known = bench.get_qubit().failures["qubit_frequency"]
    assert (known.times, known.kind) == (1, FailureKind.NO_SIGNAL)
    assert refit.no_signal is True


def make_failure(kind: FailureKind, *, run: str, hour: int) -> MeasuredAttempt:
    at = datetime(2026, 7, 1, hour, tzinfo=UTC)
    return MeasuredAttempt(
        task="Rabi", task_id=str(hour), execution_id=run, measured_at=at, ended_at=at, text="", kind=kind
    )


ABSENT, UNCLEAR = FailureKind.NO_SIGNAL, FailureKind.COULD_NOT_TELL


@pytest.mark.parametrize(
    ("measured", "absent_since"),
    [
        ([("1", ABSENT)], None),
        ([("1", ABSENT), ("1", ABSENT)], 0),
        ([("1", UNCLEAR), ("1", ABSENT), ("1", ABSENT)], 1),
        ([("1", ABSENT), ("2", ABSENT)], None),
        ([("1", ABSENT), ("1", UNCLEAR), ("1", ABSENT)], None),
        ([("1", ABSENT), ("1", ABSENT), ("2", UNCLEAR), ("3", ABSENT)], 0),
    ],
)
def test_the_absence_of_a_signal_is_confirmed_by_the_next_measurement_of_the_run(
    measured: list[tuple[str, FailureKind]], absent_since: int | None
) -> None:
    row = [make_failure(kind, run=run, hour=hour) for hour, (run, kind) in enumerate(measured)]
    found = join_failures(reversed(row))
    assert (found.times, found.first_at) == (len(row), row[0].measured_at)
    assert found.absent_since == (None if absent_since is None else row[absent_since].measured_at)
    for place in range(1, len(row)):
        assert join_failures(reversed(row[place:]), join_failures(reversed(row[:place]))) == found


OUTPUTS = {"Frequency": ["qubit_frequency"], "Ramsey": ["qubit_frequency", "t2_star"], "T1": ["t1"]}
OUTCOMES = st.lists(
    st.tuples(
        st.sampled_from(["Frequency", "Ramsey", "T1"]),
        st.sampled_from(["accepted", "flagged", "failed", "absent", "rejected"]),
    ),
    min_size=1,
    max_size=8,
)


@given(outcomes=OUTCOMES)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_runs_store_is_what_all_results_together_say(
    bench: Bench, outcomes: list[tuple[str, str]]
) -> None:
    check_evidence(bench, outcomes)


@pytest.mark.release
@given(outcomes=OUTCOMES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_runs_store_is_what_many_results_together_say(
    bench: Bench, outcomes: list[tuple[str, str]]
) -> None:
    check_evidence(bench, outcomes)


def check_evidence(bench: Bench, outcomes: list[tuple[str, str]]) -> None:
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    bench.add_chip(CHIP)
    session = bench.start_session()
    decisive: dict[str, str] = {}
    for name, outcome in outcomes:
        NEXT["outcome"] = outcome
        session.run_task(name, "0")
        if outcome != "flagged":
            decisive |= dict.fromkeys(OUTPUTS[name], outcome)
    session.complete()
    qubit = bench.get_qubit()
    header = bench.repositories.of(ChipRepository).require(PROJECT, CHIP)
    names = {"qubit_frequency", "t2_star", "t1"}
    found = read_evidence(bench.repositories, header, qubit, names, UsableResults(bench.repositories, header))
    joined = {name: join_failures(row) for name, row in found.failures.items()}
    assert (qubit.failures, qubit.disputes) == (joined, found.disputes)
    assert qubit.failures.keys() == {
        name for name, outcome in decisive.items() if outcome in ("failed", "absent", "rejected")
    }
    assert get_status(bench) == expect_status(outcomes)


def expect_status(outcomes: list[tuple[str, str]]) -> str:
    """Return the status after these measurements, each repeated if its signal is expected and absent."""
    accepted, absent, known = set[str](), set[str](), set[str]()
    for name, outcome in outcomes:
        outputs = set(OUTPUTS[name])
        if outcome == "accepted":
            accepted |= outputs
            absent -= outputs
        elif outcome == "absent" and outputs & accepted and not absent & accepted:
            absent |= outputs
        if outcome != "flagged":
            known |= outputs
    if absent & accepted:
        return "failed"
    if "qubit_frequency" in accepted:
        return "calibrated"
    return "failed" if "qubit_frequency" in known else "pending"
