"""CalibService with the arguments, attributes and methods that flows of the original use, and the current session."""

from __future__ import annotations

import logging
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from qdash.workflow.service.execution_id import generate_execution_id
from qdash.workflow.service.github import ConfigFileType, GitHubIntegration, GitHubPushConfig, pull, push
from qdash.workflow.service.modes import select_mode
from qdash.workflow.service.parameter_calls import ParameterCalls
from qdash.workflow.service.parameter_values import set_value
from qdash.workflow.service.pipeline_run import PipelineRun
from qdash.workflow.service.results import OneQubitResult, TwoQubitResult
from qdash.workflow.service.run_parameters import select_task_parameters, unwrap_run_parameters
from qdash.workflow.service.session_context import (
    clear_current_session,
    get_current_session,
    set_current_session,
)
from qdash.workflow.service.stage_results import NOTE, list_stage_results, make_stage_note
from qdash.workflow.service.task_results import (
    Estimate,
    get_metric_name,
    make_coupling_data,
    make_pair_id,
    make_qubit_data,
    make_task_result,
)
from qdash_core.errors import FlowError, InvalidInputError, QDashError
from qdash_core.flows import service
from qdash_core.flows.exclusions import find_set_aside
from qdash_core.flows.prefect import cancel_by_flow_run_id, is_cancellation, on_flow_cancellation
from qdash_core.interrupts import defer_interrupts, forbid_interrupts, raise_pending
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.strategies import StrategySelection, select_strategies
from qdash_core.models.targets import by_number, make_coupling_id, parse_coupling_id, parse_target_id
from qdash_core.models.task import TaskStatus
from qdash_core.record.run_attempts import make_interrupt
from qdash_core.scheduling.cr_scheduler import CouplingRules
from qdash_core.session.calling_flow_runs import adopt_flow_run_id

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash.workflow.service.steps.base import Step
    from qdash.workflow.service.targets import Target
    from qdash_core.attempts.journal import TaskContext
    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.chip import Chip
    from qdash_core.flows.run_preview import RunPreview
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks import flows
    from qdash_core.hooks.flows import StepRun
    from qdash_core.models.chip import ParameterModel
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.task import TaskResultModel
    from qdash_core.progress import Progress
    from qdash_core.runtime import Runtime

__all__ = [
    "CalibService",
    "_is_cancellation",
    "finish_calibration",
    "generate_execution_id",
    "get_session",
    "init_calibration",
    "on_flow_cancellation",
]

logger = logging.getLogger(__name__)

_is_cancellation = is_cancellation
"""The name under which flows import it."""


class CalibService:
    """Calibration session of a flow of the original.

    With `qids` it starts at once; otherwise with the first `run` or task. `run` also ends it.

    Parameters
    ----------
    username, chip_id, qids, execution_id, backend_name, tags, note, project_id
        As for `qdash_core.CalibService`.
    name, flow_name : str or None
        Name of the execution; `flow_name` wins.
    muxes : list of int or None
        Kept as an attribute for the flow.
    default_run_parameters : dict or None
        Run parameters as values, or in the original's form `{"value": .., "value_type": ..}`. Parameters that no task of the run has are
        ignored.
    enable_github_pull, enable_github, github_push_config
        Whether the configuration folder is pulled before and pushed after, if the settings name a git remote. Without one, a warning says
        so if `enable_github_pull` or a push is given. A failed pull or push is a warning.
    source_task_id : str or None
        Result whose recorded inputs are used again; the values of such a run do not become the chip's.
    parameter_overrides : dict or None
        Under `run`: run parameters of all tasks.
    persist_output_parameters : bool
        Whether accepted values become the chip's.
    use_lock, skip_execution, source_execution_id, force_update_params
        Accepted for flows of the original, without effect: a session always locks its instrument and has one execution, and accepted
        values are used at once.
    user_repo, lock_repo, counter_repo
        None: the store of the settings is used.
    qdash, progress
        As for `qdash_core.CalibService`.

    Raises
    ------
    InvalidInputError
        If a repository or an input parameter is given.
    """

    _is_cancellation = staticmethod(is_cancellation)
    _store_flow_run_id = staticmethod(adopt_flow_run_id)

    def __init__(
        self,
        username: str,
        chip_id: str,
        qids: list[str] | None = None,
        execution_id: str | None = None,
        backend_name: str | None = None,
        name: str | None = None,
        flow_name: str | None = None,
        tags: list[str] | None = None,
        use_lock: bool = True,
        note: dict[str, Any] | None = None,
        enable_github_pull: bool | None = None,
        enable_github: bool = True,
        github_push_config: GitHubPushConfig | None = None,
        muxes: list[int] | None = None,
        project_id: str | None = None,
        skip_execution: bool = False,
        default_run_parameters: dict[str, Any] | None = None,
        source_execution_id: str | None = None,
        parameter_overrides: dict[str, dict[str, Any]] | None = None,
        source_task_id: str | None = None,
        force_update_params: bool = False,  # noqa: ARG002
        persist_output_parameters: bool = True,
        *,
        user_repo: object | None = None,
        lock_repo: object | None = None,
        counter_repo: object | None = None,
        qdash: Runtime | None = None,
        progress: Progress | None = None,
    ) -> None:
        for argument, given in {
            "user_repo": user_repo,
            "lock_repo": lock_repo,
            "counter_repo": counter_repo,
        }.items():
            if given is not None:
                raise InvalidInputError(f"{argument}: a session uses the store of the settings; omit it")
        overrides = parameter_overrides or {}
        _refuse_inputs("parameter_overrides", overrides.get("input"))
        self.username, self.chip_id, self.qids, self.muxes = username, chip_id, qids, muxes
        self.flow_name, self.tags, self.note = flow_name or name, tags, note
        self.use_lock, self.skip_execution = use_lock, skip_execution
        self.source_execution_id = source_execution_id
        self.default_run_parameters = default_run_parameters or {}
        self.enable_github = enable_github
        self.github_push_config = github_push_config or GitHubPushConfig(
            enabled=enable_github, file_types=[ConfigFileType.CALIB_NOTE, ConfigFileType.ALL_PARAMS]
        )
        self._pulls = enable_github if enable_github_pull is None else enable_github_pull
        self._names_remote = bool(enable_github_pull) or (
            github_push_config is not None and github_push_config.enabled
        )
        self._has_asked_for_remote = False
        self._calibration = service.CalibService(
            username,
            chip_id,
            qids,
            project_id,
            self.flow_name,
            tags or (),
            {
                **unwrap_run_parameters(self.default_run_parameters),
                **unwrap_run_parameters(overrides.get("run") or {}),
            },
            backend_name=backend_name,
            saved=persist_output_parameters and source_task_id is None,
            rerun_of=source_task_id,
            execution_id=execution_id,
            note=note,
            ignore_unused_parameters=True,
            qdash=qdash,
            progress=progress,
        )
        self._ended: ExecutionModel | None = None
        self._run: StepRun | None = None
        self._scheduled: object = None
        self._calls: ParameterCalls | None = None
        if qids is not None:
            self._begin()

    # ------------------------------------------------------------------------------------------------ attributes

    @property
    def execution(self) -> ExecutionModel:
        """Record of the session, also after its end."""
        if self._ended is not None and not self._calibration.begun:
            return self._ended
        return self._calibration.execution

    @property
    def execution_service(self) -> ExecutionModel | None:
        """Record of the session, or None before its start."""
        return self.execution if self._calibration.begun or self._ended is not None else None

    @property
    def execution_id(self) -> str | None:
        """Id of the execution, or None before its start."""
        known = self.execution_service
        return self._calibration.config.execution_id if known is None else known.execution_id

    @property
    def github_integration(self) -> GitHubIntegration:
        """Pull and push for the execution."""
        return GitHubIntegration(self.username, self.chip_id, self.execution_id or "")

    @property
    def project_id(self) -> str:
        """Project of the session: the given one, or the user's default project."""
        if self._calibration.config.project_id is not None:
            return self._calibration.config.project_id
        with self._calibration.open_runtime() as runtime:
            return runtime.access(self.username).project_id

    @property
    def backend_name(self) -> str:
        """Name of the backend: the given one, or the chip's own."""
        return self._calibration.config.backend_name or self.read_chip().header.backend

    @property
    def task_context(self) -> TaskContext | None:
        """Finished results of the running session, or None."""
        return self._calibration.begin().task_context if self._calibration.begun else None

    @property
    def backend(self) -> BaseBackend | None:
        """Connected backend of the running session, or None."""
        return self._calibration.begin().backend if self._calibration.begun else None

    @property
    def begun(self) -> bool:
        """True if there is a session to be ended."""
        return self._calibration.begun

    def request_cancel(self) -> None:
        """Signal the running tasks that the calibration is being cancelled."""
        self._calibration.request_cancel()

    def read_chip(self) -> Chip:
        """Return the chip as the tasks of the session see it now."""
        if self._calibration.begun:
            return self._calibration.begin().read_chip()
        with self._calibration.open_runtime() as runtime:
            project_id = runtime.access(self.username, self._calibration.config.project_id).project_id
            return runtime.chip_record.show(project_id, self.chip_id)

    # ------------------------------------------------------------------------------------------------------ a run

    def run(self, targets: Target | Targets, steps: Sequence[Step | flows.Step]) -> dict[str, Any]:
        """Run steps in order on targets, end the execution, and return the results of the steps.

        Steps of the core run as in `qdash_core.CalibService.run`, without an end and without results.

        Returns
        -------
        dict
            `candidate_qids`, `candidate_couplings`, and if steps filled them `one_qubit_check`, `one_qubit_fine_tune`, `two_qubit`,
            `filters` and `metadata`.

        Raises
        ------
        QDashError
            As `qdash_core.CalibService.run`; also if a step requires what no earlier one provides. The execution, if any, is recorded as
            failed.
        KeyboardInterrupt
            If the run was cancelled, which is recorded.
        """
        pipeline = PipelineRun(self, targets, steps)
        if pipeline.is_of_core:
            self._calibration.run(pipeline.select_targets(), pipeline.steps)
            return pipeline.results
        before = get_current_session()
        set_current_session(self)
        try:
            with defer_interrupts(self.request_cancel):
                self._pull()
                try:
                    self._calibration.run(pipeline.select_targets(), pipeline.steps)
                    raise_pending()
                except BaseException as error:
                    self.end_after(error)
                    raise
                self.finish_calibration()
        finally:
            set_current_session(before)
        return pipeline.results

    def preview(self, targets: Target | Targets, steps: Sequence[Step | flows.Step]) -> RunPreview:
        """Return the stages of a run. Nothing is written. Steps that the flow defines are not foreseen."""
        pipeline = PipelineRun(self, targets, steps)
        return self._calibration.preview(pipeline.select_targets(), pipeline.steps)

    def end_after(self, error: BaseException) -> None:
        """End the execution as cancelled or failed; raise KeyboardInterrupt with its id after Ctrl-C."""
        with suppress(QDashError):
            if is_cancellation(error):
                self.cancel_calibration()
            else:
                self.fail_calibration(str(error) or type(error).__name__)
        if isinstance(error, KeyboardInterrupt) and self._ended is not None:
            raise make_interrupt(self._ended) from error

    # ---------------------------------------------------------------------------------------------- for the steps

    @property
    def step_run(self) -> StepRun:
        """The run, or its preview, that executes a step now; without one, a run on the session's qubits, which starts the session."""
        if self._run is None:
            self._run = self._calibration.open_live_run(self.qids or list(self.read_chip().qubits))
        return self._run

    @contextmanager
    def use_run(self, run: StepRun) -> Iterator[None]:
        """Open a block in which steps are executed in a run or a preview."""
        before, self._run = self._run, run
        try:
            yield
        finally:
            self._run = before

    def measure_qubits(
        self,
        qids: Sequence[str],
        tasks: Sequence[str],
        *,
        mode: str,
        one_of_each_mux: bool = False,
        calibrating: bool = False,
    ) -> OneQubitResult:
        """Run tasks in order on qubits, except those that a person has set aside.

        Parameters
        ----------
        mode : str
            A mode of the original, see `modes`.
        one_of_each_mux : bool
            Whether one qubit of each multiplexer is measured at a time.
        calibrating : bool
            Whether the status of each qubit follows the results.
        """
        run = self.step_run
        selection = select_mode(mode, run.chip).over(
            StrategySelection(one_of_each_mux=one_of_each_mux or None)
        )
        usable = self._select_usable(qids)
        results = self._measure(usable, tasks, "qubit", selection, calibrating=calibrating)
        found = {qid: make_qubit_data(qid, results) for qid in usable}
        return OneQubitResult({} if run.previewing else found)

    def measure_couplings(
        self,
        groups: Sequence[Sequence[tuple[str, str]]],
        tasks: Sequence[str],
        *,
        max_parallel: int,
        calibrating: bool = False,
    ) -> TwoQubitResult:
        """Run tasks in order on couplings, given in groups of (control, target).

        Groups that `schedule_couplings` returned are measured in its order, others one after another.
        """
        run = self.step_run
        pairs = [(control, target) for group in groups for control, target in group]
        couplings = {make_coupling_id(*pair): pair for pair in pairs}
        if groups is not self._scheduled:
            run.set_targets(self._select_usable(list(couplings)))
            named = [[make_coupling_id(*pair) for pair in group] for group in groups]
            run.set_coupling_groups(named, {coupling: pair[0] for coupling, pair in couplings.items()})
            usable = list(run.targets)
        elif couplings:
            usable = self._select_usable(list(couplings))
        else:
            usable = list(run.targets)  # a check makes no schedule
        selection = select_strategies(max_parallel=max_parallel)
        results = self._measure(usable, tasks, "coupling", selection, calibrating=calibrating)
        measured = {result.qid: make_pair_id(result) for result in results}
        return TwoQubitResult({pair: make_coupling_data(qid, results) for qid, pair in measured.items()})

    def schedule_couplings(
        self, qids: Sequence[str], *, inverse: bool = False, max_parallel: int
    ) -> list[list[tuple[str, str]]]:
        """Choose directions and groups of the couplings between qubits, and return groups of (control, target)."""
        run = self.step_run
        run.set_targets(self._select_usable(qids))
        rule = "checkerboard-inverse" if inverse else "checkerboard"
        rules = CouplingRules(direction=rule, max_parallel=max_parallel)  # type: ignore[arg-type]
        groups = [list(group) for group in run.schedule_couplings("best", rules)]
        self._scheduled = groups
        return groups

    def _measure(
        self,
        targets: Sequence[str],
        tasks: Sequence[str],
        kind: Any,
        selection: StrategySelection,
        *,
        calibrating: bool,
    ) -> list[TaskResultModel]:
        """Run tasks on targets; without targets nothing is run."""
        run = self.step_run
        run.set_targets(targets)
        if not targets and not run.previewing:
            return []
        measure = run.calibrate if calibrating else run.run_tasks
        self._store_parameter_calls()
        with forbid_interrupts():
            results = measure(tasks, kind=kind, selection=selection)
        return list({result.node: result for result in results}.values())

    def _select_usable(self, targets: Sequence[str]) -> list[str]:
        chip = self.step_run.chip
        chip.require_targets(targets)
        return sorted(set(targets).difference(find_set_aside(targets, chip)), key=by_number)

    # ---------------------------------------------------------------------------------------------- single tasks

    def execute_task(
        self,
        task_name: str,
        qid: str,
        task_details: dict[str, Any] | None = None,
        upstream_id: str | None = None,
    ) -> dict[str, Any]:
        """Run one task on one target, and return its estimates with `task_id`.

        Parameters
        ----------
        task_name : str
            The task.
        qid : str
            Qubit, `CONTROL-TARGET`, or empty for the whole chip.
        task_details : dict or None
            `{task: {"run_parameters": {name: {"value": ..}}}}`.
        upstream_id : str or None
            Accepted for flows of the original: the record finds the earlier result itself.

        Raises
        ------
        FlowError
            If the task did not complete; the message has the reason.
        """
        return self.execute_task_batch(task_name, [qid], task_details, upstream_id)[qid]

    def execute_task_batch(
        self,
        task_name: str,
        qids: list[str],
        task_details: dict[str, Any] | None = None,
        upstream_id: str | None = None,  # noqa: ARG002
    ) -> dict[str, dict[str, Any]]:
        """Run one task on several targets together, within the limits of the backend. See `execute_task`."""
        if self._run is not None and self._run.previewing:
            raise InvalidInputError(f"{task_name}: a preview runs no task")
        orchestrator = self._begin()
        task = orchestrator.catalogue.task(task_name)
        parameters, inputs = select_task_parameters(task_details, task_name)
        _refuse_inputs(f"{task_name}: input_parameters", inputs)
        self._store_parameter_calls()
        targets = {
            qid: parse_target_id(qid) if task.task_type in ("qubit", "coupling") else qid for qid in qids
        }
        with forbid_interrupts():
            if task.task_type == "coupling":
                orchestrator.set_directions({parse_coupling_id(qid): qid.partition("-")[0] for qid in qids})
            if task.task_type in ("qubit", "coupling") and len(qids) > 1:
                run = self._calibration.open_live_run(list(targets.values()))
                kind: Any = task.task_type
                results = run.run_tasks([task_name], kind=kind, parameters=parameters)
            else:
                results = [
                    orchestrator.run_task(task_name, one, parameters=parameters) for one in targets.values()
                ]
        found = {result.qid: result for result in results}
        return {qid: _require_completed(found[target]) for qid, target in targets.items()}

    def get_parameter(self, qid: str, param_name: str) -> Estimate | None:
        """Return the accepted value of a target as a number with its error, or None. A resumed flow gets the recorded answer."""
        target, name = parse_target_id(qid), get_metric_name(param_name)
        calls = self._parameter_calls
        known = (
            self._find_value(target, name)
            if calls is None
            else calls.read(target, name, partial(self._find_value, target, name))
        )
        return None if known is None else Estimate(known)

    def _find_value(self, target: str, name: str) -> ParameterModel | None:
        chip = self.read_chip()
        chip.require_targets([target])
        return (chip.couplings[target] if "-" in target else chip.qubits[target]).data.get(name)

    @property
    def _parameter_calls(self) -> ParameterCalls | None:
        """Values that the flow has read and set in the running session, or None without a session."""
        if not self._calibration.begun:
            return None
        orchestrator = self._calibration.begin()
        if self._calls is None or self._calls.orchestrator is not orchestrator:
            self._calls = ParameterCalls(orchestrator)
        return self._calls

    def _store_parameter_calls(self) -> None:
        if self._calls is not None:
            self._calls.store()

    def set_parameter(self, qid: str, param_name: str, value: Any) -> None:
        """Set a value of a target by hand: an event with the flow as its reason, which can be undone. A resumed flow sets it once.

        Raises
        ------
        InvalidInputError
            If the parameter is unknown or the value is out of range, or values of this run do not become the chip's.
        """
        orchestrator, name = self._begin(), get_metric_name(param_name)
        if (
            not self._calibration.config.saved
            or orchestrator.execution.scope
            or orchestrator.execution.simulated
        ):
            raise InvalidInputError(
                f"{name} of {qid} cannot be set: the values of this run do not become the chip's"
            )
        calls, target = self._parameter_calls, parse_target_id(qid)
        assert calls is not None  # the session has begun
        with forbid_interrupts():
            calls.set(target, name, partial(self._set_value, target, name, value))

    def _set_value(self, target: str, name: str, value: Any) -> None:
        known, execution = self._find_value(target, name), self.execution
        if known is None or known.value != float(value):
            reason = f"set by {self.flow_name or 'a flow'} in execution {execution.execution_id}"
            with self._calibration.open_runtime() as runtime:
                access = runtime.access(self.username, execution.project_id)
                set_value(runtime, access, self.chip_id, target, name, value, reason=reason)

    def record_stage_result(self, stage_name: str, result: dict[str, Any]) -> None:
        """Record a result of the flow under a name, in the note of the execution."""
        orchestrator = self._begin()
        orchestrator.record_note(NOTE, make_stage_note(orchestrator.read_note(), stage_name, result))

    def get_stage_result(self, stage_name: str) -> dict[str, Any] | None:
        """Return a recorded result of the flow, or None; a resumed flow finds those of its first run attempt."""
        note = self._calibration.begin().read_note() if self._calibration.begun else self.execution.note
        stage = list_stage_results(note).get(stage_name)
        return None if stage is None else dict(stage["result"])

    # -------------------------------------------------------------------------------------------------------- end

    def finish_calibration(
        self,
        update_chip_history: bool = True,  # noqa: ARG002  always written
        push_to_github: bool | None = None,
        export_note_to_file: bool = False,
    ) -> dict[str, Any] | None:
        """End the execution, and return the result of the push to the git remote, or None if nothing was pushed.

        After `run`, which ends it, only an explicit `push_to_github=True` has an effect.

        Raises
        ------
        InvalidInputError
            If no session has begun.
        """
        if self._calibration.begun or self._ended is None:
            self._ended = self._calibration.finish_calibration()
        elif not push_to_github:
            return None
        self._run = None
        if export_note_to_file:
            logger.info("the calibration note is stored with the chip; no file is written")
        if not (self.github_push_config.enabled if push_to_github is None else push_to_github):
            return None
        if self._ended.status is not ExecutionStatus.COMPLETED:
            return None
        with self._calibration.open_runtime() as runtime:
            return push(
                runtime,
                self.github_push_config,
                username=self.username,
                project_id=self._ended.project_id,
                chip_id=self.chip_id,
                execution_id=self._ended.execution_id,
                requested=self._asks_first_for_remote(push_to_github or self._names_remote),
            )

    def fail_calibration(self, error_message: str = "") -> None:
        """End the execution as failed, if one is running."""
        self._end(self._calibration.fail_calibration(error_message or "the flow failed"), "failed")

    def cancel_calibration(self) -> None:
        """End the execution as cancelled, if one is running."""
        self._end(self._calibration.cancel_calibration(), "cancelled")

    def _end(self, ended: ExecutionModel | None, wanted: str) -> None:
        self._run = None
        if ended is not None:
            self._ended = ended
        elif self._ended is not None and self._ended.status.value != wanted:
            logger.warning("execution %s stays %s", self._ended.execution_id, self._ended.status)

    def _begin(self) -> Any:
        """Start the session if it has not started, and return its orchestrator."""
        if not self._calibration.begun:
            self._pull()
        return self._calibration.begin()

    def _pull(self) -> None:
        if self._pulls and not self._calibration.begun:
            with self._calibration.open_runtime() as runtime:
                pull(
                    runtime,
                    username=self.username,
                    project_id=self._calibration.config.project_id,
                    requested=self._asks_first_for_remote(self._names_remote),
                )

    def _asks_first_for_remote(self, asks: bool) -> bool:
        """Return whether the flow asks for the git remote for the first time: a missing one is one warning in a session."""
        first = asks and not self._has_asked_for_remote
        self._has_asked_for_remote |= asks
        return first

    def _finalize_tasks_on_cancel(self) -> None:
        """Record every unfinished task as cancelled; the execution continues to its end."""
        if self._calibration.begun:
            self._calibration.request_cancel()
            self._calibration.begin().end_unfinished("cancelled")

    def _cancel_executions_by_flow_run_id(self, flow_run_id: str) -> None:
        """Cancel the executions of a flow run from another process."""
        with self._calibration.open_runtime() as runtime:
            cancel_by_flow_run_id(runtime, flow_run_id, self._calibration.config.project_id)


def init_calibration(
    username: str,
    chip_id: str,
    qids: list[str],
    execution_id: str | None = None,
    backend_name: str | None = None,
    flow_name: str | None = None,
    tags: list[str] | None = None,
    use_lock: bool = True,
    note: dict[str, Any] | None = None,
    enable_github_pull: bool = True,
    github_push_config: GitHubPushConfig | None = None,
    muxes: list[int] | None = None,
    project_id: str | None = None,
) -> CalibService:
    """Start a session, make it the current one, and return it. Without `backend_name` the chip's own backend is used."""
    session = CalibService(
        username,
        chip_id,
        qids,
        execution_id,
        backend_name,
        flow_name=flow_name,
        tags=tags,
        use_lock=use_lock,
        note=note,
        enable_github_pull=None if enable_github_pull else False,
        github_push_config=github_push_config,
        muxes=muxes,
        project_id=project_id,
    )
    set_current_session(session)
    return session


def get_session() -> CalibService:
    """Return the current session.

    Raises
    ------
    InvalidInputError
        If there is none.
    """
    session = get_current_session()
    if not isinstance(session, CalibService):
        raise InvalidInputError(
            "there is no session: init_calibration(...) starts one, and so does CalibService.run"
        )
    return session


def finish_calibration(
    update_chip_history: bool = True,
    push_to_github: bool | None = None,
    export_note_to_file: bool = False,
) -> dict[str, Any] | None:
    """End the current session. See `CalibService.finish_calibration`."""
    session = get_session()
    try:
        return session.finish_calibration(update_chip_history, push_to_github, export_note_to_file)
    finally:
        clear_current_session()


def _refuse_inputs(place: str, names: Mapping[str, Any] | Sequence[str] | None) -> None:
    """Refuse inputs that a flow gives a task: they come from the chip."""
    if names:
        raise InvalidInputError(
            f"{place} ({', '.join(names)}): the inputs of a task are the chip's values; set them with set_parameter before"
        )


def _require_completed(result: TaskResultModel) -> dict[str, Any]:
    """Return the estimates of a result; raise FlowError if the task did not complete."""
    if result.status is not TaskStatus.COMPLETED:
        on = f" on {result.qid}" if result.qid else ""
        raise FlowError(
            f"{result.name}{on} {result.status}: {result.message or 'no reason'} (result {result.task_id})"
        )
    return make_task_result(result)
