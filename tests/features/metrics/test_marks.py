"""Marks of values in use: too old, last failed, inputs moved, disputed."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdash_builtin.chips.feature import CHIPS, TARGETS
from qdash_builtin.metrics.feature import METRICS
from qdash_builtin.metrics.selection import Mode, Selection
from qdash_builtin.metrics.service import MetricsService
from qdash_builtin.metrics.views.metrics import ChipValuesDocument
from qdash_builtin.values.feature import VALUES
from qdash_core import AnalysisError, OutputParameter, Parameter, TaskOutput
from qdash_core.models.marks import Mark
from qdash_core.process.clock import utc_now
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN
from ...core.bench import CHIP, make_task

if TYPE_CHECKING:
    from pathlib import Path

    from qdash_core import BaseTask
    from qdash_core.models.marks import ValueMark
    from qdash_core.models.task import TaskResultModel

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

NEXT: dict[str, Any] = {}
"""Value, error and outcome of the next measurement."""


def analyse(task: BaseTask, _raw: object) -> TaskOutput:
    if NEXT.get("outcome") == "failed":
        raise AnalysisError("no peak")
    quality = {"reduced_chi2": 100.0 if NEXT.get("outcome") == "flagged" else 1.0}
    value = Parameter(NEXT.get("value", 5.0), NEXT.get("error", 0.01))
    return TaskOutput(dict.fromkeys(task.output_parameters, value), quality=quality)


def make_measurement(name: str, output: str, *needs: str) -> type[BaseTask]:
    return make_task(name, analyse=analyse, needs=needs, output_parameters={output: OutputParameter()})


TASKS = (
    make_measurement("Frequency", "qubit_frequency"),
    make_measurement("Pulse", "pi_amplitude", "qubit_frequency"),
    make_measurement("T1", "t1", "pi_amplitude"),
)


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(*TASKS)


def measure(bench: Bench, name: str, **given: Any) -> TaskResultModel:
    NEXT.clear()
    NEXT.update(given)
    return bench.run(name)


def measure_all(bench: Bench) -> None:
    for name in ("Frequency", "Pulse", "T1"):
        measure(bench, name)


def list_marks(bench: Bench) -> dict[str, list[str]]:
    """Return the marks of the values of qubit 0, by name."""
    found = bench.qdash.get(METRICS).list_marks(ADMIN, CHIP).get("0", {})
    return {name: [str(one.mark) for one in marks] for name, marks in found.items()}


def get_mark(bench: Bench, name: str) -> ValueMark:
    (mark,) = bench.qdash.get(METRICS).list_marks(ADMIN, CHIP)["0"][name]
    return mark


@pytest.mark.every_store
def test_values_without_cause_have_no_marks(make_bench: MakeBench) -> None:
    bench = make_bench(*TASKS)
    measure_all(bench)
    assert bench.qdash.get(METRICS).list_marks(ADMIN, CHIP) == {}
    document = ChipValuesDocument.from_stored(bench.qdash.get(METRICS).get_stored(ADMIN, CHIP)).as_json()
    assert "marks" not in document["qubits"]["0"]["t1"]


@pytest.mark.parametrize(("days", "marked"), [(6, False), (8, True)])
def test_a_value_older_than_its_age_limit_is_too_old(bench: Bench, days: int, marked: bool) -> None:
    measure_all(bench)
    later = MetricsService(bench.qdash.store, clock=lambda: utc_now() + timedelta(days=days))
    found = later.list_marks(ADMIN, CHIP).get("0", {})
    assert [one.mark for one in found.get("t1", [])] == [Mark.TOO_OLD] * marked
    if marked:
        assert found["t1"][0].reason == "measured 8 d ago; the limit is 7 d"


@pytest.mark.every_store
def test_a_value_is_marked_while_its_newest_measurement_failed(make_bench: MakeBench) -> None:
    bench = make_bench(*TASKS)
    measure_all(bench)
    failed = measure(bench, "T1", outcome="failed")
    mark = get_mark(bench, "t1")
    assert (mark.mark, mark.reason, mark.task_id) == (
        Mark.LAST_FAILED,
        "T1 failed: no peak",
        failed.task_id,
    )
    measure(bench, "T1")
    assert list_marks(bench) == {}


@pytest.mark.every_store
def test_a_metric_has_failed_when_its_newest_measurement_did(make_bench: MakeBench) -> None:
    bench = make_bench(*TASKS)
    measure(bench, "Frequency")
    failed = measure(bench, "Frequency", outcome="failed")
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"pi_amplitude": Parameter(0.3)}, reason="a trial")
    measure(bench, "T1", outcome="failed")
    chosen = bench.qdash.get(METRICS).select(ADMIN, CHIP, Selection(failed=True))
    assert {target: [*had] for target, had in chosen.failures.items()} == {"0": ["qubit_frequency", "t1"]}
    failure = chosen.failures["0"]["qubit_frequency"]
    assert (failure.task, failure.task_id, failure.ended_at) == ("Frequency", failed.task_id, failed.end_at)
    assert [*chosen.values.qubits["0"]] == ["qubit_frequency"], "T1 has no value"
    day_old = Selection(failed=True, older_than=timedelta(days=1))
    assert bench.qdash.get(METRICS).select(ADMIN, CHIP, day_old).failures == {}


def test_a_value_is_disputed_while_a_newer_flagged_one_awaits_a_decision(bench: Bench) -> None:
    measure_all(bench)
    flagged = measure(bench, "T1", outcome="flagged", value=5.02)
    mark = get_mark(bench, "t1")
    assert (mark.mark, mark.task_id) == (Mark.DISPUTED, flagged.task_id)
    assert mark.reason.startswith("T1 was flagged: ")
    bench.qdash.get(VALUES).accept(ADMIN, flagged.task_id)
    assert list_marks(bench) == {}


def test_an_earlier_flagged_value_is_not_disputed_after_a_decision_on_the_newest(bench: Bench) -> None:
    measure_all(bench)
    measure(bench, "T1", outcome="flagged")
    newest = measure(bench, "T1", outcome="flagged")
    bench.qdash.get(VALUES).reject(ADMIN, newest.task_id, reason="a jump")
    assert list_marks(bench) == {}


def test_a_value_that_a_person_set_after_the_flagged_one_is_not_disputed(bench: Bench) -> None:
    measure_all(bench)
    measure(bench, "T1", outcome="flagged")
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(6.0)}, reason="from another setup")
    assert list_marks(bench) == {}


@pytest.mark.every_store
def test_values_are_marked_when_an_input_has_moved_by_more_than_three_combined_errors(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(*TASKS)
    measure_all(bench)
    measure(bench, "Frequency", value=5.042)  # 2.97 combined errors
    assert list_marks(bench) == {}
    moved = measure(bench, "Frequency", value=5.043)  # 3.04
    assert list_marks(bench) == {"pi_amplitude": ["inputs-moved"], "t1": ["inputs-moved"]}
    mark = get_mark(bench, "pi_amplitude")
    assert (mark.reason, mark.task_id) == (
        "Qubit frequency has moved by 3.0 times its usual scatter since",
        moved.task_id,
    )
    assert (
        get_mark(bench, "t1").reason
        == "an input was measured before Qubit frequency moved by 3.0 times its usual scatter"
    )
    measure(bench, "Pulse")
    assert list_marks(bench) == {}, "T1 used a pulse that the new one confirms"


def test_a_move_within_the_tolerance_of_the_metrics_file_is_none(
    make_bench: MakeBench, tmp_path: Path
) -> None:
    file = tmp_path / "metrics.yaml"
    file.write_text("qubit_metrics: {qubit_frequency: {tolerance: 0.1}}")
    bench = make_bench(*TASKS, metrics_file=file)
    measure_all(bench)
    measure(bench, "Frequency", value=5.09)
    assert list_marks(bench) == {}
    measure(bench, "Frequency", value=5.11)
    assert list_marks(bench) == {"pi_amplitude": ["inputs-moved"], "t1": ["inputs-moved"]}


@pytest.mark.parametrize(("after", "marked"), [(-3.139, False), (-2.9, True)])
def test_angles_are_compared_within_half_a_turn(make_bench: MakeBench, after: float, marked: bool) -> None:
    def turn(_task: object, _raw: object) -> TaskOutput:
        return TaskOutput({"angle": Parameter(NEXT["value"], 0.01, "rad")})

    angle = make_task("Angle", analyse=turn, output_parameters={"angle": OutputParameter(unit="rad")})
    bench = make_bench(angle, make_measurement("T1", "t1", "angle"))
    measure(bench, "Angle", value=3.14)
    measure(bench, "T1")
    measure(bench, "Angle", value=after)
    assert list_marks(bench) == ({"t1": ["inputs-moved"]} if marked else {})


def test_a_new_measurement_with_the_moved_input_has_no_mark(bench: Bench) -> None:
    measure_all(bench)
    measure(bench, "Frequency", value=5.1)
    measure(bench, "Pulse", value=5.1)
    assert list_marks(bench) == {"t1": ["inputs-moved"]}
    measure(bench, "T1")
    assert list_marks(bench) == {}


def test_a_move_before_the_measurement_does_not_concern_it(bench: Bench) -> None:
    measure(bench, "Frequency")
    measure(bench, "Pulse")
    measure(bench, "Frequency", value=5.1)
    measure(bench, "T1")  # with a pulse from before the move
    assert list_marks(bench) == {"pi_amplitude": ["inputs-moved"]}


def test_a_value_whose_input_is_rejected_is_marked(bench: Bench) -> None:
    measure(bench, "Frequency")
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"pi_amplitude": Parameter(0.3)}, reason="a trial")
    event = bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"pi_amplitude": Parameter(0.4)}, reason="a guess")
    measure(bench, "T1")
    bench.qdash.get(VALUES).undo(ADMIN, event.number)
    assert bench.get_value("pi_amplitude") == 0.3
    mark = get_mark(bench, "t1")
    assert (mark.mark, mark.reason) == (Mark.INPUTS_MOVED, "PI amplitude has moved since")


def test_an_input_that_the_measurement_determines_anew_does_not_mark_it(make_bench: MakeBench) -> None:
    bench = make_bench(*TASKS, make_measurement("Ramsey", "qubit_frequency", "qubit_frequency"))
    measure(bench, "Frequency")
    measure(bench, "Ramsey", value=5.1)
    assert list_marks(bench) == {}


def test_a_moved_qubit_marks_the_values_of_its_couplings(make_bench: MakeBench) -> None:
    gate = make_task(
        "Gate",
        analyse=analyse,
        needs=["qubit_frequency"],
        output_parameters={"zx90_gate_fidelity": OutputParameter()},
        task_type="coupling",
    )
    bench = make_bench(*TASKS, gate)
    for qid in "01":
        NEXT.clear()
        bench.run("Frequency", qid)
    bench.run("Gate", "0-1")
    measure(bench, "Frequency", value=5.1)
    found = bench.qdash.get(METRICS).list_marks(ADMIN, CHIP)
    assert found.keys() == {"0-1"}
    assert found["0-1"]["zx90_gate_fidelity"][0].reason.startswith("Qubit frequency of 0 has moved by 7.1 ")
    assert bench.qdash.get(METRICS).list_marks(ADMIN, CHIP, ["0-1"]) == found
    assert bench.qdash.get(METRICS).list_marks(ADMIN, CHIP, ["0"]) == {}


def test_marks_are_part_of_every_view_of_a_value(bench: Bench) -> None:
    measure_all(bench)
    failed = measure(bench, "T1", outcome="failed")
    shown = {"marks": ["last-failed"], "task_id": failed.task_id}
    stored = ChipValuesDocument.from_stored(bench.qdash.get(METRICS).get_stored(ADMIN, CHIP)).as_json()
    selected = bench.qdash.get(METRICS).select(ADMIN, CHIP, Selection(metrics=("t1",)))
    chosen = ChipValuesDocument.from_values(selected.values).as_json()
    for document in (stored, chosen):
        value = document["qubits"]["0"]["t1"]
        assert {"marks": value["marks"], "task_id": value["mark_reasons"][0]["task_id"]} == shown
    view = bench.qdash.get(TARGETS).show(ADMIN, CHIP, "0")
    assert [one.mark for one in view.marks["t1"]] == [Mark.LAST_FAILED]
    average = bench.qdash.get(METRICS).select(ADMIN, CHIP, Selection(mode=Mode.AVERAGE))
    assert average.values.qubits["0"]["t1"].marks == (), "only values in use have marks"


MOVES = st.lists(
    st.tuples(st.sampled_from(["Frequency", "Pulse", "T1"]), st.sampled_from([5.0, 6.0])), max_size=5
)
"""Measurements; after six of one value, changes from 5 to 6 may be its usual scatter, and no move."""


@given(moves=MOVES)
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_direct_marks_are_those_of_the_recorded_inputs(bench: Bench, moves: list[tuple[str, float]]) -> None:
    check_direct_marks(bench, moves)


@pytest.mark.slow
@given(moves=MOVES)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_direct_marks_after_any_moves_are_those_of_the_recorded_inputs(
    bench: Bench, moves: list[tuple[str, float]]
) -> None:
    check_direct_marks(bench, moves)


def check_direct_marks(bench: Bench, moves: list[tuple[str, float]]) -> None:
    """Measure values, and compare the marks of the last ones with the inputs of their results."""
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    bench.add_chip(CHIP)
    measure_all(bench)
    session = bench.start_session()
    for name, value in moves:
        NEXT.update(value=value)
        session.run_task(name, "0")
    session.complete()
    data = bench.get_qubit().data
    found = list_marks(bench)
    for name, source in (("pi_amplitude", "qubit_frequency"), ("t1", "pi_amplitude")):
        result = bench.repositories.of(TaskResultHistoryRepository).find("default", data[name].task_id)
        assert result is not None
        used = result.input_parameters[source]
        if used.value != data[source].value:
            assert name in found
        elif source == "qubit_frequency":
            assert name not in found
    assert "qubit_frequency" not in found
