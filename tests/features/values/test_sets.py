"""Sets of values that are only valid together: decided on, used and reverted as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_builtin.values.feature import VALUES
from qdash_builtin.values.sets import find_broken_sets
from qdash_core import InvalidInputError, Parameter
from qdash_tasks.tasks import TASKS

from ...access import ADMIN
from ...core.bench import CHIP, PROJECT, make_registry, make_task

if TYPE_CHECKING:
    from qdash_builtin.values.service import ValueService

    from ...core.bench import Bench
    from ...core.conftest import MakeBench

PULSE = make_task(
    "Pulse",
    {"amplitude": Parameter(0.5), "beta": Parameter(0.2), "contrast": Parameter(0.9)},
    value_sets={"pulse": ("amplitude", "beta")},
)
SETS = {"pulse": ("amplitude", "beta"), "gate": ("tone", "phase", "length")}


@pytest.fixture
def bench(make_bench: MakeBench) -> Bench:
    return make_bench(PULSE)


@pytest.fixture
def values(bench: Bench) -> ValueService:
    return bench.qdash.get(VALUES)


@pytest.mark.parametrize("verb", ["accept", "reject", "use"])
def test_a_part_of_a_set_is_refused_with_the_others_and_the_command_for_all(
    bench: Bench, values: ValueService, verb: str
) -> None:
    first, _ = bench.run("Pulse"), bench.run("Pulse")
    message = f"amplitude and beta are the set pulse, .*`qdash values {verb} {first.task_id} --metrics amplitude,beta`"
    with pytest.raises(InvalidInputError, match=message):
        getattr(values, verb)(ADMIN, first.task_id, names=["amplitude"], reason="test")
    assert bench.get_stored(first).decisions == {}


def test_a_whole_set_is_rejected_and_restored_whole(bench: Bench, values: ValueService) -> None:
    first, second = bench.run("Pulse"), bench.run("Pulse")
    values.reject(ADMIN, second.task_id, names=["beta", "amplitude"], reason="test")
    assert {name: one.task_id for name, one in bench.get_qubit().data.items()} == {
        "amplitude": first.task_id,
        "beta": first.task_id,
        "contrast": second.task_id,
    }
    values.undo(ADMIN)
    assert {one.task_id for one in bench.get_qubit().data.values()} == {second.task_id}


def test_a_parameter_outside_of_sets_is_decided_on_alone(bench: Bench, values: ValueService) -> None:
    result = bench.run("Pulse")
    values.reject(ADMIN, result.task_id, names=["contrast"], reason="test")
    assert {*bench.get_stored(result).decisions} == {"contrast"}


def test_a_chip_shows_a_set_that_a_value_set_by_hand_broke_until_it_is_measured_whole(
    bench: Bench, values: ValueService
) -> None:
    bench.run("Pulse")
    assert read_marks(bench) == {}
    values.set(ADMIN, CHIP, "0", {"amplitude": Parameter(0.51)}, reason="by eye")
    assert read_marks(bench) == {"beta": ["set-broken"]}
    values.undo(ADMIN)
    assert read_marks(bench) == {}
    values.set(ADMIN, CHIP, "0", {"amplitude": Parameter(0.51)}, reason="by eye")
    bench.run("Pulse")
    assert read_marks(bench) == {}


def read_marks(bench: Bench) -> dict[str, list[str]]:
    """Return the names of the marks of qubit 0."""
    judgement = bench.qdash.judge.read(bench.repositories, PROJECT, CHIP)
    return {name: [str(mark.mark) for mark in marks] for name, marks in judgement.marks.get("0", {}).items()}


def test_a_part_of_a_set_is_not_reverted_alone(bench: Bench, values: ValueService) -> None:
    before = bench.run("Pulse")
    bench.run("Pulse")
    with pytest.raises(InvalidInputError, match=r"the set pulse.*`qdash values revert chip --to"):
        values.revert(ADMIN, CHIP, before.execution_id, names=["beta"])
    values.revert(ADMIN, CHIP, before.execution_id, names=["beta", "amplitude"])
    assert bench.get_qubit().data["beta"].task_id == before.task_id


def test_a_value_set_by_hand_that_breaks_a_set_is_accepted_with_a_warning(
    bench: Bench, values: ValueService
) -> None:
    bench.run("Pulse")
    event = values.set(ADMIN, CHIP, "0", {"amplitude": Parameter(0.51)}, reason="by eye")
    assert event.warnings == (
        "the set pulse (amplitude, beta) has values of several results: calibrate it again, or undo the change",
    )
    assert values.set(ADMIN, CHIP, "0", {"contrast": Parameter(0.91)}, reason="by eye").warnings == ()


@pytest.mark.parametrize(
    ("origins", "broken"),
    [
        ({"amplitude": "a", "beta": "a"}, {}),
        ({"amplitude": "a", "beta": "b"}, {"pulse": ["amplitude", "beta"]}),
        ({"amplitude": "a", "beta": ""}, {}),
        ({"tone": "b", "phase": "b"}, {}),
        ({"tone": "b", "phase": "b", "length": "a"}, {"gate": ["tone", "phase", "length"]}),
        ({"tone": "b", "beta": "a"}, {}),
        ({}, {}),
    ],
    ids=[
        "one result",
        "two results",
        "unknown origin",
        "a part",
        "a part that another left",
        "two sets",
        "none",
    ],
)
def test_a_set_is_broken_if_its_values_come_from_several_results(
    origins: dict[str, str], broken: dict[str, list[str]]
) -> None:
    assert find_broken_sets(origins, SETS) == broken


def test_sets_of_one_name_are_joined_over_tasks_and_the_standard_ones_are_made_by_one_task() -> None:
    sets = make_registry(TASKS).value_declarations().sets
    assert {
        "drag_hpi_pulse",
        "drag_pi_pulse",
        "hpi_pulse",
        "pi_pulse",
        "readout_fidelities",
        "zx90_gate",
    } == {*sets}
    for members in sets.values():
        assert any({*members} <= {*task.output_parameters} for task in TASKS)
    assert {"cr_amplitude", "rotary_amplitude", "zx90_gate_time"} <= {*sets["zx90_gate"]}
