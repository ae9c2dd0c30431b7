"""Pictures: the figures that a plugin draws of chips, schedules and raw data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.chips.chip import Chip
    from qdash_core.models.chip import StoredValue
    from qdash_core.models.chip_values import ChipValues
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.marks import ValueMark
    from qdash_core.models.provenance_graph import ProvenanceGraph
    from qdash_core.models.raw_data import RawData
    from qdash_core.models.task import ResultBrief, StoredDecision
    from qdash_core.scheduling.schedule import Schedule
    from qdash_core.tasks.base import TaskOutput

Figure = dict[str, Any]
"""Plotly JSON: `data` and `layout`."""


class Measurement(Protocol):
    """A task on a target, or on the whole chip (`""`), in laboratory time."""

    @property
    def target(self) -> str: ...
    @property
    def task(self) -> str: ...
    @property
    def lab_start_s(self) -> float: ...
    @property
    def lab_end_s(self) -> float: ...


class MeasuredBlock(Protocol):
    """A block of a stage, which started after the end of the one before, in laboratory time."""

    @property
    def strategy(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def start_s(self) -> float: ...
    @property
    def end_s(self) -> float: ...


class RecordedValue(Protocol):
    """A recorded value of a metric, with the decision of a user if there is one, and its marks if it is in use."""

    @property
    def parameter(self) -> StoredValue: ...
    @property
    def result(self) -> ResultBrief: ...
    @property
    def decision(self) -> StoredDecision | None: ...
    @property
    def in_use(self) -> bool: ...
    @property
    def marks(self) -> Sequence[ValueMark]: ...
    @property
    def measured_at(self) -> datetime | None: ...
    @property
    def outcome(self) -> str:
        """Verdict of a user's decision if there is one, else the verdict if the task completed, else the status."""

    @property
    def manual(self) -> bool:
        """True if a user entered the value."""

    @property
    def remark(self) -> str:
        """Kind of a value that a run did not give to the chip: simulated, in a value scope, or a trial; otherwise empty."""


class BegunCooldown(Protocol):
    """A cool-down of a chip."""

    @property
    def cooldown_id(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...


class RecordedHistory(Protocol):
    """The recorded values of a metric of a target, newest first, failed attempts without one, and the cool-downs of the chip."""

    @property
    def chip_id(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def metric(self) -> str: ...
    @property
    def points(self) -> Sequence[RecordedValue]: ...
    @property
    def failures(self) -> Sequence[ResultBrief]: ...
    @property
    def cooldowns(self) -> Sequence[BegunCooldown]: ...


class Pictures(Protocol):
    """Figures that no task draws, and drawings and thumbnails of all figures. Several threads draw at the same time."""

    @property
    def name(self) -> str:
        """Name of the pictures."""

    def chip_map(
        self,
        chip: Chip,
        values: ChipValues,
        metric: str,
        *,
        places: Mapping[str, tuple[float, float]],
        all_labels: bool = False,
    ) -> Figure:
        """Return a metric on the map of a chip.

        Parameters
        ----------
        values : ChipValues
            Its accepted values, with their marks.
        metric : str
            The name of a parameter.
        places : mapping of str to tuple of float
            Position of each qubit as (x, y), in units of about one coupling; y grows downwards.
        all_labels : bool
            Whether to label a large chip with its numbers and values, too.

        Raises
        ------
        InvalidInputError
            If the chip has no accepted value of the metric.
        """

    def schedule_timeline(self, schedule: Schedule, *, title: str) -> Figure:
        """Return the timeline of a plan in which each target starts as soon as its resources are free."""

    def run_timeline(
        self,
        execution: ExecutionModel,
        measurements: Iterable[Measurement],
        *,
        bound_s: float | None = None,
        blocks: Sequence[MeasuredBlock] = (),
    ) -> Figure:
        """Return the timeline of the measurements of a run.

        Parameters
        ----------
        bound_s : float or None
            Laboratory time that no order of the same measurements can be shorter than, or None if it is unknown.
        blocks : sequence of MeasuredBlock
            Blocks that ran one after another; given if there are any.

        Raises
        ------
        InvalidInputError
            If the run has measured nothing.
        """

    def points(
        self, raw: RawData, output: TaskOutput, *, title: str, declared: Iterable[str] = ()
    ) -> Figure | None:
        """Return raw data as points, for a task that draws nothing, or None if they hold no array of one dimension.

        Parameters
        ----------
        output : TaskOutput
            The values of the result; `fit` of its note is a line, `{"x": [...], "y": [...]}`.
        declared : iterable of str
            Names and patterns of arrays, in the order in which one is chosen for the axis.
        """

    def metric_history(self, history: RecordedHistory, *, zone: ZoneInfo) -> Figure:
        """Return the recorded values of a metric of a target over time.

        Raises
        ------
        InvalidInputError
            If there is no value with a known time.
        """

    def provenance(self, graph: ProvenanceGraph, *, now: datetime, zone: ZoneInfo) -> Figure:
        """Return the graph of the origins and uses of a value or result; ages are counted from `now`.

        Raises
        ------
        InvalidInputError
            If the graph is empty: no result or event recorded the value.
        """

    def thumbnail(self, figure: Mapping[str, Any]) -> str | None:
        """Return a figure as a small SVG, or None if nothing of it can be drawn.

        Raises
        ------
        TypeError, ValueError, LookupError, AttributeError
            If it is no figure.
        """

    def drawing(self, figure: Mapping[str, Any]) -> str | None:
        """Return a figure as an SVG with axes, titles and legend, or None if nothing of it can be drawn.

        A report shows it small, and enlarged with its text. It becomes part of the page: it has no scripts, ids, styles or references, its text is
        escaped, and it has the classes of `qdash_pictures.figure_drawing` instead of colours.

        Raises
        ------
        TypeError, ValueError, LookupError, AttributeError
            If it is no figure.
        """
