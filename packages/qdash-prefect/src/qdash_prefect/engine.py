"""Prefect's engine for flows, as it runs one in a process of ours: how a run ends is told to Prefect by who performs it.

Importing it imports Prefect.
"""

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


class PerformingEngine(FlowRunEngine[Any, Any]):
    """Runs one flow; it goes on when the server is away, and says nothing of its end, which is recorded first."""

    def set_state(self, state: State, force: bool = False) -> State:
        """Propose a state that is not the last; one that is, or gets no answer, is the run's as far as it is seen from here."""
        if not state.is_final() or (state.is_failed() and self.flow.retries):
            try:
                return super().set_state(state, force)
            except (httpx.HTTPError, PrefectHTTPStatusError) as error:
                self.logger.warning("Prefect cannot be told that the run is %s: %s", state.name, error)
        assert self.flow_run is not None
        self.flow_run.state = state
        self.flow_run.state_name, self.flow_run.state_type = state.name, state.type
        self.call_hooks(state)
        return state

    def handle_crash(self, exc: BaseException) -> None:
        """Leave it to the worker to say how a run has ended that was cancelled, or let go."""
        if is_cancellation(exc):
            self.logger.info("the flow is being ended")
        else:
            super().handle_crash(exc)


def run(flow: Flow[..., Any], arguments: Mapping[str, Any], flow_run_id: str) -> object:
    """Run a Prefect flow under a flow run that there is, and return what it returns.

    Raises
    ------
    BaseException
        What the flow raised; SIGTERM is raised in it as Prefect's `TerminationSignal`.
    """
    engine = PerformingEngine(
        flow=flow,
        flow_run=load_flow_run(UUID(flow_run_id)),
        parameters=get_call_parameters(flow.fn, (), dict(arguments)),
    )
    # What it says is in the log of the run, of which Prefect's page is shown all.
    with temporary_settings({PREFECT_LOGGING_TO_API_ENABLED: False}), engine.start():
        while engine.is_running():
            with engine.run_context():
                engine.call_flow_fn()
    return engine.result()
