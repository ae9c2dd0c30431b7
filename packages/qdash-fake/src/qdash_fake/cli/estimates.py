"""Tables of estimates beside the truth, in the output of `qdash demo`."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from qdash_cli.rendering.output import print_message, print_table
from qdash_core.models.estimates import unit_symbol
from qdash_core.models.quantities import format_quantity, round_to_error

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip
    from qdash_fake.comparison import Comparison

_SHOWN = ("qubit_frequency", "t1", "t2_echo", "t2_star", "average_readout_fidelity")
_MANY, _AMISS = 30, 3.0
"""Number of qubits above which only outliers are shown, and the smallest deviation of an outlier in standard deviations."""


def show_comparisons(device: str, chip: Chip, comparisons: list[Comparison]) -> None:
    """Print the estimates of each qubit beside the truth, and their statistics."""
    found = {(one.target, one.parameter): one for one in comparisons}
    units = {one.parameter: one.unit for one in comparisons}
    shown = _select_shown(chip, comparisons)
    which = (
        "each qubit"
        if len(shown) == len(chip.qubits)
        else f"each qubit with a deviation of more than {_AMISS:g} sigma"
    )
    rows = [
        row
        for qid in shown
        if any((qid, name) in found for name in _SHOWN)
        for row in _make_rows(qid, [found.get((qid, name)) for name in _SHOWN])
    ]
    if rows or not comparisons:
        print_message(f"Twin of {device}: the estimates for {which}, each above its true value\n")
        print_table(
            ("qubit", *(f"{name}\n{unit_symbol(units.get(name, ''))}".rstrip() for name in _SHOWN)), rows
        )
    else:
        print_message(f"Twin of {device}: no estimate deviates from the truth by more than {_AMISS:g} sigma")
    print_message("\nShare of estimates within their error bars of the truth (expected: 68 % and 95 %)\n")
    print_table(
        ("parameter", "n", "within\n1 sigma", "within\n2 sigma", "median\nrelative error"),
        _make_accuracy_rows(comparisons),
    )
    print_message(f"\n{_describe_scatter(comparisons)}" if comparisons else "")


def _select_shown(chip: Chip, comparisons: list[Comparison]) -> list[str]:
    """Return all qubits of a small chip, or only the outliers of a large one."""
    if len(chip.qubits) <= _MANY:
        return list(chip.qubits)
    amiss = {one.target for one in comparisons if one.parameter in _SHOWN and abs(one.pull) > _AMISS}
    return [qid for qid in chip.qubits if qid in amiss]


def _make_rows(qid: str, of_qubit: list[Comparison | None]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = (format_quantity(one.estimate, one.error, "") if one else "" for one in of_qubit)
    true = (round_to_error(one.error, one.truth) if one else "" for one in of_qubit)
    return (qid, *found), ("true", *true)


def _make_accuracy_rows(comparisons: list[Comparison]) -> list[tuple[object, ...]]:
    """Return a row for each parameter, and one for all: relative errors of different ones have no common median."""
    from qdash_fake.comparison import compute_accuracy

    rows: list[tuple[object, ...]] = [
        (
            name,
            one.n,
            f"{one.within_1_sigma:.0%}",
            f"{one.within_2_sigma:.0%}",
            f"{one.median_relative_error:.2g}",
        )
        for name, one in compute_accuracy(comparisons).items()
    ]
    if comparisons:
        total = len(comparisons)
        rows.append(
            ("all", total, *(f"{_count_within(comparisons, sigma) / total:.0%}" for sigma in (1, 2)), "")
        )
    return rows


def _count_within(comparisons: list[Comparison], sigma: float) -> int:
    return sum(abs(one.pull) <= sigma for one in comparisons)


def _describe_scatter(comparisons: list[Comparison]) -> str:
    """Describe the binomial uncertainty of a share of few estimates."""
    n = max(Counter(one.parameter for one in comparisons).values())
    one, two = (100 * math.sqrt(share * (1 - share) / n) for share in (0.68, 0.95))
    return f"For {n} estimates, the standard deviations of these shares are {one:.0f} % and {two:.0f} %; the last row covers all estimates."
