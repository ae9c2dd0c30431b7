"""Recording: what a task leaves behind is written whole, in one transaction, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.errors import LockedError
from qdash_core.models.execution import CalibrationNoteModel, EventModel
from qdash_core.models.task import LatestResultModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from qdash_core.models.chip import ParameterModel
    from qdash_core.repositories.chips import CouplingCalibrationRepository, QubitCalibrationRepository
    from qdash_core.repositories.store import Store


class TaskHistoryRecorder:
    """Writes the results of one execution.

    Parameters
    ----------
    store : Store
        Where to.
    zone : ZoneInfo
        The zone whose calendar the daily history keeps.
    lease_owner : str or None
        Holder of the project's lease on whose behalf it writes; None: it needs none.
    """

    def __init__(self, store: Store, zone: ZoneInfo, *, lease_owner: str | None = None) -> None:
        self._store = store
        self._zone = zone
        self._lease_owner = lease_owner
        self._written: dict[str, TaskStatus] = {}
        self._last_note: dict[str, Any] | None = None

    def record_state(self, results: Sequence[TaskResultModel]) -> None:
        """Write results that have been scheduled or started, all in one transaction.

        It is not waited for the disk: should a power cut undo it, nothing has been measured yet that could be lost.
        """
        with self._store.transaction(durable=False) as transaction:
            repositories = Repositories(transaction)
            self._require_lease(repositories, results)
            for result in results:
                self._write(repositories, result)
        self._remember(results)

    def record_outcome(self, *results: TaskResultModel, note: dict[str, Any] | None = None) -> None:
        """Write finished results with all that follows from them: one transaction, durable when this returns.

        The result itself, the newest result of its task and target, the latest values when they are accepted, the
        day's copy of the target, the laboratory library's note when it has changed, and the event.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            self._require_lease(repositories, results)
            for result in results:
                self._write(repositories, result)
                if result.saved and _is_newest(repositories, result):
                    repositories.latest_results.put(_latest(repositories, result))
                if result.saved and result.accepted:
                    self._accept(repositories, result)
                repositories.events.append(_event(result))
            if note is not None and note != self._last_note:
                repositories.notes.put(_note_of(results[0], note))
        self._remember(results)
        self._last_note = note if note is not None else self._last_note

    def is_unfinished(self, result: TaskResultModel) -> bool:
        """Whether the store holds this result in a state that is not final, whatever it is in memory."""
        return result.task_id in self._written

    def _require_lease(self, repositories: Repositories, results: Sequence[TaskResultModel]) -> None:
        """Refuse to write for a run that has lost its lease: another one may be measuring the same chip by now."""
        if self._lease_owner is None or not results:
            return
        project_id = results[0].project_id
        if repositories.locks.owner(project_id) != self._lease_owner:
            raise LockedError(f"the lease on project {project_id} was lost: this run may not write any more")

    def _write(self, repositories: Repositories, result: TaskResultModel) -> None:
        was = self._written.get(result.task_id)
        if was is None:
            repositories.results.add(result)
        else:
            repositories.results.replace(result, was=was)

    def _remember(self, results: Sequence[TaskResultModel]) -> None:
        for result in results:
            if result.status.terminal:
                self._written.pop(result.task_id, None)
            else:
                self._written[result.task_id] = result.status

    def _accept(self, repositories: Repositories, result: TaskResultModel) -> None:
        assert result.end_at is not None
        day = result.end_at.astimezone(self._zone).strftime("%Y%m%d")
        where = (result.project_id, result.chip_id, result.qid)
        targets: QubitCalibrationRepository | CouplingCalibrationRepository
        match result.task_type:
            case "qubit":
                targets = repositories.qubits
            case "coupling":
                targets = repositories.couplings
            case _:
                return
        values = result.output_parameters
        if result.refit_of is not None and (known := targets.find(*where)) is not None:
            # What has been measured again since is newer than the measurement that was analysed again.
            values = {
                name: found for name, found in values.items() if not _is_later(known.data.get(name), found)
            }
        targets.accept(*where, values, recorded_date=day, cooldown_id=result.cooldown_id)


def _is_later(known: ParameterModel | None, than: ParameterModel) -> bool:
    if known is None or known.calibrated_at is None or than.calibrated_at is None:
        return False
    return known.calibrated_at > than.calibrated_at


def _is_newest(repositories: Repositories, result: TaskResultModel) -> bool:
    """Whether a finished result is the newest of its task and target; a refit is as old as its measurement."""
    if result.status not in (TaskStatus.COMPLETED, TaskStatus.FAILED):
        return False
    if result.refit_of is None:
        return True
    measured = repositories.results.find(result.project_id, result.refit_of)
    latest = repositories.latest_results.find(result.project_id, result.chip_id, result.name, result.qid)
    if measured is None or measured.end_at is None or latest is None or latest.end_at <= measured.end_at:
        return True
    newest = repositories.results.find(result.project_id, latest.task_id)
    return newest is not None and newest.refit_of == result.refit_of


def _latest(repositories: Repositories, result: TaskResultModel) -> LatestResultModel:
    assert result.end_at is not None
    flagged = None
    if result.status is TaskStatus.FAILED:
        before = repositories.latest_results.find(result.project_id, result.chip_id, result.name, result.qid)
        flagged = None if before is None else before.flagged_task_id
    elif result.verdict is Verdict.FLAGGED:
        flagged = result.task_id
    return LatestResultModel(
        project_id=result.project_id,
        chip_id=result.chip_id,
        name=result.name,
        qid=result.qid,
        task_id=result.task_id,
        execution_id=result.execution_id,
        status=result.status,
        verdict=result.verdict,
        end_at=result.end_at,
        flagged_task_id=flagged,
    )


def _note_of(result: TaskResultModel, note: dict[str, Any]) -> CalibrationNoteModel:
    return CalibrationNoteModel(
        project_id=result.project_id,
        username=result.username,
        chip_id=result.chip_id,
        execution_id=result.execution_id,
        task_id=result.task_id,
        note=note,
    )


def _event(result: TaskResultModel) -> EventModel:
    return EventModel(
        project_id=result.project_id,
        kind=f"task.{result.status}",
        chip_id=result.chip_id,
        execution_id=result.execution_id,
        task_id=result.task_id,
        data={"name": result.name, "qid": result.qid, "message": result.message, "verdict": result.verdict},
    )
