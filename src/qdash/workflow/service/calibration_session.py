"""Calibration session of a flow of the original: its arguments, attributes, start and end."""

from __future__ import annotations

import logging
from contextlib import suppress
from threading import RLock
from typing import TYPE_CHECKING, Any

from qdash.workflow.service.github import ConfigurationSync, GitHubIntegration, GitHubPushConfig
from qdash.workflow.service.parameter_values import make_inputs
from qdash.workflow.service.resonator_patterns import split_pattern
from qdash.workflow.service.run_parameters import unwrap_run_parameters
from qdash_core.errors import InvalidInputError, QDashError
from qdash_core.flows import service
from qdash_core.flows.cancellation import cancel_by_flow_run_id, is_cancellation
from qdash_core.models.execution import ExecutionStatus
from qdash_core.record.run_attempts import make_interrupt
from qdash_core.session.calling_flow_runs import adopt_flow_run_ids
from qdash_core.session.running_flow import get_current_flow

if TYPE_CHECKING:
    from qdash_core.attempts.journal import TaskContext
    from qdash_core.backends.base import BaseBackend
    from qdash_core.chips.chip import Chip
    from qdash_core.hooks.flows import StepRun
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.models.progress import Progress
    from qdash_core.runtime.runtime import Runtime
    from qdash_core.session.orchestrator import CalibOrchestrator

logger = logging.getLogger(__name__)


class CalibrationSession:
    """Calibration session of a flow, from its start to its end.

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
        ignored. The `resonator_assignment_pattern` of `CheckResonatorSpectroscopy` is that of `BringUp`.
    enable_github_pull, enable_github, github_push_config
        Whether the configuration folder is pulled before and pushed after, if the settings name a git remote. Without one, a warning says
        so if `enable_github_pull` or a push is given. A failed pull or push is a warning.
    source_task_id : str or None
        Result whose recorded inputs are used again; the values of such a run do not become the chip's.
    parameter_overrides : dict or None
        Under `run`: run parameters of all tasks. Under `input`: inputs of all tasks that read them, instead of the chip's values.
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
        If a repository is given, or an input is not a number.
    """

    _is_cancellation = staticmethod(is_cancellation)

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
        self.username, self.chip_id, self.qids, self.muxes = username, chip_id, qids, muxes
        self.flow_name, self.tags, self.note = flow_name or name, tags, note
        self.use_lock, self.skip_execution = use_lock, skip_execution
        self.source_execution_id = source_execution_id
        self.default_run_parameters = default_run_parameters or {}
        self.enable_github = enable_github
        self.github_push_config = github_push_config or GitHubPushConfig(enabled=enable_github)
        self._sync = ConfigurationSync(
            enable_github,
            pulls=enable_github_pull,
            pushes=github_push_config is not None and github_push_config.enabled,
        )
        run_parameters, self.resonator_assignment_pattern = split_pattern(
            {
                **unwrap_run_parameters(self.default_run_parameters),
                **unwrap_run_parameters(overrides.get("run") or {}),
            }
        )
        self._calibration = service.CalibService(
            username,
            chip_id,
            qids,
            project_id,
            self.flow_name,
            tags or (),
            run_parameters,
            inputs=make_inputs(overrides.get("input")),
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
        self._lock = RLock()  # a flow may use the session in several threads: those of Prefect's tasks
        if qids is not None and not get_current_flow().previewing:
            self._begin()

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

    def end_after(self, error: BaseException) -> None:
        """End the execution as cancelled or failed; raise KeyboardInterrupt with its id after Ctrl-C."""
        with suppress(QDashError):
            if is_cancellation(error):
                self.cancel_calibration()
            else:
                self.fail_calibration(str(error) or type(error).__name__)
        if isinstance(error, KeyboardInterrupt) and self._ended is not None:
            raise make_interrupt(self._ended) from error

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
        if get_current_flow().previewing:
            return None
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
            return self._sync.push(runtime, self._ended, self.github_push_config, requested=push_to_github)

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

    def _begin(self) -> CalibOrchestrator:
        """Start the session if it has not started, and return its orchestrator."""
        with self._lock:
            if not self._calibration.begun:
                self._pull()
            return self._calibration.begin()

    def _pull(self) -> None:
        if self._sync.pulls and not self._calibration.begun:
            with self._calibration.open_runtime() as runtime:
                self._sync.pull(runtime, self.username, self._calibration.config.project_id)

    def _finalize_tasks_on_cancel(self) -> None:
        """Record every unfinished task as cancelled; the execution continues to its end."""
        if self._calibration.begun:
            self._calibration.request_cancel()
            self._calibration.begin().end_unfinished("cancelled")

    def _store_flow_run_id(self) -> None:
        """Record the flow runs in which the program runs with the next execution."""
        with self._calibration.open_runtime() as runtime:
            adopt_flow_run_ids(runtime.registry)

    def _cancel_executions_by_flow_run_id(self, flow_run_id: str) -> None:
        """Cancel the executions of a flow run from another process."""
        with self._calibration.open_runtime() as runtime:
            cancel_by_flow_run_id(runtime, flow_run_id, self._calibration.config.project_id)
