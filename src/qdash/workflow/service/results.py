"""Results of steps: data of each target, with its status and metrics."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from qdash_core.models.targets import by_number

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["CouplingCalibData", "FilterResult", "OneQubitResult", "QubitCalibData", "TwoQubitResult"]

Status = Literal["success", "failed"]


@dataclass
class _TargetData:
    """Results of the tasks of a step on one target.

    Parameters
    ----------
    status : {"success", "failed"}
        `success` if every task completed.
    metrics : dict of str to float
        Accepted estimates, under the names of QDash and of the original.
    raw : dict
        Estimates of each task by task name, with the status.
    """

    status: Status = "failed"
    metrics: dict[str, float] = field(default_factory=dict)
    raw: dict[str, Any] = field(default_factory=dict)

    def get_metric(self, name: str) -> float | None:
        """Return a metric, or None if it is unknown."""
        return self.metrics.get(name)


@dataclass
class QubitCalibData(_TargetData):
    """Results of the tasks of a step on one qubit."""


@dataclass
class CouplingCalibData(_TargetData):
    """Results of the tasks of a step on one coupling."""


@dataclass
class OneQubitResult:
    """Result of a step on qubits."""

    qubits: dict[str, QubitCalibData] = field(default_factory=dict)

    def add_qubit(self, qid: str, data: QubitCalibData) -> None:
        """Add the data of a qubit."""
        self.qubits[qid] = data

    def get_qubit(self, qid: str) -> QubitCalibData | None:
        """Return the data of a qubit, or None."""
        return self.qubits.get(qid)

    def get_metric(self, qid: str, metric_name: str) -> float | None:
        """Return a metric of a qubit, or None if it is unknown."""
        data = self.qubits.get(qid)
        return None if data is None else data.get_metric(metric_name)

    def get_status(self, qid: str) -> Status | None:
        """Return the status of a qubit, or None if the step did not measure it."""
        data = self.qubits.get(qid)
        return None if data is None else data.status

    def successful_qids(self) -> list[str]:
        """Return the qubits on which every task completed."""
        return _select_by_status(self.qubits, "success")

    def failed_qids(self) -> list[str]:
        """Return the other qubits."""
        return _select_by_status(self.qubits, "failed")

    def filter_by_metric(self, metric_name: str, threshold: float) -> list[str]:
        """Return the qubits on which a metric is known and not below the threshold."""
        return _select_by_metric(self.qubits, metric_name, threshold)

    def all_qids(self) -> list[str]:
        """Return all measured qubits."""
        return sorted(self.qubits, key=by_number)


@dataclass
class TwoQubitResult:
    """Result of a step on couplings, by `CONTROL-TARGET`."""

    couplings: dict[str, CouplingCalibData] = field(default_factory=dict)

    def add_coupling(self, coupling_id: str, data: CouplingCalibData) -> None:
        """Add the data of a coupling."""
        self.couplings[coupling_id] = data

    def get_coupling(self, coupling_id: str) -> CouplingCalibData | None:
        """Return the data of a coupling, or None."""
        return self.couplings.get(coupling_id)

    def successful_couplings(self) -> list[str]:
        """Return the couplings on which every task completed."""
        return _select_by_status(self.couplings, "success")

    def failed_couplings(self) -> list[str]:
        """Return the other couplings."""
        return _select_by_status(self.couplings, "failed")

    def filter_by_metric(self, metric_name: str, threshold: float) -> list[str]:
        """Return the couplings on which a metric is known and not below the threshold."""
        return _select_by_metric(self.couplings, metric_name, threshold)

    def all_couplings(self) -> list[str]:
        """Return all measured couplings."""
        return sorted(self.couplings, key=by_number)


@dataclass
class FilterResult:
    """Qubits before and after a filter, with its condition."""

    input_qids: list[str] = field(default_factory=list)
    output_qids: list[str] = field(default_factory=list)
    filter_criteria: str = ""

    @property
    def filtered_out(self) -> list[str]:
        """Qubits that did not pass."""
        return sorted(set(self.input_qids).difference(self.output_qids), key=by_number)

    @property
    def pass_rate(self) -> float:
        """Fraction of the qubits that passed; 0 without qubits."""
        return len(self.output_qids) / len(self.input_qids) if self.input_qids else 0.0


def _select_by_status(data: Mapping[str, _TargetData], status: Status) -> list[str]:
    return sorted((target for target, one in data.items() if one.status == status), key=by_number)


def _select_by_metric(data: Mapping[str, _TargetData], name: str, threshold: float) -> list[str]:
    known = {target: one.get_metric(name) for target, one in data.items()}
    passed = (target for target, value in known.items() if value is not None and value >= threshold)
    return sorted(passed, key=by_number)
