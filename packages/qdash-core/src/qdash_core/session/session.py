"""Run session: assemble the parts of a session, run its plans, and end it in the right order."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from qdash_core.attempts.executor import TaskExecutor
from qdash_core.attempts.history_recorder import TaskHistoryRecorder
from qdash_core.attempts.journal import Journal, TaskContext
from qdash_core.attempts.measurement import MeasurementSetup
from qdash_core.attempts.recent_results import RecentResults
from qdash_core.attempts.result_processor import ResultProcessor
from qdash_core.attempts.state_manager import ResultOrigin, TaskStateManager
from qdash_core.attempts.task_attempt import Watchdog
from qdash_core.errors import IllegalTransitionError, LockedError, QDashError, TaskStuckError
from qdash_core.models.execution import EndReason, ExecutionStatus
from qdash_core.process.interrupts import raise_pending
from qdash_core.record.loaded_note import find_loaded_note
from qdash_core.record.run_attempts import sum_lab_seconds
from qdash_core.repositories.executions import CalibrationNoteRepository
from qdash_core.repositories.repositories import Repositories
from qdash_core.repositories.retry import StoreRetry
from qdash_core.scheduling.durations import read_durations
from qdash_core.session.connection import BackendConnection
from qdash_core.session.dispatch.dispatcher import Dispatcher
from qdash_core.session.dispatch.plans import make_stage
from qdash_core.session.running_flow import get_current_flow
from qdash_core.session.scoped_chip import ScopedChip
from qdash_core.session.session_writer import CouplingDirections, SessionWriter
from qdash_core.tasks.base import ChipView
from qdash_core.tasks.inputs import Inputs, LatestValues
from qdash_core.tasks.starting_values import StartingValues

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_core.attempts.note_storage import MergeNote
    from qdash_core.chips.chip import Chip
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.scheduling.durations import ExpectedDurations
    from qdash_core.session.dispatch.plans import Plan
    from qdash_core.session.run_spec import RunRecord, RunResources, RunSpec, Supervision
    from qdash_core.tasks.base import BaseTask

logger = logging.getLogger(__name__)


class RunSession:
    """Running session of an execution, with its checked request, instrument lock and deliveries, which end with the session."""

    def __init__(
        self,
        runtime: Runtime,
        spec: RunSpec,
        record: RunRecord,
        resources: RunResources,
        supervision: Supervision,
    ) -> None:
        self.runtime, self.chip, self.backend = runtime, spec.chip, spec.backend
        self.execution, self.catalogue, self.claim = record.execution, spec.catalogue, spec.claim
        self._resources = resources
        self._stop = supervision.stop
        self._ending = threading.RLock()
        self._ended: ExecutionModel | None = None
        self._logged_replacements: set[str] = set()
        self.with_retry = StoreRetry(
            runtime.settings.store_patience_s,
            cancelled=self._stop.event,
            advice=f"when it is back, `qdash executions resume {self.execution.id_with_options}` goes on",
        )
        self._connection = BackendConnection(self.backend)
        view = ChipView(self.chip.header.chip_id, self.backend.name, self.chip.topology)
        self.context = TaskContext(self.execution.execution_id, view)
        self._simulated, self._repeated = spec.simulated, spec.repeated
        self._scoped: ScopedChip | None = None
        if spec.simulated or spec.config.scope is not None or not spec.config.saved:
            self._scoped = ScopedChip(self.context.task_result, record.contents, runtime.status_rules)
            self.chip = self._scoped.apply_to_chip(self.chip)
        self._merge_note: MergeNote | None = None
        if self.claim.resources:
            self._merge_note = partial(self.backend.merge_note, targets=self.claim.targets)
        self.writer = SessionWriter(
            runtime, self.execution, self.with_retry, scoped=self._scoped, merge_note=self._merge_note
        )
        self._directions = CouplingDirections(
            self.chip.couplings,
            self.writer.set_directions,
            earlier=record.earlier if self._scoped is None else (),
        )
        self._journal = self._make_journal(spec, record)
        request = self.execution.request
        self._dispatcher = Dispatcher(
            self._make_executor(spec),
            self._read_durations,
            supervision,
            repeats=spec.config.repeat and (request is None or request.repeat),
        )

    def _make_journal(self, spec: RunSpec, record: RunRecord) -> Journal:
        execution, runtime = record.execution, self.runtime
        origin = ResultOrigin(
            project_id=execution.project_id,
            username=spec.config.username,
            chip_id=execution.chip_id,
            execution_id=execution.execution_id,
            backend=self.backend.name,
            tags=execution.tags,
            saved=self._scoped is None,
            simulated=spec.simulated,
            scope=spec.config.scope,
            rerun_of=spec.config.rerun_of,
        )
        states = TaskStateManager(origin, earlier=record.earlier)
        recorder = TaskHistoryRecorder(
            runtime.store,
            runtime.zone,
            status_rules=runtime.status_rules.for_run(),
            hold=self._resources.lock.hold,
            retry=self.with_retry,
            merge_note=self._merge_note,
            strip=states.strip_to_failure,
            observe=partial(runtime.participants.tell, "qdash_after_task", "result"),
        )
        return Journal(states, recorder, runtime.artifacts, self.context)

    def _make_executor(self, spec: RunSpec) -> TaskExecutor:
        runtime, execution, states = self.runtime, self.execution, self._journal.states
        change = None if self._scoped is None else self._scoped.apply
        values = LatestValues(
            runtime.store, execution.project_id, execution.chip_id, retry=self.with_retry, change=change
        )
        quantities, units = runtime.registry.quantities(), runtime.registry.units()
        history = RecentResults(runtime.store, self.chip.header.installed_at, retry=self.with_retry)
        starting = StartingValues(runtime.store, runtime.judge, execution.project_id, execution.chip_id)
        return TaskExecutor(
            MeasurementSetup(
                self.backend,
                self.context.chip,
                sum_lab_seconds(execution),
                spec.design,
                is_starting=starting.contains,
            ),
            values,
            Inputs(values, self.catalogue.makers(), self._directions.controls, spec.repeated, units),
            self._journal,
            ResultProcessor(
                runtime.registry.validators(),
                states,
                history,
                quantities=quantities,
                topology=self.chip.topology,
            ),
            Watchdog(states, self._stop.event, runtime.settings.cancel_grace_s, self._end_stuck),
            partial(runtime.participants.call, "qdash_before_task", "result"),
        )

    def connect(self) -> None:
        """Connect the backend and load the latest calibration note, or that of the original of a rerun.

        Store today's copy of the chip's header.
        """
        self.writer.record_day()
        if self._simulated:
            self._connection.open(lambda: None)  # the note is that of the real instruments
            return
        repositories, execution = self.runtime.repositories, self.execution
        read_note = (
            partial(
                repositories.of(CalibrationNoteRepository).get_latest, execution.project_id, execution.chip_id
            )
            if self._repeated is None
            else partial(find_loaded_note, repositories, self._repeated)
        )
        self._connection.open(partial(self.with_retry, read_note))

    def run(self, plan: Plan) -> list[TaskResultModel]:
        """Run a plan and return its results. Task definitions and scheduled results are written first."""
        self._log_replacements([planned.task for planned in plan.tasks])
        self.writer.define([planned.task for planned in plan.tasks])
        # The second occurrence of a task on a target gets its row after the first has ended.
        nodes = dict.fromkeys(
            (planned.task, qid) for group in plan.groups for planned in plan.tasks for qid in group
        )
        if plan.conflicts is not None or len(plan.targets) > 1:
            self.writer.record_stage(make_stage(plan))
        scheduled = self._journal.states.schedule(nodes)
        self._directions.apply(result.qid for result in scheduled)
        if len(scheduled) > 1:
            self._journal.recorder.record_state(scheduled)
        return self._dispatcher.run(plan)

    def _log_replacements(self, tasks: Sequence[type[BaseTask]]) -> None:
        """Log each task that replaces another one on the backend, once."""
        for task in tasks:
            for replacement in self.catalogue.list_replacements(task):
                if replacement.called not in self._logged_replacements:
                    self._logged_replacements.add(replacement.called)
                    logger.info("%s", replacement.describe())

    def _read_durations(self, plan: Plan) -> ExpectedDurations:
        """Return the expected durations of the tasks of a plan on the targets of the chip."""

        def look() -> ExpectedDurations:
            with self.runtime.store.read() as snapshot:
                where = self.execution.project_id, self.execution.chip_id
                return read_durations(Repositories(snapshot), *where, plan.run_parameters)

        return self.with_retry(look)

    def read_chip(self) -> Chip:
        """Return the chip as the tasks of this session see it now."""
        show = partial(self.runtime.chip_record.show, self.execution.project_id, self.execution.chip_id)
        chip = self.with_retry(show)
        return chip if self._scoped is None else self._scoped.apply_to_chip(chip)

    def set_directions(self, controls: Mapping[str, str]) -> None:
        """Set the controlling qubit of each of these couplings, for the chip and for the tasks that follow."""
        self._directions.choose(controls)

    def end(self, status: ExecutionStatus, message: str) -> ExecutionModel:
        """Disconnect, record unfinished results as cancelled, end the execution, and release the instrument lock.

        An execution that was ended from outside, or whose lock is lost, stays as it is. If recording fails, the lock is
        released all the same, and the next run ends the execution. A second call returns the result of the first.
        """
        with suppress(KeyboardInterrupt):
            raise_pending()  # this end handles the interrupt
        try:
            with self._ending:
                if self._ended is None:
                    self._ended = self._end(status, message)
                return self._ended
        finally:
            self._resources.deliveries.end()
            self.runtime.participants.finish()

    def _end(self, status: ExecutionStatus, message: str, *, backend_is_busy: bool = False) -> ExecutionModel:
        self._resources.lock.stop_watching()
        abandoned = get_current_flow().abandoned
        reason = EndReason.STUCK if backend_is_busy else None
        if status is not ExecutionStatus.COMPLETED and abandoned is not None:
            status, message, reason = ExecutionStatus.FAILED, abandoned, EndReason.INTERRUPTED
        elif status is ExecutionStatus.FAILED and self._stop.cancelled is not None:
            status, message = ExecutionStatus.CANCELLED, self._stop.cancelled
        try:
            lab_seconds = self._connection.lab_seconds
            if status is ExecutionStatus.COMPLETED:
                self._directions.apply()
            if not backend_is_busy:
                self._connection.close(self.writer.keep_last_note)
            self._journal.end_unfinished(message or "the session ended before it ran")
            self.writer.record_day()
            end = partial(
                self.runtime.record.end,
                self.execution,
                status,
                message,
                reason=reason,
                lab_seconds=lab_seconds,
            )
            ended = self.with_retry(end)
        except (LockedError, IllegalTransitionError) as error:
            ended = self.runtime.record.show(self.execution.project_id, self.execution.execution_id)[0]
            logger.warning(
                "execution %s is left as it was found, %s: %s", ended.execution_id, ended.status, error
            )
        finally:
            self._resources.lock.release(retry=self.with_retry)
        return ended

    def _end_stuck(self, reason: str) -> None:
        """End the run as failed because a task does not stop, from the thread that watches it. The backend stays connected."""
        message = f"{reason}: `qdash executions resume {self.execution.id_with_options}` resumes the run"
        stuck = TaskStuckError(message)
        self._stop.fail(stuck)
        try:
            with self._ending:
                if self._ended is None:
                    self._ended = self._end(ExecutionStatus.FAILED, message, backend_is_busy=True)
        except QDashError as error:
            logger.error("the end of the run could not be recorded: %s", error)  # noqa: TRY400  one line
        finally:
            self._resources.deliveries.end()
            get_current_flow().stuck(stuck)

    def end_unfinished(self, message: str) -> None:
        """Record every unfinished result as cancelled."""
        self._journal.end_unfinished(message)
