"""Runs that somebody starts at Prefect: on its page, by `run_deployment`, by a schedule. They are submitted to QDash, and followed."""

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
from qdash_core.flows.prefect import EXECUTION_LABEL, PROJECT_LABEL
from qdash_core.models.base import utc_now
from qdash_core.models.execution import ExecutionStatus
from qdash_core.models.project import DEFAULT_USER, ProjectRole
from qdash_core.timetables.clock import TimetableClock
from qdash_prefect.deployments import plain_name
from qdash_prefect.forms import request_from
from qdash_prefect.offers import OF_PLUGINS, PERFORM
from qdash_prefect.schedules import TIMETABLE, made_by_timetable
from qdash_prefect.states import State, state_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from threading import Event

    from qdash_core.models.access import Access
    from qdash_core.models.execution import ExecutionModel
    from qdash_core.runs.pools import Work
    from qdash_prefect.client import Document, PrefectClient
    from qdash_prefect.post import Relay
    from qdash_prefect.states import Reporter

logger = logging.getLogger(__name__)

T = TypeVar("T")

_LOOK_S = 1.0
_SKEW = timedelta(minutes=1)
"""So far the clock of the server may be ahead of ours: its ticks are waited with."""


class AskedRuns:
    """What is done, by one worker, for flow runs that it has not asked for.

    Parameters
    ----------
    work : Work
        The worker.
    client : PrefectClient
        Of the server.
    reporter : Reporter
        By which flow runs get their states.
    clock : callable
        Returns the present moment in UTC.
    """

    def __init__(
        self,
        work: Work,
        client: PrefectClient,
        reporter: Reporter,
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._work, self._client, self._reporter, self._clock = work, client, reporter, clock

    def serve(self, relay: Relay, flow_run: Document, cancelled: Event) -> None:
        """Do what a flow run asks for, and return when that has ended, or the worker stops.

        Parameters
        ----------
        relay : Relay
            What Prefect has started for it.
        flow_run : dict
            As the server has it.
        cancelled : Event
            Set when somebody cancels it at Prefect.
        """
        try:
            state = self._looked(flow_run) if _is_tick(flow_run) else self._run(flow_run, cancelled)
        except QDashError as error:
            state = State("FAILED", str(error))
        except Exception as error:  # whatever it is, nobody may wait for this flow run for ever
            logger.exception("what flow run %s asks for cannot be done", flow_run["id"])
            state = State("FAILED", f"{type(error).__name__}: {error}")
        if state is not None:
            self._reporter.tell(flow_run["id"], state)
        relay.dismiss()

    def _patiently(self, do: Callable[[], T]) -> T | None:
        """Do something again and again while the server or the store does not answer; None: the worker stops before."""
        while True:
            try:
                return do()
            except StoreUnavailableError as error:
                logger.warning("what a flow run asks for is tried again: %s", error)
            if self._work.stopped.wait(_LOOK_S):
                return None

    def _looked(self, flow_run: Document) -> State | None:
        """Look at the timetables when the moment of one has come here, too."""
        early = datetime.fromisoformat(flow_run["expected_start_time"]) - self._clock()
        if timedelta(0) < early <= _SKEW and self._work.stopped.wait(early.total_seconds()):
            return None
        clock = TimetableClock(self._work.runtime, self._work.runs)
        started = self._patiently(lambda: clock.look(self._clock()))
        if started is None:
            return None
        named = flow_run["parameters"]["project_id"], flow_run["parameters"][TIMETABLE]
        of_this = [one for one in started if (one.project_id, one.name) == named]
        said = ", ".join(one.outcome.why or f"execution {one.outcome.execution_id}" for one in of_this)
        return State("COMPLETED", said or "its moment has been dealt with already")

    def _run(self, flow_run: Document, cancelled: Event) -> State | None:
        """Submit a run, and return in what state it ended; None: the worker stops before."""
        found = self._patiently(lambda: self._submitted(flow_run))
        if found is None:
            return None
        access, execution = found
        ended = self._patiently(lambda: self._ended(execution))
        if ended is not None:
            again = (
                f"that is how execution {ended.execution_id} ended: what is to be done again is started anew"
            )
            state = state_of(ended)
            return replace(state, message=f"{state.message} [{again}]".lstrip())
        return self._followed(flow_run["id"], access, execution, cancelled)

    def _followed(
        self, flow_run_id: str, access: Access, execution: ExecutionModel, cancelled: Event
    ) -> State | None:
        """Return in what state a run ended, which is cancelled when its flow run is; None: the worker stops before."""
        self._reporter.tell(flow_run_id, State("RUNNING", f"execution {execution.execution_id}"))
        labels = {PROJECT_LABEL: execution.project_id, EXECUTION_LABEL: execution.execution_id}
        shown = cancels = False
        while True:
            try:
                if cancelled.is_set() and not cancels:
                    record = self._work.runtime.record
                    last = record.last_of_flow(record.find(execution.project_id, execution.execution_id))
                    with suppress(IllegalTransitionError):  # it has ended just before
                        self._work.runs.cancel(access, last.execution_id, wait=False)
                    cancels = True
                if (ended := self._ended(execution)) is not None:
                    return state_of(ended)
                if not shown:
                    self._client.patch(f"/flow_runs/{flow_run_id}/labels", labels)
                    shown = True
            except NotFoundError:
                raise
            except QDashError as error:
                logger.warning("execution %s is looked at again: %s", execution.execution_id, error)
            if self._work.stopped.wait(_LOOK_S):
                return None

    def _submitted(self, flow_run: Document) -> tuple[Access, ExecutionModel]:
        deployment = self._client.get(f"/deployments/{flow_run['deployment_id']}")
        flow = str(self._client.get(f"/flows/{flow_run['flow_id']}")["name"])
        if flow == PERFORM:
            raise InvalidInputError(
                f"{PERFORM} is started by QDash alone: start the deployment of a flow instead"
            )
        parameters: dict[str, Any] = flow_run["parameters"]
        runtime, name = self._work.runtime, plain_name(deployment["name"])
        saved = name != OF_PLUGINS
        project_id = name if saved else parameters.get("project_id")
        kept = runtime.repositories.flows.find(name, flow) if saved else None
        username = parameters.get("username") or (kept.username if kept else DEFAULT_USER)
        access = runtime.access(username, project_id, ProjectRole.EDITOR)
        request = request_from(flow, parameters, saved=saved)
        # The same flow run may be brought here again, when a worker has died.
        run = self._work.runs.submit(access, request, key=flow_run["id"], trusted_files=False)
        return access, run.execution

    def _ended(self, execution: ExecutionModel) -> ExecutionModel | None:
        """Return the last execution of a run when it is over; None: it waits, is held, or goes on."""
        runtime, where = self._work.runtime, (execution.project_id, execution.execution_id)
        if runtime.repositories.queue.find(*where) is not None:
            return None
        last = runtime.record.last_of_flow(runtime.record.find(*where))
        return last if last.status.terminal or last.status is ExecutionStatus.SCHEDULED else None


def _is_tick(flow_run: Document) -> bool:
    """Whether the schedule of a timetable has made a flow run."""
    return bool(flow_run.get("auto_scheduled")) and made_by_timetable(flow_run["parameters"])
