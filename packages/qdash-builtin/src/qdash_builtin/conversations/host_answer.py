"""Question to the assistant of a host, whose answer is received part by part."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Protocol, get_args
from urllib.parse import quote

from qdash_builtin.conversations.views import AnswerDocument, AnswerPartDocument, AskedDocument
from qdash_core.operations.transport import ConnectionLostError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from datetime import datetime

_ENDS = ("done", "error")
_DOCUMENTS: dict[str, type[AnswerDocument]] = {
    **dict.fromkeys(("start", *_ENDS), AskedDocument),
    **{one.event: one for one in get_args(AnswerPartDocument)},
}


class StreamMessage(Protocol):
    """Message of a stream."""

    @property
    def name(self) -> str:
        """Its kind."""

    @property
    def data(self) -> str:
        """Its JSON, or empty."""


class AnsweringHost(Protocol):
    """Connection to a host, as `qdash_remote.connect` makes it."""

    def receive(self, path: str, body: Mapping[str, object]) -> Generator[StreamMessage, None, None]:
        """Send a request, and yield the messages of its answer as they arrive."""

    def now(self) -> datetime:
        """Return the time of the host's home."""


def ask_host(
    host: AnsweringHost, conversation_id: str, question: str
) -> Generator[AnswerDocument, None, None]:
    """Ask a question in a conversation; yield the message, the parts of its answer as they arrive, and the whole message.

    Closing the iterator cancels the answer; the host keeps its parts.

    Parameters
    ----------
    conversation_id : str
        The conversation, from `create_conversation`, the beginning of its id, or `last`.

    Raises
    ------
    QDashError
        As the host reports it: no assistant, an exhausted budget, a running answer. Also if the host cannot be reached, or the
        connection ends before the answer.
    """
    path = f"/conversations/{quote(conversation_id, safe='')}/questions"
    with closing(host.receive(path, {"question": question})) as messages:
        for message in messages:
            if message.data and (document := _DOCUMENTS.get(message.name)) is not None:
                yield document.model_validate_json(message.data, extra="ignore")
                if message.name in _ENDS:
                    return
    raise ConnectionLostError(
        "the connection ended before the answer: the conversation has what arrived at the host"
    )
