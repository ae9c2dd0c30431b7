"""Runs obey the scheduling strategy that a request, a step or a service selects, and the constraints of the backend."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.chips.chip_schedules import ScheduleRequest, find_schedule
from qdash_builtin.chips.feature import CHIPS
from qdash_builtin.runs.feature import RUNS
from qdash_builtin.runs.timelines import list_stage_times, make_timeline
from qdash_core import (
    CalibService,
    InstrumentConstraints,
    InvalidInputError,
    NotFoundError,
    StrategySelection,
)
from qdash_core.chips.lattices import get_builtin_topology
from qdash_core.flows.steps import (
    BringUp,
    ConfigureAll,
    CustomOneQubit,
    CustomTwoQubit,
    GenerateCRSchedule,
    SetCRSchedule,
)
from qdash_core.flows.targets import AllMuxTargets, CouplingTargets
from qdash_core.models.chip import MuxLines, WiringModel
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.session.running_flow import RunningFlow, set_current_flow

from ...access import ADMIN
from ..bench import SIGNAL, make_backend, make_task

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step
    from qdash_core.models.execution import ExecutionModel

    from ..bench import Bench
    from ..conftest import MakeBench

CHIP = get_builtin_topology("square-lattice-mux-16")
SQUARE = "square"
WIRING = WiringModel(
    lines=[
        MuxLines(
            mux=mux,
            ctrl=[f"{control}-{4 * mux + port}" for port in range(4)],
            read_out=f"S1A-{2 * mux}",
            read_in=f"S1A-{2 * mux + 1}",
        )
        for mux, control in enumerate(("U1A", "U2A", "U3B", "U3B"))
    ]
)
"""Multiplexers 0 and 1 are of class A, 2 and 3 need both classes and share the module U3B."""
Span = tuple[float, float]


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """A single kind of store."""
    return f"memory://{tmp_path}"


def measure_for(hardware: Any, targets: Sequence[str]) -> list[object]:
    """Measure each target for 1 to 4 s."""
    for target in targets:
        hardware.clock.advance(target, 1.0 + int(target.partition("-")[0]) % 4)
    return [SIGNAL for _ in targets]


def run_group(_cls: object, hardware: Any, tasks: Sequence[Any]) -> list[object]:
    return measure_for(hardware, [one.context.qid for one in tasks])


def open_square(make_bench: MakeBench, **backend: Any) -> Bench:
    together: dict[str, Any] = {"simultaneous": True, "run_group": classmethod(run_group)}
    bench = make_bench(
        make_task("Measure", **together),
        make_task("Gate", {}, task_type="coupling", **together),
        backends=[make_backend(clocked=True, max_parallel=None, **backend)],
    )
    bench.qdash.get(CHIPS).create(ADMIN, SQUARE, CHIP, backend="bench", wiring=WIRING)
    return bench


def run(bench: Bench, targets: Targets, *steps: Step, **given: Any) -> ExecutionModel:
    cal = CalibService("admin", SQUARE, qdash=bench.qdash, **given)
    cal.run(targets, list(steps))
    return cal.finish_calibration()


def list_spans(bench: Bench, execution: ExecutionModel) -> dict[str, Span]:
    """Return start and end of every target in laboratory time."""
    spans = make_timeline(execution, bench.list_results(execution.execution_id))
    return {one.target: (one.lab_start_s, one.lab_end_s) for one in spans}


def list_steps(spans: Mapping[str, Span]) -> list[set[str]]:
    """Return the targets that started together, in order."""
    found: dict[float, set[str]] = {}
    for target, (start_s, _) in spans.items():
        found.setdefault(start_s, set()).add(target)
    return [found[start_s] for start_s in sorted(found)]


# ---------------------------------------------------------------------------------------------------- strategies for qubits


def test_synchronized_steps_measure_one_position_of_every_multiplexer(make_bench: MakeBench) -> None:
    bench = open_square(make_bench)
    execution = run(bench, AllMuxTargets(), CustomOneQubit(["Measure"], strategy="synchronized"))
    spans = list_spans(bench, execution)
    assert list_steps(spans) == [{CHIP.members(mux)[place] for mux in CHIP.muxes} for place in range(4)]
    (stage,) = execution.stages
    assert (stage.strategy, stage.barriers) == ("synchronized", [1, 2, 3])
    (times,) = list_stage_times(execution, bench.list_results(execution.execution_id))
    assert [one.number for one in times.blocks] == [1, 2, 3, 4]
    for one, after in pairwise(times.blocks):
        assert one.end_s <= after.start_s


def test_boxes_run_one_class_after_another_and_multiplexers_in_parallel(make_bench: MakeBench) -> None:
    bench = open_square(make_bench)
    spans = list_spans(bench, run(bench, AllMuxTargets(), CustomOneQubit(["Measure"], strategy="boxes")))
    by_mux = {mux: [spans[qid] for qid in CHIP.members(mux)] for mux in CHIP.muxes}
    for of_mux in by_mux.values():
        assert of_mux == sorted(of_mux), "by position"
        assert all(one[1] <= after[0] for one, after in pairwise(of_mux))
    assert by_mux[0][0][0] == by_mux[1][0][0] == 0.0, "multiplexers of class A are parallel"
    end_of_a = max(end_s for mux in (0, 1) for _, end_s in by_mux[mux])
    assert min(start_s for mux in (2, 3) for start_s, _ in by_mux[mux]) >= end_of_a
    for one in by_mux[2]:
        assert all(one[1] <= other[0] or other[1] <= one[0] for other in by_mux[3]), "they share U3B"


def test_serial_measures_one_qubit_at_a_time(make_bench: MakeBench) -> None:
    bench = open_square(make_bench)
    spans = list_spans(bench, run(bench, AllMuxTargets(), CustomOneQubit(["Measure"], strategy="serial")))
    assert list_steps(spans) == [{qid} for mux in CHIP.muxes for qid in CHIP.members(mux)]


def test_one_of_each_multiplexer_and_a_limit_hold_under_the_default_strategy(make_bench: MakeBench) -> None:
    bench = open_square(make_bench)
    step = CustomOneQubit(["Measure"], max_parallel=3, one_of_each_mux=True)
    spans = list_spans(bench, run(bench, AllMuxTargets(), step))
    for start_s, _ in spans.values():
        at_once = [qid for qid, (begin_s, end_s) in spans.items() if begin_s <= start_s < end_s]
        assert len(at_once) <= 3
        assert len({CHIP.get_mux(qid) for qid in at_once}) == len(at_once)


def test_a_backend_with_one_lane_obeys_the_order_of_a_strategy(make_bench: MakeBench) -> None:
    log: list[str] = []

    def measure(one: Any, _hardware: object) -> object:
        log.append(one.context.qid)
        return SIGNAL

    bench = make_bench(make_task(measure=measure))
    bench.qdash.get(CHIPS).create(ADMIN, SQUARE, CHIP, backend="bench")
    run(bench, AllMuxTargets(), CustomOneQubit(["Measure"], strategy="synchronized"))
    assert log == [CHIP.members(mux)[place] for place in range(4) for mux in CHIP.muxes]


# ------------------------------------------------------------------------------------------------- strategies for couplings


@pytest.mark.parametrize("schedule", [[], [GenerateCRSchedule("best")]], ids=["without", "with a schedule"])
def test_groups_of_couplings_run_one_after_another(make_bench: MakeBench, schedule: list[Step]) -> None:
    bench = open_square(make_bench)
    gates = CustomTwoQubit(["Gate"], strategy="group-by-group", max_parallel=2)
    execution = run(bench, CouplingTargets(), *schedule, gates)
    spans, (stage,) = list_spans(bench, execution), execution.stages
    assert stage.barriers == list(range(1, len(stage.groups)))
    assert max(map(len, stage.groups)) <= 2
    for group, after in pairwise(stage.groups):
        assert max(spans[one][1] for one in group) <= min(spans[one][0] for one in after)


def test_the_request_replaces_the_strategy_of_a_schedule_of_couplings(make_bench: MakeBench) -> None:
    bench = open_square(make_bench)
    selection = StrategySelection(strategies=("largest-first",), max_parallel=2)
    steps = GenerateCRSchedule("best", max_parallel=1), CustomTwoQubit(["Gate"])
    (stage,) = run(bench, CouplingTargets(), *steps, scheduling=selection).stages
    assert (stage.strategy, stage.max_parallel) == ("largest-first", 2)


def test_groups_that_a_flow_gives_are_barriers_and_take_no_strategy(make_bench: MakeBench) -> None:
    bench = open_square(make_bench)
    groups = SetCRSchedule([["0-1", "14-15"], ["2-3"]])
    (stage,) = run(bench, CouplingTargets(), groups, CustomTwoQubit(["Gate"])).stages
    assert (stage.strategy, stage.barriers) == ("", [1])
    with pytest.raises(InvalidInputError, match="gives the groups of couplings itself: omit the strategy"):
        run(bench, CouplingTargets(), groups, CustomTwoQubit(["Gate"], strategy="best"))


# ------------------------------------------------------------------------------------------------------------- selections


def test_the_request_wins_over_the_step_and_the_step_over_the_default(make_bench: MakeBench) -> None:
    bench = open_square(make_bench)
    step = CustomOneQubit(["Measure"], strategy="synchronized", max_parallel=2)
    selection = StrategySelection(strategies=("checkerboard", "best"))
    by_default, by_step, by_request = (
        run(bench, AllMuxTargets(), one, scheduling=given).stages[0]
        for one, given in ((CustomOneQubit(["Measure"]), None), (step, None), (step, selection))
    )
    assert (by_default.strategy, by_step.strategy, by_request.strategy) == (
        "uncoupled",
        "synchronized",
        "checkerboard",
    )
    assert by_default.barriers == []
    assert (by_step.max_parallel, by_request.max_parallel) == (2, 2)


@pytest.mark.every_store
def test_a_request_keeps_its_selection_and_a_preview_shows_it(make_bench: MakeBench) -> None:
    bench = open_square(make_bench)
    request = RunRequest(
        chip_id=SQUARE, flow="Measure", scheduling=StrategySelection(strategies=("synchronized",))
    )
    preview = bench.qdash.get(RUNS).preview(ADMIN, request)
    (forecast,) = preview.forecasts
    assert forecast is not None
    ended = bench.qdash.get(RUNS).run(ADMIN, request)
    assert ended.request is not None
    assert ended.request.scheduling == request.scheduling
    (stage,) = bench.get_execution(ended.execution_id).stages
    assert [list(group) for group in forecast.groups] == stage.groups
    assert (forecast.strategy, list(forecast.barriers)) == (stage.strategy, stage.barriers)


def test_a_flow_of_a_user_takes_the_selection_of_its_request_unless_it_has_its_own(
    make_bench: MakeBench,
) -> None:
    bench = open_square(make_bench)
    request = RunRequest(flow="night.py", scheduling=StrategySelection(strategies=("serial",)))
    own = StrategySelection(strategies=("boxes",))
    with set_current_flow(RunningFlow(request=request)):
        taken, kept = (
            run(bench, AllMuxTargets(), CustomOneQubit(["Measure"]), scheduling=given).stages[0].strategy
            for given in (None, own)
        )
    assert (taken, kept) == ("serial", "boxes")


def test_a_stored_request_without_a_selection_is_readable() -> None:
    assert RunRequest.model_validate({"flow": "Measure"}).scheduling == StrategySelection()


@pytest.mark.parametrize(
    ("strategies", "error", "message"),
    [
        (
            ("sinchronized",),
            NotFoundError,
            "no scheduling strategy 'sinchronized'.*for qubits: boxes, checker",
        ),
        (("boxes", "serial"), InvalidInputError, "'boxes' and 'serial' are both for qubits"),
        (("best",), InvalidInputError, "strategy 'best' is for couplings, and no coupling is measured here"),
    ],
)
def test_a_selection_that_does_not_fit_is_refused_before_anything_is_written(
    make_bench: MakeBench, strategies: tuple[str, ...], error: type[Exception], message: str
) -> None:
    bench = open_square(make_bench)
    before = bench.list_events()
    request = RunRequest(
        chip_id=SQUARE,
        flow="Measure",
        targets=TargetSelection(qubits=("0",)),
        scheduling=StrategySelection(strategies=strategies),
    )
    for submit in (bench.qdash.get(RUNS).run, bench.qdash.get(RUNS).preview):
        with pytest.raises(error, match=message):
            submit(ADMIN, request)
    assert bench.list_events() == before


def test_a_strategy_of_a_step_must_be_for_its_targets(make_bench: MakeBench) -> None:
    bench = open_square(make_bench)
    with pytest.raises(InvalidInputError, match="'best' is for couplings, and no coupling is measured here"):
        run(bench, AllMuxTargets(), BringUp(["Measure"], strategy="best"))
    for limit in (0, 2.5):
        with pytest.raises(InvalidInputError, match="max_parallel: it has to be"):
            BringUp(["Measure"], max_parallel=limit)  # type: ignore[arg-type]
    assert not hasattr(ConfigureAll(), "strategy")


# ------------------------------------------------------------------------------------------------ constraints of instruments


@pytest.mark.parametrize(
    ("constraints", "kind"),
    [
        (InstrumentConstraints(serial_muxes=frozenset({"qubit"})), "mux"),
        (InstrumentConstraints(serial_modules=frozenset({"qubit"})), "module"),
    ],
    ids=["multiplexers", "modules"],
)
def test_a_run_a_preview_and_a_schedule_obey_the_constraints_of_the_backend(
    make_bench: MakeBench, constraints: InstrumentConstraints, kind: str
) -> None:
    bench = open_square(make_bench, constraints=classmethod(lambda _cls, _context: constraints))
    request = RunRequest(chip_id=SQUARE, flow="Measure")
    (forecast,) = bench.qdash.get(RUNS).preview(ADMIN, request).forecasts
    assert forecast is not None
    (stage,) = bench.qdash.get(RUNS).run(ADMIN, request).stages
    used = {
        target: {one for one in names if one.startswith(kind)} for target, names in stage.resources.items()
    }
    assert all(used.values())
    planned = find_schedule(bench.qdash, ADMIN, SQUARE, ScheduleRequest("qubit", flow="Measure")).schedule
    for groups in (stage.groups, forecast.groups, planned.groups):
        for group in groups:
            needed = [one for target in group for one in used[target]]
            assert len(needed) == len(set(needed))


def test_instruments_without_constraints_measure_couplings_of_one_multiplexer_together(
    make_bench: MakeBench,
) -> None:
    free = InstrumentConstraints(serial_muxes=frozenset(), serial_modules=frozenset())
    bench = open_square(make_bench, constraints=classmethod(lambda _cls, _context: free))
    (stage,) = run(bench, CouplingTargets(), GenerateCRSchedule(), CustomTwoQubit(["Gate"])).stages
    assert len(stage.groups) == 4, "as many as a qubit has couplings"
    assert set(stage.resources["0-1"]) == {"qubit 0", "qubit 1"}
