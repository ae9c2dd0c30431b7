"""Aliases of tasks: lookup, runs and run parameters accept each of them; results have one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from qdash_core import InvalidInputError, NotFoundError, RunParameter
from qdash_core.flows.steps import BringUp
from qdash_core.flows.targets import QubitTargets
from qdash_core.models.chip import TargetStatus
from qdash_core.runs.run_preparation import get_steps
from qdash_core.tasks.overrides import check_overrides, get_run_parameters

from ..bench import CHIP, PROJECT, make_registry, make_task

if TYPE_CHECKING:
    from qdash_core import BaseTask

    from ..conftest import MakeBench

SHOTS = RunParameter(1024, "int", minimum=16, maximum=4096)


def make_aliased_task(**changes: object) -> type[BaseTask]:
    return make_task("Fine", aliases=("Pattern", "Map"), parameters={"shots": SHOTS}, **changes)


def test_a_task_is_found_by_name_and_by_alias_and_listed_once() -> None:
    known = make_aliased_task()
    registry = make_registry([known])
    assert [registry.task(name, backend="bench") for name in ("Fine", "Pattern", "Map")] == [known] * 3
    assert registry.tasks() == {(None, "Fine"): known}
    with pytest.raises(NotFoundError, match="did you mean 'Pattern'"):
        registry.task("Patterns")


@pytest.mark.every_store
def test_what_is_run_under_an_alias_is_recorded_under_the_name(make_bench: MakeBench) -> None:
    bench = make_bench(make_aliased_task())
    assert bench.run("Pattern").name == "Fine"


def test_a_flow_may_be_the_alias_of_a_task(make_bench: MakeBench) -> None:
    qdash = make_bench(make_aliased_task()).qdash
    (step,) = get_steps("Pattern", qdash.registry, qdash.get_catalogue(PROJECT, CHIP))
    assert step.tasks is not None
    assert list(step.tasks) == ["Fine"]


def test_a_bring_up_that_names_aliases_knows_its_results(make_bench: MakeBench) -> None:
    bench = make_bench(make_aliased_task())
    calibration = bench.make_service()
    calibration.run(QubitTargets(["0"]), [BringUp(tasks=("Pattern",))])
    calibration.finish_calibration()
    assert bench.get_qubit("0").status is TargetStatus.CALIBRATED


def test_run_parameters_are_given_under_either_name_and_the_name_wins() -> None:
    known = make_aliased_task()
    for session, shots in (
        ({"Pattern": {"shots": 64}}, 64),
        ({"shots": 32, "Map": {"shots": 64}}, 64),
        ({"Fine": {"shots": 128}, "Pattern": {"shots": 64}}, 128),
    ):
        check_overrides([known], session)
        assert get_run_parameters(known, session, {})["shots"].value == shots
    with pytest.raises(InvalidInputError, match="Patterns: not a task of this flow"):
        check_overrides([known], {"Patterns": {"shots": 64}})
    with pytest.raises(InvalidInputError, match="Fine has no run parameter 'shot'"):
        check_overrides([known], {"Pattern": {"shot": 64}})
