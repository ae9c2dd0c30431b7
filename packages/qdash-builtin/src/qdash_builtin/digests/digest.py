"""Digest of a chip: runs, changes and failures since a point in time."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_core.models.name_summary import summarize_names

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.comparisons.comparison import ComparedValue, SharedChange
    from qdash_builtin.metrics.definitions import Metric
    from qdash_builtin.runs.execution_lists import ListedExecution
    from qdash_builtin.text_pages.sections import Section
    from qdash_core.models.chip import ParameterModel, TargetStatus
    from qdash_core.models.judgement import FailureKind, Fitness
    from qdash_core.models.targets import TargetKind


@dataclass(frozen=True, slots=True)
class MetricProgress:
    """Yield and median of a metric at the end and at the start of a digest, in the unit of stored values.

    Parameters
    ----------
    targets : int
        Number of targets of this kind.
    n, n_before : int
        Number of targets with a value.
    n_new : int
        Number of targets with a value measured since the start, accepted or flagged.
    within_new : int or None
        Number of these values within specification, or None if the metric has none.
    median_new : float or None
        Median of these values, or None if there are none.
    within, within_before : int or None
        Number of values within specification, or None if the metric has none.
    median, median_before : float or None
        Median of the values, or None if there are none.
    """

    kind: TargetKind
    name: str
    metric: Metric
    unit: str
    targets: int
    n: int
    n_before: int
    n_new: int
    within_new: int | None
    median_new: float | None
    within: int | None
    within_before: int | None
    median: float | None
    median_before: float | None


@dataclass(frozen=True, slots=True)
class MovedParameter:
    """Values of a parameter that moved by more than their usual scatter and by more than its tolerance.

    Parameters
    ----------
    metric : Metric or None
        Its definition, if it is a metric.
    worsened, improved, neutral : sequence of ComparedValue
        The values, largest change in combined errors first; neutral ones if no value of the parameter is better than another.
    """

    kind: TargetKind
    name: str
    metric: Metric | None
    worsened: Sequence[ComparedValue]
    improved: Sequence[ComparedValue]
    neutral: Sequence[ComparedValue]
    shared: Sequence[SharedChange]

    @property
    def title(self) -> str:
        """Title in the metrics file, or the name."""
        return self.name if self.metric is None else self.metric.title

    @property
    def values(self) -> list[ComparedValue]:
        """All the values, largest change in combined errors first."""
        found = [*self.worsened, *self.improved, *self.neutral]
        return sorted(found, key=lambda one: -(one.change.sigmas or 0.0))


@dataclass(frozen=True, slots=True)
class ChangedFitness:
    """Qubit or coupling that may be used again or for the first time, or that a user set aside.

    Parameters
    ----------
    before : Fitness or None
        Its fitness at the start, or None if unknown.
    note : str
        Note of the user who set it aside, or empty.
    """

    target: str
    before: Fitness | None
    fitness: Fitness
    note: str = ""


@dataclass(frozen=True, slots=True)
class UnfitTarget:
    """Unfit qubit or coupling.

    Parameters
    ----------
    since : datetime or None
        Time since which it is unfit, or None if unknown.
    task_id : str
        The result that decided it, or empty.
    task : str
        The failed task, or empty if none failed.
    failure : FailureKind or None
        Kind of its failure, or None if none failed.
    failed_at : datetime or None
        Start of its newest failed measurement.
    parameters : sequence of str
        Parameters of the failed measurement, or those whose values are the reason.
    newer : sequence of str
        Parameters that were measured again since the failure.
    line : str
        Drive line of a qubit, or empty if unknown.
    """

    target: str
    reasons: Sequence[str]
    since: datetime | None = None
    task_id: str = ""
    task: str = ""
    failure: FailureKind | None = None
    failed_at: datetime | None = None
    parameters: Sequence[str] = ()
    newer: Sequence[str] = ()
    line: str = ""

    @property
    def reason(self) -> str:
        """The reasons as one text. That the target failed is known."""
        return "; ".join(one.removeprefix("failed: ") for one in self.reasons)


@dataclass(frozen=True, slots=True)
class UnfitGroup:
    """Targets, at least one, that are unfit together with a line, multiplexer or module (`shared`, else empty), or for the same reason."""

    members: Sequence[UnfitTarget]
    shared: str = ""

    @property
    def targets(self) -> list[str]:
        """Ids of the targets."""
        return [one.target for one in self.members]

    @property
    def reason(self) -> str:
        """Reason of the first target."""
        return self.members[0].reason

    @property
    def task_id(self) -> str:
        """The result that decided the first target, or empty."""
        return self.members[0].task_id

    @property
    def line(self) -> str:
        """Drive line of a single target, or empty."""
        return self.members[0].line if len(self.members) == 1 else ""

    @property
    def since(self) -> datetime | None:
        """Earliest time since which one is unfit, or None if unknown."""
        return min((one.since for one in self.members if one.since is not None), default=None)


@dataclass(frozen=True, slots=True)
class SpecificationChange:
    """Values of a metric that left their specification, or returned to it: the present value by target, the worst first."""

    kind: TargetKind
    name: str
    metric: Metric
    values: Mapping[str, ParameterModel]


@dataclass(frozen=True, slots=True)
class StaleValue:
    """Value in use that is too old, or whose input, setting or another part of its set changed.

    Parameters
    ----------
    is_moved : bool
        Whether it is not too old and an input moved; else a setting or another part of its set changed.
    task_id : str
        The result that gave it, or empty.
    """

    target: str
    parameter: str
    is_old: bool
    is_moved: bool = False
    task_id: str = ""


class CauseKind(StrEnum):
    """Kind of the shared cause of failures."""

    RESOURCE = "resource"
    """A line, multiplexer or module, or the whole chip."""
    TARGET = "target"
    """A qubit or coupling on which several tasks failed."""
    ERROR = "error"
    """A message, which may differ in numbers."""


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Failures with a shared cause. Each failed task of a target is in one group.

    Parameters
    ----------
    cause : str
        The cause, such as `multiplexer 3`, `qubit 9` or the message.
    targets : sequence of str
        Targets on which the tasks failed, in order of number.
    examined : int
        Number of targets of the cause that were measured.
    message : str
        The most frequent message.
    task_id : str
        A result with this message.
    n : int
        Number of failed tasks on all the targets.
    failed_at : datetime or None
        Start of the last failure, or None if unknown.
    since : datetime or None
        Earliest time since which a target has been failed, if all targets had the status `failed` at the start of the digest; else None.
    execution_id : str
        Execution of the result with the message, or empty.
    """

    kind: CauseKind
    cause: str
    tasks: Sequence[str]
    targets: Sequence[str]
    examined: int
    message: str
    task_id: str
    n: int
    failed_at: datetime | None = None
    since: datetime | None = None
    execution_id: str = ""

    @property
    def continues(self) -> bool:
        """True if all the targets had the status `failed` at the start of the digest."""
        return self.since is not None


@dataclass(frozen=True, slots=True)
class FlaggedTask:
    """Flagged result that awaits a decision; it is new if it was measured since the start of the digest."""

    target: str
    task: str
    task_id: str
    reasons: Sequence[str]
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class ManualChange:
    """Change of values by a user.

    Parameters
    ----------
    number : int
        Number of the value event.
    username, verb, reason : str
        Author, what the author did in the past tense, and reason.
    undoable : bool
        Whether the change is neither undone nor an undo.
    change : str
        The value before and after the change if it is a single one, such as `5.0634 → 5.0814 GHz`; else empty.
    """

    number: int
    at: datetime
    username: str
    verb: str
    reason: str
    targets: Sequence[str]
    parameters: Sequence[str]
    undoable: bool = True
    change: str = ""


@dataclass(frozen=True, slots=True)
class LaboratoryTime:
    """Laboratory time of a task, in seconds: the time during which at least one of its `n` measurements ran."""

    task: str
    n: int
    seconds: float


class AdviceKind(StrEnum):
    """Action that a digest advises."""

    RESUME = "resume"
    """Resume an interrupted execution."""
    INSPECT = "inspect"
    """Check hardware or a result."""
    UNDO = "undo"
    """Check a change by hand, and undo it if it is wrong."""
    MEASURE = "measure"
    """Run a flow again on the targets that meet a condition."""
    REVIEW = "review"
    """Decide on flagged results."""
    COMPARE = "compare"
    """Look for a common cause of values that moved."""
    RELEASE = "release"
    """Keep the present values as a release."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Advised action.

    Parameters
    ----------
    targets : sequence of str
        Targets that it concerns; empty for all.
    conditions : sequence of str
        Conditions of `--only` that select the targets.
    event : int or None
        Value event that it concerns.
    cost : str
        Its expected laboratory time as text, that of the dry run of the command, or empty if unknown.
    """

    kind: AdviceKind
    text: str
    reason: str
    command: str
    targets: Sequence[str] = ()
    conditions: Sequence[str] = ()
    flow: str = ""
    execution_id: str = ""
    task_id: str = ""
    event: int | None = None
    cost: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """Digest of a chip from one point in time to another, with advice.

    Parameters
    ----------
    label : str
        The start, as the user wrote it; a duration before now and a time of day as the time.
    runs : sequence of ListedExecution
        Runs that started or ended since the start, oldest first.
    moved : sequence of MovedParameter
        Parameters with moved values, in the order of `list_moved`.
    unstable : sequence of ComparedValue
        Values that switched between two known levels.
    newly_unfit, still_unfit : sequence of UnfitGroup
        Targets that are unfit at the end and were not at the start, and those that were. A coupling that is unfit because of a qubit is not
        listed.
    newly_fit, set_aside : sequence of ChangedFitness
        Targets that may be used and might not at the start, and those that users set aside.
    left_specification, met_specification : sequence of SpecificationChange
        Metrics with values that are out of specification, or within it again, and were not at the start.
    failures : sequence of FailureGroup
        Failures whose targets have not succeeded since, by shared cause.
    manual : sequence of ManualChange
        Changes of values by users, oldest first.
    flagged : sequence of FlaggedTask
        Flagged results that await a decision, by target.
    too_old, moved_inputs : int
        Number of values that are too old, and number of other values with inputs that moved.
    stale : sequence of StaleValue
        Those that gates need.
    laboratory : sequence of LaboratoryTime
        Laboratory time by task, longest first.
    laboratory_s : float
        Laboratory time of all tasks together, in seconds.
    advice : sequence of Advice
        Advised actions, most urgent first; none in a digest of the past.
    advised_then : sequence of Advice or None
        Actions that were advised at the end of a digest of the past, without commands, which would act on the present chip; None in a digest
        that ends now.
    simulated_time : datetime or None
        Time of the home if its clock is simulated.
    options : str
        Options of commands that name the project and the user, preceded by a space, or empty.
    further : sequence of Section
        Lines of features, each below a heading of its own.
    titles : mapping of str to str
        Titles of metrics by name.
    """

    chip_id: str
    label: str
    since: datetime
    until: datetime
    runs: Sequence[ListedExecution]
    metrics: Sequence[MetricProgress]
    moved: Sequence[MovedParameter]
    unstable: Sequence[ComparedValue]
    newly_unfit: Sequence[UnfitGroup]
    still_unfit: Sequence[UnfitGroup]
    newly_fit: Sequence[ChangedFitness]
    set_aside: Sequence[ChangedFitness]
    left_specification: Sequence[SpecificationChange]
    met_specification: Sequence[SpecificationChange]
    failures: Sequence[FailureGroup]
    manual: Sequence[ManualChange]
    statuses: Mapping[TargetKind, Mapping[TargetStatus, int]]
    flagged: Sequence[FlaggedTask]
    too_old: int
    moved_inputs: int
    stale: Sequence[StaleValue]
    laboratory: Sequence[LaboratoryTime]
    laboratory_s: float
    fitness: Mapping[TargetKind, Mapping[Fitness, int]] = field(default_factory=dict)
    not_fit: Mapping[Fitness, Sequence[str]] = field(default_factory=dict)
    advice: Sequence[Advice] = ()
    advised_then: Sequence[Advice] | None = None
    simulated_time: datetime | None = None
    options: str = ""
    further: Sequence[Section] = ()
    titles: Mapping[str, str] = field(default_factory=dict)

    def get_title(self, parameter: str) -> str:
        """Return the title of a metric, or the name of another parameter."""
        return self.titles.get(parameter, parameter)

    def summarize(self, parameters: Iterable[str], most: int) -> str:
        """Return the titles of the first parameters as text, with the number of the others."""
        return summarize_names([self.get_title(one) for one in parameters], most)

    @property
    def full_command(self) -> str:
        """The command that shows everything."""
        since = f"{self.since:%Y-%m-%dT%H:%M:%SZ}"
        return f"qdash digest {self.chip_id} --since {since} --json{self.options}"

    @property
    def unfit(self) -> list[UnfitGroup]:
        """All groups of unfit targets, new ones first."""
        return [*self.newly_unfit, *self.still_unfit]
