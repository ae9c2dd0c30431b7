"""Prefect's own worker, as a process of QDash's worker: `python -P -m qdash_prefect.pool_worker POOL NAME`.

Whatever a deployment says, it starts the `relay` for a flow run: QDash's worker performs it. It ends when its standard input
closes, and is left alone by signals until then: what ends a whole group of processes must not end it before its runs.
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
from qdash_prefect.names import TAKEN_BY

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from prefect.client.schemas.objects import FlowRun, State

_AGAIN_S = 1.0
_RELAY = (sys.executable, "-I", "-S", relay.__file__)


class _Configuration(ProcessJobConfiguration):
    """Starts the relay, with this machine's Python."""

    def prepare_for_flow_run(self, *arguments: Any, **named: Any) -> None:
        super().prepare_for_flow_run(*arguments, **named)
        self.command = command_to_string([*_RELAY])
        self._command_configured = True


class _Worker(ProcessWorker):
    """Tells at the post whenever its server has answered, and goes on as ever when it is back."""

    job_configuration = _Configuration
    post: Connection

    @classmethod
    def __dispatch_key__(cls) -> str:
        return "process that QDash performs"  # not in the place of Prefect's own

    async def get_and_submit_flow_runs(self) -> list[Any]:
        try:
            found = await super().get_and_submit_flow_runs()
        except httpx.HTTPError:
            return []
        if self._has_successfully_synced:
            self.post.send_bytes(b'{"what": "polled"}')
        return found

    async def _propose_pending_state(self, flow_run: FlowRun) -> bool:
        """Take a flow run, and return whether this worker has it: also where the answer to the request was lost.

        Prefect's client repeats such a request, and the server refuses the repetition, as the flow run is pending already.
        """
        taken: State[None] = Pending(message=f"{TAKEN_BY}{self.name}")
        try:
            state: State[Any] | None = await propose_state(self.client, taken, flow_run_id=flow_run.id)
        except (Abort, PrefectException, httpx.HTTPError):
            state = await self._state_now(flow_run)
        return state is not None and state.is_pending() and state.message == taken.message

    async def _state_now(self, flow_run: FlowRun) -> State[Any] | None:
        """Return the state of a flow run as soon as its server is not too busy to tell; None: it cannot be told."""
        while True:
            try:
                return (await self.client.read_flow_run(flow_run.id)).state
            except (httpx.HTTPError, PrefectException) as error:
                if not _is_busy(error):
                    return None
                await asyncio.sleep(_AGAIN_S)

    async def _propose_crashed_state(
        self, flow_run: FlowRun, message: str, *given: Any, **named: Any
    ) -> None:
        """Say that a flow run has crashed; offer it again where nothing was started, since its server was too busy to answer.

        One that was cancelled meanwhile is not: the server would begin it anew.
        """
        error = sys.exception()
        while _is_busy(error):
            again: State[None] = Scheduled(message=f"it is offered again: {message}")
            try:
                if not _is_on_its_way((await self.client.read_flow_run(flow_run.id)).state):
                    break
                await self.client.set_flow_run_state(flow_run.id, again)
            except (httpx.HTTPError, PrefectException) as raised:
                error = raised
                await asyncio.sleep(_AGAIN_S)
            else:
                return
        await super()._propose_crashed_state(flow_run, message, *given, **named)

    async def _sync_and_initialize(self) -> None:
        with suppress(httpx.HTTPError):
            await super()._sync_and_initialize()


def _is_busy(error: BaseException | None) -> bool:
    """Whether an error is that a server does not answer, or says that it cannot now."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR
    return isinstance(error, httpx.HTTPError)


def _is_on_its_way(state: State[Any] | None) -> bool:
    return state is None or state.is_pending() or state.is_scheduled()


def _end_with_starter() -> None:
    while os.read(0, 1024):
        pass
    os._exit(0)


def main() -> None:
    """Work until standard input closes."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(signal.Signals[name], lambda *_: None)
    threading.Thread(target=_end_with_starter, daemon=True).start()
    pool, name = sys.argv[1:]
    worker = _Worker(work_pool_name=pool, work_queues=["default", name], name=name)
    worker.post = relay.at_post()
    asyncio.run(worker.start())


if __name__ == "__main__":
    main()
