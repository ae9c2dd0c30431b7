"""Exclusions: targets that were named but are not measured, with user and reason, in the preview, the record
and the summary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.chips.feature import TARGETS
from qdash_builtin.runs.feature import EXECUTIONS
from qdash_builtin.runs.previews import preview_steps
from qdash_core import InvalidInputError
from qdash_core.flows.exclusions import describe_exclusions
from qdash_core.flows.steps import (
    BringUp,
    CustomOneQubit,
    CustomTwoQubit,
    FilterByMetric,
    FilterByStatus,
    SetCRSchedule,
)
from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, MuxTargets, QubitTargets
from qdash_core.models.chip import TargetStatus
from qdash_core.session.running_flow import RunningFlow, set_current_flow

from ...access import ADMIN
from ..bench import CHIP, make_raising, make_task
from .samples import FREQUENCY, get_states, make_failing_task, set_status

if TYPE_CHECKING:
    from qdash_core import CalibService
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step
    from qdash_core.models.execution import ExecutionModel

    from ..bench import Bench
    from ..conftest import MakeBench

GATE = make_task("Gate", {}, task_type="coupling")
GATES = CustomTwoQubit(["Gate"])


def set_aside(bench: Bench, target: str, status: TargetStatus, note: str) -> None:
    bench.qdash.get(TARGETS).set_aside(ADMIN, CHIP, target, status, note)


def exclude_targets(bench: Bench) -> None:
    """Mark coupling 0-1 as dead, and exclude qubit 3."""
    set_aside(bench, "0-1", TargetStatus.DEAD, "no coupler")
    set_aside(bench, "3", TargetStatus.EXCLUDED, "open line")


def run(bench: Bench, targets: Targets, *steps: Step) -> ExecutionModel:
    cal = bench.make_service()
    cal.run(targets, steps)
    return cal.finish_calibration()


@pytest.mark.every_store
@pytest.mark.parametrize(
    ("targets", "message"),
    [
        (
            CouplingTargets(["3-4", "0-1", "2-3"]),
            r"no coupling of chip chip is left to run on: 0-1 \(dead: no coupler\); 2-3, 3-4 \(qubit 3 excluded: open line\)$",
        ),
        (
            QubitTargets(["3"]),
            r"no qubit of chip chip is left to run on: 3 \(excluded: open line\)$",
        ),
        (
            MuxTargets([1], exclude_qids=["4"]),
            r"no qubit of chip chip is left to run on: 3 \(excluded: open line\)$",
        ),
        (
            QubitTargets(["0", "1"]),
            r"none of which both qubits are among 0, 1 but 0-1 \(dead: no coupler\)$",
        ),
    ],
)
def test_where_a_person_has_set_everything_aside_that_is_said_before_anything_begins(
    make_bench: MakeBench, targets: Targets, message: str
) -> None:
    bench = make_bench(make_task(), GATE)
    exclude_targets(bench)
    before = bench.list_events()
    step = (
        CustomTwoQubit(["Gate"])
        if "none of" in message or "coupling of" in message
        else CustomOneQubit(["Measure"])
    )
    with pytest.raises(InvalidInputError, match=message):
        bench.make_service().run(targets, [step])
    assert bench.list_events() == before
    assert bench.qdash.get(EXECUTIONS).newest(ADMIN) == []


def test_what_a_person_has_set_aside_is_said_beforehand_and_recorded(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench = make_bench(GATE)
    exclude_targets(bench)
    foreseen = preview_steps(bench.make_service(), CouplingTargets(), [GATES])
    assert foreseen.targets == ["1-2"]
    assert foreseen.left_out == {
        "0-1": "dead: no coupler",
        "2-3": "qubit 3 excluded: open line",
        "3-4": "qubit 3 excluded: open line",
    }
    ended = run(bench, CouplingTargets(), GATES)
    assert set(get_states(bench, ended.execution_id)) == {("Gate", "1-2")}
    assert bench.qdash.get(EXECUTIONS).show(ADMIN, ended.execution_id)[0].left_out == foreseen.left_out
    assert "not measured: 0-1 (dead: no coupler); 2-3, 3-4 (qubit 3 excluded: open line)" in caplog.messages


def test_couplings_among_qubits_that_a_person_has_set_aside_are_recorded_too(make_bench: MakeBench) -> None:
    bench = make_bench(GATE)
    exclude_targets(bench)
    ended = run(bench, QubitTargets(["0", "1", "2"]), GATES)
    assert ended.left_out == {"0-1": "dead: no coupler"}


def test_what_filters_leave_out_is_recorded_with_what_it_lacks(make_bench: MakeBench) -> None:
    bench = make_bench(make_failing_task("1"), GATE)
    steps = [BringUp(["Frequency"]), FilterByStatus(), GATES]
    assert run(bench, QubitTargets(["0", "1", "2", "3", "4"]), *steps).left_out == {
        "1": "status is failed, not calibrated",
        "0-1": "qubit 1 left out before: status is failed, not calibrated",
        "1-2": "qubit 1 left out before: status is failed, not calibrated",
    }
    by_metric = run(bench, CouplingTargets(), FilterByMetric("qubit_frequency", maximum=4.0), GATES)
    assert by_metric.left_out == {
        "0-1": "qubit 0: qubit_frequency is above 4 GHz",
        "1-2": "qubit 1: qubit_frequency is not known",
        "2-3": "qubit 2: qubit_frequency is above 4 GHz",
        "3-4": "qubit 3: qubit_frequency is above 4 GHz",
    }


def test_where_no_qubit_is_left_the_couplings_among_them_are_recorded_once(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench = make_bench(make_failing_task("0", "1"), GATE)
    ended = run(bench, QubitTargets(["0", "1"]), BringUp(["Frequency"]), FilterByStatus(), GATES, GATES)
    assert ended.left_out["0-1"] == "qubit 0 and 1 left out before: status is failed, not calibrated"
    assert (
        caplog.messages.count(
            "not measured: 0-1 (qubit 0 and 1 left out before: status is failed, not calibrated)"
        )
        == 1
    )


def test_a_run_that_measures_nothing_says_why_in_its_message(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, GATE)
    set_status(bench, "0", TargetStatus.CALIBRATED)
    ended = run(bench, CouplingTargets(["0-1", "3-4"]), FilterByStatus(of="qubits"), GATES)
    assert ended.status == "failed"
    assert ended.message == (
        "nothing was measured, no target was left: "
        "0-1 (qubit 1: status is pending, not calibrated); 3-4 (qubit 3: status is pending, not calibrated)"
    )


def test_a_coupling_in_no_group_of_the_schedule_is_recorded_as_left_out(make_bench: MakeBench) -> None:
    steps = [SetCRSchedule([["0-1"]]), GATES]
    bench = make_bench(GATE)
    expected = {"1-2": "in no group of the schedule"}
    assert preview_steps(bench.make_service(), CouplingTargets(["0-1", "1-2"]), steps).left_out == expected
    assert run(bench, CouplingTargets(["0-1", "1-2"]), *steps).left_out == expected


def test_filters_before_the_first_task_are_foreseen_and_later_ones_are_not(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_task())
    set_status(bench, "0", TargetStatus.CALIBRATED)
    measure = CustomOneQubit(["Measure"])
    first = preview_steps(bench.make_service(), QubitTargets(["0", "1"]), [FilterByStatus(), measure])
    assert [stage.targets for stage in first.stages] == [("0", "1"), ("0",)]
    assert first.left_out == {"1": "status is pending, not calibrated"}
    later = preview_steps(
        bench.make_service(), QubitTargets(["0", "1"]), [BringUp(["Frequency"]), FilterByStatus(), measure]
    )
    assert later.stages[-1].targets == ("0", "1")
    assert later.left_out == {}


@pytest.mark.parametrize("steps", [[GATES], [SetCRSchedule([["0-1"]]), GATES]], ids=["tasks", "schedule"])
def test_filters_that_leave_no_coupling_are_foreseen_as_the_run_records_them(
    make_bench: MakeBench, steps: list[Step]
) -> None:
    """Both know the couplings, and neither is refused: see the decision."""
    bench = make_bench(FREQUENCY, GATE)
    set_status(bench, "0", TargetStatus.CALIBRATED)
    flow = QubitTargets(["0", "1"]), [FilterByStatus(), *steps]
    foreseen = preview_steps(bench.make_service(), *flow)
    assert foreseen.stages[-1].targets == ()
    ended = run(bench, flow[0], *flow[1])
    assert (ended.status, ended.left_out) == ("failed", foreseen.left_out)
    assert ended.left_out == {
        "1": "status is pending, not calibrated",
        "0-1": "qubit 1 left out before: status is pending, not calibrated",
    }


def test_a_schedule_of_which_a_filter_leaves_nothing_is_foreseen_and_not_refused(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(GATE)
    set_status(bench, "1-2", TargetStatus.CALIBRATED)
    steps = [FilterByStatus(), SetCRSchedule([["0-1"]]), GATES]
    foreseen = preview_steps(bench.make_service(), CouplingTargets(["0-1", "1-2"]), steps)
    assert foreseen.stages[-1].targets == ()
    assert run(bench, CouplingTargets(["0-1", "1-2"]), *steps).left_out == foreseen.left_out


def test_a_target_that_goes_on_later_is_left_out_no_more(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    set_status(bench, "0", TargetStatus.CALIBRATED)
    cal = bench.make_service()
    steps = [FilterByStatus(), CustomOneQubit(["Measure"])]
    cal.run(AllMuxTargets(exclude_qids=["3", "4"]), steps)
    set_status(bench, "1", TargetStatus.CALIBRATED)
    cal.run(QubitTargets(["0", "1"]), steps)
    assert cal.finish_calibration().left_out == {"2": "status is pending, not calibrated"}


def test_of_a_resumed_run_a_filter_that_now_leaves_something_does_not_move_the_choices_of_later_ones(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(GATE)
    steps = [FilterByStatus(), GATES]

    def both(cal: CalibService) -> None:
        cal.run(QubitTargets(["0", "1"]), steps)
        cal.run(QubitTargets(["2", "3"]), steps)

    for qid in "23":
        set_status(bench, qid, TargetStatus.CALIBRATED)
    both(cal := bench.make_service())
    cut = cal.cancel_calibration()
    assert cut is not None
    assert set(cut.left_out) == {"0", "1", "0-1"}
    for qid in "01":
        set_status(bench, qid, TargetStatus.CALIBRATED)
    with set_current_flow(
        RunningFlow("f3b1c7c6-5a07-4d7e-9d4e-000000000002", resumed=cut.execution_id, requests_resume=True)
    ):
        both(cal := bench.make_service())
        ended = cal.finish_calibration()
    assert set(get_states(bench, ended.execution_id)) == {("Gate", "0-1"), ("Gate", "2-3")}
    assert ended.left_out == {}


def test_what_a_person_has_set_aside_since_is_not_measured_when_a_run_is_resumed(
    make_bench: MakeBench,
) -> None:
    steps = [BringUp(["Frequency"]), FilterByStatus(), GATES]
    bench = make_bench(
        FREQUENCY, make_task("Gate", {}, task_type="coupling", measure=make_raising(KeyboardInterrupt()))
    )
    with pytest.raises(KeyboardInterrupt):
        (cal := bench.make_service()).run(AllMuxTargets(), steps)
    cut = cal.cancel_calibration()
    assert cut is not None
    assert ["0-1", "1-2", "2-3", "3-4"] in cut.choices
    bench = bench.reinstall(FREQUENCY, GATE)
    exclude_targets(bench)
    with set_current_flow(
        RunningFlow("f3b1c7c6-5a07-4d7e-9d4e-000000000003", resumed=cut.execution_id, requests_resume=True)
    ):
        (cal := bench.make_service()).run(AllMuxTargets(), steps)
        ended = cal.finish_calibration()
    gates = {one.qid: one.status for one in bench.list_results(ended.execution_id) if one.name == "Gate"}
    assert [qid for qid, status in gates.items() if status == "completed"] == ["1-2"]
    assert ended.left_out == {"3": "excluded: open line", "0-1": "dead: no coupler"}


def test_targets_of_one_reason_are_named_together() -> None:
    why = {"10": "dead", "2": "dead", "3": "t1 is not known"}
    assert describe_exclusions(why) == "2, 10 (dead); 3 (t1 is not known)"


def test_in_a_message_many_targets_and_many_reasons_are_counted() -> None:
    alike = {str(qid): "dead" for qid in range(7)}
    assert describe_exclusions(alike, briefly=True) == "0, 1, 2, 3, 4 and 2 more (dead)"
    assert describe_exclusions(alike) == "0, 1, 2, 3, 4, 5, 6 (dead)"
    different = {str(qid): f"reason {qid}" for qid in range(7)}
    assert describe_exclusions(different, briefly=True).endswith("; 4 (reason 4); and 2 more")
