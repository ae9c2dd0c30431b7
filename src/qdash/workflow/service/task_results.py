"""Task results in the shape that flows of the original read, and the original's names of metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from qdash.workflow.service.results import CouplingCalibData, QubitCalibData
from qdash_core.models.task import TaskStatus
from qdash_core.tasks.inputs import get_direction

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.task import TaskResultModel

METRIC_NAMES = {
    "x90_fidelity": "x90_gate_fidelity",
    "rb_fidelity": "average_gate_fidelity",
    "fidelity": "average_gate_fidelity",
    "zx90_fidelity": "zx90_gate_fidelity",
    "bell_fidelity": "bell_state_fidelity",
    "estimated_resonator_frequency": "resonator_frequency",
}
"""Names of values in flows of the original, with those of QDash, where they differ."""


class Estimate(float):
    """Estimate as a number with the attributes `value`, `error`, `unit` and `task_id`."""

    error: float | None
    unit: str
    task_id: str

    def __new__(cls, known: ParameterModel) -> Self:
        estimate = super().__new__(cls, known.value)
        estimate.error, estimate.unit, estimate.task_id = known.error, known.unit, known.task_id
        return estimate

    @property
    def value(self) -> float:
        """The number itself."""
        return float(self)

    def __getnewargs__(self) -> tuple[Any, ...]:
        """Return the arguments of a copy."""
        from qdash_core.models.chip import ParameterModel

        return (ParameterModel(value=self.value, error=self.error, unit=self.unit, task_id=self.task_id),)


def get_metric_name(name: str) -> str:
    """Return the name of QDash for a value that a flow of the original names."""
    return METRIC_NAMES.get(name, name)


def make_estimates(values: dict[str, ParameterModel]) -> dict[str, Estimate]:
    """Return estimates under the names of QDash and of the original."""
    estimates = {name: Estimate(value) for name, value in values.items()}
    named = {name: estimates[ours] for name, ours in METRIC_NAMES.items() if ours in estimates}
    return {**named, **estimates}


def make_task_result(result: TaskResultModel) -> dict[str, Any]:
    """Return the estimates of a task result with its id as `task_id`."""
    return {**make_estimates(result.output_parameters), "task_id": result.task_id}


def make_qubit_data(qid: str, results: Iterable[TaskResultModel]) -> QubitCalibData:
    """Return the data of a qubit from results of several targets."""
    return QubitCalibData(*_summarize([result for result in results if result.qid == qid]))


def make_coupling_data(coupling: str, results: Iterable[TaskResultModel]) -> CouplingCalibData:
    """Return the data of a coupling from results of several targets."""
    return CouplingCalibData(*_summarize([result for result in results if result.qid == coupling]))


def make_pair_id(result: TaskResultModel) -> str:
    """Return `CONTROL-TARGET` of a result on a coupling."""
    return "-".join(get_direction(result.qid, result.control))


def _summarize(results: list[TaskResultModel]) -> tuple[Any, dict[str, float], dict[str, Any]]:
    """Return status, metrics and raw data. A later result of a task replaces an earlier one."""
    failures = [
        f"{one.name}: {one.message or one.status}"
        for one in results
        if one.status is not TaskStatus.COMPLETED
    ]
    status = "failed" if failures or not results else "success"
    raw: dict[str, Any] = {
        result.name: make_task_result(result) for result in results if result.status is TaskStatus.COMPLETED
    }
    raw["status"] = status
    if failures:
        raw |= {"error": failures[0], "error_details": "\n".join(failures)}
    accepted = [result for result in results if result.accepted]
    values = {name: value for result in accepted for name, value in result.output_parameters.items()}
    return status, dict(make_estimates(values)), raw
