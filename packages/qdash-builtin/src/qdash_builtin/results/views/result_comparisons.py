"""View models of the comparison of two results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import AliasPath, Field

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import InputModel, MeasurementOrigin, TaskStatus, Verdict
from qdash_core.models.times import format_duration

if TYPE_CHECKING:
    from qdash_builtin.results.comparison import ResultComparison
    from qdash_builtin.results.difference import RecordedDifferences
    from qdash_builtin.values.value_change import ValueChange
    from qdash_core.models.task import TaskResultModel


class ComparedResultDocument(Document):
    """A compared result: its execution, author, verdict and fit quality."""

    task_id: str
    execution_id: str
    username: str
    status: TaskStatus
    verdict: Verdict | None = None
    reasons: list[str]
    message: str
    r2: float | None = None
    quality: dict[str, float]
    scope: str | None = None
    """Value scope that keeps its values."""
    cooldown_id: str | None = None
    refit_of: str | None = None
    analysis_model: str | None = None
    """Model of a user's own analysis of the raw data, in words; absent for other results."""
    measured: MeasurementOrigin | None = None
    """Measurement of a refit, whose other times are those of the new analysis."""
    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    lab_start_s: float | None = None
    """Start in laboratory time, in seconds since the start of the run; absent if laboratory time is wall time."""

    @property
    def measurement(self) -> MeasurementOrigin:
        """Times and author of the measurement; for a refit, those of its original."""
        if self.refit_of is not None and self.measured is not None:
            return self.measured
        known = (None, None) if self.refit_of is not None else (self.start_at, self.end_at)
        return MeasurementOrigin(start_at=known[0], end_at=known[1], username=self.username)

    @classmethod
    def from_result(cls, result: TaskResultModel) -> Self:
        """Return the view model of a compared result."""
        measured = result.measurement if result.refit_of is not None else None
        return cls.from_record(result, measured=measured)


class OutputComparisonDocument(Document):
    """An output of both results."""

    name: str = Field(validation_alias=AliasPath("parameter"))
    first: ParameterModel | None = Field(default=None, validation_alias=AliasPath("before"))
    second: ParameterModel | None = Field(default=None, validation_alias=AliasPath("after"))
    difference: float | None = None
    """Second minus first, in the unit of the values; within half a turn for angles."""
    error: float | None = None
    """Standard deviation of the difference."""
    sigmas: float | None = None
    """Magnitude of the difference in units of its standard deviation; absent if an error is unknown, or if both results
    have the same data."""

    @classmethod
    def from_change(cls, change: ValueChange, *, same_data: bool) -> Self:
        """Return the view model of an output."""
        return cls.from_record(change, sigmas=None if same_data else change.sigmas)


class InputDifferenceDocument(Document):
    """An input whose values differ; absent where a result has none."""

    name: str
    first: InputModel | None = None
    second: InputModel | None = None


class DifferenceDocument(Document):
    """A run parameter, version or property that differs; absent where it is unknown or was chosen by the task."""

    name: str
    first: Any = None
    second: Any = None


class ResultComparisonDocument(Document):
    """Comparison of two results of one task on one target."""

    name: str
    """The task."""
    chip_id: str
    qid: str
    """Empty for the whole chip."""
    first: ComparedResultDocument
    second: ComparedResultDocument
    apart_s: float | None = None
    """Seconds from the first measurement to the second; absent if one is a refit or its start is unknown."""
    same_data: bool
    """True if both were computed from the same inputs and data, so that they are not independent measurements."""
    outputs: list[OutputComparisonDocument]
    inputs: list[InputDifferenceDocument]
    """Inputs that differ: the laboratory did not use them as recorded, or only one result has them."""
    n_equal_inputs: int
    """Number of inputs with equal values."""
    settings: list[DifferenceDocument]
    """Run parameters that differ."""
    options: list[DifferenceDocument]
    """Analysis options that differ; an option with its default is absent."""
    software_recorded: list[bool]
    """True if the versions of the software are recorded; for the first, then the second result."""
    software: list[DifferenceDocument]
    """Versions that differ; empty unless both are recorded."""
    design_recorded: list[bool]
    """True if the chip has a copy of its design values from that day, for the first and the second result."""
    note_recorded: list[bool]
    """True if a calibration note is stored from before the measurement, for the first and the second result."""
    laboratory: list[DifferenceDocument]
    """Differences in backend, cool-down, control qubit, the targets measured together, design values and
    calibration note; the last two only if both are recorded."""

    @classmethod
    def from_comparison(cls, found: ResultComparison) -> Self:
        """Return the view model of a comparison."""
        result, same_data = found.second, found.has_same_data
        software, laboratory = found.software, found.laboratory
        return cls.from_record(
            found,
            name=result.name,
            chip_id=result.chip_id,
            qid=result.qid,
            first=ComparedResultDocument.from_result(found.first),
            second=ComparedResultDocument.from_result(found.second),
            same_data=same_data,
            outputs=[OutputComparisonDocument.from_change(one, same_data=same_data) for one in found.outputs],
            software_recorded=_list_recorded(software),
            software=software.differences,
            design_recorded=_list_recorded(laboratory.design),
            note_recorded=_list_recorded(laboratory.note),
            laboratory=laboratory.differences,
        )

    @property
    def unrecorded(self) -> list[str]:
        """Texts that name the parts of each result that are not recorded, so that they may differ."""
        parts = {
            "Software": self.software_recorded,
            "Design values": self.design_recorded,
            "Calibration note": self.note_recorded,
        }
        return [
            f"{part} of the {' and the '.join(_list_missing(recorded))}: not recorded"
            for part, recorded in parts.items()
            if not all(recorded)
        ]

    @property
    def remarks(self) -> list[str]:
        """Texts that say what the difference of the outputs may come from."""
        if self.same_data:
            return ["Both results were computed from the same inputs and data: they are not independent"]
        if self.apart_s is None:
            return []
        return [f"Values may have drifted in the {format_duration(abs(self.apart_s))} between them"]


def _list_recorded(found: RecordedDifferences) -> list[bool]:
    return [found.first_recorded, found.second_recorded]


def _list_missing(recorded: list[bool]) -> list[str]:
    return [label for label, known in zip(("original", "rerun"), recorded, strict=True) if not known]
