"""Numbers without a unit: those of people are in the unit of the quantity, those of a task's code in that of the task; limits hold for all tasks."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import pytest

from qdash_builtin.provenance.feature import PROVENANCE
from qdash_builtin.provenance.views.provenance import ProvenanceDocument
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.results.user_analyses import UserAnalysis
from qdash_builtin.runs.current_inputs import list_task_inputs
from qdash_builtin.runs.feature import RUNS
from qdash_builtin.runs.views.task_inputs import TaskInputsDocument
from qdash_builtin.values.feature import VALUES
from qdash_core import InputParameter, InvalidInputError, OutputParameter, Parameter, RawData, TaskOutput
from qdash_core.models.request import GivenInput, RunRequest, TargetSelection

from ...access import ADMIN
from ..bench import CHIP, make_backend, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ..bench import Bench
    from ..conftest import MakeBench

NBSP = "\N{NO-BREAK SPACE}"
T1 = OutputParameter(unit="us", minimum=0.0, maximum=1e5, positive=True)
SHARE = OutputParameter(unit="", minimum=0.0, maximum=1.0)


def make_maker(name: str, parameter: str, declared: OutputParameter, given: Parameter) -> type[BaseTask]:
    """Return a task that delivers an estimate."""
    return make_task(
        name,
        {},
        measure=lambda _task, _backend: RawData({"x": ([1.0], "")}),
        output_parameters=MappingProxyType({parameter: declared}),
        analyse=lambda _task, _measured: TaskOutput({parameter: given}),
    )


def make_reader(seen: list[Parameter], parameter: str, declared: InputParameter) -> type[BaseTask]:
    """Return a task that reads a parameter."""

    def measure(task: Any, _backend: Any) -> None:
        seen.append(task.context.inputs[parameter])

    return make_task("Read", {"glow": Parameter(1.0)}, needs={parameter: declared}, measure=measure)


IN_US = make_maker("First", "t1", T1, Parameter(82.5, 2.0))
IN_MS = make_maker("Other", "t1", OutputParameter(unit="ms"), Parameter(0.0825, 0.002))
A_NUMBER = make_maker("First", "share", SHARE, Parameter(0.985, 0.001))
IN_PERCENT = make_maker("Other", "share", OutputParameter(unit="%"), Parameter(98.5, 0.1))
PERCENT_FIRST = make_maker(
    "First", "share", OutputParameter(unit="%", minimum=0.0, maximum=100.0), Parameter(50.0, 1.0)
)
A_NUMBER_AFTER = make_maker("Other", "share", OutputParameter(), Parameter(0.5, 0.01))


def analyse(bench: Bench, name: str, given: Parameter) -> tuple[str, float, str]:
    """Record a user's estimate beside a result of the second task; return the verdict and the value."""
    measured = bench.run("Other")
    analysis = UserAnalysis({name: given}, "a line")
    result = bench.get_stored(bench.qdash.get(RESULTS).record_analysis(ADMIN, measured.task_id, analysis))
    known = result.output_parameters[name]
    return str(result.verdict), known.value, known.unit


@pytest.mark.parametrize(
    ("tasks", "name", "shown", "unit"),
    [
        ((IN_US, IN_MS), "t1", 82.5, "us"),
        ((A_NUMBER, IN_PERCENT), "share", 0.985, ""),
        ((PERCENT_FIRST, A_NUMBER_AFTER), "share", 50.0, "%"),
    ],
)
def test_the_estimate_of_a_user_is_in_the_unit_that_results_show(
    make_bench: MakeBench, tasks: tuple[type[BaseTask], ...], name: str, shown: float, unit: str
) -> None:
    bench = make_bench(*tasks)
    measured = bench.run("Other").output_parameters[name]
    assert (measured.value, measured.unit) == (shown, unit)
    assert analyse(bench, name, Parameter(shown)) == ("accepted", shown, unit)


def test_the_estimate_of_a_user_may_state_another_unit(make_bench: MakeBench) -> None:
    bench = make_bench(A_NUMBER, IN_PERCENT)
    assert analyse(bench, "share", Parameter(97.0, 0.1, "%")) == ("accepted", 0.97, "")
    with pytest.raises(InvalidInputError, match="share has no unit, not in µs"):
        analyse(bench, "share", Parameter(97.0, 0.1, "us"))


@pytest.mark.parametrize(
    ("first", "name", "unit", "given", "seen", "applied"),
    [
        (IN_US, "t1", "ms", Parameter(50.0), Parameter(0.05, None, "ms"), Parameter(50.0, None, "us")),
        (
            IN_US,
            "t1",
            "ms",
            Parameter(0.05, unit="ms"),
            Parameter(0.05, None, "ms"),
            Parameter(50.0, None, "us"),
        ),
        (A_NUMBER, "share", "%", Parameter(0.97), Parameter(97.0, None, "%"), Parameter(0.97)),
        (A_NUMBER, "share", "%", Parameter(97.0, unit="%"), Parameter(97.0, None, "%"), Parameter(0.97)),
        (PERCENT_FIRST, "share", "", Parameter(40.0), Parameter(0.4), Parameter(40.0, None, "%")),
        (PERCENT_FIRST, "share", "", Parameter(0.4, unit="1"), Parameter(0.4), Parameter(40.0, None, "%")),
    ],
)
def test_an_input_that_a_run_gives_is_in_the_unit_of_its_quantity(
    make_bench: MakeBench,
    first: type[BaseTask],
    name: str,
    unit: str,
    given: Parameter,
    seen: Parameter,
    applied: Parameter,
) -> None:
    read: list[Parameter] = []
    backend = make_backend()
    bench = make_bench(first, make_reader(read, name, InputParameter(unit=unit)), backends=[backend])
    recorded = bench.run("Read", inputs={name: given}).input_parameters[name]
    assert read == [seen]
    assert (recorded.value, recorded.unit) == (applied.value, applied.unit)
    assert backend.applied[0] == {"0": {name: applied}}
    request = RunRequest(
        chip_id=CHIP,
        flow="Read",
        targets=TargetSelection(qubits=("0",)),
        inputs={name: GivenInput(value=given.value, unit=given.unit)},
    )
    bench.qdash.get(RUNS).run(ADMIN, request)
    assert read == [seen, seen]


def test_the_limits_of_a_quantity_hold_for_given_inputs_in_another_unit(make_bench: MakeBench) -> None:
    bench = make_bench(A_NUMBER, make_reader([], "share", InputParameter(unit="%")))
    with pytest.raises(InvalidInputError, match=r"share = 98.5 is above its maximum of 1"):
        bench.run("Read", inputs={"share": Parameter(98.5)})
    with pytest.raises(InvalidInputError, match=r"share = 1.2 is above its maximum of 1"):
        bench.run("Read", inputs={"share": Parameter(120.0, unit="%")})


@pytest.mark.parametrize(
    ("first", "unit", "seen", "stored"),
    [
        (A_NUMBER, "%", Parameter(98.5, 0.1, "%"), Parameter(0.985, 0.001)),
        (PERCENT_FIRST, "", Parameter(0.5, 0.01), Parameter(50.0, 1.0, "%")),
    ],
)
def test_a_task_reads_percentages_of_numbers_and_the_backend_and_the_record_have_the_stored_value(
    make_bench: MakeBench, first: type[BaseTask], unit: str, seen: Parameter, stored: Parameter
) -> None:
    read: list[Parameter] = []
    backend = make_backend()
    bench = make_bench(first, make_reader(read, "share", InputParameter(unit=unit)), backends=[backend])
    bench.run("First")
    result = bench.run("Read")
    assert read == [seen]
    assert backend.applied[-1] == {"0": {"share": stored}}
    recorded = result.input_parameters["share"]
    assert (recorded.value, recorded.error, recorded.unit) == (stored.value, stored.error, stored.unit)
    graph = ProvenanceDocument.from_graph(bench.qdash.get(PROVENANCE).trace_value(ADMIN, CHIP, "0", "glow"))
    (usage,) = graph.used
    assert (usage.value, graph.entity[usage.entity].value, graph.entity[usage.entity].unit) == (
        stored.value,
        stored.value,
        stored.unit,
    )


def test_a_default_is_in_the_unit_of_the_task(make_bench: MakeBench) -> None:
    read: list[Parameter] = []
    reader = make_reader(read, "share", InputParameter(unit="%", default=90.0))
    bench = make_bench(A_NUMBER, reader)
    assert bench.run("Read").input_parameters["share"].value == 0.9
    assert read == [Parameter(90.0, None, "%")]


def test_the_inputs_of_a_task_are_shown_in_the_unit_in_which_a_run_may_give_them(
    make_bench: MakeBench,
) -> None:
    bench = make_bench(A_NUMBER, make_reader([], "share", InputParameter(unit="%", default=90.0)))
    bench.run("First")
    found = list_task_inputs(bench.qdash, ADMIN, CHIP, "Read", ["0"])
    (share,) = TaskInputsDocument.from_inputs("Read", found).targets["0"]
    assert (share.value, share.error, share.default, share.unit) == (0.985, 0.001, 0.9, "")
    assert (share.minimum, share.maximum) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("first", "declared", "given", "said"),
    [
        (
            IN_US,
            OutputParameter(unit="ms"),
            Parameter(-0.005, 0.001),
            f"t1 = -5{NBSP}µs is below its minimum of 0{NBSP}µs",
        ),
        (IN_US, OutputParameter(unit="s"), Parameter(4.0), "t1 = 4e+06"),
        (A_NUMBER, OutputParameter(), Parameter(98.5, 0.1), "share = 98.5 is above its maximum of 1"),
        (A_NUMBER, OutputParameter(unit="%"), Parameter(9850.0), "share = 98.5 is above its maximum of 1"),
        (PERCENT_FIRST, OutputParameter(), Parameter(98.5), f"share = 9850{NBSP}% is above"),
    ],
)
def test_an_output_outside_of_the_limits_of_its_quantity_is_rejected_whatever_task_measures_it(
    make_bench: MakeBench, first: type[BaseTask], declared: OutputParameter, given: Parameter, said: str
) -> None:
    (name,) = first.output_parameters
    bench = make_bench(first, make_maker("Other", name, declared, given))
    result = bench.run("Other")
    (reason,) = result.reasons
    assert (result.verdict, result.flagged_by) == ("rejected", ["bounds"])
    assert reason.startswith(said)
    assert reason.endswith("a limit of the quantity, which holds for every task")
    assert bench.get_value(name) is None


@pytest.mark.parametrize("given", [50, (50.0, 2.0), Parameter(50)])
def test_an_input_may_be_a_plain_number_or_a_pair(make_bench: MakeBench, given: Any) -> None:
    read: list[Parameter] = []
    bench = make_bench(IN_US, make_reader(read, "t1", InputParameter(unit="ms")))
    bench.run("Read", inputs={"t1": given})
    assert [(one.value, one.unit) for one in read] == [(0.05, "ms")]


@pytest.mark.parametrize("given", ["50", True, None, Parameter("50"), {"value": 50}, 10**400, -(10**400)])  # type: ignore[arg-type]
def test_what_is_no_number_is_refused_as_an_input_an_analysis_and_a_value(
    make_bench: MakeBench, given: Any
) -> None:
    bench = make_bench(IN_US, make_reader([], "t1", InputParameter(unit="ms")))
    measured = bench.run("First")
    for use in (
        lambda: bench.run("Read", inputs={"t1": given}),
        lambda: bench.make_service(inputs={"t1": given}).plan_task("Read"),
        lambda: bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", {"t1": given}, reason="a slip"),
        lambda: bench.qdash.get(RESULTS).record_analysis(
            ADMIN, measured.task_id, UserAnalysis({"t1": given}, "a line")
        ),
    ):
        with pytest.raises(InvalidInputError, match=r"t1 (cannot be|must be a finite number)"):
            use()


def test_all_wrong_values_are_reported_at_once(make_bench: MakeBench) -> None:
    bench = make_bench(IN_US, make_maker("Share", "share", SHARE, Parameter(0.5)))
    wrong = {"t1": Parameter(-5.0), "share": Parameter(0.5, unit="us"), "tea": Parameter(1.0)}
    with pytest.raises(InvalidInputError) as refused:
        bench.qdash.get(VALUES).set(ADMIN, CHIP, "0", wrong, reason="slips")
    for said in ("t1 = -5", "share has no unit, not in µs", "no parameter 'tea'"):
        assert said in str(refused.value)
