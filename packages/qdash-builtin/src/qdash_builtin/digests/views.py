"""View model of the digest of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import AliasPath, Field

from qdash_builtin.digests.digest import AdviceKind, CauseKind
from qdash_builtin.digests.sections import format_number, make_title
from qdash_builtin.runs.views.executions import ExecutionHeader
from qdash_builtin.values.views.shown_values import ShownValue
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime
from qdash_core.models.chip import TargetStatus
from qdash_core.models.judgement import Fitness

if TYPE_CHECKING:
    from qdash_builtin.comparisons.comparison import ComparedValue
    from qdash_builtin.digests.digest import Digest, MetricProgress, MovedParameter, SpecificationChange


class MetricProgressDocument(Document):
    """Yield and median of a metric at the end and at the start of a digest."""

    kind: str
    """`qubit` or `coupling`."""
    metric: str
    title: str
    unit: str
    """Unit of the medians: the display unit of the metric."""
    targets: int
    """Number of targets of this kind."""
    n: int
    """Number of targets with a value."""
    n_before: int
    n_new: int
    """Number of targets with a value measured since the start, accepted or flagged."""
    within_new: int | None = None
    """Number of these values within specification; absent if the metric has none."""
    median_new: float | None = None
    """Median of these values in the display unit; absent without values."""
    within: int | None = None
    """Number of values within specification; absent if the metric has none."""
    within_before: int | None = None
    median: float | None = None
    """In the display unit; absent without values."""
    median_before: float | None = None

    @classmethod
    def from_progress(cls, progress: MetricProgress) -> Self:
        """Return the view model of the progress of a metric."""
        metric = progress.metric
        medians = {name: getattr(progress, name) for name in ("median", "median_before", "median_new")}
        return cls.from_record(
            progress,
            metric=progress.name,
            title=metric.title,
            unit=metric.unit or progress.unit,
            **{name: known and known * metric.scale for name, known in medians.items()},
        )


class MoveDocument(Document):
    """A value that moved beyond its usual scatter."""

    target: str
    before: ShownValue | None = None
    after: ShownValue | None = None
    difference: float | None = None
    sigmas: float | None = None
    """Size of the difference in combined errors."""


class UnstableValueDocument(Document):
    """A value that switches between two levels, and did so in the period of the digest."""

    target: str
    parameter: str
    title: str
    """Title of the metric, or the name of another parameter."""
    unit: str
    lower: float
    upper: float
    """The levels, in the unit."""
    dwell_lower_s: float
    dwell_upper_s: float
    """Mean time on each level in seconds."""

    @classmethod
    def from_compared(cls, value: ComparedValue, title: str) -> Self:
        """Return the view model of an unstable value with the title of its parameter."""
        change = value.change
        return cls.from_record(
            value.switches,
            target=change.target,
            parameter=change.parameter,
            title=title,
            unit="" if change.after is None else change.after.unit,
        )


class MovedParameterDocument(Document):
    """A parameter with values that moved."""

    kind: str
    parameter: str
    title: str
    worsened: list[MoveDocument]
    """Largest change in combined errors first, as in the other lists."""
    improved: list[MoveDocument]
    neutral: list[MoveDocument]
    """Values of a parameter without a better direction."""
    shared: list[str]
    """Changes that several targets share, such as `multiplexer 3 fell`."""

    @classmethod
    def from_moved(cls, moved: MovedParameter) -> Self:
        """Return the view model of a parameter with values that moved."""
        return cls.from_record(
            moved,
            parameter=moved.name,
            worsened=[one.change for one in moved.worsened],
            improved=[one.change for one in moved.improved],
            neutral=[one.change for one in moved.neutral],
            shared=[f"{one.resource} {'rose' if one.rose else 'fell'}" for one in moved.shared],
        )


class ChangedFitnessDocument(Document):
    """A qubit or coupling that may be used again or for the first time, or that a user set aside."""

    target: str
    before: Fitness | None = None
    """Absent if unknown."""
    fitness: Fitness
    note: str
    """Note of the user who set it aside, or empty."""


class UnfitGroupDocument(Document):
    """Targets that are unfit together with a line, multiplexer or module, or for the same reason."""

    targets: list[str]
    shared: str
    """The line, multiplexer or module, or empty."""
    reason: str
    """Reason of the first target."""
    since: UtcDatetime | None = None
    """Earliest time since which one of them is unfit; absent if unknown."""
    task_id: str
    """The result that decided the first target, or empty."""
    line: str
    """Drive line of a single qubit, or empty if unknown."""


class SpecificationChangeDocument(Document):
    """Values of a metric that left their specification, or meet it again."""

    kind: str
    metric: str
    title: str
    specification: str
    values: dict[str, ShownValue]
    """By target, the worst first."""
    shown: dict[str, str]
    """The values in the display unit."""

    @classmethod
    def from_change(cls, change: SpecificationChange) -> Self:
        """Return the view model of a change."""
        metric, values = change.metric, change.values
        return cls.from_record(
            change,
            metric=change.name,
            title=metric.title,
            specification=metric.specification,
            shown={
                target: format_number(metric, float(one.value), one.unit) for target, one in values.items()
            },
        )


class FailureGroupDocument(Document):
    """Failures with a shared cause."""

    kind: CauseKind
    cause: str
    tasks: list[str]
    targets: list[str]
    examined: int
    """Number of targets of the cause that were measured."""
    message: str
    """The most frequent message."""
    task_id: str
    """A result with this message."""
    n: int
    """Number of failed tasks on all the targets."""
    since: UtcDatetime | None = None
    """Earliest time since which a target has been failed, if all targets had the status `failed` at the start; else absent."""


class FlaggedTaskDocument(Document):
    """A flagged result that awaits a decision."""

    target: str
    task: str
    task_id: str
    reasons: list[str]
    is_new: bool
    """True if it was measured since the start."""


class ManualChangeDocument(Document):
    """A change of values by a user."""

    number: int
    """Number of the value event."""
    at: UtcDatetime
    username: str
    verb: str
    """The change in the past tense, such as `set` or `undid`."""
    reason: str
    targets: list[str]
    parameters: list[str]
    titles: list[str]
    """Titles of the parameters, in their order; the name of one that is no metric."""
    change: str
    """Value before and after the change, if it changed a single value; else empty."""


class LaboratoryTimeDocument(Document):
    """Laboratory time of a task."""

    task: str
    n: int
    """Number of measurements."""
    seconds: float
    """Time during which at least one of them ran."""


class AdviceDocument(Document):
    """An advised action."""

    kind: AdviceKind
    text: str
    reason: str
    command: str
    targets: list[str]
    """Targets that it concerns; empty for all."""
    conditions: list[str]
    """Conditions of a run that select its targets."""
    flow: str = ""
    execution_id: str = ""
    task_id: str = ""
    event: int | None = None
    """Value event that it concerns."""
    cost: str = ""
    """Its expected laboratory time as text, that of the dry run of the command, or empty if unknown."""


class DigestDocument(Document):
    """The digest of a chip: runs, changes and failures since a point in time, with advice."""

    chip_id: str
    title: str
    """The digest in one line."""
    label: str
    """The start as written by the user, or the default."""
    since: UtcDatetime
    until: UtcDatetime
    runs: list[ExecutionHeader]
    """Runs that started or ended since then, oldest first."""
    metrics: list[MetricProgressDocument]
    moved: list[MovedParameterDocument]
    """Parameters with moved values. Main metrics come first; among equals, parameters with a shared change, then those that worsened on more
    targets than improved."""
    unstable: list[UnstableValueDocument]
    """Values that switched between two known levels, which is no move."""
    newly_unfit: list[UnfitGroupDocument]
    """Targets that are unfit, and were not at the start. A coupling that is unfit because of a qubit is not listed."""
    still_unfit: list[UnfitGroupDocument]
    """Targets that are unfit, and were at the start."""
    newly_fit: list[ChangedFitnessDocument]
    """Targets that may be used, and might not at the start or were never calibrated."""
    set_aside: list[ChangedFitnessDocument]
    """Targets that were excluded or marked as dead."""
    left_specification: list[SpecificationChangeDocument]
    met_specification: list[SpecificationChangeDocument]
    failures: list[FailureGroupDocument]
    """Failures whose targets have not succeeded since, by shared cause."""
    manual: list[ManualChangeDocument]
    statuses: dict[str, dict[TargetStatus, int]]
    """Number of qubits (`qubit`) and couplings (`coupling`) by status."""
    fitness: dict[str, dict[Fitness, int]]
    """Number of qubits (`qubit`) and couplings (`coupling`) by fitness."""
    not_fit: dict[Fitness, list[str]]
    """Targets that are not fit, by fitness, qubits first."""
    flagged: list[FlaggedTaskDocument]
    """Flagged results that await a decision, by target."""
    too_old: int
    moved_inputs: int
    """Number of values with inputs that moved."""
    laboratory: list[LaboratoryTimeDocument]
    """Laboratory time by task, longest first."""
    laboratory_s: float
    """Laboratory time of all tasks together, in seconds."""
    advice: list[AdviceDocument]
    """Advised actions, the most urgent first; none in a digest of the past."""
    advised_then: list[AdviceDocument] | None = None
    """Actions that were advised at the end of a digest of the past, without commands, which would act on the present chip. Null in a digest
    that ends now."""
    simulated_time: UtcDatetime | None = None
    """Time of the home if its clock is simulated."""
    further: OmitEmpty[dict[str, list[str]]] = None
    """Lines of features, such as issues, by heading."""

    @classmethod
    def from_digest(cls, digest: Digest) -> Self:
        """Return the view model of a digest."""
        return cls.from_record(
            digest,
            title=make_title(digest),
            runs=[
                ExecutionHeader.from_execution(one.execution, interrupted=one.interrupted)
                for one in digest.runs
            ],
            metrics=[MetricProgressDocument.from_progress(one) for one in digest.metrics],
            further=_list_further(digest),
            moved=[MovedParameterDocument.from_moved(one) for one in digest.moved],
            unstable=[
                UnstableValueDocument.from_compared(one, digest.get_title(one.change.parameter))
                for one in digest.unstable
            ],
            manual=[
                ManualChangeDocument.from_record(
                    one, titles=[digest.get_title(name) for name in one.parameters]
                )
                for one in digest.manual
            ],
            left_specification=[
                SpecificationChangeDocument.from_change(one) for one in digest.left_specification
            ],
            met_specification=[
                SpecificationChangeDocument.from_change(one) for one in digest.met_specification
            ],
        )


def _list_further(digest: Digest) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for section in digest.further:
        texts = (f"{one.text}: {one.command}" if one.command else one.text for one in section.lines)
        found.setdefault(section.title, []).extend(texts)
    return found


class SentDigestDocument(Document):
    """Digest of a chip that was sent by notifiers."""

    chip_id: str = Field(validation_alias=AliasPath("digest", "chip_id"))
    since: UtcDatetime = Field(validation_alias=AliasPath("digest", "since"))
    """Start of the digest."""
    title: str
    """Headline of the digest."""
    delivered: dict[str, str]
    """Destination of each notifier that delivered it, by the notifier's name; empty text if it names none."""
    errors: dict[str, str]
    """Reason of each notifier that did not deliver it, by the notifier's name."""
