"""Verdicts on task results from the findings of validators."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from qdash_core.errors import StoreError
from qdash_core.models.task import Verdict
from qdash_core.tasks.failures import describe_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import PastResult
    from qdash_core.tasks.base import BaseTask, TaskOutput
    from qdash_core.tasks.quantities import Quantity

_GRAVITY = (Verdict.ACCEPTED, Verdict.FLAGGED, Verdict.REJECTED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A result to be judged.

    Parameters
    ----------
    qid : str
        The target.
    output : TaskOutput
        Output of the analysis, in the units of the quantities.
    previous : mapping of str to ParameterModel
        The latest accepted values of the target; those of another cool-down without a time.
    history : sequence of PastResult
        Up to ten earlier results of the task on the target, newest first, read from the store at the first access. They are
        saved results of measurements that completed, or failed with raw data, in the same cool-down: no trials, simulations or refits. Empty if the
        result itself is one of these.
    raw_data : mapping of str to array
        The measured arrays that the validator names in its `raw_data`, in their declared units, read-only.
    quantities : mapping of str to Quantity
        The declared parameters with their units and limits, which hold for every task.
    conditions : mapping of str to str
        Condition of the measurement of each parameter that depends on one, such as `read alone`.
    """

    task: type[BaseTask]
    qid: str
    output: TaskOutput
    previous: Mapping[str, ParameterModel]
    execution_id: str = ""
    history: Sequence[PastResult] = ()
    raw_data: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    quantities: Mapping[str, Quantity] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason against using a result, with its severity."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class ReasonedVerdict:
    """The verdict on a result, that of the most severe finding, with the reasons of all findings.

    `flagged_by` names the validators that flagged or rejected it, in order; one that raised an error is
    `NAME (failed)`. Equal verdicts may come from different validators.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    flagged_by: tuple[str, ...] = field(default=(), compare=False)


class Validator(Protocol):
    """Validator of results after the analysis. Pure: it reads only the candidate.

    An optional attribute `raw_data`, a set of names, declares the measured arrays that it reads. With the optional attribute
    `replaceable = True`, a validator of another plugin that has the same name takes its place.
    """

    @property
    def name(self) -> str:
        """Name of the validator, shown with its reasons."""

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        """Return the findings against the result, or none if it is fine."""


def find_verdict(
    candidate: Candidate, validators: Iterable[Validator], raw: RawData | None = None
) -> ReasonedVerdict:
    """Return the verdict of all validators, decided by the most severe finding.

    A validator that fails flags the result: an unchecked value is recorded and displayed, but not used.

    Raises
    ------
    StoreError
        If the history of the candidate could not be read.
    """
    findings: list[Finding] = []
    flagged_by: list[str] = []
    for validator in validators:
        name = validator.name
        try:
            arrays = _select_arrays(validator, raw)
            given = replace(candidate, raw_data=arrays) if arrays else candidate
            found = _check_findings(validator.validate(given))
        except StoreError:
            raise  # the history could not be read: the validator did not fail
        except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin's validator must not end the run
            found = [Finding(Verdict.FLAGGED, f"validator {name} failed: {describe_error(error)}")]
            name = f"{name} (failed)"
        findings.extend(found)
        if any(finding.verdict is not Verdict.ACCEPTED for finding in found):
            flagged_by.append(name)
    verdict = max((finding.verdict for finding in findings), key=_GRAVITY.index, default=Verdict.ACCEPTED)
    return ReasonedVerdict(verdict, tuple(finding.reason for finding in findings), tuple(flagged_by))


def _select_arrays(validator: Validator, raw: RawData | None) -> dict[str, npt.NDArray[Any]]:
    """Return read-only views of the measured arrays that a validator declares."""
    declared = getattr(validator, "raw_data", ())
    if raw is None or not declared:
        return {}
    arrays = {name: raw[name].view() for name in declared if name in raw.arrays}
    for array in arrays.values():
        array.flags.writeable = False
    return arrays


def _check_findings(answer: Sequence[Finding]) -> Sequence[Finding]:
    for found in answer:
        if not isinstance(found, Finding):
            raise TypeError(f"it returned {type(found).__name__}, not Finding")
    return answer
