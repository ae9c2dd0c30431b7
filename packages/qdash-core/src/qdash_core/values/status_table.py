"""Table of the statuses that follow from the evidence on a target."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from qdash_core.models.chip import StatusReason, TargetStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from qdash_core.models.chip import CouplingModel, MeasuredAttempt, QubitModel


@dataclass(frozen=True, slots=True)
class Situation:
    """Evidence that decides the status of a target that no user has set aside.

    The target has its values in use, its failures and its former status. `accepted` has new accepted measurements of
    its essential metrics. `is_complete` returns whether it has a value of each essential metric that tasks measure;
    `list_failed_qubits` returns the qubits of a coupling that are failed.
    """

    target: QubitModel | CouplingModel
    essential: frozenset[str]
    is_complete: Callable[[], bool]
    accepted: Mapping[str, MeasuredAttempt] = field(default_factory=dict)
    list_failed_qubits: Callable[[], Collection[QubitModel]] = tuple

    @property
    def was_failed(self) -> bool:
        """True if evidence, not a user, had made the target failed."""
        return self.target.status is TargetStatus.FAILED and self.target.status_reason is not None

    @property
    def is_usable(self) -> bool:
        """True if the target was calibrated, or is by new evidence or because the reason of its failure is gone."""
        return self.target.status is TargetStatus.CALIBRATED or self.was_failed or bool(self.accepted)


@dataclass(frozen=True, slots=True)
class StatusRow:
    """Row of the table: the first one whose condition holds gives the status.

    `condition` is the condition in words, as documented. `find_reason` returns the reason if the condition holds,
    else None.
    """

    condition: str
    status: TargetStatus
    find_reason: Callable[[Situation], StatusReason | None]


def _find_absent_signal(situation: Situation) -> StatusReason | None:
    absent = situation.target.absent
    if not absent:
        return None
    root = min(absent, key=lambda one: one.absent_since or one.measured_at)
    return make_reason(root).model_copy(update={"since": root.absent_since})


def _find_absent_value(situation: Situation) -> StatusReason | None:
    target = situation.target
    failing = [
        target.failures[name]
        for name in situation.essential
        if name in target.failures and name not in target.data
    ]
    return make_reason(max(failing, key=lambda one: one.measured_at)) if failing else None


def _find_failed_qubit(situation: Situation) -> StatusReason | None:
    for qubit in situation.list_failed_qubits() if situation.is_usable else ():
        if qubit.status_reason is not None:
            return qubit.status_reason.model_copy(update={"text": f"qubit {qubit.qid} failed"})
    return None


def _find_complete(situation: Situation) -> StatusReason | None:
    if not (situation.is_usable and situation.is_complete()):
        return None
    if not situation.accepted:
        return _NO_REASON
    return make_reason(max(situation.accepted.values(), key=lambda one: one.measured_at))


_NO_REASON = StatusReason.model_construct(text="", task_id="", execution_id="")

STATUS_TABLE = (
    StatusRow(
        "two measurements in a row in one run showed no signal of a parameter that has a value in use, and none was accepted since",
        TargetStatus.FAILED,
        _find_absent_signal,
    ),
    StatusRow(
        "an essential metric has no value in use, and its newest measurement failed or was rejected",
        TargetStatus.FAILED,
        _find_absent_value,
    ),
    StatusRow("a qubit of a calibrated coupling is failed", TargetStatus.FAILED, _find_failed_qubit),
    StatusRow(
        "each essential metric that tasks measure has a value in use, and one was measured",
        TargetStatus.CALIBRATED,
        _find_complete,
    ),
    StatusRow("otherwise", TargetStatus.PENDING, lambda _: _NO_REASON),
)
"""Status of a target that no user has set aside."""


def decide_status(situation: Situation) -> tuple[TargetStatus, StatusReason | None]:
    """Return the status by the first row of the table that holds, with the reason if a result gave it."""
    for row in STATUS_TABLE:
        if (reason := row.find_reason(situation)) is not None:
            return row.status, None if reason is _NO_REASON else reason
    raise AssertionError("the last row always holds")


def make_reason(attempt: MeasuredAttempt) -> StatusReason:
    """Return a measurement as the reason for a status."""
    return StatusReason(text=attempt.text, task_id=attempt.task_id, execution_id=attempt.execution_id)
