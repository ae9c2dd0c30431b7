"""Steps on couplings: selection, directions, groups, and outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.runs.previews import preview_steps
from qdash_core import (
    AnalysisError,
    CalibService,
    InputParameter,
    InvalidInputError,
    MissingInputError,
    NotFoundError,
    Parameter,
    TaskOutput,
)
from qdash_core.flows.steps import (
    BringUp,
    ConfigureAll,
    CustomOneQubit,
    CustomTwoQubit,
    FilterByMetric,
    FilterByStatus,
    GenerateCRSchedule,
    SetCRSchedule,
    TwoQubitCalibration,
)
from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, QubitTargets
from qdash_core.models.chip import MuxLines, TargetStatus, WiringModel
from qdash_scheduling.strategies import COLOURINGS

from ...access import ADMIN
from ..bench import LINE, make_backend, make_task
from .samples import get_states, make_failing_task, set_status

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from qdash_core import BaseTask
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step
    from qdash_core.scheduling.colouring import Colouring, Scheduler
    from qdash_core.scheduling.conflicts import Conflicts
    from qdash_core.scheduling.layout import Layout

    from ..bench import Bench
    from ..conftest import MakeBench

# In GHz. The higher frequency of each coupling is the better control, far from every resonance.
DESIGN = {"0": 4.95, "1": 5.06, "2": 4.91, "3": 5.04, "4": 4.97}
_FREQUENCIES = {
    "control_frequency": InputParameter(unit="GHz", source="qubit_frequency", role="control"),
    "target_frequency": InputParameter(unit="GHz", source="qubit_frequency", role="target"),
}


def make_spectroscopy_task(design: dict[str, float] | None = None) -> type[BaseTask]:
    """Return a task that returns these frequencies, in GHz, and fails for missing ones."""
    known = DESIGN if design is None else design

    def analyse(self: Any, _result: object) -> TaskOutput:
        if self.context.qid not in known:
            raise ValueError("no line")
        return TaskOutput({"qubit_frequency": Parameter(known[self.context.qid], 1e-5, "GHz")})

    return make_task("Spectroscopy", {"qubit_frequency": Parameter(5.0, 1e-5, "GHz")}, analyse=analyse)


def make_gate_task(
    name: str = "Gate", *, log: list[str] | None = None, fails_on: Sequence[str] = ()
) -> type[BaseTask]:
    """Return a task on couplings that needs the frequencies of both qubits, and records its direction."""

    def measure(self: BaseTask, _backend: object) -> None:
        if log is not None:
            log.append(f"{self.context.control}>{self.context.target}")
        if self.context.qid in fails_on:
            raise AnalysisError("no ZX")

    return make_task(
        name,
        {"zx90_gate_fidelity": Parameter(0.99, 0.001)},
        needs=_FREQUENCIES,
        measure=measure,
        task_type="coupling",
    )


def run(bench: Bench, targets: Targets, *steps: Step) -> str:
    cal = bench.make_service()
    cal.run(targets, list(steps))
    return cal.finish_calibration().execution_id


def list_measured_targets(bench: Bench, execution_id: str, name: str) -> set[str]:
    return {qid for task_name, qid in get_states(bench, execution_id) if task_name == name}


@pytest.mark.every_store
def test_behind_steps_on_qubits_the_couplings_among_those_left_are_measured(make_bench: MakeBench) -> None:
    design = {qid: frequency for qid, frequency in DESIGN.items() if qid != "2"}
    bench = make_bench(make_spectroscopy_task(design), make_gate_task())
    execution_id = run(
        bench, AllMuxTargets(), BringUp(["Spectroscopy"]), FilterByStatus(), CustomTwoQubit(["Gate"])
    )
    assert list_measured_targets(bench, execution_id, "Gate") == {"0-1", "3-4"}


def test_it_is_said_what_a_flow_leaves_out_and_why(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    design = {qid: frequency for qid, frequency in DESIGN.items() if qid != "2"}
    bench = make_bench(make_spectroscopy_task(design), make_gate_task())
    run(
        bench,
        AllMuxTargets(),
        BringUp(["Spectroscopy"]),
        FilterByStatus(),
        CustomTwoQubit(["Gate"]),
        FilterByMetric("zx90_gate_fidelity", minimum=0.999),
    )
    assert [record.message for record in caplog.records if record.name == "qdash_core.flows.run"] == [
        "not measured: 2 (status is failed, not calibrated)",
        "not measured: 1-2, 2-3 (qubit 2 left out before: status is failed, not calibrated)",
        "not measured: 0-1, 3-4 (zx90_gate_fidelity is below 0.999)",
    ]


def test_a_coupling_that_a_person_has_set_aside_is_not_measured(make_bench: MakeBench) -> None:
    bench = make_bench(make_spectroscopy_task(), make_gate_task())
    set_status(bench, "1-2", TargetStatus.EXCLUDED)
    execution_id = run(bench, AllMuxTargets(), CustomOneQubit(["Spectroscopy"]), CustomTwoQubit(["Gate"]))
    assert list_measured_targets(bench, execution_id, "Gate") == {"0-1", "2-3", "3-4"}


def test_a_calibration_says_of_every_coupling_how_it_went(make_bench: MakeBench) -> None:
    bench = make_bench(make_spectroscopy_task(), make_gate_task(fails_on=["1-2"]))
    run(bench, AllMuxTargets(), CustomOneQubit(["Spectroscopy"]), TwoQubitCalibration(["Gate"]))
    assert [str(bench.get_coupling(f"{n}-{n + 1}").status) for n in range(4)] == [
        "calibrated",
        "failed",
        "calibrated",
        "calibrated",
    ]
    assert {str(bench.get_qubit(qid).status) for qid in "01234"} == {"calibrated"}


def test_a_schedule_chooses_directions_which_the_chip_keeps_and_the_tasks_go_by(
    make_bench: MakeBench,
) -> None:
    """Initially qubit 3 is the control of 2-3; elsewhere the lower-numbered qubit is."""
    log: list[str] = []
    bench = make_bench(make_spectroscopy_task(), make_gate_task(log=log))
    run(
        bench,
        AllMuxTargets(),
        CustomOneQubit(["Spectroscopy"]),
        GenerateCRSchedule(),
        TwoQubitCalibration(["Gate"]),
    )
    assert sorted(log) == ["1>0", "1>2", "3>2", "3>4"]
    assert [bench.get_coupling(f"{n}-{n + 1}").control for n in range(4)] == ["1", "1", "3", "3"]
    [execution] = bench.qdash.get(EXECUTIONS).newest(ADMIN)
    controls = {result.qid: result.control for result in bench.list_results(execution.execution_id)}
    couplings = {"0-1": "1", "1-2": "1", "2-3": "3", "3-4": "3"}
    assert controls == couplings | dict.fromkeys("01234"), "each result of a coupling keeps it"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("lower", ["0>1", "2>1", "2>3", "4>3"]),
        ("higher", ["1>0", "1>2", "3>2", "3>4"]),
        ("checkerboard", ["0>1", "2>1", "2>3", "4>3"]),
        ("checkerboard-inverse", ["1>0", "1>2", "3>2", "3>4"]),
        ("stored", ["0>1", "1>2", "3>2", "3>4"]),
        ({"0-1": "1", "2-3": "2"}, ["1>0", "1>2", "2>3", "3>4"]),
    ],
)
def test_directions_follow_another_rule_when_one_is_named(
    make_bench: MakeBench, rule: Any, expected: list[str]
) -> None:
    log: list[str] = []
    bench = make_bench(make_spectroscopy_task(), make_gate_task(log=log))
    run(
        bench,
        AllMuxTargets(),
        CustomOneQubit(["Spectroscopy"]),
        GenerateCRSchedule(direction=rule),
        CustomTwoQubit(["Gate"]),
    )
    assert sorted(log) == expected


def test_the_groups_of_a_schedule_are_those_that_are_measured(make_bench: MakeBench) -> None:
    together: list[list[str]] = []

    def measure_all(_cls: object, _backend: object, tasks: Sequence[BaseTask]) -> list[None]:
        together.append(sorted(one.context.qid for one in tasks))
        return [None for _ in tasks]

    many = make_task("Gate", {}, task_type="coupling", simultaneous=True, run_group=classmethod(measure_all))
    bench = make_bench(many)
    run(bench, CouplingTargets(), GenerateCRSchedule(max_parallel=1), CustomTwoQubit(["Gate"]))
    assert sorted(together) == [["0-1"], ["1-2"], ["2-3"], ["3-4"]]
    together.clear()
    groups = [["0-1", "2-3"], ["3-4"]]
    run(bench, CouplingTargets(), SetCRSchedule(groups), CustomTwoQubit(["Gate"]))
    assert together == groups


@pytest.mark.parametrize("strategy", COLOURINGS, ids=lambda strategy: strategy.name)
def test_a_schedule_is_made_by_the_named_strategy(
    make_bench: MakeBench, monkeypatch: pytest.MonkeyPatch, strategy: Scheduler
) -> None:
    asked: list[str] = []

    def colour(self: Scheduler, conflicts: Conflicts, layout: Layout | None = None) -> Colouring:
        asked.append(self.name)
        return original(self, conflicts, layout)

    original = type(strategy).colour
    monkeypatch.setattr(type(strategy), "colour", colour)
    bench = make_bench(make_task("Gate", {}, task_type="coupling"))
    execution_id = run(bench, CouplingTargets(), GenerateCRSchedule(strategy.name), CustomTwoQubit(["Gate"]))
    assert set(asked) == {strategy.name}
    assert list_measured_targets(bench, execution_id, "Gate") == {"0-1", "1-2", "2-3", "3-4"}


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ([], [["0-1"], ["1-2"], ["2-3"], ["3-4"]]),
        ([GenerateCRSchedule()], [["0-1"], ["1-2"], ["2-3"], ["3-4"]]),
        ([GenerateCRSchedule(wiring=False)], [["0-1", "3-4"], ["1-2"], ["2-3"]]),
    ],
    ids=["without", "with", "unwired"],
)
def test_couplings_on_one_module_are_never_together_unless_a_schedule_says_so(
    make_bench: MakeBench, schedule: list[Step], expected: list[list[str]]
) -> None:
    """0-1 and 3-4 share no multiplexer, but both use one module."""
    together: list[list[str]] = []

    def measure_all(_cls: object, _backend: object, tasks: Sequence[BaseTask]) -> list[None]:
        together.append(sorted(one.context.qid for one in tasks))
        return [None for _ in tasks]

    many = make_task("Gate", {}, task_type="coupling", simultaneous=True, run_group=classmethod(measure_all))
    bench = make_bench(many)
    ctrl = [f"U1B-{port}" for port in range(5)]
    lines = [
        MuxLines(mux=0, ctrl=ctrl[:3], read_out="S0A-1", read_in="S0A-0"),
        MuxLines(mux=1, ctrl=ctrl[3:], read_out="S1A-1", read_in="S1A-0"),
    ]
    bench.qdash.get(CHIPS).create(ADMIN, "wired", LINE, backend="bench", wiring=WiringModel(lines=lines))
    cal = CalibService("admin", "wired", qdash=bench.qdash)
    cal.run(CouplingTargets(), [*schedule, CustomTwoQubit(["Gate"])])
    cal.finish_calibration()
    assert sorted(together) == expected


def test_an_explicit_schedule_leaves_out_what_it_does_not_name_and_sets_directions(
    make_bench: MakeBench,
) -> None:
    log: list[str] = []
    bench = make_bench(make_spectroscopy_task(), make_gate_task(log=log))
    execution_id = run(
        bench,
        AllMuxTargets(),
        CustomOneQubit(["Spectroscopy"]),
        SetCRSchedule([["3-4"], ["0-1"]], {"0-1": "1"}),
        CustomTwoQubit(["Gate"]),
    )
    assert log == ["3>4", "1>0"]
    assert list_measured_targets(bench, execution_id, "Gate") == {"0-1", "3-4"}


@pytest.mark.parametrize(
    ("step", "error", "message"),
    [
        (SetCRSchedule([["0-2"]]), NotFoundError, "no coupling 0-2"),
        (SetCRSchedule([["0-1"]], {"0-1": "3"}), InvalidInputError, "qubit 3 cannot control 0-1"),
        (GenerateCRSchedule("luck"), NotFoundError, "no coupling scheduler 'luck'"),
        (GenerateCRSchedule(direction={"0-1": "2"}), InvalidInputError, "qubit 2 cannot control 0-1"),
    ],
)
def test_a_schedule_that_does_not_fit_is_refused_before_anything_begins(
    make_bench: MakeBench, step: Any, error: type[Exception], message: str
) -> None:
    bench = make_bench(make_gate_task())
    with pytest.raises(error, match=message):
        bench.make_service().run(CouplingTargets(), [step])
    assert bench.list_events() == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SetCRSchedule([["0-1"], ["1-0"]]), "coupling 0-1 is in the schedule twice"),
        (lambda: SetCRSchedule([["3-4", "2-1", "1-0"]]), "1-2 and 0-1 of one group share qubit 1"),
        (
            lambda: SetCRSchedule([["0-1"]], {"1-2": "1"}),
            "a direction is given for 1-2, which is in no group",
        ),
        (lambda: GenerateCRSchedule(direction="sideways"), "'sideways' is not a rule of directions"),  # type: ignore[arg-type]
        (lambda: GenerateCRSchedule(max_parallel=0), "max_parallel is 0"),
    ],
)
def test_a_schedule_that_says_two_things_is_refused_when_it_is_written(make: Any, message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        make()


def test_couplings_are_filtered_by_their_qubits(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("Gate", {}, task_type="coupling"))
    for qid in "013":
        set_status(bench, qid, TargetStatus.CALIBRATED)
    by_qubits = run(bench, CouplingTargets(), FilterByStatus(of="qubits"), CustomTwoQubit(["Gate"]))
    assert list_measured_targets(bench, by_qubits, "Gate") == {"0-1"}
    set_status(bench, "3-4", TargetStatus.CALIBRATED)
    by_own = run(bench, CouplingTargets(), FilterByStatus(), CustomTwoQubit(["Gate"]))
    assert list_measured_targets(bench, by_own, "Gate") == {"3-4"}


def test_couplings_are_filtered_by_metrics_of_their_own_and_of_their_qubits(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_spectroscopy_task(),
        make_gate_task(fails_on=["0-1"]),
        make_task("Check", {}, task_type="coupling"),
        make_task("T1", {"t1": Parameter(30.0)}),
    )
    run(bench, AllMuxTargets(), CustomOneQubit(["Spectroscopy"]), CustomTwoQubit(["Gate"]))
    by_own = run(
        bench, CouplingTargets(), FilterByMetric("zx90_gate_fidelity", 0.9), CustomTwoQubit(["Check"])
    )
    assert list_measured_targets(bench, by_own, "Check") == {"1-2", "2-3", "3-4"}
    run(bench, QubitTargets(["0", "1"]), CustomOneQubit(["T1"]))
    by_qubits = run(bench, CouplingTargets(), FilterByMetric("t1", 4.0), CustomTwoQubit(["Check"]))
    assert list_measured_targets(bench, by_qubits, "Check") == {"0-1"}


def test_what_an_earlier_step_makes_of_the_qubits_need_not_be_there_before(make_bench: MakeBench) -> None:
    bench = make_bench(make_spectroscopy_task(), make_gate_task())
    with pytest.raises(MissingInputError, match="Gate needs qubit_frequency of 0"):
        bench.make_service().run(CouplingTargets(), [CustomTwoQubit(["Gate"])])
    run(bench, AllMuxTargets(), CustomOneQubit(["Spectroscopy"]), CustomTwoQubit(["Gate"]))


def test_stages_say_what_will_run_on_what(make_bench: MakeBench) -> None:
    bench = make_bench(
        make_spectroscopy_task(), make_gate_task(), make_task("LinkUp", {}, task_type="system")
    )
    steps: list[Step] = [
        ConfigureAll(),
        BringUp(["Spectroscopy"]),
        FilterByStatus(),
        GenerateCRSchedule(),
        TwoQubitCalibration(["Gate"]),
    ]
    stages = preview_steps(bench.make_service(), QubitTargets(["0", "1", "2"]), steps).stages
    assert [(stage.step, [one.name for one in stage.tasks], stage.targets) for stage in stages] == [
        ("ConfigureAll", ["LinkUp"], ("",)),
        ("BringUp", ["Spectroscopy"], ("0", "1", "2")),
        ("FilterByStatus", [], ("0", "1", "2")),
        ("GenerateCRSchedule", [], ("0-1", "1-2")),
        ("TwoQubitCalibration", ["Gate"], ("0-1", "1-2")),
    ]
    assert bench.list_events() == []


def test_qubits_without_a_coupling_among_them_are_refused_for_tasks_on_couplings(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(make_spectroscopy_task(), make_gate_task())
    with pytest.raises(InvalidInputError, match="none of which both qubits are among 0, 2"):
        bench.make_service().run(
            QubitTargets(["0", "2"]), [BringUp(["Spectroscopy"]), CustomTwoQubit(["Gate"])]
        )


def test_a_calibration_of_some_qubits_takes_the_couplings_among_them(make_bench: MakeBench) -> None:
    bench = make_bench(make_task("Gate", {}, task_type="coupling"))
    cal = bench.make_service(qids=["0", "1"])
    with pytest.raises(NotFoundError, match="1-2: not among the qids"):
        cal.run(CouplingTargets(["0-1", "1-2"]), [CustomTwoQubit(["Gate"])])
    cal.run(CouplingTargets(["0-1"]), [CustomTwoQubit(["Gate"])])
    assert list_measured_targets(bench, cal.finish_calibration().execution_id, "Gate") == {"0-1"}


def test_nothing_left_is_no_error(make_bench: MakeBench) -> None:
    bench = make_bench(make_failing_task("0", "1", "2", "3", "4"), make_spectroscopy_task(), make_gate_task())
    execution_id = run(
        bench,
        AllMuxTargets(),
        BringUp(["Frequency"]),
        FilterByStatus(),
        GenerateCRSchedule(),
        TwoQubitCalibration(["Gate"]),
    )
    assert list_measured_targets(bench, execution_id, "Gate") == set()


def test_a_calibration_whose_filters_leave_nothing_to_measure_has_failed(make_bench: MakeBench) -> None:
    bench = make_bench(make_spectroscopy_task())
    cal = bench.make_service()
    cal.run(AllMuxTargets(), [FilterByStatus(), CustomOneQubit(["Spectroscopy"])])
    ended = cal.finish_calibration()
    assert (ended.status, ended.message) == (
        "failed",
        "nothing was measured, no target was left: 0, 1, 2, 3, 4 (status is pending, not calibrated)",
    )


@pytest.mark.parametrize("has", [(), ("LinkUp",), ("LinkUp", "ConfigureAll")])
def test_the_instruments_are_configured_by_what_the_backend_has(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture, has: tuple[str, ...]
) -> None:
    bench = make_bench(make_task(), *(make_task(name, {}, task_type="system") for name in has))
    with caplog.at_level("INFO", "qdash_core"):
        execution_id = run(bench, QubitTargets(["0"]), ConfigureAll(), CustomOneQubit(["Measure"]))
    assert get_states(bench, execution_id) == {
        **{(name, ""): "completed" for name in has},
        ("Measure", "0"): "completed",
    }
    assert ("nothing to configure" in caplog.text) == (not has)


def test_a_resumed_run_leaves_the_same_couplings_in_the_same_directions(make_bench: MakeBench) -> None:
    """The frequencies have changed since, so that another direction would be chosen now."""
    log: list[str] = []
    steps: list[Step] = [
        BringUp(["Spectroscopy"]),
        FilterByStatus(),
        GenerateCRSchedule(),
        TwoQubitCalibration(["Gate"]),
    ]
    stopped = KeyboardInterrupt()

    def broken(self: BaseTask, _backend: object) -> None:
        raise stopped

    stuck = make_task("Gate", {}, task_type="coupling", measure=broken)
    bench = make_bench(make_spectroscopy_task(), stuck)
    cal = bench.make_service()
    with pytest.raises(KeyboardInterrupt):
        cal.run(QubitTargets(["0", "1", "2"]), steps)
    execution = cal.cancel_calibration()
    assert execution is not None
    assert execution.choices == [["0", "1", "2"], ["0-1", "1-2"], ["1-0", "1-2"]]
    moved = {qid: 10.0 - frequency for qid, frequency in DESIGN.items()}
    bench = bench.reinstall(make_spectroscopy_task(moved), make_gate_task(log=log), backends=[make_backend()])
    other = bench.make_service()
    other.run(QubitTargets(["0", "1", "2"]), [CustomOneQubit(["Spectroscopy"])])
    other.finish_calibration()
    resume(bench, execution.execution_id, steps)
    assert sorted(log) == ["1>0", "1>2"]


def test_a_resumed_run_keeps_the_values_of_a_coupling_that_it_had_turned(make_bench: MakeBench) -> None:
    """All tasks before the change of direction are complete: a repetition would reverse the coupling, and
    delete its values.
    """
    tone = make_task(
        "Tone", {"cr_amplitude": Parameter(0.5, 0.01, "a.u.")}, needs=_FREQUENCIES, task_type="coupling"
    )
    needs = {**_FREQUENCIES, "cr_amplitude": InputParameter(unit="a.u.", role="coupling")}
    stopped = KeyboardInterrupt()

    def broken(self: BaseTask, _backend: object) -> None:
        raise stopped

    def needing(measure: Callable[[BaseTask, object], None]) -> type[BaseTask]:
        return make_task(
            "Gate",
            {"zx90_gate_fidelity": Parameter(0.99)},
            needs=needs,
            measure=measure,
            task_type="coupling",
        )

    steps: list[Step] = [
        BringUp(["Spectroscopy"]),
        GenerateCRSchedule(direction={"0-1": "0"}),
        CustomTwoQubit(["Tone"]),
        GenerateCRSchedule(direction={"0-1": "1"}),
        CustomTwoQubit(["Tone"]),
        CustomTwoQubit(["Gate"]),
    ]
    bench = make_bench(make_spectroscopy_task(), tone, needing(broken))
    cal = bench.make_service()
    with pytest.raises(KeyboardInterrupt):
        cal.run(QubitTargets(["0", "1"]), steps)
    execution = cal.cancel_calibration()
    assert execution is not None

    log: list[str] = []
    bench = bench.reinstall(
        make_spectroscopy_task(),
        tone,
        needing(lambda self, _: log.append(self.context.control)),
        backends=[make_backend()],
    )
    resume(bench, execution.execution_id, steps, qids=["0", "1"])

    assert log == ["1"]
    assert bench.get_coupling("0-1").control == "1"
    assert set(bench.get_coupling("0-1").data) == {"cr_amplitude", "zx90_gate_fidelity"}


def test_a_resumed_run_turns_couplings_though_nothing_is_left_to_measure(make_bench: MakeBench) -> None:
    steps: list[Step] = [
        BringUp(["Spectroscopy"]),
        GenerateCRSchedule(direction={"0-1": "1"}),
        CustomTwoQubit(["Gate"]),
    ]
    bench = make_bench(make_spectroscopy_task(), make_gate_task())
    cal = bench.make_service()
    cal.run(QubitTargets(["0", "1"]), steps)
    execution = cal.cancel_calibration()
    assert execution is not None
    resume(
        bench, execution.execution_id, [*steps, GenerateCRSchedule(direction={"0-1": "0"})], qids=["0", "1"]
    )
    assert bench.get_coupling("0-1").control == "0"


def resume(
    bench: Bench, execution_id: str, steps: list[Step], *, qids: Sequence[str] = ("0", "1", "2")
) -> None:
    from qdash_core.session.running_flow import RunningFlow, set_current_flow

    with set_current_flow(
        RunningFlow("f3b1c7c6-5a07-4d7e-9d4e-000000000001", resumed=execution_id, requests_resume=True)
    ):
        cal = bench.make_service()
        cal.run(QubitTargets(list(qids)), steps)
        cal.finish_calibration()
