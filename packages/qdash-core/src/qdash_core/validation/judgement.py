"""How a result becomes a verdict: each validator says what it finds, the gravest finding decides."""

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
    """A result that waits for its verdict.

    Parameters
    ----------
    task : type of BaseTask
        The task with its declarations.
    qid : str
        The target.
    output : TaskOutput
        What the analysis found.
    previous : mapping of str to ParameterModel
        The latest accepted values of the target.
    """

    task: type[BaseTask]
    qid: str
    output: TaskOutput
    previous: Mapping[str, ParameterModel]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that speaks against using a result, and how gravely."""

    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a result, with every reason that was found."""

    verdict: Verdict
    reasons: tuple[str, ...]


class Validator(Protocol):
    """Looks at a result after the analysis. Pure: it reads the candidate and nothing else."""

    @property
    def name(self) -> str:
        """Name of the validator, shown with its reasons."""

    def validate(self, candidate: Candidate) -> Sequence[Finding]:
        """Return what speaks against the result; nothing: it is fine."""


def judge(candidate: Candidate, validators: Iterable[Validator]) -> Judgement:
    """Ask every validator and let the gravest finding decide.

    A validator that itself fails flags the result: an unchecked value is kept and shown, not used.
    """
    findings: list[Finding] = []
    for validator in validators:
        try:
            findings.extend(_findings(validator.validate(candidate)))
        except (Exception, SystemExit) as error:  # noqa: BLE001  a plugin's validator must not end the run
            findings.append(Finding(Verdict.FLAGGED, f"validator {validator.name} failed: {error}"))
    verdict = max((finding.verdict for finding in findings), key=_GRAVITY.index, default=Verdict.ACCEPTED)
    return Judgement(verdict, tuple(finding.reason for finding in findings))


def _findings(answer: Sequence[Finding]) -> Sequence[Finding]:
    for found in answer:
        if not isinstance(found, Finding):
            raise TypeError(f"it returned {type(found).__name__}, not Finding")
    return answer
