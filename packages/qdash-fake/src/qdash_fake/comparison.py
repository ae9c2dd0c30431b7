"""Estimates against the truth."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.metrics.values import ChipValues
    from qdash_fake.truth import TrueParameters


@dataclass(frozen=True, slots=True)
class Comparison:
    """One estimate beside its truth, both in `unit`."""

    target: str
    parameter: str
    estimate: float
    error: float
    truth: float
    unit: str

    @property
    def pull(self) -> float:
        """Distance from the truth in standard deviations, signed."""
        return (self.estimate - self.truth) / self.error


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How the estimates of one parameter lie about the truth. The two `within` are fractions of `n`."""

    n: int
    within_1_sigma: float
    within_2_sigma: float
    median_relative_error: float


def compare(values: ChipValues, truth: TrueParameters) -> list[Comparison]:
    """Return every accepted estimate that has an error bar and a truth, beside that truth."""
    return [
        Comparison(target, name, found.value, found.error, true[target][name][0], found.unit)
        for estimates, true in ((values.qubits, truth["qubits"]), (values.couplings, truth["couplings"]))
        for target, parameters in estimates.items()
        for name, found in ((name, known.parameter) for name, known in parameters.items())
        if found.error is not None and name in true.get(target, {})
    ]


def accuracy(comparisons: Iterable[Comparison]) -> Mapping[str, Accuracy]:
    """Return for each parameter how its estimates lie about the truth."""
    of_parameter: dict[str, list[Comparison]] = {}
    for comparison in comparisons:
        of_parameter.setdefault(comparison.parameter, []).append(comparison)
    return {
        name: Accuracy(
            n=len(found),
            within_1_sigma=sum(abs(one.pull) <= 1 for one in found) / len(found),
            within_2_sigma=sum(abs(one.pull) <= 2 for one in found) / len(found),
            median_relative_error=median(abs(one.estimate / one.truth - 1) for one in found if one.truth),
        )
        for name, found in of_parameter.items()
    }
