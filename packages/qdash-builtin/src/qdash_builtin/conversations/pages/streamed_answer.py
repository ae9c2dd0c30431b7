"""Answer of the assistant, received by a thread while pages show the beginning."""

from __future__ import annotations

from threading import Lock, Thread
from typing import TYPE_CHECKING

import streamlit as st

from qdash_builtin.conversations.host_answer import ask_host
from qdash_builtin.conversations.views import (
    AnswerTextDocument,
    AskedDocument,
    ToolCallDocument,
    ToolResultDocument,
    ToolUseDocument,
    UsageDocument,
)
from qdash_core.errors import AssistantError, QDashError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from qdash_builtin.conversations.host_answer import AnsweringHost
    from qdash_builtin.conversations.views import AnswerDocument


class StreamedAnswer:
    """Answer to a question. It is received also when the user leaves the page; the host stores it.

    Raises
    ------
    QDashError
        If the host does not accept the question.
    """

    def __init__(self, connection: AnsweringHost, conversation_id: str, question: str) -> None:
        parts = ask_host(connection, conversation_id, question)
        first = next(parts)
        if not isinstance(first, AskedDocument):
            raise AssistantError("the host sent a part of an answer before the message")
        self._connection = connection
        self.conversation_id = conversation_id
        self._lock = Lock()
        self._message = first
        self._ended = False
        Thread(target=self._receive, args=(parts,), name=f"answer-{conversation_id}", daemon=True).start()

    def read(self) -> tuple[AskedDocument, bool]:
        """Return the part of the message that has arrived, and whether the stream has ended."""
        with self._lock:
            return self._message, self._ended

    def _receive(self, parts: Iterator[AnswerDocument]) -> None:
        try:
            for part in parts:
                with self._lock:
                    self._message = _add_part(self._message, part, now=self._connection.now())
        except QDashError:
            pass  # the page reads the message from the host, which says how it ended
        finally:
            with self._lock:
                self._ended = True


def _add_part(message: AskedDocument, part: AnswerDocument, *, now: datetime) -> AskedDocument:
    """Return a message with another part of its answer."""
    match part:
        case AskedDocument():
            return part
        case AnswerTextDocument():
            return message.model_copy(update={"answer": message.answer + part.text})
        case ToolCallDocument():
            call = ToolUseDocument(
                call_id=part.call_id,
                name=part.name,
                arguments=part.arguments,
                position=len(message.answer),
                called_at=now,
            )
            return message.model_copy(update={"tools": [*message.tools, call]})
        case ToolResultDocument():
            end = {"ok": part.ok, "summary": part.summary, "seconds": part.seconds}
            tools = [
                one.model_copy(update=end) if one.call_id == part.call_id else one for one in message.tools
            ]
            return message.model_copy(update={"tools": tools})
        case UsageDocument():
            return message.model_copy(
                update={
                    "input_tokens": (message.input_tokens or 0) + part.input_tokens,
                    "output_tokens": (message.output_tokens or 0) + part.output_tokens,
                }
            )


def keep_answer(answer: StreamedAnswer) -> None:
    """Keep a running answer in the session."""
    st.session_state[_make_key(answer.conversation_id)] = answer


def find_answer(conversation_id: str, number: int) -> StreamedAnswer | None:
    """Return the running answer to a question of this session, or None."""
    found: StreamedAnswer | None = st.session_state.get(_make_key(conversation_id))
    return found if found is not None and found.read()[0].number == number else None


def forget_answer(conversation_id: str) -> None:
    """Delete an answer that has ended from the session."""
    st.session_state.pop(_make_key(conversation_id), None)


def _make_key(conversation_id: str) -> str:
    return f"assistant.answer.{conversation_id}"
