"""Query parameters and request bodies for task results."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field

from qdash_builtin.request_parts.option_forms import WORDS
from qdash_builtin.results.user_analyses import LONGEST_MODEL, MOST_CURVE_POINTS, UserAnalysis
from qdash_builtin.runs.requests import VISIBLE
from qdash_builtin.values.requests.value_changes import NewValue
from qdash_core.models.base import LONGEST_NOTE, StrictNumber
from qdash_core.models.estimates import Parameter
from qdash_core.models.fault_limit import ENTRY
from qdash_core.models.task import AnalysisCurve, Outcome
from qdash_core.operations.bodies import Body

MOST_OTHERS = 7
"""Maximum number of results in an overlay besides the first one."""

FilterText = Annotated[str | None, Field(min_length=1, max_length=128, pattern=VISIBLE)]
OutcomeFilter = Annotated[
    Outcome | None,
    Field(
        description="Only results with this outcome: the verdict in force of a completed result that has one, otherwise the status. "
        "Without refits; of an execution, only the last attempt at each task on each target. A page may have fewer than `limit`."
    ),
]
OtherResult = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=128,
        pattern=VISIBLE,
        description="Id of the earlier result; default: the original of this rerun or refit.",
    ),
]
OtherResults = Annotated[
    tuple[Annotated[str, Field(min_length=1, max_length=128, pattern=VISIBLE)], ...],
    Field(max_length=MOST_OTHERS, description="Ids of the other results, or the beginnings of their ids."),
]
Words = Annotated[
    str | None,
    Field(
        min_length=1, max_length=500, description="Words that the message contains, in any order and case."
    ),
    WORDS,
]
_Name = Annotated[str, Field(min_length=1, max_length=100), ENTRY]
_Coordinates = Annotated[
    list[Annotated[StrictNumber, ENTRY]], Field(min_length=2, max_length=MOST_CURVE_POINTS)
]
_Unit = Annotated[str, Field(max_length=30)]
AnalysisOptions = Annotated[dict[str, Any], Field(max_length=200)]
Targets = Annotated[
    str | None,
    Field(min_length=1, max_length=8000, description="Qubits or couplings, such as 0,1,Q07; absent: all."),
]


class RawDataFormat(StrEnum):
    """Format of a file of raw data."""

    NPZ = "npz"
    CSV = "csv"
    NETCDF = "nc"


class ResultSequence(StrEnum):
    """Sequence of results in time: those of a task on a target, all on a target, or all of an execution."""

    TASK = "task"
    TARGET = "target"
    EXECUTION = "execution"


class ResultRerunRequest(Body):
    """Request to rerun a result with its recorded inputs."""

    scope: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """Value scope that gets the accepted values; absent: they are recorded with the result only, and not used."""


class RefitPreviewRequest(Body):
    """Request to preview a refit of a result."""

    options: AnalysisOptions = {}
    """Analysis options that replace those of the result; null restores the default."""
    figure: bool = False
    """True to draw the figure of the refit."""


class RefitRequest(Body):
    """Request to refit a result."""

    options: AnalysisOptions = {}
    """Analysis options that replace those of the result; null restores the default."""
    basis: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    """`basis` of a preview: the refit is recorded only if its outcome and the values of the chip are still the same. If
    absent, it is recorded in any case."""
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""
    """Reason for the refit: a note on the new result."""


class CurveRequest(Body):
    """Curve of a user's own analysis, on the axes of the measured points of the figure."""

    x: _Coordinates
    """x of each point."""
    y: _Coordinates
    """Value of the model at each x; as many as `x`."""
    x_unit: _Unit = ""
    """Unit of `x`; absent: that of the axis."""
    y_unit: _Unit = ""
    """Unit of `y`; absent: that of the axis."""


class AnalysisRequest(Body):
    """A user's own analysis of the raw data of a result."""

    parameters: dict[_Name, Annotated[NewValue, ENTRY]] = Field(min_length=1, max_length=200)
    """Estimates of outputs of the task, not necessarily of all."""
    model: Annotated[str, Field(min_length=1, max_length=LONGEST_MODEL)]
    """The model in words, in one line."""
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""
    """Note on the new result."""
    quality: Annotated[dict[_Name, Annotated[StrictNumber, ENTRY]], Field(max_length=200)] = {}
    """Figures of merit of the fit; the validation judges `reduced_chi2`."""
    save: bool = True
    """False to record the estimates without making them values of the chip."""
    curve: CurveRequest | None = None
    """The fitted model, which the figure of the result shows; absent: it shows the measured points only."""

    def to_analysis(self) -> UserAnalysis:
        """Return the analysis."""
        return UserAnalysis(
            {name: Parameter(one.value, one.error, one.unit) for name, one in self.parameters.items()},
            self.model,
            self.note,
            self.quality,
            self.save,
            None if self.curve is None else AnalysisCurve(**self.curve.model_dump()),
        )
