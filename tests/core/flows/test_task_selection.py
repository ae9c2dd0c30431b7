"""Tasks of a flow: those that the chip's backend offers, with a list of the others; tasks named by a user are
refused instead.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from qdash_builtin.runs.feature import RUNS
from qdash_builtin.runs.previews import preview_steps
from qdash_builtin.runs.views.previews import PreviewDocument
from qdash_core import InvalidInputError, NotFoundError, Parameter
from qdash_core.flows.steps import BringUp, CustomOneQubit, CustomTwoQubit, FilterByMetric, OneQubitCheck
from qdash_core.flows.targets import QubitTargets
from qdash_core.flows.task_selection import require_tasks
from qdash_core.hooks.flows import FlowTemplate
from qdash_core.models.chip import TargetStatus
from qdash_core.models.request import RunRequest, TargetSelection
from qdash_core.runs.run_preparation import get_steps

from ...access import ADMIN
from ..bench import CHIP, PROJECT, make_backend, make_task
from .samples import FREQUENCY, RABI, get_states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash_builtin.runs.previews import RunPreview
    from qdash_core.hooks.flows import Step, StepRun

    from ..bench import Bench
    from ..conftest import MakeBench

ONE = QubitTargets(["0"])
ECHO = make_task("Echo", {"t2": Parameter(20.0, 1.0, "us")}, requires=frozenset({"Delay"}))
LIMIT = make_task("Limit", {"limit": Parameter(0.1)}, needs=["t2"])
LOWER = make_task("Lower", {}, needs=["limit"])
NO_DELAY = "needs Delay, which backend bench does not offer"


@dataclass(frozen=True)
class Warmth:
    """A step of a plugin."""

    tasks: Sequence[str] | None = None

    def apply(self, run: StepRun) -> None:
        run.run_tasks(require_tasks(self), kind="qubit")


def make_flow(*steps: Step, name: str = "all") -> FlowTemplate:
    return FlowTemplate(name, "Everything.", steps)


def request(name: str) -> RunRequest:
    return RunRequest(username="admin", chip_id=CHIP, flow=name, targets=TargetSelection(qubits=("0",)))


def preview(bench: Bench, name: str) -> RunPreview:
    return bench.qdash.get(RUNS).preview(ADMIN, request(name))


def list_names(foreseen: RunPreview) -> list[str]:
    return [task.name for stage in foreseen.stages for task in stage.tasks]


def make_flow_with_delay() -> Any:
    return make_backend(offers=classmethod(lambda *_: frozenset({"Delay"})))


@pytest.mark.every_store
def test_a_flow_leaves_out_what_the_backend_does_not_offer_and_says_so(
    make_bench: MakeBench, caplog: pytest.LogCaptureFixture
) -> None:
    bench = make_bench(FREQUENCY, ECHO, flows=[make_flow(BringUp(["Frequency", "Echo"]))])
    foreseen = preview(bench, "all")
    assert list_names(foreseen) == ["Frequency"]
    assert PreviewDocument.from_preview(foreseen).tasks_left_out == {"Echo": NO_DELAY}
    with caplog.at_level(logging.WARNING):
        execution = bench.qdash.get(RUNS).run(ADMIN, request("all"))
    assert f"not run: Echo ({NO_DELAY})" in caplog.text
    assert get_states(bench, execution.execution_id) == {("Frequency", "0"): "completed"}
    assert bench.get_qubit().status is TargetStatus.CALIBRATED


def test_where_the_backend_offers_it_the_same_flow_runs_it(make_bench: MakeBench) -> None:
    tasks = ["Frequency", "Echo"]
    bench = make_bench(FREQUENCY, ECHO, backends=[make_flow_with_delay()], flows=[make_flow(BringUp(tasks))])
    foreseen = preview(bench, "all")
    assert (list_names(foreseen), foreseen.tasks_left_out) == (tasks, {})


def test_a_task_whose_input_nobody_can_make_is_left_out_and_so_is_what_needs_that(
    make_bench: MakeBench,
) -> None:
    steps = [BringUp(["Frequency", "Limit", "Lower", "Echo"]), OneQubitCheck(["Lower", "Rabi"])]
    bench = make_bench(FREQUENCY, ECHO, LIMIT, LOWER, RABI, flows=[make_flow(*steps)])
    foreseen = preview(bench, "all")
    assert list_names(foreseen) == ["Frequency", "Rabi"]
    assert foreseen.tasks_left_out == {
        "Limit": "needs t2, which no task makes that backend bench can run",
        "Lower": "needs limit, which no task makes that backend bench can run",
        "Echo": NO_DELAY,
    }


def test_a_value_that_a_target_has_is_as_good_as_a_task_that_makes_it(make_bench: MakeBench) -> None:
    bench = make_bench(
        ECHO,
        LIMIT,
        backends=[make_flow_with_delay(), make_backend(name="rack")],
        flows=[make_flow(BringUp(["Echo", "Limit"]))],
    )
    bench.run("Echo")
    rack = request("all").model_copy(update={"backend_name": "rack"})
    assert list_names(bench.qdash.get(RUNS).preview(ADMIN, rack)) == ["Limit"]


def test_a_step_without_tasks_has_those_of_the_first_flow_that_says(make_bench: MakeBench) -> None:
    flows = [
        make_flow(Warmth(["Measure"]), name="one"),
        make_flow(Warmth(), name="two"),
        make_flow(Warmth(["Frequency"]), name="three"),
    ]
    bench = make_bench(make_task(), FREQUENCY, flows=flows)
    assert list_names(preview(bench, "two")) == ["Measure"]
    foreseen = preview_steps(bench.make_service(), ONE, [Warmth()])
    assert list_names(foreseen) == ["Measure"]


def test_a_step_without_tasks_that_no_flow_knows_is_refused(make_bench: MakeBench) -> None:
    bench = make_bench(make_task())
    with pytest.raises(
        InvalidInputError,
        match=r"no installed flow says which tasks Warmth runs: .* name them, as in Warmth\(tasks=\[\.\.\]\)",
    ):
        bench.make_service().run(ONE, [Warmth()])
    assert bench.list_events() == []


@pytest.mark.parametrize("step", [CustomOneQubit(["Frequency", "Echo"]), BringUp(["Echo"])])
def test_what_a_program_names_is_refused_with_the_reason(make_bench: MakeBench, step: Step) -> None:
    bench = make_bench(FREQUENCY, ECHO)
    with pytest.raises(NotFoundError, match=f"^Echo {NO_DELAY}$"):
        bench.make_service().run(ONE, [step])
    assert bench.list_events() == []


def test_a_single_task_is_refused_with_the_reason(make_bench: MakeBench) -> None:
    bench = make_bench(ECHO)
    for asked in (request("Echo"), request("Echo").model_copy(update={"single": "0"})):
        with pytest.raises(NotFoundError, match=f"^Echo {NO_DELAY}$"):
            bench.qdash.get(RUNS).submissions.submit(ADMIN, asked)
    with pytest.raises(NotFoundError, match=f"^Echo {NO_DELAY}$"):
        bench.start_session().run_task("Echo", "0")


def test_a_flow_of_which_nothing_is_left_is_refused(make_bench: MakeBench) -> None:
    bench = make_bench(ECHO, LIMIT, flows=[make_flow(BringUp(["Echo"]), OneQubitCheck(["Limit"]))])
    with pytest.raises(
        InvalidInputError, match=rf"nothing is left to run on chip chip: Echo \({NO_DELAY}\); Limit"
    ):
        preview(bench, "all")


def test_a_step_of_which_nothing_is_left_is_not_applied(make_bench: MakeBench) -> None:
    """An empty step would mark every target as calibrated, since all of zero tasks were accepted."""
    t1 = make_task("T1", {"t1": Parameter(30.0)})
    bench = make_bench(t1, ECHO, flows=[make_flow(OneQubitCheck(["T1"]), BringUp(["Echo"]))])
    bench.qdash.get(RUNS).run(ADMIN, request("all"))
    assert bench.get_qubit().status is TargetStatus.PENDING


def test_a_task_of_a_flow_that_nobody_has_is_refused(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), flows=[make_flow(CustomOneQubit(["Measure", "Measrue"]))])
    with pytest.raises(
        NotFoundError, match="no task 'Measrue' for the backend 'bench'; did you mean 'Measure'"
    ):
        preview(bench, "all")


def test_a_task_of_a_flow_that_another_backend_has_is_left_out(make_bench: MakeBench) -> None:
    bench = make_bench(
        FREQUENCY, make_task(backend="rack"), flows=[make_flow(BringUp(["Frequency", "Measure"]))]
    )
    assert preview(bench, "all").tasks_left_out == {"Measure": "is written for backend rack, not for bench"}


def test_a_step_whose_tasks_cannot_be_replaced_asks_for_itself(make_bench: MakeBench) -> None:
    class Own:
        tasks: ClassVar[Sequence[str]] = ()

        def apply(self, run: StepRun) -> None:
            run.run_tasks(run.installed(["Measure", "Echo"]), kind="qubit")

    bench = make_bench(make_task(), ECHO, flows=[make_flow(Own())])
    assert list_names(preview(bench, "all")) == ["Measure"]


def test_a_metric_that_no_task_of_the_chip_makes_is_refused_with_the_reason(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), ECHO)
    with pytest.raises(
        NotFoundError, match=f"no task makes a value 't2', and chip chip has none; Echo {NO_DELAY}"
    ):
        preview_steps(
            bench.make_service(), ONE, [CustomOneQubit(["Measure"]), FilterByMetric("t2", minimum=1.0)]
        )


def test_a_metric_of_qubits_filters_couplings_whatever_made_it(make_bench: MakeBench) -> None:
    gate = make_task("Gate", {}, task_type="coupling")
    bench = make_bench(ECHO, gate, backends=[make_flow_with_delay(), make_backend(name="rack")])
    for qid in ("0", "1", "2"):
        bench.run("Echo", qid)
    steps = [FilterByMetric("t2", minimum=1.0), CustomTwoQubit(["Gate"])]
    foreseen = preview_steps(
        bench.make_service(backend_name="rack"), QubitTargets(["0", "1", "3", "4"]), steps
    )
    assert [stage.targets for stage in foreseen.stages][-1] == ("0-1",)


def test_the_tasks_of_a_flow_are_shown_whatever_the_chip(make_bench: MakeBench) -> None:
    from qdash_builtin.flows.views.flows import FlowDocument

    template = make_flow(BringUp(["Frequency", "Echo"]), Warmth())
    check = make_flow(Warmth(["Measure"]), name="warmth")
    bench = make_bench(make_task(), FREQUENCY, ECHO, flows=[template, check])
    registry = bench.qdash.registry
    assert FlowDocument.from_template(template, registry).tasks == ["Frequency", "Echo", "Measure"]
    steps = get_steps("Measure", registry, bench.qdash.get_catalogue(PROJECT, CHIP))
    assert steps == [CustomOneQubit(["Measure"])]
