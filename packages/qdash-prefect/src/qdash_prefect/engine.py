"""Prefect's flow engine in a process of QDash; the worker reports the final state. Importing it imports Prefect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
from prefect.exceptions import PrefectHTTPStatusError
from prefect.flow_engine import FlowRunEngine, load_flow_run
from prefect.settings import PREFECT_LOGGING_TO_API_ENABLED, temporary_settings
from prefect.utilities.callables import get_call_parameters

from qdash_core.flows.cancellation import is_cancellation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prefect import Flow
    from prefect.client.schemas.objects import State


class WorkerReportedEngine(FlowRunEngine[Any, Any]):
    """Engine of one flow that tolerates a missing server; the worker reports the end."""

    def set_state(self, state: State, force: bool = False) -> State:
        """Propose a state that is not final; a final one, or one without a response, is only set locally."""
        if not state.is_final() or (state.is_failed() and self.flow.retries):
            try:
                return super().set_state(state, force)
            except (httpx.HTTPError, PrefectHTTPStatusError) as error:
                self.logger.warning("cannot report state %s to Prefect: %s", state.name, error)
        assert self.flow_run is not None
        self.flow_run.state = state
        self.flow_run.state_name, self.flow_run.state_type = state.name, state.type
        self.call_hooks(state)
        return state

    def handle_crash(self, exc: BaseException) -> None:
        """Leave the report of a cancelled or released run to the worker."""
        if is_cancellation(exc):
            self.logger.info("the flow is ending after a cancel or a release")
        else:
            super().handle_crash(exc)


def run_flow(flow: Flow[..., Any], arguments: Mapping[str, Any], flow_run_id: str) -> object:
    """Run a Prefect flow under an existing flow run, and return its result.

    Raises the error of the flow; SIGTERM is raised in it as Prefect's `TerminationSignal`.
    """
    engine = WorkerReportedEngine(
        flow=flow,
        flow_run=load_flow_run(UUID(flow_run_id)),
        parameters=get_call_parameters(flow.fn, (), dict(arguments)),
    )
    # Its messages are in the log of the run, which is sent to Prefect as a whole.
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: False}), engine.start():
        while engine.is_running():
            with engine.run_context():
                engine.call_flow_fn()
    return engine.result()
