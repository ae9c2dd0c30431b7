"""Task history recorder: write results to the store, each with its consequences in one transaction."""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from qdash_core.attempts.note_storage import store_note
from qdash_core.errors import ConflictError, IllegalTransitionError, InvalidInputError
from qdash_core.models.execution import CalibrationNoteModel, EventModel
from qdash_core.models.task import LatestResultModel, TaskResultModel, TaskStatus, Verdict
from qdash_core.models.times import format_day
from qdash_core.models.value_change import ValueEventKind
from qdash_core.process.clock import utc_now
from qdash_core.repositories.chips import (
    ChipRepository,
    CouplingCalibrationRepository,
    QubitCalibrationRepository,
)
from qdash_core.repositories.executions import EventRepository, ExecutionLockRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.results import LatestResultRepository, TaskResultHistoryRepository
from qdash_core.repositories.retry import StoreRetry
from qdash_core.tasks.failures import describe_failure
from qdash_core.tasks.run_parameters import digest_run_parameters
from qdash_core.values.accepted_values import is_later
from qdash_core.values.evidence import collect_evidence, is_evidence
from qdash_core.values.target_status import StatusRules, reassess_target, record_evidence
from qdash_core.values.writer import EventOrigin, TargetEdit, write_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.attempts.note_storage import MergeNote
    from qdash_core.models.chip import ChipModel, CouplingModel, ParameterModel, QubitModel
    from qdash_core.models.process_marks import LockHold
    from qdash_core.models.value_change import ValueChangeModel
    from qdash_core.repositories.store import Store

_MAX_DURATIONS = 8
"""Largest number of sets of run parameters whose durations are kept for a task on a target."""
_NOT_STORABLE = (InvalidInputError, ValueError, TypeError)
"""Errors of a store for a value that it cannot hold, which must not end a run."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ended:
    """Finished results that are recorded together, each with the calibration note after it, or None."""

    results_and_notes: Sequence[tuple[TaskResultModel, dict[str, Any] | None]]


@dataclass(slots=True)
class ChipReads:
    """Present state of a chip in a transaction that records results.

    Parameters
    ----------
    chip : ChipModel or None
        Header of the chip, or None if it was deleted.
    qubits : dict of str to QubitModel
        Qubits that were read and have not been changed since; others are read when they are needed.
    last_event : ValueChangeModel or None
        Part of the last value event of the project, if the transaction wrote it.
    """

    chip: ChipModel | None
    qubits: dict[str, QubitModel] = field(default_factory=dict)
    last_event: ValueChangeModel | None = None


class TaskHistoryRecorder:
    """Writer of the results of one execution. A call may be repeated if the answer of the store was lost.

    `status_rules` is None if no metric is essential, `hold` if the run needs no instrument lock, and `retry` to fail
    at once while the store is away. `strip` reduces a result that no store can hold to a failure with the reason, or
    is None to raise. `observe` is called with each finished result after its commit.
    """

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        *,
        status_rules: StatusRules | None = None,
        hold: LockHold | None = None,
        retry: StoreRetry | None = None,
        merge_note: MergeNote | None = None,
        strip: Callable[[TaskResultModel, str], None] | None = None,
        observe: Callable[[TaskResultModel], None] = lambda _: None,
    ) -> None:
        self._status_rules = status_rules or StatusRules()
        self._store = store
        self._with_retry = retry or StoreRetry(0.0)
        self._zone = zone
        self._hold, self._merge_note, self._strip, self._observe = hold, merge_note, strip, observe
        self._written: dict[str, TaskStatus] = {}
        self._last_note: dict[str, Any] | None = None
        self._waiting: list[_Ended] = []
        self._recording = threading.Lock()
        """Held by the thread that records the results of all that wait."""

    def record_state(self, results: Sequence[TaskResultModel]) -> None:
        """Write scheduled or started results in one transaction.

        A power cut may undo it: no measurement is lost then.
        """
        self._with_retry(partial(self._write_state, results))
        self._remember(results)

    def record_outcome(self, *results: TaskResultModel, notes: Sequence[dict[str, Any] | None] = ()) -> None:
        """Write finished results with their consequences in one transaction, durable on return.

        These are the result, the newest result of its task and target, the accepted values, the day's copy of the
        target, the calibration note if it has changed, and the event. `notes` has the note after each result, or is
        empty. Results of several threads share a transaction. If it is refused, each result has its own, so that one
        does not affect the others.
        """
        ended = _Ended(tuple(zip_longest(results, notes)))
        self._waiting.append(ended)
        with self._recording:
            if ended in self._waiting:  # no other thread has recorded it meanwhile
                recorded: Sequence[_Ended] = [ended]
                try:
                    recorded = self._record(ended)
                finally:
                    for one in recorded:
                        self._waiting.remove(one)
        for result in results:
            self._observe(result)

    def _record(self, ended: _Ended) -> Sequence[_Ended]:
        """Record results with those of all threads that wait, or alone and each by itself; return all recorded ones."""
        together = [*self._waiting]
        try:
            self._record_together([pair for one in together for pair in one.results_and_notes])
        except (ConflictError, IllegalTransitionError, *_NOT_STORABLE):
            for result, note in ended.results_and_notes:
                self._record_one(result, note)
            return [ended]
        return together

    def _record_one(self, result: TaskResultModel, note: dict[str, Any] | None) -> None:
        try:
            self._record_together([(result, note)])
        except _NOT_STORABLE as error:
            if self._strip is None:
                raise
            self._strip(result, f"the result could not be kept: {describe_failure(error)}")
            self._record_together([(result, None)])

    def _record_together(self, ended: Sequence[tuple[TaskResultModel, dict[str, Any] | None]]) -> None:
        self._last_note = self._with_retry(partial(self._write_outcome, ended))
        self._remember([result for result, _ in ended])

    def is_unfinished(self, result: TaskResultModel) -> bool:
        """Return whether the stored state of this result is not final, whatever its state in memory."""
        return result.task_id in self._written

    def _write_state(self, results: Sequence[TaskResultModel]) -> None:
        with self._store.transaction(durable=False) as transaction:
            repositories = Repositories(transaction)
            self._require_lock(repositories)
            chips = repositories.of(ChipRepository)
            _put_cooldown(results, chips.get_current_cooldown(results[0].project_id, results[0].chip_id))
            new = [result for result in results if result.task_id not in self._written]
            with suppress(ConflictError):  # of an earlier call whose answer was lost, see `_write`
                repositories.of(TaskResultHistoryRepository).add(*new)
                results = [result for result in results if result.task_id in self._written]
            for result in results:
                self._write(repositories, result)

    def _write_outcome(
        self, ended: Sequence[tuple[TaskResultModel, dict[str, Any] | None]]
    ) -> dict[str, Any] | None:
        """Write results with the notes after them, and return the last note."""
        results, last_note = [result for result, _ in ended], self._last_note
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            self._require_lock(repositories)
            reads = _read_chip(repositories, results)
            _put_cooldown(results, None if reads.chip is None else reads.chip.current_cooldown_id)
            for result, note in ended:
                if self._write(repositories, result):
                    record_consequences(repositories, result, reads, self._status_rules, zone=self._zone)
                    if note is not None and note != last_note and result.saved:
                        store_note(repositories, _note_of(result, note), self._merge_note)
                last_note = last_note if note is None else note
        return last_note

    def _require_lock(self, repositories: Repositories) -> None:
        if self._hold is not None:
            repositories.of(ExecutionLockRepository).require(self._hold)

    def _write(self, repositories: Repositories, result: TaskResultModel) -> bool:
        """Write a result and return True, or return False if an earlier call, whose answer was lost, has written it."""
        was = self._written.get(result.task_id)
        try:
            if was is None:
                repositories.of(TaskResultHistoryRepository).add(result)
            else:
                repositories.of(TaskResultHistoryRepository).replace(result, was=was)
        except (ConflictError, IllegalTransitionError):
            found = repositories.of(TaskResultHistoryRepository).find(result.project_id, result.task_id)
            if found is None or _stamp(found) != _stamp(result):
                raise
            return False
        return True

    def _remember(self, results: Sequence[TaskResultModel]) -> None:
        for result in results:
            if result.status.terminal:
                self._written.pop(result.task_id, None)
            else:
                self._written[result.task_id] = result.status


def _read_chip(repositories: Repositories, results: Sequence[TaskResultModel]) -> ChipReads:
    place = results[0].project_id, results[0].chip_id
    qids = [result.qid for result in results if result.task_type == "qubit"]
    together = qids if len(qids) > 1 else ()
    qubits = repositories.of(QubitCalibrationRepository).list_by_ids(*place, together)
    return ChipReads(repositories.of(ChipRepository).find(*place), {one.qid: one for one in qubits})


def record_consequences(
    repositories: Repositories,
    result: TaskResultModel,
    reads: ChipReads,
    rules: StatusRules,
    *,
    zone: ZoneInfo,
) -> None:
    """Write the consequences of a finished result in the transaction of its recorder.

    These are the newest result of its task and target, the accepted values and the status with the day's copy of the
    target, and the event. `reads` is updated. `zone` is the time zone of the daily history.
    """
    record_as_newest(repositories, result)
    if not result.saved or result.task_type not in ("qubit", "coupling"):
        return
    assert result.end_at is not None
    today = format_day(result.end_at, zone)
    target: QubitModel | CouplingModel | None = reads.qubits.pop(result.qid, None)
    if result.accepted:
        target = _accept(repositories, result, reads, target, today)
    _assess(repositories, result, reads.chip, target, rules, today)


def _assess(
    repositories: Repositories,
    result: TaskResultModel,
    chip: ChipModel | None,
    target: QubitModel | CouplingModel | None,
    rules: StatusRules,
    today: str,
) -> None:
    """Store the outcome of a result with its target, and the status that follows. `target` is None if it was not read yet."""
    measured = result.refit_of is None
    if measured and not is_evidence(result):
        return
    header = chip or repositories.of(ChipRepository).require(result.project_id, result.chip_id)
    about = repositories, header, result.qid
    now = utc_now()
    if measured:
        record_evidence(*about, collect_evidence(result), rules, target=target, today=today, now=now)
    else:
        reassess_target(*about, result.output_parameter_names, rules, today=today, now=now)


def record_as_newest(repositories: Repositories, result: TaskResultModel) -> None:
    """Write the event of a finished result, and make it the newest of its task and target if it is."""
    if result.saved and _is_newest(repositories, result):
        repositories.of(LatestResultRepository).put(_find_latest(repositories, result))
    repositories.of(EventRepository).append(make_task_event(result))


def select_new_values(
    known: QubitModel | CouplingModel, result: TaskResultModel, *, now: datetime
) -> dict[str, ParameterModel]:
    """Return the values of an accepted result that become those of its target.

    A user may have set a value since, or a refit's measurement may be old; an imported time in the future blocks nothing.
    """
    return {
        name: found
        for name, found in result.output_parameters.items()
        if not is_later(known.data.get(name), found, until=now)
    }


def _accept(
    repositories: Repositories,
    result: TaskResultModel,
    reads: ChipReads,
    target: QubitModel | CouplingModel | None,
    today: str,
) -> QubitModel | CouplingModel:
    """Store the values of an accepted result with its target, and return the target. `target` is None if it was not read yet."""
    where = (result.project_id, result.chip_id, result.qid)
    targets: QubitCalibrationRepository | CouplingCalibrationRepository
    targets = (
        repositories.of(CouplingCalibrationRepository)
        if result.task_type == "coupling"
        else repositories.of(QubitCalibrationRepository)
    )
    known, now = target or targets.require(*where), utc_now()
    values = select_new_values(known, result, now=now)
    analysed = result.analysis_model is not None
    origin = EventOrigin(
        ValueEventKind.ANALYSED if analysed else ValueEventKind.CALIBRATED,
        result.username,
        "; ".join(filter(None, (result.analysis_model, *result.reasons))),
        execution_id=result.execution_id,
        task_id=result.task_id,
    )
    event = write_event(
        repositories,
        result.project_id,
        result.chip_id,
        origin,
        [TargetEdit(result.qid, values)],
        today=today,
        cooldown_id=None if reads.chip is None else reads.chip.current_cooldown_id,
        now=now,
        targets=[known],
        last=reads.last_event,
    )
    if event is None:
        return known
    reads.last_event = event.head
    return event.targets.get(known.qid, known)


def _put_cooldown(results: Sequence[TaskResultModel], cooldown_id: str | None) -> None:
    """Set the chip's present cool-down on the results but for refits: it may change during a run."""
    for result in results:
        if result.refit_of is None:
            result.cooldown_id = cooldown_id


def _stamp(result: TaskResultModel) -> tuple[object, ...]:
    """Return the fields that distinguish two writers of one result."""
    return result.execution_id, result.attempt, result.status, result.start_at, result.end_at


def _is_newest(repositories: Repositories, result: TaskResultModel) -> bool:
    """Return whether a finished result is the newest of its task and target; a refit is as old as its measurement."""
    if result.status not in (TaskStatus.COMPLETED, TaskStatus.FAILED):
        return False
    if result.refit_of is None:
        return True
    measured = repositories.of(TaskResultHistoryRepository).find(result.project_id, result.refit_of)
    latest = repositories.of(LatestResultRepository).find(
        result.project_id, result.chip_id, result.name, result.qid
    )
    if measured is None or measured.end_at is None or latest is None or latest.end_at <= measured.end_at:
        return True
    newest = repositories.of(TaskResultHistoryRepository).find(result.project_id, latest.task_id)
    return newest is not None and newest.refit_of == result.refit_of


def _find_latest(repositories: Repositories, result: TaskResultModel) -> LatestResultModel:
    assert result.end_at is not None
    flagged = None
    before = repositories.of(LatestResultRepository).find(
        result.project_id, result.chip_id, result.name, result.qid
    )
    durations_s = _collect_durations(before, result)
    if result.status is TaskStatus.FAILED:
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
        end_at=result.measurement.end_at or result.end_at,
        refitted_at=None if result.refit_of is None else result.end_at,
        refitted_by=None if result.refit_of is None else result.username,
        analysis_model=result.analysis_model,
        flagged_task_id=flagged,
        durations_s=durations_s,
        lab_s=None if before is None or durations_s else before.lab_s,
    )


def _collect_durations(before: LatestResultModel | None, result: TaskResultModel) -> dict[str, float]:
    """Return the last durations by the digest of the run parameters, with that of a completed measurement."""
    durations_s = {} if before is None else dict(before.durations_s)
    duration_s = result.elapsed_time if result.lab_s is None else result.lab_s
    if result.status is TaskStatus.FAILED or result.refit_of is not None or duration_s is None:
        return durations_s
    digest = digest_run_parameters(result.run_parameters)
    durations_s.pop(digest, None)
    durations_s[digest] = duration_s
    return dict(list(durations_s.items())[-_MAX_DURATIONS:])


def _note_of(result: TaskResultModel, note: dict[str, Any]) -> CalibrationNoteModel:
    return CalibrationNoteModel(
        project_id=result.project_id,
        username=result.username,
        chip_id=result.chip_id,
        execution_id=result.execution_id,
        task_id=result.task_id,
        note=note,
    )


def make_task_event(result: TaskResultModel) -> EventModel:
    """Return the event of a finished result."""
    return EventModel(
        project_id=result.project_id,
        kind=f"task.{result.status}",
        chip_id=result.chip_id,
        execution_id=result.execution_id,
        task_id=result.task_id,
        data={"name": result.name, "qid": result.qid, "message": result.message, "verdict": result.verdict},
    )
