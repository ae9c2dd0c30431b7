"""Reruns of results: measured again with the recorded inputs and settings, while the chip keeps its values."""

from __future__ import annotations

import itertools
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.result_reruns import make_rerun_request
from qdash_builtin.results.views.result_comparisons import ResultComparisonDocument
from qdash_builtin.runs.feature import EXECUTIONS, RUNS
from qdash_builtin.values.feature import VALUE_SCOPES, VALUES
from qdash_core import (
    InputParameter,
    InvalidInputError,
    LockedError,
    MissingInputError,
    NotFoundError,
    Parameter,
    RawData,
    RunParameter,
    TaskOutput,
)
from qdash_core.flows.run import LiveRun
from qdash_core.flows.steps import CustomTwoQubit, SetCRSchedule
from qdash_core.flows.targets import CouplingTargets
from qdash_core.models.execution import ExecutionStatus, SoftwareVersions
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.models.task import InputModel, TaskStatus
from qdash_core.repositories.executions import CalibrationNoteRepository, EventRepository, ExecutionRepository
from qdash_core.repositories.results import TaskResultHistoryRepository

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, SIGNAL, make_backend, make_task

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_builtin.results.comparison import ResultComparison
    from qdash_core import BaseTask
    from qdash_core.models.task import TaskResultModel

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

SHOTS = {"shots": RunParameter(100, "int", minimum=1)}


def make_frequency_task(value: float = 5.0) -> type[BaseTask]:
    return make_task("Frequency", {"qubit_frequency": Parameter(value, 0.001, "GHz")})


def make_measuring_task(**given: Any) -> type[BaseTask]:
    """Return a task that reads a frequency, and measures ten times its value."""

    def analyse(one: BaseTask, _raw: object) -> TaskOutput:
        return TaskOutput({"t1": Parameter(10.0 * one.context.inputs["frequency"].value, 0.5, "us")})

    needs = {"frequency": InputParameter(unit="GHz", source="qubit_frequency")}
    return make_task(**{"needs": needs, "analyse": analyse, "parameters": SHOTS, **given})


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    """Bench with a measured result, after which the frequency was measured anew."""
    return make_bench(make_frequency_task(), make_measuring_task())


def measure(bench: Bench, **config: Any) -> TaskResultModel:
    """Measure the frequency, then the result that depends on it."""
    bench.run("Frequency")
    return bench.run(**config)


def rerun(bench: Bench, result: TaskResultModel, **given: Any) -> TaskResultModel:
    """Rerun a result as a command does, and return the new result."""
    request = make_rerun_request(bench.qdash, ADMIN, result.task_id, **given)
    return run_request(bench, request)


def run_request(bench: Bench, request: RunRequest) -> TaskResultModel:
    ended = bench.qdash.get(RUNS).run(ADMIN, request)
    (found,) = bench.list_results(ended.execution_id)
    return found


def compare(bench: Bench, result: TaskResultModel) -> ResultComparison:
    return bench.qdash.get(RESULTS).compare(ADMIN, result.task_id)


def read_stored_chip(bench: Bench) -> list[dict[str, Any]]:
    names = (
        "chip",
        "qubit",
        "coupling",
        "qubit_history",
        "latest_result",
        "calibration_note",
        "value_change",
    )
    with bench.qdash.store.read() as snapshot:
        return [document for name in names for document in snapshot.find(name, {"chip_id": CHIP})]


def add_record(bench: Bench, result: TaskResultModel, **changes: Any) -> TaskResultModel:
    """Store a copy of a result with changes, as another revision may have recorded it, and return it."""
    copy = result.model_copy(update={"task_id": f"copy-{result.occurrence}", "occurrence": 1, **changes})
    bench.repositories.of(TaskResultHistoryRepository).add(copy)
    return copy


def get_frequency(result: TaskResultModel) -> float:
    return float(result.input_parameters["frequency"].value)


@pytest.mark.every_store
def test_a_result_is_measured_again_with_its_inputs_after_the_values_have_changed(
    make_bench: MakeBench,
) -> None:
    backend = make_backend(note={"frequency": 6.0})
    bench = make_bench(make_frequency_task(), make_measuring_task(), backends=[backend])
    original = measure(bench)
    changed = bench.reinstall(make_frequency_task(6.0), make_measuring_task(), backends=[backend])
    changed.run("Frequency")
    changed.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(1.0)}, reason="by hand", confirmed=True)
    before = read_stored_chip(changed)
    backend.applied.clear()

    again = rerun(changed, original)
    assert (again.status, again.rerun_of, again.saved) == (TaskStatus.COMPLETED, original.task_id, False)
    assert again.input_parameters == original.input_parameters
    assert [applied["0"]["qubit_frequency"].value for applied in backend.applied] == [5.0]
    assert again.output_parameters["t1"].value == original.output_parameters["t1"].value == 50.0
    assert read_stored_chip(changed) == before
    assert get_frequency(changed.run()) == 6.0


def test_a_rerun_needs_no_value_that_the_chip_still_has(bench: Bench) -> None:
    original = measure(bench)
    frequency = original.input_parameters["frequency"].task_id
    bench.qdash.get(VALUES).reject(ADMIN, frequency, reason="wrong line")
    assert "qubit_frequency" not in bench.get_qubit().data
    assert get_frequency(rerun(bench, original)) == 5.0


def test_in_a_scope_the_values_of_a_rerun_become_those_of_the_scope_only(bench: Bench) -> None:
    original = measure(bench)
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(1.0)}, reason="by hand", confirmed=True)
    again = rerun(bench, original, scope="again")
    assert (again.scope, again.saved, again.rerun_of) == ("again", False, original.task_id)
    assert bench.get_value() == 1.0
    scope = bench.qdash.get(VALUE_SCOPES).show(ADMIN, CHIP, "again")
    assert again.execution_id in scope.scope.executions


def test_recorded_run_parameters_are_used_and_other_changed_defaults_listed(make_bench: MakeBench) -> None:
    before = {**SHOTS, "delay": RunParameter(None, "float"), "gone": RunParameter(2, "int")}
    bench = make_bench(make_frequency_task(), make_measuring_task(parameters=before))
    original = measure(bench)
    after = {
        "shots": RunParameter(200, "int"),
        "delay": RunParameter(5.0, "float"),
        "averages": RunParameter(3, "int"),
    }
    changed = bench.reinstall(make_frequency_task(), make_measuring_task(parameters=after))
    again = rerun(changed, original)
    assert again.run_parameters["shots"].value == 100
    found = compare(changed, again)
    assert [(one.name, one.first, one.second) for one in found.settings] == [
        ("delay", None, 5.0),
        ("gone", 2, None),
        ("averages", None, 3),
    ]


def test_a_simulated_result_is_rerun_on_the_simulation(make_bench: MakeBench) -> None:
    twin = make_backend(name="twin", simulated=True, instrument=classmethod(lambda *_: "twin"))
    bench = make_bench(make_task(), backends=[make_backend(), twin])
    again = rerun(bench, bench.run(backend_name="twin"))
    assert (again.backend, again.simulated, again.status) == ("twin", True, TaskStatus.COMPLETED)
    assert bench.get_value() is None


def test_an_undeclared_input_is_applied_again_and_is_no_input_of_the_task(make_bench: MakeBench) -> None:
    seen: list[list[str]] = []

    def record(one: BaseTask, _backend: object) -> object:
        seen.append(list(one.context.inputs))
        return SIGNAL

    backend = make_backend()
    bench = make_bench(make_frequency_task(), make_measuring_task(measure=record), backends=[backend])
    original = measure(bench)
    undeclared = InputModel(value=0.3, target="0", parameter="drag_beta", undeclared=True)
    inputs = {**original.input_parameters, "drag_beta": undeclared}
    again = rerun(bench, add_record(bench, original, input_parameters=inputs))
    assert backend.applied[-1]["0"]["drag_beta"].value == 0.3
    assert again.input_parameters["drag_beta"] == undeclared
    assert seen == [["frequency"], ["frequency"]]


def test_an_input_that_the_laboratory_does_not_use_as_recorded_is_listed(make_bench: MakeBench) -> None:
    bench = make_bench(make_frequency_task(), make_measuring_task())
    original = measure(bench)
    rounding = make_backend(read_back=lambda _self, _target: {"qubit_frequency": 5.5})
    changed = bench.reinstall(make_frequency_task(), make_measuring_task(), backends=[rounding])
    found = compare(changed, rerun(changed, original))
    (differing,) = found.inputs
    assert differing.first is not None
    assert differing.second is not None
    assert (differing.name, differing.first.value, differing.second.value) == ("frequency", 5.0, 5.5)
    assert found.n_equal_inputs == 0


def test_the_direction_of_a_coupling_must_be_that_of_the_result(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("Gate", {"zx": Parameter(1.0, 0.1)}, task_type="coupling"))
    original = bench.run("Gate", "0-1")
    assert rerun(bench, original).control == "0"
    cal = bench.make_service()
    cal.run(CouplingTargets(["0-1"]), [SetCRSchedule([["0-1"]], {"0-1": "1"}), CustomTwoQubit(["Gate"])])
    cal.finish_calibration()
    with pytest.raises(InvalidInputError, match="control qubit 0, but the control qubit is now 1"):
        rerun(bench, original)


def test_a_task_of_the_whole_chip_is_rerun_too(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("Link", {}, task_type="system"))
    original = bench.run("Link", "")
    assert rerun(bench, original).rerun_of == original.task_id


def test_an_interrupted_rerun_is_resumed_with_the_recorded_inputs_and_note(make_bench: MakeBench) -> None:
    backend = make_backend(note={"frequency": 5.0})
    bench = make_bench(make_frequency_task(), make_measuring_task(), backends=[backend])
    original = measure(bench)
    interrupted = make_measuring_task(measure=_interrupt_once())
    changed = bench.reinstall(make_frequency_task(6.0), interrupted, backends=[backend])
    backend.note = {"frequency": 6.0}
    changed.run("Frequency")
    backend.calls.clear()
    request = make_rerun_request(changed.qdash, ADMIN, original.task_id)
    with pytest.raises(KeyboardInterrupt):
        changed.qdash.get(RUNS).run(ADMIN, request)
    cut = changed.get_execution(changed.qdash.get(EXECUTIONS).resolve_id(ADMIN, "last"))
    assert cut.status is ExecutionStatus.CANCELLED
    changed.qdash.get(RUNS).resume(ADMIN, cut.execution_id)
    first, again = changed.list_results(cut.execution_id)
    assert (first.status, again.status) == (TaskStatus.CANCELLED, TaskStatus.COMPLETED)
    assert (again.attempt, again.rerun_of, get_frequency(again)) == (2, original.task_id, 5.0)
    assert [call for call in backend.calls if "note" in call] == ["update_note {'frequency': 5.0}"] * 2


def _interrupt_once() -> Any:
    begun: list[bool] = []

    def measure_or_stop(*_: object) -> object:
        begun.append(True)
        if len(begun) == 1:
            raise KeyboardInterrupt
        return SIGNAL

    return measure_or_stop


def test_a_rerun_waits_for_the_instrument_like_every_run(bench: Bench) -> None:
    original = measure(bench)
    session = bench.start_session()
    request = make_rerun_request(bench.qdash, ADMIN, original.task_id)
    with pytest.raises(LockedError):
        bench.qdash.get(RUNS).run(ADMIN, request, wait=False)
    session.complete()
    assert run_request(bench, request).status is TaskStatus.COMPLETED


def test_a_rerun_is_submitted_once_for_each_key(bench: Bench) -> None:
    original = measure(bench)
    request = make_rerun_request(bench.qdash, ADMIN, original.task_id)
    submit = bench.qdash.get(RUNS).submissions.submit
    first, second = (submit(ADMIN, request, key="k") for _ in range(2))
    assert (first.execution_id, second.replayed) == (second.execution_id, True)


# ------------------------------------------------------------------------------------------------------------- refused


def refuse(bench: Bench, task_id: str, message: str) -> None:
    before = bench.repositories.of(EventRepository).get_last_seq(PROJECT)
    with pytest.raises((InvalidInputError, MissingInputError, NotFoundError), match=re.escape(message)):
        bench.qdash.get(RUNS).submissions.submit(ADMIN, make_rerun_request(bench.qdash, ADMIN, task_id))
    assert bench.repositories.of(EventRepository).get_last_seq(PROJECT) == before


def test_an_unknown_result_and_one_of_a_task_that_is_not_installed_are_refused(bench: Bench) -> None:
    original = measure(bench)
    refuse(bench, "unknown", "there is no result 'unknown'")
    without = bench.reinstall(make_frequency_task())
    refuse(
        without,
        original.task_id,
        f"the task Measure of result {original.task_id} is not installed: install the plugin",
    )


def test_values_that_were_not_measured_are_refused(bench: Bench) -> None:
    bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": Parameter(1.0)}, reason="by hand", confirmed=True)
    manual = bench.get_qubit().data["t1"].task_id
    refuse(bench, manual, "set by hand")
    original = measure(bench)
    refit = bench.qdash.get(RESULTS).refit(ADMIN, original.task_id)
    refuse(bench, refit.task_id, f"`qdash task rerun {original.task_id}`")


def test_a_result_that_was_never_measured_is_refused(bench: Bench) -> None:
    session = bench.start_session()
    failed = session.run_task("Measure", "0")
    session.complete()
    assert failed.input_parameters == {}
    refuse(bench, failed.task_id, "recorded no value of qubit_frequency of 0")


def test_an_unfinished_result_is_refused(bench: Bench) -> None:
    original = measure(bench)
    add_record(bench, original, task_id="r", status=TaskStatus.RUNNING)
    add_record(bench, original, task_id="n", status=TaskStatus.SKIPPED, start_at=None)
    refuse(bench, "r", "is running: rerun it when it has ended")
    refuse(bench, "n", "is skipped and was never measured")


def test_a_result_of_a_former_chip_with_the_same_id_is_refused(bench: Bench) -> None:
    original = measure(bench)
    bench.qdash.get(CHIPS).delete(ADMIN, CHIP, force=True)
    bench.add_chip(CHIP)
    if bench.repositories.of(TaskResultHistoryRepository).find(PROJECT, original.task_id) is None:
        bench.repositories.of(TaskResultHistoryRepository).add(original)
    refuse(bench, original.task_id, "belongs to an earlier chip with the id chip")


def test_an_input_without_a_place_is_refused(bench: Bench) -> None:
    original = measure(bench)
    old = original.input_parameters["frequency"].model_copy(update={"target": None, "parameter": None})
    gone = add_record(bench, original, input_parameters={"gone": old})
    refuse(bench, gone.task_id, "recorded the input gone, which Measure no longer declares")


def test_a_record_without_places_of_inputs_is_read_by_the_declaration(bench: Bench) -> None:
    original = measure(bench)
    old = original.input_parameters["frequency"].model_copy(update={"target": None, "parameter": None})
    copy = add_record(bench, original, input_parameters={"frequency": old})
    assert get_frequency(rerun(bench, copy)) == 5.0


def test_a_request_for_more_than_the_result_is_refused(bench: Bench, subtests: pytest.Subtests) -> None:
    original = measure(bench)
    request = make_rerun_request(bench.qdash, ADMIN, original.task_id)
    for changes, message in [
        ({"saved": True}, "does not write to the chip"),
        ({"single": "1"}, "measures only Measure on 0: request nothing else"),
        ({"single": None, "targets": TargetSelection(qubits=("0", "1"))}, "request nothing else"),
        ({"flow": "Frequency", "run_parameters": {}}, "request nothing else"),
    ]:
        with subtests.test(str(changes)), pytest.raises(InvalidInputError, match=message):
            bench.qdash.get(RUNS).submissions.submit(ADMIN, request.model_copy(update=changes))


# ------------------------------------------------------------------------------------------------------------ compared


def test_outputs_are_compared_in_units_of_both_errors(bench: Bench) -> None:
    original = measure(bench)
    again = rerun(bench, original)
    (found,) = compare(bench, again).outputs
    assert (found.parameter, found.difference, found.sigmas) == ("t1", 0.0, 0.0)
    assert found.error == pytest.approx(0.5 * 2**0.5)


def test_the_software_at_the_start_is_recorded_and_its_differences_are_listed(bench: Bench) -> None:
    original = measure(bench)
    again = rerun(bench, original)
    recorded = bench.get_execution(original.execution_id)
    (software,) = recorded.software
    assert {"Python", "numpy", "scipy", "qdash-analysis"} <= software.versions.keys()
    assert compare(bench, again).software.differences == []
    older = SoftwareVersions(since=software.since, versions={**software.versions, "numpy": "1.0"})
    bench.repositories.of(ExecutionRepository).replace(
        recorded.model_copy(update={"software": [older]}), was=recorded.status
    )
    (differing,) = compare(bench, again).software.differences
    assert (differing.name, differing.first) == ("numpy", "1.0")
    bench.repositories.of(ExecutionRepository).replace(
        recorded.model_copy(update={"software": []}), was=recorded.status
    )
    found = compare(bench, again).software
    assert (found.first_recorded, found.second_recorded, found.differences) == (False, True, [])


def list_laboratory(bench: Bench, first: TaskResultModel, second: TaskResultModel) -> list[tuple[Any, ...]]:
    """Return the differences of the laboratory between two results."""
    found = bench.qdash.get(RESULTS).compare(ADMIN, second.task_id, first.task_id).laboratory
    return [(one.name, one.first, one.second) for one in found.differences]


def measure_with_notes(make_bench: MakeBench, before: Any, after: Any) -> list[tuple[Any, ...]]:
    """Return the differences of the laboratory between results at 5 and 6 GHz, with these notes before them."""
    backend = make_backend(note={"settings": before})
    bench = make_bench(make_frequency_task(), make_measuring_task(), backends=[backend])
    original = measure(bench)
    backend.note = {"settings": after}
    changed = bench.reinstall(make_frequency_task(6.0), make_measuring_task(), backends=[backend])
    changed.run("Frequency")
    return list_laboratory(changed, original, changed.run())


def test_entries_of_the_note_for_the_target_are_compared_unless_both_have_the_value_of_an_input(
    make_bench: MakeBench,
) -> None:
    before = {"0": {"f": 5.0, "delay": 1}, "1": {"delay": 1}}
    after = {"0": {"f": 6.0, "delay": 2}, "1": {"delay": 2}}
    assert measure_with_notes(make_bench, before, after) == [("note settings.0.delay", 1, 2)]


def test_an_entry_that_has_the_value_of_an_input_in_one_result_only_is_compared(
    make_bench: MakeBench,
) -> None:
    found = measure_with_notes(
        make_bench, {"0": {"delay": 5.0, "offset": 1.0}}, {"0": {"delay": 7.0, "offset": 6.0}}
    )
    assert found == [("note settings.0.delay", 5.0, 7.0), ("note settings.0.offset", 1.0, 6.0)]


@pytest.mark.every_store
def test_a_rerun_has_the_calibration_note_of_its_original(make_bench: MakeBench) -> None:
    backend = make_backend(note={"0": {"drag": 1}})
    bench = make_bench(make_frequency_task(), make_measuring_task(), backends=[backend])
    original = measure(bench)
    backend.note = {"0": {"drag": 2}}
    bench.run("Frequency")
    newest = bench.repositories.of(CalibrationNoteRepository).get_latest(PROJECT, CHIP)
    backend.calls.clear()
    backend.note = {"0": {"drag": 3}}
    again = rerun(bench, original)
    last = rerun(bench, again)
    assert [call for call in backend.calls if "note" in call] == ["update_note {'0': {'drag': 1}}"] * 2
    assert bench.repositories.of(CalibrationNoteRepository).get_latest(PROJECT, CHIP) == newest
    assert list_laboratory(bench, original, last) == []
    assert compare(bench, last).laboratory.note.second_recorded


def test_a_rerun_of_a_result_from_before_all_notes_loads_none_and_says_that_none_is_recorded(
    make_bench: MakeBench,
) -> None:
    backend = make_backend()
    bench = make_bench(make_frequency_task(), make_measuring_task(), backends=[backend])
    original = measure(bench)
    backend.note = {"0": {"drag": 2}}
    bench.run("Frequency")
    backend.calls.clear()
    again = rerun(bench, original)
    assert not [call for call in backend.calls if "note" in call]
    note = compare(bench, again).laboratory.note
    assert (note.first_recorded, note.second_recorded, note.differences) == (False, False, [])
    later = bench.qdash.get(RESULTS).compare(ADMIN, bench.run().task_id, original.task_id)
    document = ResultComparisonDocument.from_comparison(later)
    assert (document.note_recorded, document.laboratory) == ([False, True], [])
    assert document.unrecorded == ["Calibration note of the original: not recorded"]


def test_design_values_without_a_copy_of_the_chip_are_not_recorded(bench: Bench) -> None:
    bench.qdash.get(CHIPS).set_design(ADMIN, CHIP, {"0": {"qubit_frequency": 5.0}})
    original = measure(bench)
    early = add_record(bench, original, start_at=original.start_at - timedelta(days=2))  # type: ignore[operator]
    found = bench.qdash.get(RESULTS).compare(ADMIN, original.task_id, early.task_id)
    assert (found.laboratory.design.first_recorded, found.laboratory.design.second_recorded) == (False, True)
    assert found.laboratory.differences == []


def test_a_target_that_was_measured_in_a_group_is_measured_alone_again(make_bench: MakeBench) -> None:
    def measure_all(_task: object, _backend: object, tasks: Sequence[object]) -> list[object]:
        return [SIGNAL for _ in tasks]

    bench = make_bench(make_task(simultaneous=True, run_group=classmethod(measure_all)))
    session = bench.start_session()
    results = LiveRun(bench.qdash, session, ("0", "2", "4")).run_tasks(("Measure",), kind="qubit")
    session.complete()
    assert [bench.get_stored(one).together for one in results] == [["2", "4"], ["0", "4"], ["0", "2"]]
    again = rerun(bench, results[0])
    assert again.together == []
    assert list_laboratory(bench, results[0], again) == [("measured", "together with 2, 4", "alone")]
    assert bench.qdash.get(RESULTS).refit(ADMIN, results[0].task_id).together == ["2", "4"]


def test_the_time_between_both_measurements_is_known_except_of_a_refit(bench: Bench) -> None:
    original = measure(bench)
    assert original.start_at is not None
    earlier = add_record(
        bench, original, start_at=original.start_at - timedelta(hours=10), raw_data_sha256=["other"]
    )
    found = bench.qdash.get(RESULTS).compare(ADMIN, original.task_id, earlier.task_id)
    document = ResultComparisonDocument.from_comparison(found)
    assert document.apart_s == 36000.0
    assert document.second.start_at == original.start_at
    assert document.remarks == ["Values may have drifted in the 10 h between them"]
    assert compare(bench, bench.qdash.get(RESULTS).refit(ADMIN, original.task_id)).apart_s is None


@pytest.mark.parametrize("data", [SIGNAL, None])
def test_results_of_the_same_data_have_no_sigma_and_say_so(make_bench: MakeBench, data: object) -> None:
    bench = make_bench(make_frequency_task(), make_measuring_task(measure=lambda *_: data))
    original = measure(bench)
    document = ResultComparisonDocument.from_comparison(compare(bench, rerun(bench, original)))
    assert (document.same_data, document.outputs[0].sigmas) == (True, None)
    assert "computed from the same inputs and data" in document.remarks[0]


def count_up(make: Callable[[float], Any]) -> Callable[..., Any]:
    """Return a function of any arguments that makes something of the next number."""
    numbers = itertools.count(1.0)
    return lambda *_: make(next(numbers))


@pytest.mark.parametrize(
    "given",
    [
        {"measure": count_up(lambda number: RawData({"signal": ([number], "a.u.")}))},
        {
            "measure": lambda *_: None,
            "analyse": count_up(lambda number: TaskOutput({"t1": Parameter(number, 0.5, "us")})),
        },
    ],
    ids=["other data", "other outputs"],
)
def test_results_with_other_data_or_without_data_and_with_other_outputs_are_independent(
    make_bench: MakeBench, given: dict[str, Any]
) -> None:
    bench = make_bench(make_frequency_task(), make_measuring_task(**given))
    found = compare(bench, rerun(bench, measure(bench)))
    document = ResultComparisonDocument.from_comparison(found)
    assert not document.same_data
    assert document.outputs[0].sigmas is not None


def test_results_of_different_tasks_or_without_an_original_are_not_compared(bench: Bench) -> None:
    original = measure(bench)
    with pytest.raises(InvalidInputError, match="neither a rerun nor a refit"):
        compare(bench, original)
    frequency = original.input_parameters["frequency"].task_id
    with pytest.raises(InvalidInputError, match="choose two results of one task on one target"):
        bench.qdash.get(RESULTS).compare(ADMIN, original.task_id, frequency)
    other = bench.run()
    assert bench.qdash.get(RESULTS).compare(ADMIN, other.task_id, original.task_id).first == original
