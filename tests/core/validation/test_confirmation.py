"""The rule that confirms changed values, for several parameters and at its limits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qdash_core import OutputParameter, Parameter, TaskOutput
from qdash_core.models.chip import ParameterModel
from qdash_core.models.decision import Decision
from qdash_core.models.task import PastResult, TaskStatus, Verdict
from qdash_core.validation.standard import Jump
from qdash_core.validation.verdicts import Candidate, ReasonedVerdict, find_verdict

from ..bench import make_task

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
LATER = WHEN + timedelta(hours=1)
TASK = make_task(output_parameters={"x": OutputParameter(jump=0.1), "y": OutputParameter(jump=0.1)})
PREVIOUS = {name: ParameterModel(value=10.0, error=0.01, calibrated_at=WHEN) for name in "xy"}
Values = "Mapping[str, tuple[float, float | None]]"


def make_past(
    task_id: str, values: Values, *, execution_id: str = "e1", at: datetime | None = LATER, **given: Any
) -> PastResult:
    fields = {"status": TaskStatus.COMPLETED, "verdict": Verdict.FLAGGED, "flagged_by": ["jump"], **given}
    parameters = {
        name: ParameterModel(value=value, error=error, calibrated_at=at)
        for name, (value, error) in values.items()
    }
    return PastResult(
        execution_id=execution_id, task_id=task_id, qid="0", output_parameters=parameters, **fields
    )


def judge_third(values: Values, *history: PastResult, execution_id: str = "e2") -> ReasonedVerdict:
    output = TaskOutput({name: Parameter(value, error) for name, (value, error) in values.items()})
    candidate = Candidate(TASK, "0", output, PREVIOUS, execution_id, history)
    return find_verdict(candidate, [Jump()])


FAR = {"x": (20.0, 0.01)}
B, A = make_past("b", FAR), make_past("a", FAR)


def test_the_reason_names_the_confirming_results() -> None:
    assert judge_third(FAR, B, A) == ReasonedVerdict(
        Verdict.ACCEPTED, ("x = 20 is confirmed by results b and a",)
    )


def test_it_takes_three_results_from_two_executions() -> None:
    assert judge_third(FAR).verdict is Verdict.FLAGGED
    assert judge_third(FAR, B).verdict is Verdict.FLAGGED
    assert judge_third(FAR, B, A, execution_id="e1").verdict is Verdict.FLAGGED


@pytest.mark.parametrize(
    "given",
    [
        {"verdict": Verdict.ACCEPTED, "flagged_by": []},
        {"flagged_by": ["jump", "fit-quality"]},
        {"flagged_by": []},
        {"flagged_by": ["jump (failed)"]},
        {"status": TaskStatus.FAILED, "verdict": Verdict.REJECTED, "flagged_by": ["bounds"]},
        {"status": TaskStatus.FAILED, "verdict": None, "flagged_by": []},
        {"decisions": {"x": Decision(verdict="rejected", username="alice", decided_at=WHEN)}},
    ],
)
@pytest.mark.parametrize("place", [0, 1])
def test_another_result_between_them_starts_the_count_again(given: dict[str, Any], place: int) -> None:
    history = [B, A]
    history.insert(place, make_past("c", FAR, **given))
    assert judge_third(FAR, *history).verdict is Verdict.FLAGGED


def test_a_decision_on_another_parameter_changes_nothing() -> None:
    decision = Decision(verdict="rejected", username="alice", decided_at=WHEN)
    other = make_past("c", FAR, decisions={"y": decision})
    assert judge_third(FAR, other, A).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("at", [WHEN, WHEN - timedelta(hours=1), None])
@pytest.mark.parametrize("place", [0, 1])
def test_a_result_that_was_not_measured_after_the_value_in_use_is_no_evidence(
    at: datetime | None, place: int
) -> None:
    history = [B, A]
    history[place] = make_past("c", FAR, at=at)
    assert judge_third(FAR, *history).verdict is Verdict.FLAGGED


@pytest.mark.parametrize("place", range(3))
def test_a_result_with_an_unknown_error_never_qualifies(place: int) -> None:
    values = [FAR, FAR, FAR]
    values[place] = {"x": (20.0, None)}  # type: ignore[dict-item]
    found = judge_third(values[0], make_past("b", values[1]), make_past("a", values[2]))
    assert found.verdict is Verdict.FLAGGED


@pytest.mark.parametrize("place", range(3))
@pytest.mark.parametrize(
    ("value", "error", "agrees"),
    [(22.2, 0.01, True), (22.3, 0.01, False), (22.3, 0.1, True), (18.0, 0.01, True), (17.9, 0.01, False)],
)
def test_none_may_be_a_jump_from_the_mean_of_the_other_two(
    place: int, value: float, error: float, agrees: bool
) -> None:
    """Two may differ by a tenth of the larger and three errors; where the other value is one of two, the mean is half as far."""
    values: list[Any] = [FAR, FAR, FAR]
    values[place] = {"x": (value, error)}
    found = judge_third(values[0], make_past("b", values[1]), make_past("a", values[2]))
    assert (found.verdict is Verdict.ACCEPTED) is agrees


def test_every_parameter_that_jumped_must_agree() -> None:
    both = {"x": (20.0, 0.01), "y": (30.0, 0.01)}
    b, a = make_past("b", both), make_past("a", both)
    assert judge_third(both, b, a).reasons == tuple(
        f"{name} = {value:g} is confirmed by results b and a" for name, (value, _) in both.items()
    )
    apart = judge_third({**both, "y": (40.0, 0.01)}, b, a)
    assert apart.verdict is Verdict.FLAGGED
    assert apart.reasons == ("x jumped from 10 to 20", "y jumped from 10 to 40")
    assert judge_third({**both, "y": (10.0, 0.01)}, b, a).verdict is Verdict.ACCEPTED, "only x jumped"


def test_a_result_in_which_another_parameter_jumped_is_no_evidence() -> None:
    other = make_past("b", {"x": (10.9, 0.2), "y": (30.0, 0.01)})
    assert (
        judge_third({"x": (11.5, 0.01)}, other, make_past("a", {"x": (11.5, 0.01)})).verdict
        is Verdict.FLAGGED
    )
