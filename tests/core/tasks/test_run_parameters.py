"""Run parameters: declarations, overrides for a flow and for one task, and refusals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core import InvalidInputError, Parameter, RunParameter, TaskOutput
from qdash_core.models.task import TaskStatus
from qdash_core.tasks.overrides import check_overrides, get_run_parameters

from ..bench import make_task

if TYPE_CHECKING:
    from ..conftest import MakeBench

SHOTS = RunParameter(1024, "int", minimum=16, maximum=4096)
RESET = RunParameter("active", "str", choices=("active", "passive"))
WINDOW = RunParameter(None, "list", unit="ns", minimum=0.0, maximum=1000.0)


def test_what_is_given_as_text_or_value_becomes_what_was_declared(subtests: pytest.Subtests) -> None:
    for value_type, raw, expected in [
        ("int", 5, 5),
        ("int", "5", 5),
        ("int", 5.0, 5),
        ("float", "1.5", 1.5),
        ("float", 2, 2.0),
        ("bool", "yes", True),
        ("bool", "OFF", False),
        ("bool", True, True),
        ("str", "text", "text"),
        ("list", "0, 100, 200", [0, 100, 200]),
        ("list", [0.5], [0.5]),
        ("list", "[1, 2]", [1, 2]),
        ("range", [3], [0, 1, 2]),
        ("range", "2,8,3", [2, 5]),
        ("np.arange", [0, 1, 0.5], [0.0, 0.5]),
        ("np.linspace", (0, 1, 3), [0.0, 0.5, 1.0]),
        ("np.logspace", "0,2,3", [1.0, 10.0, 100.0]),
        ("list", RunParameter([0, 2, 3], "np.logspace"), [1.0, 10.0, 100.0]),
        ("list", RunParameter([0, 6, 2], "range"), [0.0, 2.0, 4.0]),
        ("np.arange", RunParameter([0, 1, 0.5], "np.arange"), [0.0, 0.5]),
    ]:
        with subtests.test(str(value_type)):
            found = RunParameter(value_type=value_type).override("p", raw).resolved()
            assert (list(found) if isinstance(found, (tuple, np.ndarray)) else found) == expected
            assert not isinstance(expected, int) or type(found) is type(expected)


@pytest.mark.parametrize(
    ("value_type", "raw"),
    [
        ("int", 5.5),
        ("int", "5.5"),
        ("int", True),
        ("int", None),
        ("int", "many"),
        ("int", float("inf")),
        ("float", "nan"),
        ("float", float("inf")),
        pytest.param("float", 10**400, id="huge"),
        ("float", False),
        ("float", [1.0]),
        ("bool", "perhaps"),
        ("bool", 2),
        ("str", 5),
        ("list", []),
        ("list", ""),
        ("list", "1;2"),
        ("list", [1, "x"]),
        pytest.param("list", "[" * 50_000, id="bottomless"),
        ("list", [1, None]),
        ("list", {"a": 1}),
        ("range", [0, 10, 0]),
        ("range", [0, 10, 0.5]),
        ("range", [1, 2, 3, 4]),
        ("np.arange", [0, 10, 0]),
        ("np.linspace", [0, 1]),
        ("np.linspace", [0, 1, 1]),
        ("np.linspace", [0, 1, 2.5]),
        ("np.logspace", [0, float("nan"), 3]),
        ("np.arange", RunParameter([0, 1, 3], "np.linspace")),
        ("list", RunParameter(3.0)),
    ],
)
def test_what_does_not_fit_the_type_is_refused_with_the_name(value_type: Any, raw: object) -> None:
    with pytest.raises(InvalidInputError, match=r"^CheckT1\.p: .* is not "):
        RunParameter(value_type=value_type).override("CheckT1.p", raw)


@pytest.mark.parametrize(
    ("declared", "raw", "message"),
    [
        (SHOTS, 15, "p: 15 is below the minimum of 16"),
        (SHOTS, "4097", "p: 4097 is above the maximum of 4096"),
        (RESET, "slow", "p: 'slow' is not one of active, passive"),
        (WINDOW, [0, 2000], "p: 2000 is above the maximum of 1000 ns"),
        (
            RunParameter(None, "np.logspace", "us", maximum=100.0),
            [0, 3, 4],
            "p: 1000 is above the maximum of 100 us",
        ),
    ],
)
def test_what_lies_outside_is_refused_with_the_bound(
    declared: RunParameter, raw: object, message: str
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        declared.override("p", raw)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("value_type", "raw"),
    [("np.linspace", [0, 1, 1e12]), ("np.arange", [0, 1, 1e-12]), ("range", [10**12])],
)
def test_a_sweep_that_no_memory_holds_is_refused_without_making_it(value_type: Any, raw: object) -> None:
    with pytest.raises(InvalidInputError, match="more than 1000000 points"):
        RunParameter(value_type=value_type).override("p", raw)


@given(st.integers(16, 4096))
def test_whatever_lies_within_the_bounds_is_taken(shots: int) -> None:
    assert SHOTS.override("shots", shots).value == shots
    assert SHOTS.override("shots", str(shots)) == SHOTS.override("shots", shots)


def test_the_nearest_override_wins() -> None:
    measure = make_task(parameters={"shots": SHOTS, "reset": RESET})

    def shots(session: dict[str, Any], own: dict[str, object]) -> object:
        return get_run_parameters(measure, session, own)["shots"].value

    assert shots({}, {}) == 1024
    assert shots({"shots": 100}, {}) == 100
    assert shots({"shots": 100, "Measure": {"shots": 200}}, {}) == 200
    assert shots({"shots": 100, "Measure": {"shots": 200}}, {"shots": 300}) == 300
    assert shots({"Another": {"shots": 200}, "interval": 5}, {}) == 1024


@pytest.mark.parametrize(
    ("session", "own", "message"),
    [
        (
            {"Measure": {"shotz": 1}},
            {},
            r"Measure has no run parameter 'shotz'; did you mean 'shots'\? \(it has: shots\)",
        ),
        ({"Measure": {"shots": 1}}, {}, r"Measure\.shots: 1 is below the minimum"),
        ({"Measure": 5}, {}, "Measure"),
        ({"shots": "many"}, {}, r"Measure\.shots: 'many' is not a whole number"),
        ({}, {"reset": "active"}, "Measure has no run parameter 'reset'"),
    ],
)
def test_an_override_that_cannot_be_is_refused(
    session: dict[str, Any], own: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        get_run_parameters(make_task(parameters={"shots": SHOTS}), session, own)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            {"shotz": 1},
            r"shotz: no task of this flow has such a run parameter; did you mean 'shots'\? \(they have: reset, shots\)",
        ),
        ({"Third": {"shots": 20}}, r"Third: not a task of this flow \(it has: First, Second\)"),
        ({"Second": {"shots": 20}}, "Second has no run parameter 'shots'"),
        ({"First": {"shots": 1}}, r"First\.shots: 1 is below"),
        ({"reset": "slow"}, r"Second\.reset: 'slow' is not one of"),
    ],
)
def test_a_flow_refuses_what_none_of_its_tasks_would_see(overrides: dict[str, Any], message: str) -> None:
    tasks = [
        make_task("First", parameters={"shots": SHOTS}),
        make_task("Second", parameters={"reset": RESET}),
    ]
    check_overrides(tasks, {"shots": 20, "reset": "passive", "First": {"shots": 30}})
    with pytest.raises(InvalidInputError, match=message):
        check_overrides(tasks, overrides)


@pytest.mark.every_store
def test_a_task_sees_its_run_parameters_and_they_are_recorded(make_bench: MakeBench) -> None:
    seen: dict[str, Any] = {}

    def analyse(self: Any, _raw: object) -> TaskOutput:
        seen.update(self.context.parameters)
        return TaskOutput({"t1": Parameter(1.0)})

    sweep = RunParameter((0, 1, 3), "np.linspace", "us", description="delays")
    bench = make_bench(
        make_task(analyse=analyse, parameters={"shots": SHOTS, "sweep": sweep, "window": WINDOW})
    )
    session = bench.start_session(run_parameters={"shots": 100, "Measure": {"sweep": [0, 2, 3]}})
    result = bench.get_stored(session.run_task("Measure", "0", parameters={"shots": "200"}))
    with pytest.raises(InvalidInputError, match="below the minimum"):
        session.run_task("Measure", "0", parameters={"shots": 1})
    session.complete()
    assert result.status is TaskStatus.COMPLETED
    assert (seen["shots"], seen["sweep"].tolist(), seen["window"]) == (200, [0.0, 1.0, 2.0], None)
    recorded = result.run_parameters
    assert (recorded["shots"].value, recorded["shots"].value_type) == (200, "int")
    assert (recorded["sweep"].value, recorded["sweep"].unit) == ([0, 2, 3], "us")
    assert recorded["window"].value is None
    assert len(bench.list_results(result.execution_id)) == 1
