"""Validators of tasks: sign and size of a DRAG coefficient, T2 at most 2 T1, entanglement of a Bell state."""

from __future__ import annotations

import pytest

from qdash_core.hooks.manager import load_plugins
from qdash_core.models.chip import ParameterModel
from qdash_core.models.estimates import Parameter
from qdash_core.models.task import PastResult, TaskStatus, Verdict
from qdash_core.tasks.base import TaskOutput
from qdash_core.validation.verdicts import Candidate
from qdash_tasks.tasks import CheckBellState, CheckResonatorSpectroscopy, CheckT2Echo, CreateDRAGPIPulse
from qdash_tasks.validators import (
    DESIGNED_ANHARMONICITY,
    LINE,
    Coherence,
    DragSign,
    Entanglement,
    ReadoutLine,
)

from ..case_tables import each_case


def verdicts(
    beta_ns: float,
    *,
    error: float | None = 0.001,
    measured: ParameterModel | None = None,
    designed_ghz: float | None = None,
) -> list[Verdict]:
    note = {} if designed_ghz is None else {DESIGNED_ANHARMONICITY: designed_ghz}
    output = TaskOutput({"drag_pi_beta": Parameter(beta_ns, error, "ns")}, note=note)
    previous = {} if measured is None else {"anharmonicity": measured}
    found = DragSign().validate(Candidate(CreateDRAGPIPulse, "0", output, previous))
    wrong_sign = [one for one in found if "has the sign of" in one.reason]
    assert all("qdash lab check" in one.reason for one in wrong_sign)
    assert all("gain imbalance of the quadratures" in one.reason for one in found if one not in wrong_sign)
    return [one.verdict for one in found]


NEGATIVE = ParameterModel(value=-0.33, error=1e-4)


def test_a_coefficient_with_the_sign_of_the_anharmonicity_is_flagged() -> None:
    assert verdicts(-0.294, measured=NEGATIVE) == [Verdict.FLAGGED]
    assert verdicts(0.294, measured=ParameterModel(value=0.33, error=1e-4)) == [Verdict.FLAGGED]


def test_the_right_sign_passes() -> None:
    assert verdicts(0.3, measured=NEGATIVE) == []


@each_case(
    ("beta_ns", "error", "flagged"),
    [
        (0.482, 0.01, True),
        (0.12, 0.005, True),
        (0.38, 0.01, False),
        (0.16, 0.005, False),
        (0.482, 0.05, False),
    ],
    ids=["twice", "half", "1.58", "1 / 1.5", "twice, badly known"],
)
def test_a_size_that_is_surely_off_by_more_than_1_6_is_flagged(
    beta_ns: float, error: float, *, flagged: bool
) -> None:
    assert verdicts(beta_ns, error=error, measured=NEGATIVE) == [Verdict.FLAGGED] * flagged


def test_a_wrong_sign_within_three_errors_says_nothing() -> None:
    assert verdicts(-0.14, error=0.1, measured=NEGATIVE) == []


def test_the_design_counts_where_nothing_was_measured_and_else_what_was_measured() -> None:
    assert verdicts(-0.294, designed_ghz=-0.31) == [Verdict.FLAGGED]
    assert verdicts(-0.35, measured=ParameterModel(value=0.2, error=1e-3), designed_ghz=-0.31) == []


@pytest.mark.parametrize(
    "measured", [None, ParameterModel(value=-0.01, error=0.01)], ids=["none", "any sign"]
)
def test_without_a_known_anharmonicity_nothing_is_said(measured: ParameterModel | None) -> None:
    assert verdicts(-0.294, measured=measured) == []


@each_case(
    ("fidelity", "error", "flagged"),
    [
        (0.447, 0.087, True),
        (0.058, 0.027, True),
        (0.62, 0.05, True),
        (0.5, None, True),
        (0.62, 0.03, False),
        (0.9, None, False),
    ],
)
def test_a_fidelity_that_is_not_surely_that_of_entangled_qubits_is_flagged(
    fidelity: float, error: float | None, flagged: bool
) -> None:
    output = TaskOutput({"bell_state_fidelity": Parameter(fidelity, error)})
    found = Entanglement().validate(Candidate(CheckBellState, "0-1", output, {}))
    assert [one.verdict for one in found] == [Verdict.FLAGGED] * flagged
    assert all("answers are in another order" in one.reason for one in found)


def test_results_of_other_tasks_say_nothing_about_entanglement() -> None:
    output = TaskOutput({"drag_pi_beta": Parameter(0.3, 0.01, "ns")})
    assert Entanglement().validate(Candidate(CreateDRAGPIPulse, "0", output, {})) == []


@each_case("name", ["t2_echo", "t2_star"])
@each_case(
    ("t2_us", "t1_us", "t1_error_us", "flagged"),
    [(70.0, 22.0, 0.4, True), (49.0, 22.0, 0.4, False), (44.0, 22.0, 0.4, False), (70.0, 22.0, 5.0, False)],
    ids=["far above", "T1 may have changed", "twice", "T1 badly known"],
)
def test_a_phase_that_outlives_twice_t1_is_flagged(
    name: str, t2_us: float, t1_us: float, t1_error_us: float, *, flagged: bool
) -> None:
    output = TaskOutput({name: Parameter(t2_us, 1.0, "us")})
    previous = {"t1": ParameterModel(value=t1_us, error=t1_error_us)}
    found = Coherence().validate(Candidate(CheckT2Echo, "0", output, previous))
    assert [one.verdict for one in found] == [Verdict.FLAGGED] * flagged
    assert all("--only long_delays" in one.reason for one in found)


@pytest.mark.parametrize("t1", [None, ParameterModel(value=22.0, error=None)], ids=["none", "no error"])
def test_without_a_known_t1_nothing_is_said_of_t2(t1: ParameterModel | None) -> None:
    output = TaskOutput({"t2_echo": Parameter(70.0, 1.0, "us")})
    previous = {} if t1 is None else {"t1": t1}
    assert Coherence().validate(Candidate(CheckT2Echo, "0", output, previous)) == []


def test_every_run_asks_them() -> None:
    assert {"drag-sign", "entanglement", "coherence"} <= {one.name for one in load_plugins().validators()}


FALLS, RISES, PEAK = (
    {"phase": phase, "shape": shape}
    for phase, shape in (("falls", "dip"), ("rises", "dip"), ("falls", "peak"))
)


def judge_line(now: dict[str, str] | None, *earlier: tuple[dict[str, str] | None, Verdict]) -> list[str]:
    """Return the findings on a line after earlier ones, the newest first."""
    history = [
        PastResult(
            execution_id="e",
            task_id=str(number),
            qid="0",
            status=TaskStatus.COMPLETED,
            verdict=verdict,
            note={} if line is None else {LINE: line},
            output_parameters={"resonator_frequency": ParameterModel(value=6.5)},
        )
        for number, (line, verdict) in enumerate(earlier)
    ]
    output = TaskOutput(
        {"resonator_frequency": Parameter(6.5, 1e-5, "GHz")}, note={} if now is None else {LINE: now}
    )
    candidate = Candidate(CheckResonatorSpectroscopy, "0", output, {}, history=history)
    found = ReadoutLine().validate(candidate)
    assert all(one.verdict is Verdict.FLAGGED for one in found)
    return [one.reason for one in found]


GOOD, BAD = Verdict.ACCEPTED, Verdict.FLAGGED


def test_a_changed_sign_of_the_phase_and_a_changed_shape_are_flagged_with_both() -> None:
    (reason,) = judge_line(RISES, (FALLS, GOOD))
    assert (
        "the phase rises with frequency; in the last accepted result of this cool-down the phase falls"
        in reason
    )
    (reason,) = judge_line(PEAK, (FALLS, GOOD))
    assert (
        "the resonance is a peak; in the last accepted result of this cool-down the resonance is a dip"
        in reason
    )
    assert len(judge_line(PEAK, (RISES, GOOD))) == 2


def test_a_line_as_before_and_one_without_a_reference_pass() -> None:
    assert judge_line(FALLS, (FALLS, GOOD)) == []
    assert judge_line(RISES) == judge_line(RISES, (FALLS, BAD)) == judge_line(RISES, (None, GOOD)) == []
    assert judge_line(None, (FALLS, GOOD)) == []


def test_one_wrong_result_does_not_become_the_reference() -> None:
    assert judge_line(FALLS, (RISES, BAD), (FALLS, GOOD)) == []


def test_a_changed_line_is_accepted_once_three_results_agree() -> None:
    assert judge_line(RISES, (RISES, BAD), (FALLS, GOOD))
    assert judge_line(RISES, (RISES, BAD), (RISES, BAD), (FALLS, GOOD)) == []
    assert judge_line(RISES, (RISES, GOOD), (RISES, BAD), (RISES, BAD), (FALLS, GOOD)) == []
