"""The gates that were found on couplings, beside the best ones that there are."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.metrics.values import ChipValues, KnownValue
    from qdash_core.models.chip import ParameterModel
    from qdash_fake.pair_truth import PairTruths

NEAR = 1.2
"""A gate is near the best one when its error is at most by this factor larger."""

_FIDELITY, _BEST, _TIME = "zx90_gate_fidelity", "best_zx90_gate_fidelity", "zx90_gate_time"


@dataclass(frozen=True, slots=True)
class GateFound:
    """What became of one coupling; errors are 1 minus average gate fidelity, None where there is none.

    Attributes
    ----------
    found, found_error
        As benchmarked, with the error bar of that.
    true, best
        Of the gate in use, and of the best one that this coupling can have in its direction.
    time_ns
        Length of the gate in use.
    impossible
        Why there can be no gate; None: there can.
    """

    coupling_id: str
    found: float | None
    found_error: float | None
    true: float | None
    best: float | None
    time_ns: float | None
    impossible: str | None

    @property
    def over_best(self) -> float | None:
        """True error in units of the best one."""
        return None if self.true is None or not self.best else self.true / self.best

    @property
    def near_best(self) -> bool:
        """Whether a possible gate was made, about as good as it can be."""
        return self.impossible is None and self.over_best is not None and self.over_best <= NEAR


@dataclass(frozen=True, slots=True)
class GatesSummary:
    """Counts of couplings.

    Attributes
    ----------
    n, not_impossible
        All, and those that can have a gate.
    calibrated, within_20_percent_of_best
        Of those that can have one: those that have one, and whose true error is at most 1.2 times the best.
    median_error_over_best
        Of the true error of the calibrated ones; None without any.
    """

    n: int
    not_impossible: int
    calibrated: int
    within_20_percent_of_best: int
    median_error_over_best: float | None


def gates_found(values: ChipValues, truth: PairTruths, couplings: Iterable[str]) -> list[GateFound]:
    """Return what became of each of these couplings."""
    return [_gate(coupling, values.couplings.get(coupling, {}), truth) for coupling in couplings]


def _gate(coupling_id: str, accepted: Mapping[str, KnownValue], truth: PairTruths) -> GateFound:
    true, impossible = truth[coupling_id], truth.impossible(coupling_id)
    found, time = (_known(accepted, name) for name in (_FIDELITY, _TIME))
    return GateFound(
        coupling_id,
        found=None if found is None else 1 - found.value,
        found_error=None if found is None else found.error,
        true=1 - true[_FIDELITY][0] if _FIDELITY in true else None,
        best=1 - true[_BEST][0] if _BEST in true else None,
        time_ns=None if time is None else time.value,
        impossible=impossible,
    )


def _known(accepted: Mapping[str, KnownValue], name: str) -> ParameterModel | None:
    return accepted[name].parameter if name in accepted else None


def summary(gates: Sequence[GateFound]) -> GatesSummary:
    """Count."""
    possible = [gate for gate in gates if gate.impossible is None]
    ratios = [gate.over_best for gate in possible if gate.over_best is not None]
    return GatesSummary(
        n=len(gates),
        not_impossible=len(possible),
        calibrated=len(ratios),
        within_20_percent_of_best=sum(gate.near_best for gate in possible),
        median_error_over_best=round(median(ratios), 4) if ratios else None,
    )
