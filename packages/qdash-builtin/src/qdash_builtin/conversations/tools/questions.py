"""Questions to the assistant of the home of this machine, or of a host."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from qdash_builtin.conversations.feature import ANSWERS, CONVERSATIONS
from qdash_builtin.conversations.host_answer import ask_host
from qdash_builtin.conversations.tools.answer_tools import AnswerTools
from qdash_builtin.conversations.views import AskedDocument, make_answer_document
from qdash_core.models.project import ProjectRole
from qdash_core.operations.local_transport import LocalTransport

if TYPE_CHECKING:
    from collections.abc import Generator

    from qdash_builtin.conversations.host_answer import AnsweringHost
    from qdash_builtin.conversations.views import AnswerDocument
    from qdash_core.operations.transport import Transport

_CANCEL_WAIT_S = 5.0


def stream_answer(
    transport: Transport, conversation_id: str, question: str
) -> Generator[AnswerDocument, None, None]:
    """Ask the assistant; yield the message, the parts of its answer as they arrive, and the whole message.

    Closing the generator cancels the answer; its parts are kept. A conversation is named by its id, the beginning of one, or `last`.
    """
    if isinstance(transport, LocalTransport):
        return _stream_at_home(transport, conversation_id, question)
    return ask_host(cast("AnsweringHost", transport), conversation_id, question)


def _stream_at_home(
    transport: LocalTransport, conversation_id: str, question: str
) -> Generator[AnswerDocument, None, None]:
    qdash = transport.qdash
    qdash.enroll(transport.username, transport.project)
    access = qdash.access(transport.username, transport.project, ProjectRole.EDITOR)
    known = qdash.get(CONVERSATIONS).resolve_id(access, conversation_id)
    answer = qdash.get(ANSWERS).ask(access, known, question, AnswerTools(qdash))
    try:
        yield AskedDocument.from_message(answer.asked)
        yield from map(make_answer_document, answer)
    finally:
        answer.cancel(f"cancelled by {access.username}")  # without effect on an answer that has ended
        answer.wait(_CANCEL_WAIT_S)
