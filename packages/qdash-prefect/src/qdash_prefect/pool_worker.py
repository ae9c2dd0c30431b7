"""Prefect's own worker as a child of QDash's worker: `python -P -m qdash_prefect.pool_worker POOL NAME`.

It starts the `relay` for each flow run: QDash's worker performs the run. It ends when its standard input closes, and
ignores signals, as one to the process group must not end it before its runs.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
from prefect.exceptions import Abort, PrefectException
from prefect.states import Pending, Scheduled
from prefect.utilities.engine import propose_state
from prefect.utilities.processutils import command_to_string
from prefect.workers.process import ProcessJobConfiguration, ProcessWorker

from qdash_prefect import relay
from qdash_prefect.worker_names import TAKEN_BY

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from prefect.client.schemas.objects import FlowRun, State

_RETRY_S = 1.0
_RELAY = (sys.executable, "-I", "-S", relay.__file__)


class _Configuration(ProcessJobConfiguration):
    """Process configuration that starts the relay with this machine's Python."""

    def prepare_for_flow_run(self, *arguments: Any, **named: Any) -> None:
        super().prepare_for_flow_run(*arguments, **named)
        self.command = command_to_string([*_RELAY])
        self._command_configured = True


class _Worker(ProcessWorker):
    """Prefect worker that reports each response of its server, and continues after an outage."""

    job_configuration = _Configuration
    post: Connection

    @classmethod
    def __dispatch_key__(cls) -> str:
        return "process that QDash performs"  # must not replace Prefect's own type

    async def get_and_submit_flow_runs(self) -> list[Any]:
        try:
            found = await super().get_and_submit_flow_runs()
        except httpx.HTTPError:
            return []
        if self._has_successfully_synced:
            self.post.send_bytes(b'{"what": "polled"}')
        return found

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Take and start a flow run; one that a busy server did not let it take stays scheduled.

        An error would end the worker, and lose the other flow runs that it has taken.
        """
        try:
            await super()._submit_run(flow_run)
        except httpx.HTTPError:
            self._submitting_flow_run_ids.discard(flow_run.id)

    async def _propose_pending_state(self, flow_run: FlowRun) -> bool:
        """Propose the pending state; return whether this worker has the flow run, even if the response was lost.

        The server refuses the repetition of such a request as pending already.
        """
        taken: State[None] = Pending(message=f"{TAKEN_BY}{self.name}")
        try:
            state: State[Any] | None = await propose_state(self.client, taken, flow_run_id=flow_run.id)
        except (Abort, PrefectException, httpx.HTTPError):
            state = await self._read_state(flow_run)
        return state is not None and state.is_pending() and state.message == taken.message

    async def _read_state(self, flow_run: FlowRun) -> State[Any] | None:
        """Return the state of a flow run, waiting for a busy server; None if it is unreadable."""
        while True:
            try:
                return (await self.client.read_flow_run(flow_run.id)).state
            except (httpx.HTTPError, PrefectException) as error:
                if not _is_busy(error):
                    return None
                await asyncio.sleep(_RETRY_S)

    async def _propose_crashed_state(
        self, flow_run: FlowRun, message: str, *given: Any, **named: Any
    ) -> None:
        """Report that a flow run has crashed, or schedule it again if a busy server prevented its start.

        One that was cancelled meanwhile is not scheduled again: the server would start it.
        """
        error = sys.exception()
        while _is_busy(error):
            again: State[None] = Scheduled(message=f"scheduled again: {message}")
            try:
                if not _is_unstarted((await self.client.read_flow_run(flow_run.id)).state):
                    break
                await self.client.set_flow_run_state(flow_run.id, again)
            except (httpx.HTTPError, PrefectException) as raised:
                error = raised
                await asyncio.sleep(_RETRY_S)
            else:
                return
        await super()._propose_crashed_state(flow_run, message, *given, **named)

    async def _sync_and_initialize(self) -> None:
        with suppress(httpx.HTTPError):
            await super()._sync_and_initialize()


def _is_busy(error: BaseException | None) -> bool:
    """Return whether an error means that the server is temporarily unavailable."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
    return isinstance(error, httpx.HTTPError)


def _is_unstarted(state: State[Any] | None) -> bool:
    return state is None or state.is_pending() or state.is_scheduled()


def _exit_with_parent() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


def main() -> None:
    """Work until the standard input closes."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(signal.Signals[name], lambda *_: None)
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    pool, name = sys.argv[1:]
    worker = _Worker(work_pool_name=pool, work_queues=["default", name], name=name)
    worker.post = relay.connect_to_report_server()
    asyncio.run(worker.start())


if __name__ == "__main__":
    main()
