"""Contents of a report, independent of its format."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_core.models.facts import FoundFacts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.comparisons.comparison import PointComparison
    from qdash_builtin.metrics.attention import Attention
    from qdash_builtin.metrics.definitions import MetricsFile
    from qdash_builtin.metrics.selection import SelectedTargets
    from qdash_builtin.metrics.summary import MetricSummary
    from qdash_builtin.results.drawings import Drawing
    from qdash_builtin.values.release import ReleaseModel
    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import TargetStatus
    from qdash_core.models.chip_values import ChipValues, KnownValue
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.targets import TargetKind
    from qdash_core.models.task import TaskResultModel


class SubjectKind(StrEnum):
    """Kind of the subject of a report."""

    CHIP = "chip"
    EXECUTION = "execution"
    RELEASE = "release"


@dataclass(frozen=True, slots=True)
class Subject:
    """Subject of a report: a chip with its present values, an execution, or a release of a chip, by id or name."""

    kind: SubjectKind
    chip_id: str
    name: str

    @property
    def file_name(self) -> str:
        """Name of the file of the report without its suffix."""
        return "-".join(dict.fromkeys(("report", self.chip_id, self.name)))

    def __str__(self) -> str:
        if self.kind is SubjectKind.CHIP:
            return f"Chip {self.chip_id}"
        return f"{self.kind.capitalize()} {self.name} of chip {self.chip_id}"


@dataclass(frozen=True, slots=True)
class Contents:
    """Values and results of the subject of a report, which is `run`, `release` or the chip.

    Parameters
    ----------
    chip : Chip
        The chip with the marks of its values; of a release, the chip as it was.
    statuses : mapping of str to TargetStatus
        Status of each target: the present one, that in the release, or that at the end of the execution, omitted if unknown.
    file : MetricsFile
        Definitions of the metrics; of a release, those in use at its creation.
    values : ChipValues
        The values: in use, of the release, or measured by the execution; flagged ones are not used.
    targets : SelectedTargets
        Its targets; of an execution, those that it measured.
    shown : sequence of str
        Ids of the results whose figures are shown.
    results : mapping of str to TaskResultModel
        These results and those of the values, by id.
    flagged : mapping of TargetKind to int
        Number of flagged results that await a decision.
    """

    chip: Chip
    statuses: Mapping[str, TargetStatus]
    file: MetricsFile
    values: ChipValues
    targets: SelectedTargets
    shown: Sequence[str]
    results: Mapping[str, TaskResultModel]
    flagged: Mapping[TargetKind, int] = field(default_factory=dict)
    run: ExecutionModel | None = None
    release: ReleaseModel | None = None

    @property
    def main_metrics(self) -> frozenset[str]:
        """The main metrics: those of the tables of the metrics file."""
        table = self.file.table
        return frozenset((*table.qubit, *table.coupling))

    def get_values(self, kind: TargetKind) -> Mapping[str, Mapping[str, KnownValue]]:
        """Return the values of the qubits or of the couplings, by target and parameter."""
        return self.values.qubits if kind == "qubit" else self.values.couplings


@dataclass(frozen=True, slots=True)
class Changes:
    """Comparison with the previous state, or the reason why there is none."""

    previous: str
    comparison: PointComparison | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """Figure of a result as SVG, or the reason why there is none.

    Parameters
    ----------
    changes : tuple of str
        Changes since the previous state that this result caused, in words.
    failed_since : str
        Failure of the target after this accepted result, in words, or empty.
    """

    result: TaskResultModel
    svg: str | None
    reason: str = ""
    changes: tuple[str, ...] = ()
    failed_since: str = ""


@dataclass(frozen=True, slots=True)
class TaskFigures:
    """Figures of one task on the targets of a chip, in the order of their ids.

    `main` says whether it measures a main metric or an essential one.
    """

    task: str
    main: bool
    figures: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Failure:
    """Failed target or failed result, with its status and, if known, the reason.

    Parameters
    ----------
    target : str
        Empty for a task of the whole chip.
    task : str
        Empty if the reason names it.
    task_id, execution_id : str
        The result that failed, or empty if none is known.
    """

    target: str
    status: str
    task: str
    reason: str
    task_id: str = ""
    execution_id: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A report, with the failed and dead targets, and failed results of the execution.

    Parameters
    ----------
    software : mapping of str to str
        Versions of the software that made the report.
    figures : sequence of TaskFigures
        The figures by task, those of main tasks first; empty in a format without figures.
    distributions : mapping of TargetKind to mapping of str to Drawing
        Drawings of the distributions of the metrics, by kind and metric.
    found : FoundFacts
        Facts of features about the subject, such as notes and issues.
    simulated_time : datetime or None
        Time of the home if its clock is simulated.
    """

    subject: Subject
    made_at: datetime
    made_by: str
    zone: ZoneInfo
    software: Mapping[str, str]
    contents: Contents
    attention: Mapping[TargetKind, Attention]
    summaries: Mapping[TargetKind, Sequence[MetricSummary]]
    failures: Sequence[Failure]
    changes: Changes
    figures: Sequence[TaskFigures] = ()
    distributions: Mapping[TargetKind, Mapping[str, Drawing]] = field(default_factory=dict)
    executions: Mapping[str, ExecutionModel] = field(default_factory=dict)
    found: FoundFacts = field(default_factory=FoundFacts)
    simulated_time: datetime | None = None

    @property
    def n_figures(self) -> int:
        """Number of drawn figures of results."""
        return sum(one.svg is not None for task in self.figures for one in task.figures.values())
