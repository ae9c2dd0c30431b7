"""Standard validators: finite values, physical bounds, quality of the fit, and jumps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.estimates import is_usable_number
from qdash_core.models.task import Verdict
from qdash_core.models.units import convert_alike
from qdash_core.validation.confirmation import JUMP, find_confirming_results, find_reference, is_jump
from qdash_core.validation.verdicts import Finding
from qdash_core.values.gate import describe_excess

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from qdash_core.models.estimates import Parameter
    from qdash_core.tasks.parameters import OutputParameter
    from qdash_core.tasks.quantities import Quantity
    from qdash_core.validation.verdicts import Candidate


class FiniteValues:
    """Validator: every value is finite, and every error is positive and finite, or absent; none is larger than `LARGEST_NUMBER`."""

    name = "finite"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        return [
            Finding(Verdict.REJECTED, problem)
            for name, parameter in candidate.output.parameters.items()
            for problem in _iter_not_finite(name, parameter)
        ]


def _iter_not_finite(name: str, parameter: Parameter) -> Iterator[str]:
    if not is_usable_number(parameter.value):
        yield f"{name} is {parameter.value}"
    if parameter.error is not None and not (is_usable_number(parameter.error) and parameter.error > 0):
        yield f"the error of {name} is {parameter.error}: leave it out when it is unknown"


class PhysicalBounds:
    """Validator: every value is within the bounds that its task declares, and within those of its quantity, given its error."""

    name = "bounds"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        findings = []
        for name, parameter in candidate.output.parameters.items():
            own, quantity = candidate.task.output_parameters.get(name), candidate.quantities.get(name)
            excess = None
            if own is not None:
                excess = describe_excess(name, convert_alike(parameter, own.unit), own)
            if excess is None and quantity is not None and _is_further_limit(own, quantity):
                excess = describe_excess(name, convert_alike(parameter, quantity.unit), quantity)
                excess = excess and f"{excess}, a limit of the quantity, which holds for every task"
            if excess is not None:
                findings.append(Finding(Verdict.REJECTED, excess))
        return findings


def _is_further_limit(own: OutputParameter | None, quantity: Quantity) -> bool:
    """Return whether a quantity may have limits that its task does not declare."""
    limits = quantity.minimum, quantity.maximum, quantity.positive, quantity.unit
    return own is None or (own.minimum, own.maximum, own.positive, own.unit) != limits


def _describe(name: str, parameter: Parameter) -> str:
    return f"{name} = {parameter.value:.6g} {parameter.unit}".rstrip()


class FitQuality:
    """Validator: the fit describes the data, by reduced chi squared if known, else by R squared."""

    name = "fit-quality"

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        task, output = candidate.task, candidate.output
        chi2 = output.quality.get("reduced_chi2")
        if chi2 is not None:
            if not chi2 <= task.maximum_reduced_chi2:  # NaN is no sign of a good fit
                reason = f"reduced chi² {chi2:.3g} is above {task.maximum_reduced_chi2:g}: the model does not describe the data"
                return [Finding(Verdict.FLAGGED, reason)]
            return []
        if output.r2 is not None and not output.r2 >= task.minimum_r2:
            return [Finding(Verdict.REJECTED, f"R² {output.r2:.3g} is below {task.minimum_r2:g}")]
        return []


class Jump:
    """Validator: no value differs from the last accepted one by more than its declared plausible change.

    A changed value is accepted when it is confirmed: it and the last two results of the task on the target are such
    jumps, come from at least two executions, and agree.

    A previous value with an unknown time of measurement, as from a laboratory's file, is a start value and is
    not compared.
    """

    name = JUMP
    replaceable = True

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        jumped = {
            name: parameter
            for name, parameter in candidate.output.parameters.items()
            if is_jump(candidate, name, parameter)
        }
        if jumped and (confirming := find_confirming_results(candidate, jumped)):
            ids = " and ".join(result.task_id for result in confirming)
            return [
                Finding(Verdict.ACCEPTED, f"{_describe(name, found)} is confirmed by results {ids}")
                for name, found in jumped.items()
            ]
        return [
            Finding(
                Verdict.FLAGGED,
                f"{name} jumped from {reference.value:.6g} to {found.value:.6g} {found.unit}".rstrip(),
            )
            for name, found in jumped.items()
            if (reference := find_reference(candidate, name)) is not None
        ]


STANDARD_VALIDATORS = (FiniteValues(), PhysicalBounds(), FitQuality(), Jump())
