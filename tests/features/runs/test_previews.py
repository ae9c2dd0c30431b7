"""Preview of a user's own steps: their `apply` runs with a preview."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from qdash_builtin.runs.previews import preview_steps
from qdash_core import InvalidInputError, MissingInputError, NotFoundError, Parameter
from qdash_core.flows.steps import BringUp, CustomOneQubit, CustomTwoQubit, FilterByStatus, SetCRSchedule
from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, QubitTargets
from qdash_core.models.chip import TargetStatus

from ...core.bench import make_task
from ...core.flows.samples import FREQUENCY, RABI, get_states, set_status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step, StepRun

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

QUBITS = QubitTargets(["0", "1"])
GATE = make_task("Gate", {}, task_type="coupling")


@dataclass
class CustomStep:
    """A user's own step."""

    does: Callable[[StepRun], object]
    tasks: Sequence[str] = ()
    previews: list[bool] = field(default_factory=list)

    def apply(self, run: StepRun) -> None:
        self.previews.append(run.previewing)
        self.does(run)


def preview_stages(
    bench: Bench, targets: Targets, *steps: Step
) -> list[tuple[str, list[str], tuple[str, ...]]]:
    found = preview_steps(bench.make_service(), targets, steps).stages
    return [(stage.step, [one.name for one in stage.tasks], stage.targets) for stage in found]


def run_stages(bench: Bench, targets: Targets, *steps: Step) -> dict[tuple[str, str], str]:
    cal = bench.make_service()
    cal.run(targets, steps)
    return get_states(bench, cal.finish_calibration().execution_id)


@pytest.mark.every_store
def test_a_step_is_applied_to_previews_first_and_to_the_run_last(make_bench: MakeBench) -> None:
    step = CustomStep(lambda run: run.run_tasks(["Measure"], kind="qubit"), ["Measure"])
    assert run_stages(make_bench(make_task()), QubitTargets(["0"]), step) == {("Measure", "0"): "completed"}
    assert step.previews[-1] is False
    assert all(step.previews[:-1])
    assert len(step.previews) > 1


def test_a_step_that_measures_on_qubits_and_then_on_couplings_is_shown_in_two_stages(
    make_bench: MakeBench,
) -> None:
    def both(run: StepRun) -> None:
        run.run_tasks(["Measure"], kind="qubit")
        run.run_tasks(["Gate"], kind="coupling")

    bench = make_bench(make_task(), GATE)
    assert preview_stages(bench, QUBITS, CustomStep(both, ["Measure", "Gate"])) == [
        ("CustomStep", ["Measure"], ("0", "1")),
        ("CustomStep", ["Gate"], ("0-1",)),
    ]


def test_in_a_preview_there_are_no_results_and_nothing_is_written(make_bench: MakeBench) -> None:
    found: list[object] = []

    def look(run: StepRun) -> None:
        found.append([*run.run_tasks(["Measure"], kind="qubit"), *run.results_of("0", ["Measure"])])
        found.append(run.run_on_chip(["LinkUp"]))
        run.set_status("0", TargetStatus.CALIBRATED)

    bench = make_bench(make_task(), make_task("LinkUp", {}, task_type="system"))
    before = bench.list_events()
    assert preview_stages(bench, QUBITS, CustomStep(look, ["Measure"])) == [
        ("CustomStep", ["Measure"], ("0", "1")),
        ("CustomStep", ["LinkUp"], ("",)),
    ]
    assert found == [[], []] * 2
    assert (bench.list_events(), str(bench.get_qubit().status)) == (before, "pending")


@pytest.mark.parametrize(
    ("error", "described"),
    [
        (ValueError("no results"), "ValueError: no results"),
        (IndexError(), "IndexError"),
        (SystemExit(1), "SystemExit: 1"),
    ],
)
def test_a_step_that_needs_results_is_shown_with_all_its_tasks_and_the_error_and_runs(
    make_bench: MakeBench, error: BaseException, described: str
) -> None:
    def repeat(run: StepRun) -> None:
        results = run.run_tasks(["A"], kind="qubit")
        if not results:
            raise error
        run.run_tasks(["B"], kind="qubit")

    bench = make_bench(make_task("A", {}), make_task("B", {}))
    step = CustomStep(repeat, ["A", "B"])
    assert preview_stages(bench, QubitTargets(["0"]), step) == [
        ("CustomStep", ["A"], ("0",)),
        ("CustomStep", ["B"], ("0",)),
    ]
    for stage in preview_steps(bench.make_service(), QubitTargets(["0"]), [step]).stages:
        assert not stage.foreseen
        assert (
            f"the step failed in the preview, perhaps because it has no results: {described} ("
            in stage.reason
        )
    assert run_stages(bench, QubitTargets(["0"]), step) == {
        ("A", "0"): "completed",
        ("B", "0"): "completed",
    }


def test_a_step_that_repeats_until_a_result_is_good_is_shown_once(make_bench: MakeBench) -> None:
    def insist(run: StepRun) -> None:
        while not any(one.accepted for one in run.run_tasks(["Measure"], kind="qubit")):
            pass

    bench = make_bench(make_task())
    step = CustomStep(insist, ["Measure"])
    assert preview_stages(bench, QUBITS, step) == [("CustomStep", ["Measure"], ("0", "1"))]
    assert run_stages(bench, QubitTargets(["0"]), step) == {("Measure", "0"): "completed"}


def test_what_a_step_leaves_for_its_results_to_decide_is_checked_all_the_same(make_bench: MakeBench) -> None:
    def perhaps(run: StepRun) -> None:
        if any(not one.accepted for one in run.run_tasks(["Measure"], kind="qubit")):
            run.run_tasks(["Rabi"], kind="qubit")

    bench = make_bench(make_task(), FREQUENCY, RABI)
    with pytest.raises(MissingInputError, match="Rabi needs qubit_frequency of 0"):
        bench.make_service().run(QubitTargets(["0"]), [CustomStep(perhaps, ["Measure", "Rabi"])])
    with pytest.raises(
        InvalidInputError, match=r"CustomStep measures qubits \(Measure\), and the targets are couplings"
    ):
        bench.make_service().run(CouplingTargets(["0-1"]), [CustomStep(lambda _: None, ["Measure"])])
    assert preview_stages(
        bench, QUBITS, CustomOneQubit(["Frequency"]), CustomStep(perhaps, ["Measure", "Rabi"])
    )[1:] == [
        ("CustomStep", ["Measure"], ("0", "1")),
        ("CustomStep", ["Rabi"], ("0", "1")),
    ]


def test_what_a_step_refuses_is_refused_before_anything_begins(make_bench: MakeBench) -> None:
    def refuse(run: StepRun) -> None:
        if "3" not in run.chip.qubits or "3" not in run.targets:
            raise InvalidInputError("this step wants qubit 3")

    bench = make_bench(make_task())
    with pytest.raises(InvalidInputError, match="wants qubit 3"):
        bench.make_service().run(QUBITS, [CustomOneQubit(["Measure"]), CustomStep(refuse)])
    with pytest.raises(NotFoundError, match="no task 'Unheard'"):
        bench.make_service().run(QUBITS, [CustomStep(lambda run: run.run_tasks(["Unheard"], kind="qubit"))])
    assert bench.list_events() == []


def test_what_a_step_of_ones_own_leaves_out_is_foreseen(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    set_status(bench, "0", TargetStatus.CALIBRATED)
    step = CustomStep(lambda run: run.keep(lambda one: None if one.status == "calibrated" else "it is new"))
    foreseen = preview_steps(bench.make_service(), QUBITS, [step, CustomOneQubit(["Measure"])])
    assert foreseen.left_out == {"1": "it is new"}
    assert [stage.targets for stage in foreseen.stages] == [("0", "1"), ("0",)]
    assert run_stages(bench, QUBITS, step, CustomOneQubit(["Measure"])) == {("Measure", "0"): "completed"}


def test_couplings_in_no_group_are_foreseen_behind_tasks_too(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("Spectroscopy", {"f": Parameter(5.0)}), GATE)
    steps = [
        BringUp(["Spectroscopy"]),
        FilterByStatus(),
        SetCRSchedule([["3-4"], ["0-1"]]),
        CustomTwoQubit(["Gate"]),
    ]
    foreseen = preview_steps(bench.make_service(), AllMuxTargets(), steps)
    assert [stage.targets for stage in foreseen.stages[2:]] == [
        ("0-1", "1-2", "2-3", "3-4"),
        ("0-1", "3-4"),
    ]
    assert foreseen.left_out == dict.fromkeys(["1-2", "2-3"], "in no group of the schedule")
