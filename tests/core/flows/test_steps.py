"""Effect of each step on the remaining targets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from qdash_core import InvalidInputError, NotFoundError, Parameter, TaskOutput
from qdash_core.errors import NoSignalError
from qdash_core.flows.steps import (
    BringUp,
    CustomOneQubit,
    CustomTwoQubit,
    FilterByMetric,
    FilterByStatus,
    OneQubitCheck,
)
from qdash_core.flows.targets import AllMuxTargets, CouplingTargets, QubitTargets
from qdash_core.models.chip import TargetStatus
from qdash_core.repositories.chips import QubitCalibrationRepository

from ..bench import CHIP, PROJECT, make_task
from .samples import FREQUENCY, RABI, Flagging, get_states, make_failing_task, set_status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_core import BaseTask
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step

    from ..conftest import MakeBench


def bring_up(*names: str) -> BringUp:
    return BringUp(tasks=names)


@pytest.mark.every_store
def test_a_bring_up_says_of_every_qubit_how_it_went(make_bench: MakeBench) -> None:
    bench = make_bench(make_failing_task("1", "3"), RABI)
    set_status(bench, "4", TargetStatus.EXCLUDED)
    cal = bench.make_service()
    cal.run(AllMuxTargets(), [bring_up("Frequency", "Rabi")])
    cal.finish_calibration()
    assert [str(bench.get_qubit(qid).status) for qid in "01234"] == [
        "calibrated",
        "failed",
        "calibrated",
        "failed",
        "excluded",
    ]


def test_a_flagged_value_leaves_the_status_unchanged(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, validators=[Flagging()])
    cal = bench.make_service()
    cal.run(QubitTargets(["0"]), [bring_up("Frequency")])
    cal.finish_calibration()
    assert bench.get_qubit().status is TargetStatus.PENDING


def test_a_later_bring_up_changes_the_status(make_bench: MakeBench) -> None:
    bench = make_bench(make_failing_task("0"))
    for plugins, expected in (
        (make_failing_task("0"), "failed"),
        (FREQUENCY, "calibrated"),
        (make_failing_task("0"), "calibrated"),
        (make_failing_task("0", error=NoSignalError), "failed"),
        (FREQUENCY, "calibrated"),
    ):
        cal = bench.reinstall(plugins).make_service()
        cal.run(QubitTargets(["0"]), [bring_up("Frequency")])
        cal.finish_calibration()
        assert bench.get_qubit().status == expected
        assert (
            bench.repositories.of(QubitCalibrationRepository).list_days(PROJECT, CHIP, "0")[-1].status
            == expected
        )


@pytest.mark.parametrize("step", [CustomOneQubit(["Frequency"]), OneQubitCheck(["Frequency"])])
def test_the_status_follows_the_results_of_any_step(make_bench: MakeBench, step: Any) -> None:
    bench = make_bench(FREQUENCY)
    lost = make_failing_task("0", error=NoSignalError)
    for plugins, expected in ((FREQUENCY, "calibrated"), (lost, "failed")):
        cal = bench.reinstall(plugins).make_service()
        cal.run(QubitTargets(["0"]), [step])
        cal.finish_calibration()
        assert bench.get_qubit().status == expected
    assert bench.get_value("qubit_frequency") == 5.0


def test_a_filter_by_status_lets_only_good_qubits_go_on(make_bench: MakeBench) -> None:
    bench = make_bench(make_failing_task("1"), RABI)
    cal = bench.make_service()
    cal.run(
        QubitTargets(["0", "1", "2"]), [bring_up("Frequency"), FilterByStatus(), CustomOneQubit(["Rabi"])]
    )
    found = get_states(bench, cal.finish_calibration().execution_id)
    assert {qid for name, qid in found if name == "Rabi"} == {"0", "2"}


def test_a_filter_takes_any_statuses(make_bench: MakeBench) -> None:
    bench = make_bench(make_failing_task("1"), make_task())
    cal = bench.make_service()
    steps: list[Step] = [
        bring_up("Frequency"),
        FilterByStatus(["failed", "pending"]),
        CustomOneQubit(["Measure"]),
    ]
    cal.run(QubitTargets(["0", "1"]), steps)
    found = get_states(bench, cal.finish_calibration().execution_id)
    assert {qid for name, qid in found if name == "Measure"} == {"1"}


@pytest.mark.parametrize(
    ("bounds", "left"),
    [
        ({"minimum": 1.0}, ["1", "2"]),
        ({"maximum": 1.0}, ["0", "1"]),
        ({"minimum": 0.5, "maximum": 1.5}, ["1"]),
        ({}, ["0", "1", "2"]),
        ({"minimum": 9.0}, []),
    ],
)
def test_a_filter_by_metric_lets_values_within_its_bounds_go_on(
    make_bench: MakeBench, bounds: dict[str, float], left: list[str]
) -> None:
    """Qubit 3 has no value."""
    number = make_task(
        "Number",
        {"n": Parameter(0.0)},
        analyse=lambda self, _: TaskOutput({"n": Parameter(float(self.context.qid))}),
    )
    bench = make_bench(number, make_task())
    cal = bench.make_service()
    cal.run(QubitTargets(["0", "1", "2"]), [CustomOneQubit(["Number"])])
    cal.run(QubitTargets(["0", "1", "2", "3"]), [FilterByMetric("n", **bounds), CustomOneQubit(["Measure"])])
    found = get_states(bench, cal.finish_calibration().execution_id)
    assert sorted(qid for name, qid in found if name == "Measure") == left


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("t1_averag", "no task makes a value 't1_averag', .* did you mean 't1_average'"),
        ("amplitude", "did you mean 'pi_amplitude' or 'hpi_amplitude'"),
        ("unheard", "no task makes a value 'unheard', and chip chip has none; `qdash task list --json` has"),
    ],
)
def test_a_filter_by_what_no_task_makes_is_refused_before_anything_begins(
    make_bench: MakeBench, metric: str, message: str
) -> None:
    names = ("t1_average", "pi_amplitude", "hpi_amplitude")
    bench = make_bench(make_task("Many", dict.fromkeys(names, Parameter(0.5))))
    with pytest.raises(NotFoundError, match=message):
        bench.make_service().run(AllMuxTargets(), [CustomOneQubit(["Many"]), FilterByMetric(metric)])
    assert bench.list_events() == []


def test_a_filter_by_what_the_chip_has_needs_no_task_that_makes_it(make_bench: MakeBench) -> None:
    bench = make_bench(FREQUENCY, make_task())
    run = bench.make_service()
    run.run(QubitTargets(["0"]), [CustomOneQubit(["Frequency"])])
    run.finish_calibration()
    bench = bench.reinstall(make_task())
    run = bench.make_service()
    run.run(AllMuxTargets(), [FilterByMetric("qubit_frequency", 4.0), CustomOneQubit(["Measure"])])
    assert set(get_states(bench, run.finish_calibration().execution_id)) == {("Measure", "0")}


def test_a_status_that_does_not_exist_is_refused_when_it_is_written() -> None:
    with pytest.raises(InvalidInputError, match=r"'good' is not a status \(there are: pending, calibrated,"):
        FilterByStatus(["calibrated", "good"])


@pytest.mark.parametrize(
    ("targets", "step", "message"),
    [
        (
            CouplingTargets(["0-1"]),
            CustomOneQubit(["Measure"]),
            r"measures qubits \(Measure\), and the targets are couplings \(0-1\): name qubits",
        ),
        (
            QubitTargets(["0"]),
            CustomTwoQubit(["CR"]),
            "measures couplings, and chip chip has none of which both qubits are among 0",
        ),
        (QubitTargets(["0"]), CustomOneQubit(["LinkUp"]), "LinkUp runs on the whole chip"),
    ],
)
def test_a_step_that_does_not_run_on_the_targets_is_refused_before_anything_begins(
    make_bench: MakeBench, targets: Targets, step: Any, message: str
) -> None:
    bench = make_bench(
        make_task(), make_task("CR", {}, task_type="coupling"), make_task("LinkUp", {}, task_type="system")
    )
    with pytest.raises(InvalidInputError, match=message):
        bench.make_service().run(targets, [step])
    assert bench.list_events() == []


def test_couplings_that_share_a_qubit_or_a_multiplexer_are_never_together(make_bench: MakeBench) -> None:
    together: list[list[str]] = []

    def measure_all(_cls: object, _backend: object, tasks: Sequence[BaseTask]) -> list[None]:
        together.append([one.context.qid for one in tasks])
        return [None for _ in tasks]

    bench = make_bench(
        make_task("CR", {}, task_type="coupling", simultaneous=True, run_group=classmethod(measure_all))
    )
    cal = bench.make_service()
    cal.run(CouplingTargets(), [CustomTwoQubit(["CR"])])
    cal.finish_calibration()
    assert sorted(together) == [["0-1", "3-4"], ["1-2"], ["2-3"]]


@pytest.mark.parametrize(
    ("isolated", "groups"),
    [((False, False), [["0", "1", "2", "3", "4"]]), ((False, True), [["0", "2", "4"], ["1", "3"]])],
)
def test_coupled_qubits_are_together_where_all_tasks_of_a_step_want_it(
    make_bench: MakeBench, isolated: tuple[bool, bool], groups: list[list[str]]
) -> None:
    together: list[list[str]] = []

    def measure_all(_cls: object, _backend: object, tasks: Sequence[BaseTask]) -> list[None]:
        together.append([one.context.qid for one in tasks])
        return [None for _ in tasks]

    names = ("A", "B")
    bench = make_bench(
        *(
            make_task(name, simultaneous=True, isolated=alone, run_group=classmethod(measure_all))
            for name, alone in zip(names, isolated, strict=True)
        )
    )
    cal = bench.make_service()
    cal.run(AllMuxTargets(), [CustomOneQubit(names)])
    cal.finish_calibration()
    assert together == [group for _ in names for group in groups], "groups take turns"
