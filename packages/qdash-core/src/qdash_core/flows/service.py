"""CalibService: the interface for authors of flows."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash_core.errors import InvalidInputError
from qdash_core.flows.exclusions import describe_exclusions, describe_skipped_tasks
from qdash_core.flows.run import LiveRun
from qdash_core.flows.run_checks import check_run
from qdash_core.flows.strategy_choice import StrategyChooser
from qdash_core.models.execution import ExecutionModel
from qdash_core.models.strategies import StrategySelection
from qdash_core.process.interrupts import defer_interrupts, raise_pending
from qdash_core.record.config import CalibConfig
from qdash_core.repositories.retry import StoreRetry
from qdash_core.runtime.runtime import Runtime
from qdash_core.scheduling.claims import WHOLE_INSTRUMENT
from qdash_core.session.dispatch.plans import plan_task
from qdash_core.session.running_flow import get_current_flow, take_requested_options
from qdash_core.tasks.overrides import find_unused_overrides

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from qdash_core.flows.run_checks import CheckedRun
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks.flows import Step
    from qdash_core.models.estimates import Parameter
    from qdash_core.models.progress import Progress
    from qdash_core.scheduling.claims import RunClaim
    from qdash_core.session.dispatch.plans import PlannedTask
    from qdash_core.session.orchestrator import CalibOrchestrator
    from qdash_core.tasks.base import BaseTask

logger = logging.getLogger(__name__)


class CalibService:
    """One execution, composed of steps.

    The session starts with the first `run` and ends with `finish_calibration`, `fail_calibration` or
    `cancel_calibration`.

    Parameters
    ----------
    qids : sequence of str or None
        Qubits that may be measured, or None for any.
    project_id : str or None
        Project, or None for the user's default project.
    tags : sequence of str
        Stored with the execution and its results.
    default_run_parameters : mapping
        Overrides for all tasks (`{"shots": 2048}`) and for one (`{"CheckT1": {"time_range": [...]}}`).
    inputs : mapping of str to Parameter
        Inputs that replace the chip's values in all tasks that read them: by declared name, or by the name of the chip's parameter.
        A number without a unit is in that of the quantity.
    backend_name : str or None
        Backend, or None for the chip's own.
    saved : bool
        Whether accepted values become the chip's, or those of the value scope.
    scope : str or None
        Value scope whose values are read before the chip's and written instead of them, or None for that of the request.
    repeat : bool
        Whether a result that is flagged only because it is far from the last value is measured once more.
    rerun_of : str or None
        Result to rerun: its recorded inputs replace the latest values. Or None.
    scheduling : StrategySelection or None
        Scheduling strategies and limits, which win over those of the steps, or None for those of the request.
    shares_instrument : bool
        Whether the session locks only the parts of the instrument that its first `run` uses, if the backend allows it. Tasks outside
        them are refused.
    execution_id : str or None
        `YYYYMMDD-NNN`, or None for the next free id.
    ignore_unused_parameters : bool
        Whether run parameters that no task of the run uses are ignored.
    qdash : Runtime or None
        Open runtime, or None to open one from the settings and close it at the end.
    progress : Progress or None
        Receives every plan and result.
    """

    def __init__(
        self,
        username: str,
        chip_id: str,
        qids: Sequence[str] | None = None,
        project_id: str | None = None,
        flow_name: str | None = None,
        tags: Sequence[str] = (),
        default_run_parameters: Mapping[str, Any] | None = None,
        *,
        inputs: Mapping[str, Parameter] | None = None,
        backend_name: str | None = None,
        saved: bool = True,
        scope: str | None = None,
        repeat: bool = True,
        rerun_of: str | None = None,
        scheduling: StrategySelection | None = None,
        shares_instrument: bool = False,
        execution_id: str | None = None,
        note: Mapping[str, Any] | None = None,
        ignore_unused_parameters: bool = False,
        qdash: Runtime | None = None,
        progress: Progress | None = None,
    ) -> None:
        config = CalibConfig(
            username=username,
            chip_id=chip_id,
            qids=tuple(qids or ()),
            project_id=project_id,
            backend_name=backend_name,
            name=flow_name or "calibration",
            tags=tuple(tags),
            run_parameters=default_run_parameters or {},
            inputs=inputs or {},
            ignore_unused_parameters=ignore_unused_parameters,
            execution_id=execution_id,
            note=note or {},
            saved=saved,
            scope=scope,
            repeat=repeat,
            rerun_of=rerun_of,
            scheduling=scheduling or StrategySelection(),
        )
        self._config = take_requested_options(config)
        self._shares_instrument = shares_instrument
        self._given = qdash
        self._runtime = qdash
        self._progress = progress
        self._orchestrator: CalibOrchestrator | None = None

    @property
    def execution(self) -> ExecutionModel:
        """Record of the session, which exists after the first `run`; in a preview of the flow one that is not stored."""
        if self._orchestrator is None and get_current_flow().previewing:
            config = self._config
            return ExecutionModel(
                project_id=config.project_id or "",
                username=config.username,
                name=config.name,
                execution_id="",
                chip_id=config.chip_id,
            )
        if self._orchestrator is None:
            raise InvalidInputError("the calibration has not begun: call run() first")
        return self._orchestrator.execution

    @property
    def begun(self) -> bool:
        """True if there is a session to be ended."""
        return self._orchestrator is not None and self._orchestrator.begun

    @property
    def config(self) -> CalibConfig:
        """Configuration of the session."""
        return self._config

    @contextmanager
    def open_runtime(self) -> Iterator[Runtime]:
        """Open a block with the runtime in use, or with one that is closed after the block unless a session started in it."""
        in_use = self._runtime is not None
        try:
            yield self._open_runtime()
        finally:
            if not in_use:
                self._close_unless_begun()

    def request_cancel(self) -> None:
        """Signal the running tasks that the calibration is being cancelled."""
        if self._orchestrator is not None:
            self._orchestrator.request_cancel()

    def run(self, targets: Targets, steps: Sequence[Step]) -> None:
        """Run steps in order on targets. This method may be called again, for other targets or steps.

        If the flow is called for a preview, the run is only previewed.

        Raises
        ------
        NotFoundError, InvalidInputError
            If a task, target or run parameter is invalid, or a plugin refuses the run (`qdash_run_planned`). Nothing was run.
        MissingInputError
            If no target has the inputs of its tasks. Nothing was run.
        LockedError, BackendError
            If another run holds the instrument lock, or the backend does not connect.
        CancelledError
            If the execution of this notebook or script was cancelled elsewhere: it has ended.
        KeyboardInterrupt
            If the run is being cancelled otherwise: call `cancel_calibration` then.
        """
        flow = get_current_flow()
        if flow.preview is not None:
            flow.preview(self, targets, steps)
            return
        if self._orchestrator is not None:
            self._orchestrator.raise_if_cancelled()
        with defer_interrupts(self.request_cancel):
            runtime = self._open_runtime()
            try:
                checked = self._with_retry(partial(self.check, targets, steps))
                runtime.participants.refuse_run(checked.plan)
            except BaseException:
                self._close_unless_begun()
                raise
            claim = checked.claim if self._shares_instrument else WHOLE_INSTRUMENT
            orchestrator = self.begin(claim, tasks=checked.tasks)
            if checked.tasks_left_out:
                logger.warning("not run: %s", describe_skipped_tasks(checked.tasks_left_out))
            run = LiveRun(
                runtime,
                orchestrator,
                checked.targets,
                checked.left_out,
                chooser=checked.chooser,
                constraints=checked.constraints,
            )
            with orchestrator.in_use():
                for step in checked.steps:
                    step.apply(run)
                raise_pending()

    def begin(
        self, claim: RunClaim = WHOLE_INSTRUMENT, *, tasks: Collection[type[BaseTask]] | None = None
    ) -> CalibOrchestrator:
        """Start the session if it has not started, without a step.

        Parameters
        ----------
        claim : RunClaim
            Parts of the instrument to lock, by default all of it.
        tasks : collection of type of BaseTask, or None
            Tasks of the session, or None for any that the backend offers. A warning names the run parameters that none of them uses.

        Raises
        ------
        NotFoundError, InvalidInputError
            If the chip, backend or a qubit is wrong.
        LockedError, BackendError
            If another run holds the instrument lock, or the backend does not connect.
        """
        if self._orchestrator is None:
            try:
                from qdash_core.session.orchestrator import CalibOrchestrator  # a preview needs no session

                orchestrator = CalibOrchestrator(self._config, self._open_runtime(), progress=self._progress)
                self._orchestrator = orchestrator
                orchestrator.initialize(claim=claim)
                self._warn_of_unused_parameters(
                    orchestrator.catalogue.offered.values() if tasks is None else tasks
                )
            except BaseException:
                if not self.begun:
                    self._orchestrator = None
                self._close_unless_begun()
                raise
        return self._orchestrator

    def _warn_of_unused_parameters(self, tasks: Collection[type[BaseTask]]) -> None:
        unused = find_unused_overrides(tasks, self._config.run_parameters)
        if unused and self._config.ignore_unused_parameters:
            logger.warning("run parameters that no task uses are ignored: %s", ", ".join(unused))

    def plan_task(
        self,
        name: str,
        parameters: Mapping[str, object] | None = None,
        inputs: Mapping[str, Parameter] | None = None,
    ) -> PlannedTask:
        """Return a task with its run parameters and given inputs, as `CalibOrchestrator.plan_task`. The session need not have started."""
        if self._orchestrator is not None:
            return self._orchestrator.plan_task(name, parameters, inputs)
        with self.open_runtime() as runtime:
            config = self._config
            project_id = runtime.access(config.username, config.project_id).project_id
            catalogue = runtime.get_catalogue(project_id, config.chip_id, backend_name=config.backend_name)
            quantities = runtime.registry.quantities()
            return plan_task(catalogue.task(name), config, parameters, inputs, quantities=quantities)

    def open_live_run(self, targets: Sequence[str]) -> LiveRun:
        """Return a live run on these targets, for steps that are applied by hand. The session starts if it has not. Errors: see `begin`."""
        orchestrator = self.begin()
        runtime, where = self._open_runtime(), (orchestrator.execution.project_id, self._config.chip_id)
        constraints = runtime.get_constraints(*where, backend_name=self._config.backend_name)
        chooser = StrategyChooser(runtime.registry, self._config.scheduling)
        return LiveRun(runtime, orchestrator, targets, chooser=chooser, constraints=constraints)

    def check(self, targets: Targets, steps: Sequence[Step]) -> CheckedRun:
        """Raise the errors of `run` that are known before its start. Nothing is written."""
        return check_run(self._open_runtime(), self._config, targets, steps)

    def finish_calibration(self) -> ExecutionModel:
        """End the execution. It is recorded as failed if no task completed or the flow left no target.

        Raises
        ------
        CancelledError
            If the execution of this notebook or script was cancelled elsewhere before.
        """
        if get_current_flow().previewing:
            return self.execution
        ended = self._end(_has_completed)
        if ended is None:
            raise InvalidInputError("the calibration has not begun: call run() first")
        return ended

    def fail_calibration(self, message: str) -> ExecutionModel | None:
        """End the execution as failed; return None if none has started."""
        return self._end(lambda orchestrator: orchestrator.fail(message))

    def cancel_calibration(self) -> ExecutionModel | None:
        """End the execution as cancelled; return None if none has started."""
        return self._end(lambda orchestrator: orchestrator.cancel())

    def _end(self, how: Callable[[CalibOrchestrator], ExecutionModel]) -> ExecutionModel | None:
        if self._orchestrator is None:
            return None
        with defer_interrupts(self.request_cancel):
            try:
                return how(self._orchestrator)
            finally:
                self._orchestrator = None
                self._close_unless_begun()

    @property
    def _with_retry(self) -> StoreRetry:
        if self._orchestrator is not None:
            return self._orchestrator.with_retry
        return StoreRetry(self._open_runtime().settings.store_patience_s)

    def _open_runtime(self) -> Runtime:
        if self._runtime is None:
            self._runtime = Runtime.open_for(self._config.username, self._config.project_id)
        return self._runtime

    def _close_unless_begun(self) -> None:
        """Close resources that were opened here if no session needs them."""
        if self._given is None and self._runtime is not None and self._orchestrator is None:
            self._runtime.close()
            self._runtime = None


def _has_completed(orchestrator: CalibOrchestrator) -> ExecutionModel:
    if orchestrator.is_cancelled:
        return orchestrator.complete()
    if orchestrator.task_context.task_result.is_empty:
        left_out = orchestrator.left_out
        why = f": {describe_exclusions(left_out, briefly=True)}" if left_out else ""
        return orchestrator.fail(f"nothing was measured, no target was left{why}")
    return orchestrator.complete()
