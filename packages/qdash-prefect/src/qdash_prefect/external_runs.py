"""External flow runs, started in Prefect's interface, by `run_deployment` or by a schedule."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from qdash_core.errors import (
    IllegalTransitionError,
    InvalidInputError,
    NotFoundError,
    QDashError,
    StoreUnavailableError,
)
from qdash_core.flows.cancellation import EXECUTION_LABEL, PROJECT_LABEL
from qdash_core.flows.user_flow_source import iter_saved_flow_sources
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.process.clock import utc_now
from qdash_core.runs.run_schedules import load_run_schedules
from qdash_prefect.deployments import get_plain_name
from qdash_prefect.forms import make_run_request
from qdash_prefect.schedules import TIMETABLE, is_of_timetable
from qdash_prefect.startable_flows import PERFORM, PLUGIN_DEPLOYMENT
from qdash_prefect.states import State, map_to_state

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runs.worker_context import WorkerContext
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.report_server import Relay
    from qdash_prefect.states import Reporter

logger = logging.getLogger(__name__)

T = TypeVar("T")

_CHECK_INTERVAL_S = 1.0
_SKEW = timedelta(minutes=1)
"""Longest time that the server's clock may be ahead: a scheduled flow run that arrives early waits."""


class ExternalRuns:
    """Submission of external flow runs to QDash by one worker."""

    def __init__(
        self,
        work: WorkerContext,
        client: PrefectClient,
        reporter: Reporter,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._work, self._client, self._reporter, self._clock = work, client, reporter, clock

    def serve(self, relay: Relay, flow_run: Document, cancelled: Event) -> None:
        """Perform an external flow run until it ends or the worker stops.

        `relay` is the process that Prefect has started for it; `cancelled` is set when a user cancels it in Prefect.
        """
        try:
            state = (
                self._start_due_runs(flow_run)
                if _is_scheduled_tick(flow_run)
                else self._perform(flow_run, cancelled)
            )
        except QDashError as error:
            state = State("FAILED", str(error))
        except Exception as error:  # any error has to end the flow run, which would otherwise never end
            logger.exception("unexpected error in external flow run %s", flow_run["id"])
            state = State("FAILED", f"{type(error).__name__}: {error}")
        if state is not None:
            self._reporter.report(flow_run["id"], state)
        relay.dismiss()

    def _with_retry(self, do: Callable[[], T]) -> T | None:
        """Call `do` until server and store respond; return its result, or None if the worker stops first."""
        while True:
            try:
                return do()
            except StoreUnavailableError as error:
                logger.warning("cannot handle an external flow run, retrying: %s", error)
            if self._work.stopped.wait(_CHECK_INTERVAL_S):
                return None

    def _start_due_runs(self, flow_run: Document) -> State | None:
        """Start the due runs of timetables, once this machine's clock has reached the scheduled time."""
        early = datetime.fromisoformat(flow_run["expected_start_time"]) - self._clock()
        if timedelta(0) < early <= _SKEW and self._work.stopped.wait(early.total_seconds()):
            return None
        named = flow_run["parameters"]["project_id"], flow_run["parameters"][TIMETABLE]
        text = self._with_retry(lambda: self._handle_due(*named))
        return None if text is None else State("COMPLETED", text)

    def _handle_due(self, project_id: str, name: str) -> str:
        """Handle the due occurrences of all timetables, and return the outcome of one of them as text."""
        before = self._find_outcome(project_id, name)
        self._work.start_due()
        after = self._find_outcome(project_id, name)
        return "this occurrence has already been handled" if after in (None, before) else after[1]

    def _find_outcome(self, project_id: str, name: str) -> tuple[datetime, str] | None:
        runtime = self._work.runtime
        found = (one.find_outcome(runtime, project_id, name) for one in load_run_schedules(runtime))
        return next(filter(None, found), None)

    def _perform(self, flow_run: Document, cancelled: Event) -> State | None:
        """Submit a run and wait for its final state; return None if the worker stops first."""
        found = self._with_retry(lambda: self._submit(flow_run))
        if found is None:
            return None
        access, execution = found
        ended = self._with_retry(lambda: self._find_ended(execution))
        if ended is not None:
            remark = (
                f"execution {ended.execution_id} of this flow run has already ended: start a new flow run"
            )
            state = map_to_state(ended)
            return replace(state, message=f"{state.message} [{remark}]".lstrip())
        return self._follow(flow_run["id"], access, execution, cancelled)

    def _follow(
        self, flow_run_id: str, access: Access, execution: ExecutionModel, cancelled: Event
    ) -> State | None:
        """Follow a run, forward a cancel, and return its end, or None if the worker stops first."""
        self._reporter.report(flow_run_id, State("RUNNING", f"execution {execution.execution_id}"))
        labels = {PROJECT_LABEL: execution.project_id, EXECUTION_LABEL: execution.execution_id}
        shown = cancels = False
        while True:
            try:
                if cancelled.is_set() and not cancels:
                    record = self._work.runtime.record
                    last = record.get_last_of_flow(record.find(execution.project_id, execution.execution_id))
                    with suppress(IllegalTransitionError):  # it has just ended
                        self._work.runs.cancel(access, last.execution_id, wait=False)
                    cancels = True
                if (ended := self._find_ended(execution)) is not None:
                    return map_to_state(ended)
                if not shown:
                    self._client.patch(f"/flow_runs/{flow_run_id}/labels", labels)
                    shown = True
            except NotFoundError:
                raise
            except QDashError as error:
                logger.warning("cannot check execution %s, retrying: %s", execution.execution_id, error)
            if self._work.stopped.wait(_CHECK_INTERVAL_S):
                return None

    def _submit(self, flow_run: Document) -> tuple[Access, ExecutionModel]:
        deployment = self._client.get(f"/deployments/{flow_run['deployment_id']}")
        flow = str(self._client.get(f"/flows/{flow_run['flow_id']}")["name"])
        if flow == PERFORM:
            raise InvalidInputError(
                f"only QDash starts the deployment {PERFORM}: start the deployment of a flow instead"
            )
        parameters: dict[str, Any] = flow_run["parameters"]
        runtime, name = self._work.runtime, get_plain_name(deployment["name"])
        saved = name != PLUGIN_DEPLOYMENT
        project_id = name if saved else parameters.get("project_id")
        sources = iter_saved_flow_sources(runtime) if saved else ()
        authors = (one.find_author(runtime, name, flow) for one in sources)
        username = parameters.get("username") or next(filter(None, authors), DEFAULT_USER)
        access = runtime.access(username, project_id, ProjectRole.EDITOR)
        request = make_run_request(flow, parameters, saved=saved)
        # The same flow run may arrive again after a worker has died.
        run = self._work.runs.submissions.submit(access, request, key=flow_run["id"], trusted_files=False)
        return access, run.execution

    def _find_ended(self, execution: ExecutionModel) -> ExecutionModel | None:
        """Return the last execution of a run that has ended, or None while it is waiting or running.

        A held run has not ended.
        """
        runtime, where = self._work.runtime, (execution.project_id, execution.execution_id)
        if self._work.runs.queue.view.find(*where) is not None:
            return None
        last = runtime.record.get_last_of_flow(runtime.record.find(*where))
        return None if last.status is ExecutionStatus.RUNNING else last


def _is_scheduled_tick(flow_run: Document) -> bool:
    """Return whether the schedule of a timetable has created a flow run."""
    return bool(flow_run.get("auto_scheduled")) and is_of_timetable(flow_run["parameters"])
