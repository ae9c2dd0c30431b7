"""Prefect flows that a user's own program calls or serves: their cancellation, in Prefect and in the record.

Prefect's workers and `flow.serve` end the process of a cancelled flow run. For a flow that is called directly, or by
another one, a thread here asks the server, and interrupts Prefect's engine. Importing this module imports Prefect.
"""

from __future__ import annotations

import atexit
import contextvars
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

# Without this intent the engine treats a termination as a crash, and ends the process.
from prefect._internal.control_listener import _set_intent, clear_intent
from prefect.client.orchestration import get_client
from prefect.exceptions import TerminationSignal
from prefect.states import Cancelled, Cancelling
from prefect.utilities.engine import is_prefect_sigterm_handler_installed

from qdash_core.process.interrupts import signal_main_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from prefect import Flow
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import FlowRun, State

logger = logging.getLogger(__name__)

_CHECK_INTERVAL_S = 1.0
_OF_RUNNER = "PREFECT__ENABLE_CANCELLATION_AND_CRASHED_HOOKS"
"""Environment variable that is `false` if a runner of Prefect started this process, and ends its flow run."""


class _Watched:
    """Flow runs with a session in this process, and those whose session was cancelled."""

    def __init__(self) -> None:
        self.open: list[CalledFlows] = []
        self.cancelled: set[UUID] = set()


_watched = _Watched()


class CalledFlows:
    """Watch over the flow runs of a session, see `WatchesFlowRuns`."""

    def __init__(
        self,
        contexts: Sequence[Any],
        record_cancel: Callable[[], None],
        end_cancelled: Callable[[], object],
    ) -> None:
        self.ids: list[UUID] = [context.flow_run.id for context in contexts]
        self._record_cancel, self.end_cancelled = record_cancel, end_cancelled
        self._has_runner = os.environ.get(_OF_RUNNER, "true").lower() == "false"
        self._ended = threading.Event()
        if not self._has_runner:
            clear_intent()
        for context in contexts:
            _add_hooks(context.flow)
        _watched.open.append(self)
        atexit.register(self._end_at_exit)
        # The thread asks the server of this context, which may be a temporary one.
        check = contextvars.copy_context().run
        threading.Thread(
            target=check, args=(self._check_regularly,), name="qdash-called-flows", daemon=True
        ).start()

    def end(self, *, cancelled: bool) -> None:
        """End the watch; if the session was cancelled, make Prefect's engine end the flow runs as cancelled."""
        if self._ended.is_set():
            return
        self._ended.set()
        atexit.unregister(self._end_at_exit)
        _watched.open.remove(self)
        if not cancelled:
            return
        _watched.cancelled.update(self.ids)
        if not self._has_runner:
            _set_intent("cancel")
            # The flow may return as if nothing had happened: Prefect then refuses to complete its flow run.
            _report(self.ids[0], Cancelling(), force=False)

    def _check_regularly(self) -> None:
        with get_client(sync_client=True) as client:
            while not self._ended.wait(_CHECK_INTERVAL_S):
                try:
                    if self._is_cancelled(client):
                        self._cancel()
                        return
                except Exception as error:  # noqa: BLE001  server or store may be back at the next check
                    logger.debug("cannot check the flow runs %s, retrying: %s", self.ids, error)

    def _is_cancelled(self, client: SyncPrefectClient) -> bool:
        """Return whether one of the flow runs is being cancelled or is cancelled."""
        states = [client.read_flow_run(flow_run_id).state for flow_run_id in self.ids]
        return any(state is not None and (state.is_cancelling() or state.is_cancelled()) for state in states)

    def _cancel(self) -> None:
        """Record the cancel, and interrupt the flow if nothing else does."""
        self._record_cancel()
        if self._has_runner or self._ended.is_set():
            return
        _set_intent("cancel")
        # Not during a calibration: that is interrupted through the record.
        if is_prefect_sigterm_handler_installed():
            signal_main_thread(signal.SIGTERM)

    def _end_at_exit(self) -> None:
        """End the session of a flow that a runner has cancelled, and that has not ended it."""
        with suppress(Exception), get_client(sync_client=True) as client:
            if self._is_cancelled(client):
                self.end_cancelled()


def _add_hooks(flow: Flow[..., Any]) -> None:
    if agree_with_record not in flow.on_cancellation_hooks:
        flow.on_cancellation(agree_with_record)
        flow.on_crashed(agree_with_record)


def agree_with_record(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:  # noqa: ARG001  Prefect gives them
    """After Prefect's engine has interrupted a flow, close its sessions and report a cancelled flow run as Cancelled."""
    if state.is_cancelling():
        _watched.cancelled.add(flow_run.id)
        for one in [one for one in _watched.open if flow_run.id in one.ids]:
            one.end_cancelled()
        if isinstance(sys.exc_info()[1], TerminationSignal):
            return  # the engine itself goes on to Cancelled
    if flow_run.id in _watched.cancelled:
        _report(flow_run.id, Cancelled(message="the execution was cancelled"), force=True)


def _report(flow_run_id: UUID, state: State[Any], *, force: bool) -> None:
    """Report a state to Prefect; ignore errors, since QDash's record does not depend on it."""
    with suppress(Exception), get_client(sync_client=True) as client:
        client.set_flow_run_state(flow_run_id, state, force=force)
