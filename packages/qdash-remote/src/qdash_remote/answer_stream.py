"""Question to the assistant of a host, whose answer is received part by part."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args
from urllib.parse import quote

import httpx

from qdash_builtin.conversations.views import AnswerDocument, AnswerPartDocument, AskedDocument
from qdash_remote.problems import HostError
from qdash_remote.server_sent_events import SILENCE_S, read_messages

if TYPE_CHECKING:
    from collections.abc import Generator

    from qdash_remote.connection import Connection

_ENDS = ("done", "error")
_DOCUMENTS: dict[str, type[AnswerDocument]] = {
    **dict.fromkeys(("start", *_ENDS), AskedDocument),
    **{one.event: one for one in get_args(AnswerPartDocument)},
}


def ask(connection: Connection, conversation_id: str, question: str) -> Generator[AnswerDocument, None, None]:
    """Ask a question in a conversation; yield the message, the parts of its answer as they arrive, and the whole message.

    Closing the iterator cancels the answer; the host keeps its parts.

    Parameters
    ----------
    connection : Connection
        Connection made by `connect`.
    conversation_id : str
        The conversation, from `create_conversation`, the beginning of its id, or `last`.
    question : str
        The question.

    Raises
    ------
    QDashError
        As the host reports it: no assistant, an exhausted budget, a running answer.
    HostError
        If the host cannot be reached, or the connection ends before the answer.
    """
    path = f"/conversations/{quote(conversation_id, safe='')}/questions"
    try:
        with connection.stream("POST", path, json={"question": question}, timeout=SILENCE_S) as response:
            for message in read_messages(response.iter_lines()):
                if message.data and (document := _DOCUMENTS.get(message.name)) is not None:
                    yield document.model_validate_json(message.data, extra="ignore")
                    if message.name in _ENDS:
                        return
    except httpx.TransportError as error:
        raise HostError(f"the connection ended before the answer: {error}") from error
    raise HostError("the connection ended before the answer: the conversation has what arrived at the host")
