"""CalibService with the arguments, attributes and methods that flows of the original use, and the current session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash.workflow.service.execution_id import generate_execution_id
from qdash.workflow.service.pipeline_run import PipelineRun
from qdash.workflow.service.session_context import (
    clear_current_session,
    get_current_session,
    set_current_session,
)
from qdash.workflow.service.step_service import StepService
from qdash_core.errors import InvalidInputError
from qdash_core.flows.cancellation import is_cancellation, on_flow_cancellation
from qdash_core.process.interrupts import defer_interrupts, raise_pending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from qdash.workflow.service.github import GitHubPushConfig
    from qdash.workflow.service.steps.base import Step
    from qdash.workflow.service.targets import Target
    from qdash_builtin.runs.previews import RunPreview
    from qdash_core.flows.targets import Targets
    from qdash_core.hooks import flows

__all__ = [
    "CalibService",
    "_is_cancellation",
    "finish_calibration",
    "generate_execution_id",
    "get_session",
    "init_calibration",
    "on_flow_cancellation",
]

_is_cancellation = is_cancellation
"""The name under which flows import it."""


class CalibService(StepService):
    """Calibration session of a flow of the original.

    With `qids` it starts at once; otherwise with the first `run` or task. `run` also ends it.
    """

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
        from qdash_builtin.runs.previews import preview_steps

        pipeline = PipelineRun(self, targets, steps)
        return preview_steps(self._calibration, pipeline.select_targets(), pipeline.steps)


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
