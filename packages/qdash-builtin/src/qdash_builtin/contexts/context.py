"""Contexts of chips, targets and results: the data about a subject from all services."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from qdash_builtin.chips.targets import TargetView
    from qdash_builtin.contexts.figure_data import FigureData
    from qdash_builtin.metrics.attention import Attention
    from qdash_builtin.metrics.history import MetricHistory
    from qdash_builtin.metrics.summary import MetricSummary
    from qdash_builtin.record_lookup.stored_states import StoredState
    from qdash_builtin.runs.execution_lists import ListedExecution
    from qdash_builtin.runs.listed_results import ListedResult
    from qdash_builtin.task_pages.page import Failure
    from qdash_core.models.chip import ChipModel
    from qdash_core.models.chip_values import KnownValue
    from qdash_core.models.facts import Fact
    from qdash_core.models.targets import TargetKind
    from qdash_core.models.task import TaskResultModel
    from qdash_core.values.writer import ValueEvent

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ContextSubject:
    """Subject of a context.

    Parameters
    ----------
    target : str or None
        The qubit or coupling, or that of the result; None for a whole chip.
    task_id : str or None
        The result, or None for a chip or target.
    """

    chip_id: str
    target: str | None = None
    task_id: str | None = None


@dataclass(frozen=True, slots=True)
class Section(Generic[T]):
    """First items of a list, the most important ones first, and the number of all its items."""

    items: Sequence[T] = ()
    total: int = 0


@dataclass(frozen=True, slots=True)
class ValueInUse:
    """Value in use of a target, with its marks."""

    target: str
    metric: str
    known: KnownValue
    out_of_specification: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Data about a chip, a target or a result.

    Parameters
    ----------
    simulated_time : datetime or None
        Time of the home if its clock is simulated.
    chip : ChipModel or None
        The chip, or None for a result of a deleted chip.
    attention : mapping of str to Attention
        Statuses and numbers of values that need attention by kind of target, of a chip.
    summaries : sequence of tuple of TargetKind and MetricSummary
        Statistics of each metric, of a chip.
    target : TargetView or None
        The target, or None for a chip.
    result : TaskResultModel or None
        The result, or None for a chip or target.
    measures : str
        The author's description of the task of a result, or empty.
    typical_failures : Section of Failure
        Typical failures of the task of a result that is not accepted, as its author describes them.
    peers : Section of ListedResult
        Results of the same task on other targets in the execution of a result; those that are not accepted first.
    failed_targets : Section of StoredState
        Failed and dead targets of a chip.
    values : Section of ValueInUse
        Values in use, those with marks or out of specification first.
    failures : Section of ListedResult
        Failed results, newest first.
    histories : sequence of MetricHistory
        History of each metric of the target.
    facts : Section of Fact
        Facts of features, such as notes and issues: the first one below each heading, then the second ones.
    missing : sequence of str
        One line for each feature whose facts could not be read.
    changes : Section of ValueEvent
        Changes of values by users, newest first.
    executions : Section of ListedExecution
        Executions on a chip, newest first.
    results : Section of ListedResult
        Flagged results of a chip, or results of any outcome on a target, newest first.
    """

    subject: ContextSubject
    project_id: str
    made_at: datetime
    simulated_time: datetime | None = None
    chip: ChipModel | None = None
    attention: Mapping[TargetKind, Attention] = field(default_factory=dict)
    summaries: Sequence[tuple[TargetKind, MetricSummary]] = ()
    target: TargetView | None = None
    result: TaskResultModel | None = None
    measures: str = ""
    typical_failures: Section[Failure] = Section()
    peers: Section[ListedResult] = Section()
    failed_targets: Section[StoredState] = Section()
    values: Section[ValueInUse] = Section()
    failures: Section[ListedResult] = Section()
    histories: Sequence[MetricHistory] = ()
    facts: Section[Fact] = Section()
    missing: Sequence[str] = ()
    changes: Section[ValueEvent] = Section()
    executions: Section[ListedExecution] = Section()
    results: Section[ListedResult] = Section()
    figures: Section[FigureData] = Section()
