"""Explanations of results, targets and executions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.explanations.cause_scores import RankedCause
    from qdash_builtin.explanations.onsets import Onset
    from qdash_builtin.explanations.value_moves import ValueMove
    from qdash_core.models.facts import Fact
    from qdash_core.models.task import TaskResultModel


@dataclass(frozen=True, slots=True)
class ExplainedCause:
    """A ranked cause with the next step of the user.

    Parameters
    ----------
    command : str
        Command line of the next step, or empty.
    partner : str
        Other targets that take part, or empty.
    alike : tuple of str
        Titles of the causes with the same evidence.
    """

    ranked: RankedCause
    command: str
    partner: str = ""
    alike: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Likely causes of a failure of a result or of a target.

    Parameters
    ----------
    result : TaskResultModel or None
        The explained result; of a target the failed one, the first since a value moved, or the newest. None for a target without results.
    asked : TaskResultModel or None
        The result that was asked about, if it was skipped because of `result`, else None.
    causes : sequence of ExplainedCause
        Causes for which there is enough evidence to name them, most probable first.
    no_cause : float
        Probability of none of the known causes: of a failure, that its cause is unknown.
    onset : Onset or None
        Times between which the task began to fail on the target; None without a failure.
    move : ValueMove or None
        The move of a value that is explained, which begins with the result; None for a failure.
    considered : sequence of TaskResultModel
        Other results whose evidence counts, newest first.
    related : sequence of Fact
        Facts about the target, such as notes and issues, newest first.
    remarks : sequence of str
        Reasons why evidence may be missing.
    """

    chip_id: str
    target: str
    result: TaskResultModel | None = None
    asked: TaskResultModel | None = None
    causes: Sequence[ExplainedCause] = ()
    no_cause: float = 1.0
    onset: Onset | None = None
    move: ValueMove | None = None
    considered: Sequence[TaskResultModel] = ()
    features: Mapping[str, float] = field(default_factory=dict)
    related: Sequence[Fact] = ()
    remarks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CauseGroup:
    """Failed and flagged targets of an execution with one cause.

    Parameters
    ----------
    cause : ExplainedCause or None
        The cause, with the evidence of the first target; None if none was found.
    resource : str
        Resource that the targets share and that explains them together, or empty.
    examined : int
        Number of examined targets of the resource, or 0.
    results : sequence of TaskResultModel
        The first failed or flagged result of each target.
    """

    cause: ExplainedCause | None
    resource: str
    examined: int
    results: Sequence[TaskResultModel]


@dataclass(frozen=True, slots=True)
class SkippedGroup:
    """Skipped results of an execution with one origin, the result that did not deliver the value; None if it is unknown."""

    origin: TaskResultModel | None
    results: Sequence[TaskResultModel]


@dataclass(frozen=True, slots=True)
class ExecutionExplanation:
    """Likely causes of the failures of an execution.

    Parameters
    ----------
    groups : sequence of CauseGroup
        Failed and flagged targets by cause, one with two causes in a group of each: those that share a resource first, then the largest.
    skipped : sequence of SkippedGroup
        Skipped results by origin, the largest first.
    remarks : sequence of str
        Reasons why evidence may be missing.
    """

    execution_id: str
    chip_id: str
    status: str
    message: str
    groups: Sequence[CauseGroup] = ()
    skipped: Sequence[SkippedGroup] = ()
    remarks: Sequence[str] = ()
