"""View models of task results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from qdash_builtin.runs.displayed_outcomes import DisplayedOutcome
from qdash_core.documents.base import Document, OmitEmpty
from qdash_core.models.base import UtcDatetime
from qdash_core.models.chip import ParameterModel
from qdash_core.models.decision import Decision
from qdash_core.models.task import (
    AnalysisCurve,
    InputModel,
    MeasurementOrigin,
    Node,
    RunParameterModel,
    TaskStatus,
    TaskType,
    Verdict,
    get_measurement,
)

if TYPE_CHECKING:
    from qdash_core.models.task import TaskResultModel


class ResultDocument(DisplayedOutcome, Document):
    """A task result in a list."""

    username: str
    chip_id: str
    execution_id: str
    task_id: str
    name: str
    qid: str
    """Empty for the whole chip."""
    attempt: int
    status: TaskStatus
    interrupted: OmitEmpty[bool] = None
    """True if the status is `running`, and the run has ended or its process has died."""
    message: str
    verdict: Verdict | None = None
    input_parameters: dict[str, InputModel]
    output_parameters: dict[str, ParameterModel]
    decisions: dict[str, Decision]
    """Decisions of users on output parameters, which override the verdict."""
    raw_data_path: list[str]
    tags: list[str]
    cooldown_id: str | None = None
    refit_of: str | None = None
    """The result whose raw data were analysed again by `username`."""
    analysis_model: str | None = None
    """Model of a user's own analysis of the raw data, in words; absent for other results."""
    measured: MeasurementOrigin | None = None
    """Measurement of a refit, whose own times are those of the new analysis; absent for other results, and for older
    refits."""
    rerun_of: str | None = None
    """Original of a rerun: the result that was measured again with its recorded inputs."""
    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    lab_s: float | None = None
    lab_start_s: float | None = None
    simulated: bool
    """True if it was measured on a simulation of a chip that has another backend."""
    scope: str | None = None
    """Value scope that keeps its values."""

    @property
    def measurement(self) -> MeasurementOrigin:
        """Times and author of the measurement; for a refit, those of its original."""
        return get_measurement(self)


class RunResultDocument(ResultDocument):
    """A task result among the results of its execution."""

    occurrence: int
    """Number of earlier occurrences of this task on this target in the flow."""
    saved: bool
    """False for a trial, whose values are not used."""
    reasons: OmitEmpty[list[str]] = None
    """Reasons of the verdict."""
    analysis_options: OmitEmpty[dict[str, RunParameterModel]] = None
    """Analysis options of a refit that differ from their defaults."""

    @classmethod
    def from_result(cls, result: TaskResultModel, *, interrupted: bool) -> Self:
        """Return the view model of a result; `interrupted` tells whether the run has been interrupted."""
        return cls.from_record(result, interrupted=interrupted and result.status is TaskStatus.RUNNING)

    @property
    def node(self) -> Node:
        """Node of the flow that the result belongs to."""
        return self.name, self.qid, self.occurrence


class RecordedResult(DisplayedOutcome, Document):
    """A task result with all recorded data, except users' notes and figure files."""

    project_id: str
    username: str
    chip_id: str
    execution_id: str
    task_id: str
    name: str
    backend: str | None = None
    task_type: TaskType
    qid: str
    control: str | None = None
    """The control qubit of a coupling."""
    occurrence: int
    attempt: int
    upstream_id: str
    status: TaskStatus
    interrupted: OmitEmpty[bool] = None
    """True if the status is `running`, and the run has ended or its process has died."""
    message: str
    verdict: Verdict | None = None
    reasons: list[str]
    input_parameters: dict[str, InputModel]
    run_parameters: dict[str, RunParameterModel]
    analysis_options: dict[str, RunParameterModel]
    """Analysis options of a refit that differ from their defaults."""
    output_parameters: dict[str, ParameterModel]
    output_parameter_names: list[str]
    decisions: dict[str, Decision]
    """Decisions of users on output parameters, which override the verdict."""
    r2: float | None = None
    quality: dict[str, float]
    note: dict[str, Any]
    raw_data_path: list[str]
    raw_data_pruned_at: UtcDatetime | None = None
    """Time when its raw data were removed because of their age."""
    details_pruned_at: UtcDatetime | None = None
    """Time when its inputs, run parameters and other details were removed because of their age."""
    tags: list[str]
    cooldown_id: str | None = None
    saved: bool
    scope: str | None = None
    """Value scope that keeps its values."""
    simulated: bool
    refit_of: str | None = None
    """The result whose raw data were analysed again by `username`."""
    analysis_model: str | None = None
    """Model of a user's own analysis of the raw data, in words; absent for other results."""
    analysis_curve: AnalysisCurve | None = None
    """Curve of a user's own analysis, which its figure shows; absent for other results, and without one."""
    measured: MeasurementOrigin | None = None
    """Measurement of a refit, whose own times are those of the new analysis; absent for other results, and for older
    refits."""
    rerun_of: str | None = None
    """Original of a rerun: the result that was measured again with its recorded inputs."""
    together: list[str] | None = None
    """Other targets that were measured in the same call; empty if it was measured alone, absent if unknown."""
    start_at: UtcDatetime | None = None
    end_at: UtcDatetime | None = None
    elapsed_time: float | None = None
    lab_s: float | None = None
    lab_start_s: float | None = None

    @property
    def measurement(self) -> MeasurementOrigin:
        """Times and author of the measurement; for a refit, those of its original."""
        return get_measurement(self)
