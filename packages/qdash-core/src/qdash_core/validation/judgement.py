"""Verdicts on task results from the findings of validators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from qdash_core.models.task import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.models.chip import ParameterModel
    from qdash_core.tasks.base import BaseTask, TaskOutput

_GRAVITY = (Verdict.ACCEPTED, Verdict.FLAGGED, Verdict.REJECTED)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A result to be judged.

    Parameters
    ----------
    task : type of BaseTask
        The task with its declarations.
    qid : str
        The target.
    output : TaskOutput
        Output of the analysis.
    previous : mapping of str to ParameterModel
        The latest accepted values of the target.
    """

    task: type[BaseTask]
    qid: str
    output: TaskOutput
    previous: Mapping[str, ParameterModel]


@dataclass(frozen=True, slots=True)
class Finding:
    """A reason against using a result, with its severity."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a result, with all reasons."""

    verdict: Verdict
    reasons: tuple[str, ...]


class Validator(Protocol):
    """Validator of results after the analysis. Pure: it reads only the candidate."""

    @property
    def name(self) -> str:
        """Name of the validator, shown with its reasons."""

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        """Return the findings against the result, or none if it is fine."""


def judge(candidate: Candidate, validators: Iterable[Validator]) -> Judgement:
    """Return the verdict of all validators, decided by the most severe finding.

    A validator that fails flags the result: an unchecked value is recorded and displayed, but not used.
    """
    findings: list[Finding] = []
    for validator in validators:
        try:
            findings.extend(_check_findings(validator.validate(candidate)))
        except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin's validator must not end the run
            findings.append(Finding(Verdict.FLAGGED, f"validator {validator.name} failed: {error}"))
    verdict = max((finding.verdict for finding in findings), key=_GRAVITY.index, default=Verdict.ACCEPTED)
    return Judgement(verdict, tuple(finding.reason for finding in findings))


def _check_findings(answer: Sequence[Finding]) -> Sequence[Finding]:
    for found in answer:
        if not isinstance(found, Finding):
            raise TypeError(f"it returned {type(found).__name__}, not Finding")
    return answer
