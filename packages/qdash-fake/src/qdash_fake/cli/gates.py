"""Table of couplings in the output of `qdash demo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_cli.rendering.output import print_message, print_table
from qdash_core.models.quantities import format_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_fake.gate_comparison import CalibratedGate, GatesSummary

_MANY = 20
"""Number of couplings above which only those without a nearly optimal gate are shown."""


def show_gates(gates: Sequence[CalibratedGate], counted: GatesSummary, left_out: Mapping[str, str]) -> None:
    """Print the results of couplings, or only those with a problem, and a summary."""
    shown = [gate for gate in gates if len(gates) <= _MANY or not gate.is_near_best]
    if shown:
        only = "" if len(shown) == len(gates) else " whose gate is not nearly optimal"
        print_message(f"ZX90 gate error of each coupling{only}\n")
        print_table(
            ("coupling", "measured", "true", "best", "length\nns", "remark"),
            [_make_row(gate, left_out.get(gate.coupling_id, "")) for gate in shown],
            fold=("remark",),
        )
        print_message()
    print_message(_describe_counts(counted))


def _make_row(gate: CalibratedGate, reason: str) -> tuple[object, ...]:
    found = "" if gate.found is None else format_quantity(gate.found, gate.found_error, "")
    numbers = ("" if error is None else f"{error:.2g}" for error in (gate.true, gate.best))
    length = "" if gate.time_ns is None else f"{gate.time_ns:.0f}"
    return (gate.coupling_id, found, *numbers, length, _make_remark(gate, reason))


def _make_remark(gate: CalibratedGate, reason: str) -> str:
    remarks = [f"impossible: {gate.impossible}"] if gate.impossible else []
    if reason:
        remarks.append(reason)
    elif not gate.is_near_best and not gate.impossible and gate.error_over_best is not None:
        remarks.append(f"{gate.error_over_best:.2f} times the best")
    return "; ".join(remarks)


def _describe_counts(counted: GatesSummary) -> str:
    possible = counted.not_impossible
    if not possible:
        return f"{_format_count(counted.n)}, no gate is possible\n"
    share = counted.within_20_percent_of_best / possible
    return (
        f"{_format_count(counted.n)}, a gate is possible on {possible}: {counted.calibrated} calibrated, "
        f"{counted.within_20_percent_of_best} ({share:.0%}) with an error within 20 % of the best\n"
    )


def _format_count(n: int) -> str:
    return "1 coupling" if n == 1 else f"{n} couplings"
