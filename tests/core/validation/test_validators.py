"""Findings of the standard validators, and the resulting verdict."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdash_core import OutputParameter, Parameter, TaskOutput
from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import TaskStatus, Verdict
from qdash_core.validation.standard import STANDARD_VALIDATORS
from qdash_core.validation.verdicts import Candidate, Finding, ReasonedVerdict, find_verdict

from ..bench import make_raising, make_task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..conftest import MakeBench

WHEN = datetime(2026, 1, 1, tzinfo=UTC)
ACCEPTED, FLAGGED, REJECTED = Verdict.ACCEPTED, Verdict.FLAGGED, Verdict.REJECTED


def judge_value(
    *found: Parameter,
    declared: OutputParameter | None = None,
    last: ParameterModel | None = None,
    r2: float | None = None,
    quality: dict[str, float] | None = None,
    **limits: float,
) -> ReasonedVerdict:
    """Return the verdict of the standard validators on one value `x`."""
    parameters = {"x": found[0]} if found else {}
    kind = make_task(gives={}, output_parameters={"x": declared or OutputParameter()}, **limits)
    candidate = Candidate(
        kind, "0", TaskOutput(parameters, r2, quality or {}), {} if last is None else {"x": last}
    )
    return find_verdict(candidate, STANDARD_VALIDATORS)


def test_a_sound_value_is_accepted_without_reasons() -> None:
    assert judge_value(Parameter(5.0, 0.1)) == ReasonedVerdict(ACCEPTED, ())


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (Parameter(float("nan")), "x is nan"),
        (Parameter(float("-inf"), 1.0), "x is -inf"),
        (Parameter(1.0, 0.0), "the error of x is 0.0: leave it out when it is unknown"),
        (Parameter(1.0, -0.1), "the error of x is -0.1: leave it out when it is unknown"),
        (Parameter(1.0, float("inf")), "the error of x is inf: leave it out when it is unknown"),
    ],
)
def test_numbers_that_mean_nothing_are_rejected(found: Parameter, reason: str) -> None:
    assert judge_value(found) == ReasonedVerdict(REJECTED, (reason,))


@pytest.mark.parametrize(
    ("value", "error", "expected"),
    [
        (0.5, None, ACCEPTED),
        (0.0, None, ACCEPTED),
        (1.0, None, ACCEPTED),
        (-0.001, None, REJECTED),
        (1.001, None, REJECTED),
        (1.29, 0.1, ACCEPTED),
        (1.31, 0.1, REJECTED),
        (-0.29, 0.1, ACCEPTED),
        (-0.31, 0.1, REJECTED),
    ],
)
def test_a_value_outside_its_bounds_by_more_than_three_sigma_is_rejected(
    value: float, error: float | None, expected: Verdict
) -> None:
    found = judge_value(
        Parameter(value, error, "a.u."), declared=OutputParameter(unit="a.u.", minimum=0.0, maximum=1.0)
    )
    assert found.verdict is expected
    if expected is REJECTED:
        side, bound = ("below its minimum", 0) if value < 0 else ("above its maximum", 1)
        unit = "\N{NO-BREAK SPACE}a.u."
        assert found.reasons == (f"x = {value:g}{unit} is {side} of {bound}{unit}",)


@pytest.mark.parametrize(
    ("r2", "quality", "expected"),
    [
        (0.9, {}, ACCEPTED),
        (0.5, {}, ACCEPTED),
        (0.49, {}, REJECTED),
        (-3.0, {}, REJECTED),
        (float("nan"), {}, REJECTED),
        (None, {}, ACCEPTED),
        (None, {"reduced_chi2": 10.0}, ACCEPTED),
        (None, {"reduced_chi2": 10.1}, FLAGGED),
        (None, {"reduced_chi2": float("nan")}, FLAGGED),
        (0.1, {"reduced_chi2": 1.0}, ACCEPTED),
        (0.9, {"snr": 0.0}, ACCEPTED),
    ],
)
def test_the_quality_of_the_fit_is_judged_by_chi_squared_or_else_by_r_squared(
    r2: float | None, quality: dict[str, float], expected: Verdict
) -> None:
    """A weak signal can have a small R² and still agree with its model."""
    assert judge_value(Parameter(1.0, 0.1), r2=r2, quality=quality).verdict is expected


def test_a_task_sets_its_own_limits_for_the_fit() -> None:
    assert judge_value(Parameter(1.0), r2=0.6, minimum_r2=0.7).verdict is REJECTED
    found = judge_value(Parameter(1.0), quality={"reduced_chi2": 3.0}, maximum_reduced_chi2=2.0)
    assert found == ReasonedVerdict(
        FLAGGED, ("reduced chi² 3 is above 2: the model does not describe the data",)
    )


@pytest.mark.parametrize(
    ("value", "error", "last_error", "expected"),
    [
        (5.05, None, None, ACCEPTED),
        (5.06, None, None, FLAGGED),
        (4.94, None, None, FLAGGED),
        (5.07, 0.01, None, ACCEPTED),
        (5.07, None, 0.01, ACCEPTED),
        (5.09, 0.01, 0.01, ACCEPTED),
        (5.10, 0.01, 0.01, FLAGGED),
    ],
)
def test_a_jump_beyond_the_declared_fraction_and_three_sigma_is_flagged(
    value: float, error: float | None, last_error: float | None, expected: Verdict
) -> None:
    """The value may change from 5 by at most 1 %, plus both error bars."""
    last = ParameterModel(value=5.0, error=last_error, calibrated_at=WHEN)
    found = judge_value(Parameter(value, error, "GHz"), declared=OutputParameter(jump=0.01), last=last)
    assert found.verdict is expected
    if expected is FLAGGED:
        assert found.reasons == (f"x jumped from 5 to {value:g} GHz",)


def test_without_a_last_value_or_a_declared_jump_nothing_jumps() -> None:
    assert judge_value(Parameter(9.0), declared=OutputParameter(jump=0.01)).verdict is ACCEPTED
    measured = ParameterModel(value=1.0, calibrated_at=WHEN)
    assert judge_value(Parameter(9.0), last=measured).verdict is ACCEPTED


def test_from_a_value_that_nobody_knows_to_be_measured_nothing_jumps() -> None:
    """Values from a laboratory's files are only initial values."""
    brought = ParameterModel(value=5.0)
    assert judge_value(Parameter(5.1), declared=OutputParameter(jump=0.01), last=brought).verdict is ACCEPTED


@given(st.floats(-1e6, 1e6), st.none() | st.floats(1e-6, 1e3), st.floats(-1e6, 1e6), st.floats(1e-3, 1.0))
def test_every_finite_value_gets_a_verdict_and_reasons_exactly_when_it_is_not_accepted(
    value: float, error: float | None, last: float, jump: float
) -> None:
    found = judge_value(
        Parameter(value, error),
        declared=OutputParameter(minimum=-1e3, maximum=1e3, jump=jump),
        last=ParameterModel(value=last, calibrated_at=WHEN),
    )
    assert (found.verdict is ACCEPTED) == (found.reasons == ())


# -------------------------------------------------------------------------------------------------- validators of plugins


class StubValidator:
    """A validator with given findings."""

    def __init__(self, name: str, *findings: Finding) -> None:
        self.name, self._findings = name, findings

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        return self._findings


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], ACCEPTED),
        ([ACCEPTED], ACCEPTED),
        ([FLAGGED], FLAGGED),
        ([FLAGGED, ACCEPTED], FLAGGED),
        ([FLAGGED, REJECTED], REJECTED),
        ([REJECTED, FLAGGED], REJECTED),
    ],
)
def test_the_gravest_finding_decides_and_every_reason_is_kept(said: list[Verdict], expected: Verdict) -> None:
    validators = [StubValidator(str(number), Finding(one, f"{one}!")) for number, one in enumerate(said)]
    found = find_verdict(Candidate(make_task(), "0", TaskOutput(), {}), validators)
    assert found == ReasonedVerdict(expected, tuple(f"{one}!" for one in said))


@pytest.mark.every_store
def test_a_validator_of_a_plugin_judges_every_result(make_bench: MakeBench) -> None:
    bench = make_bench(make_task(), validators=[StubValidator("strict", Finding(REJECTED, "it is Friday"))])
    result = bench.run()
    assert (result.status, result.message) == (TaskStatus.FAILED, "rejected: it is Friday")
    assert bench.get_value() is None


def test_the_flag_of_a_failing_validator_says_what_failed(make_bench: MakeBench) -> None:
    validator = StubValidator("broken")
    validator.validate = lambda candidate: {}["t1"]  # type: ignore[method-assign]
    (reason,) = make_bench(make_task(), validators=[validator]).run().reasons
    assert re.fullmatch(r"validator broken failed: KeyError: 't1' \(test_validators.py:\d+\)", reason)


@pytest.mark.parametrize(
    "broken",
    [
        make_raising(ValueError("bug")),
        make_raising(SystemExit(3)),
        lambda candidate: None,
        lambda candidate: 5,
        lambda candidate: ["it is Friday"],
    ],
)
def test_a_validator_that_fails_flags_the_result_and_does_not_end_the_run(
    make_bench: MakeBench, broken: Any
) -> None:
    """A value that was not checked is stored and shown, but not used."""
    validator = StubValidator("broken")
    validator.validate = broken  # type: ignore[method-assign]
    bench = make_bench(make_task(), validators=[validator])
    result = bench.run()
    assert (result.status, result.verdict) == (TaskStatus.COMPLETED, FLAGGED)
    assert result.reasons[0].startswith("validator broken failed: ")
    assert bench.get_value() is None
