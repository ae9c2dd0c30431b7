"""Comparison of estimates with the truth."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.chip_values import ChipValues
    from qdash_core.models.task import TaskResultModel
    from qdash_fake.truth import TrueParameters


@dataclass(frozen=True, slots=True)
class Comparison:
    """Estimate and its truth, both in `unit`."""

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
    """Statistics of the estimates of one parameter about the truth; the two `within` are fractions of `n`."""

    n: int
    within_1_sigma: float
    within_2_sigma: float
    median_relative_error: float


def compare(
    values: ChipValues, truth: TrueParameters, results: Iterable[TaskResultModel] = ()
) -> list[Comparison]:
    """Return the accepted estimates that have an error bar and a truth, each with its truth.

    For a state estimate the raw one is compared, if it is in the quality of one of these `results`: the physical one is
    biased.
    """
    quality = {result.task_id: result.quality for result in results}
    return [
        Comparison(target, name, *_correct_bias(name, found, quality), true[target][name][0], found.unit)
        for estimates, true in ((values.qubits, truth["qubits"]), (values.couplings, truth["couplings"]))
        for target, parameters in estimates.items()
        for name, found in ((name, known.parameter) for name, known in parameters.items())
        if found.error is not None and name in true.get(target, {})
    ]


def _correct_bias(
    name: str, found: ParameterModel, quality: Mapping[str, Mapping[str, float]]
) -> tuple[float, float]:
    """Return the unbiased estimate and its error."""
    of_result, error = quality.get(found.task_id, {}), found.error or 0.0
    return of_result.get(f"{name}_raw", found.value), of_result.get(f"{name}_raw_error", error)


def compute_accuracy(comparisons: Iterable[Comparison]) -> Mapping[str, Accuracy]:
    """Return the statistics of the estimates of each parameter about the truth."""
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
