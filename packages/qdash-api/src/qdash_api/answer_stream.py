"""Stream of a running answer as server-sent events. It ends with the answer; a client that disconnects cancels it."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from anyio import create_task_group, current_time, sleep, to_thread
from fastapi.sse import format_sse_event

from qdash_api.middleware.slow_client import SlowClientError
from qdash_api.middleware.sse_response import ServerSentResponse
from qdash_api.process.limits import get_current_limits
from qdash_api.routing.disconnects import cancel_on_disconnect
from qdash_builtin.conversations.models.conversation import AnswerState
from qdash_builtin.conversations.running_answer import AnswerEnd
from qdash_builtin.conversations.views import AskedDocument, make_answer_document
from qdash_core.errors import StoreUnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import Receive, Scope, Send

    from qdash_builtin.conversations.running_answer import AnswerEvent, RunningAnswer
    from qdash_core.documents.base import Document

logger = logging.getLogger(__name__)

HEARTBEAT_S = 15.0
"""Silence after which the stream sends a heartbeat, in seconds."""
_HEARTBEAT = format_sse_event(comment="heartbeat")
_POLL_S = 0.5
_ACCESS_CHECK_S = 10.0
_SEND_S = 30.0


class AnswerStream(ServerSentResponse):
    """Response with the events of a running answer.

    Parameters
    ----------
    answer : RunningAnswer
        The answer.
    refusal : callable
        Returns why the user has lost access, or an empty string.
    """

    def __init__(self, answer: RunningAnswer, *, refusal: Callable[[], str]) -> None:
        super().__init__(_SEND_S)
        self._answer, self._refusal = answer, refusal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  the signature is ASGI's
        """Send the stream."""
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await self._send(send, _format("start", AskedDocument.from_message(self._answer.asked)))
            async with create_task_group() as group:
                group.start_soon(cancel_on_disconnect, receive, group.cancel_scope)
                group.start_soon(self._check_access)
                await self._send_events(send)
                group.cancel_scope.cancel()
        except* SlowClientError:
            logger.warning("the stream of an answer was closed: the client did not receive data in time")
        finally:
            self._answer.cancel(
                "the connection of the user ended"
            )  # without effect on an answer that has ended

    async def _send_events(self, send: Send) -> None:
        while True:
            event = await to_thread.run_sync(
                self._answer.get_event, _POLL_S, limiter=get_current_limits().answers, abandon_on_cancel=True
            )
            if event is not None:
                ends = isinstance(event, AnswerEnd)
                await self._send(send, _format_event(event), last=ends)
                if ends:
                    return
            elif current_time() - self._sent_at >= HEARTBEAT_S:
                await self._send(send, _HEARTBEAT)

    async def _check_access(self) -> None:
        """Check regularly whether the user still has access, and cancel the answer if not."""
        while True:
            await sleep(_ACCESS_CHECK_S)
            with suppress(StoreUnavailableError):
                refused = await to_thread.run_sync(self._refusal, limiter=get_current_limits().answers)
                if refused:
                    self._answer.cancel(refused)


def _format_event(event: AnswerEvent) -> bytes:
    """Return the message of an event: `done` with the message if the answer is complete, `error` if it ended early."""
    document = make_answer_document(event)
    if isinstance(document, AskedDocument):
        return _format("done" if document.state is AnswerState.COMPLETED else "error", document)
    return _format(document.event, document)


def _format(name: str, document: Document) -> bytes:
    return format_sse_event(event=name, data_str=document.model_dump_json(exclude_none=True))
