"""View models of the comparison of two results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import ConfigDict

from qdash_core.documents.base import Document
from qdash_core.models.base import UtcDatetime
from qdash_core.models.chip import ParameterModel
from qdash_core.models.task import InputModel, TaskStatus, Verdict

if TYPE_CHECKING:
    from qdash_core.chips.day_comparison import ValueChange
    from qdash_core.models.task import TaskResultModel
    from qdash_core.results.comparison import InputDifference, ResultComparison
    from qdash_core.results.difference import Difference

_RESULT: dict[str, Any] = {
    "task_id": "9f0c2f7a-54f6-4f34-9a4c-0f6a3d7f8f11",
    "execution_id": "20261121-003",
    "username": "admin",
    "status": "completed",
    "verdict": "accepted",
    "reasons": [],
    "message": "",
    "r2": 0.998,
    "quality": {"chi2": 1.02},
    "start_at": "2026-11-21T06:15:59.737964Z",
}
_VALUE: dict[str, Any] = {
    "value": 81.5,
    "value_type": "float",
    "error": 1.3,
    "unit": "us",
    "description": "",
    "execution_id": "",
    "task_id": "",
}
_OUTPUT: dict[str, Any] = {
    "name": "t1",
    "first": _VALUE,
    "second": {**_VALUE, "value": 80.4},
    "difference": -1.1,
    "error": 1.84,
    "sigmas": 0.6,
}
_INPUT: dict[str, Any] = {
    "name": "pi_amplitude",
    "first": {"value": 0.08, "unit": "a.u.", "task_id": "3d1a"},
    "second": {"value": 0.0801, "unit": "a.u.", "task_id": ""},
}
_DIFFERENCE: dict[str, Any] = {"name": "shots", "first": 1024, "second": 2048}


class ComparedResultDocument(Document):
    """A compared result: its execution, author, verdict and fit quality."""

    model_config = ConfigDict(json_schema_extra={"examples": [_RESULT]})

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
    start_at: UtcDatetime | None = None

    @classmethod
    def from_result(cls, result: TaskResultModel) -> Self:
        """Return the view model of a compared result."""
        return cls._copy_fields(result)


class OutputComparisonDocument(Document):
    """An output of both results."""

    model_config = ConfigDict(json_schema_extra={"examples": [_OUTPUT]})

    name: str
    first: ParameterModel | None = None
    second: ParameterModel | None = None
    difference: float | None = None
    """Second minus first, in the unit of the values; within half a turn for angles."""
    error: float | None = None
    """Standard deviation of the difference."""
    sigmas: float | None = None
    """Magnitude of the difference in units of its standard deviation; absent if an error is unknown."""

    @classmethod
    def from_change(cls, change: ValueChange) -> Self:
        """Return the view model of an output."""
        return cls(
            name=change.parameter,
            first=change.before,
            second=change.after,
            difference=change.difference,
            error=change.error,
            sigmas=change.sigmas,
        )


class InputDifferenceDocument(Document):
    """An input whose values differ; absent where a result has none."""

    model_config = ConfigDict(json_schema_extra={"examples": [_INPUT]})

    name: str
    first: InputModel | None = None
    second: InputModel | None = None

    @classmethod
    def from_difference(cls, found: InputDifference) -> Self:
        """Return the view model of an input."""
        return cls(name=found.name, first=found.first, second=found.second)


class DifferenceDocument(Document):
    """A run parameter, version or property that differs; absent where it is unknown or was chosen by the task."""

    model_config = ConfigDict(json_schema_extra={"examples": [_DIFFERENCE]})

    name: str
    first: Any = None
    second: Any = None

    @classmethod
    def from_difference(cls, found: Difference) -> Self:
        """Return the view model of a difference."""
        return cls(name=found.name, first=found.first, second=found.second)


class ResultComparisonDocument(Document):
    """Comparison of two results of one task on one target."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "CheckT1",
                    "chip_id": "a",
                    "qid": "0",
                    "first": _RESULT,
                    "second": {**_RESULT, "task_id": "3d1a", "execution_id": "20261122-001"},
                    "outputs": [_OUTPUT],
                    "inputs": [_INPUT],
                    "n_equal_inputs": 4,
                    "settings": [_DIFFERENCE],
                    "software_recorded": [True, True],
                    "software": [{"name": "numpy", "first": "2.3.1", "second": "2.3.4"}],
                    "laboratory": [{"name": "cool-down", "first": "cd-7", "second": "cd-8"}],
                }
            ]
        }
    )

    name: str
    """The task."""
    chip_id: str
    qid: str
    """Empty for the whole chip."""
    first: ComparedResultDocument
    second: ComparedResultDocument
    outputs: list[OutputComparisonDocument]
    inputs: list[InputDifferenceDocument]
    """Inputs that differ: the laboratory did not use them as recorded, or only one result has them."""
    n_equal_inputs: int
    """Number of inputs with equal values."""
    settings: list[DifferenceDocument]
    """Run parameters that differ."""
    software_recorded: list[bool]
    """True if the versions of the software are recorded; for the first, then the second result."""
    software: list[DifferenceDocument]
    """Versions that differ; empty unless both are recorded."""
    laboratory: list[DifferenceDocument]
    """Differences in backend, cool-down, control qubit, design values and calibration note."""

    @classmethod
    def from_comparison(cls, found: ResultComparison) -> Self:
        """Return the view model of a comparison."""
        software = found.software
        return cls(
            name=found.second.name,
            chip_id=found.second.chip_id,
            qid=found.second.qid,
            first=ComparedResultDocument.from_result(found.first),
            second=ComparedResultDocument.from_result(found.second),
            outputs=[OutputComparisonDocument.from_change(one) for one in found.outputs],
            inputs=[InputDifferenceDocument.from_difference(one) for one in found.inputs],
            n_equal_inputs=found.n_equal_inputs,
            settings=[DifferenceDocument.from_difference(one) for one in found.settings],
            software_recorded=[software.first_recorded, software.second_recorded],
            software=[DifferenceDocument.from_difference(one) for one in software.versions],
            laboratory=[DifferenceDocument.from_difference(one) for one in found.laboratory],
        )

    @property
    def software_note(self) -> str:
        """Text that names the result, original or rerun, whose software is not recorded; empty if both are."""
        missing = [
            label
            for label, known in zip(("original", "rerun"), self.software_recorded, strict=True)
            if not known
        ]
        return f"Software of the {' and the '.join(missing)}: not recorded" if missing else ""
