"""Comparison of the calibrated gates of couplings with the best possible ones."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.chip_values import ChipValues, KnownValue
    from qdash_fake.pair_truth import PairTruths

NEAR = 1.2
"""Largest ratio of a gate's error to the best one that counts as nearly optimal."""

_FIDELITY, _BEST, _TIME = "zx90_gate_fidelity", "best_zx90_gate_fidelity", "zx90_gate_time"


@dataclass(frozen=True, slots=True)
class CalibratedGate:
    """Calibrated gate of one coupling; errors are 1 minus average gate fidelity, or None.

    The error `found` by benchmarking has an error bar; `true` is that of the gate in use, and `best` that of the best
    possible one in its direction. `impossible` is the reason why there can be none.
    """

    coupling_id: str
    found: float | None
    found_error: float | None
    true: float | None
    best: float | None
    time_ns: float | None
    impossible: str | None

    @property
    def error_over_best(self) -> float | None:
        """True error divided by that of the best possible gate."""
        return None if self.true is None or not self.best else self.true / self.best

    @property
    def is_near_best(self) -> bool:
        """True if a gate is feasible, was calibrated and is nearly optimal."""
        return self.impossible is None and self.error_over_best is not None and self.error_over_best <= NEAR


@dataclass(frozen=True, slots=True)
class GatesSummary:
    """Counts of couplings by the state of their gate.

    All but the first count are of couplings that can have a gate. `within_20_percent_of_best` counts those whose true
    error is at most 1.2 times the best; the median of this ratio is over the calibrated ones.
    """

    n: int
    not_impossible: int
    calibrated: int
    within_20_percent_of_best: int
    median_error_over_best: float | None


def compare_gates(values: ChipValues, truth: PairTruths, couplings: Iterable[str]) -> list[CalibratedGate]:
    """Return the calibrated gate of each of these couplings."""
    return [_compare_gate(coupling, values.couplings.get(coupling, {}), truth) for coupling in couplings]


def _compare_gate(coupling_id: str, accepted: Mapping[str, KnownValue], truth: PairTruths) -> CalibratedGate:
    true, impossible = truth[coupling_id], truth.find_obstacle(coupling_id)
    found, time = (_get_known(accepted, name) for name in (_FIDELITY, _TIME))
    return CalibratedGate(
        coupling_id,
        found=None if found is None else 1 - found.value,
        found_error=None if found is None else found.error,
        true=1 - true[_FIDELITY][0] if _FIDELITY in true else None,
        best=1 - true[_BEST][0] if _BEST in true else None,
        time_ns=None if time is None else time.value,
        impossible=impossible,
    )


def _get_known(accepted: Mapping[str, KnownValue], name: str) -> ParameterModel | None:
    return accepted[name].parameter if name in accepted else None


def summarize_gates(gates: Sequence[CalibratedGate]) -> GatesSummary:
    """Return the counts of the gates."""
    possible = [gate for gate in gates if gate.impossible is None]
    ratios = [gate.error_over_best for gate in possible if gate.error_over_best is not None]
    return GatesSummary(
        n=len(gates),
        not_impossible=len(possible),
        calibrated=len(ratios),
        within_20_percent_of_best=sum(gate.is_near_best for gate in possible),
        median_error_over_best=round(median(ratios), 4) if ratios else None,
    )
