"""Count of the couplings with gates near the best ones."""

from __future__ import annotations

from typing import Any

from qdash_fake.gate_comparison import CalibratedGate, GatesSummary, summarize_gates

from ..case_tables import each_case


def gate(**known: Any) -> CalibratedGate:
    """Return a good gate, with some fields replaced."""
    usual = {"found": 0.011, "found_error": 0.001, "true": 0.01, "best": 0.01, "time_ns": 300.0}
    return CalibratedGate("0-1", **{**usual, "impossible": None, **known})


@each_case(
    ("known", "near"),
    [
        ({}, True),
        ({"true": 0.0119}, True),
        ({"true": 0.0121}, False),
        ({"true": 0.005}, True),
        ({"true": None, "found": None}, False),
        ({"best": None}, False),
        ({"impossible": "a dead drive line"}, False),
    ],
)
def test_a_gate_is_near_the_best_by_its_true_error(known: dict[str, Any], near: bool) -> None:
    assert gate(**known).is_near_best is near


def test_couplings_without_a_possible_gate_do_not_count_against_the_calibration() -> None:
    gates = [gate(), gate(true=0.02), gate(true=None), gate(impossible="a collision", true=0.5)]
    assert summarize_gates(gates) == GatesSummary(
        n=4, not_impossible=3, calibrated=2, within_20_percent_of_best=1, median_error_over_best=1.5
    )


def test_nothing_is_said_of_the_size_of_errors_where_there_is_no_gate() -> None:
    assert summarize_gates([gate(true=None)]).median_error_over_best is None
