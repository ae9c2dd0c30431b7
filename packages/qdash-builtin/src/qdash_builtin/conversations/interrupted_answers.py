"""Interrupted answers, whose process died before it stored their end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_builtin.conversations.models.conversation import AnswerState
from qdash_builtin.conversations.running_answer import HEARTBEAT_S

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel
    from qdash_builtin.conversations.running_answers import RunningAnswers

SILENCE = timedelta(seconds=30)
"""Silence after which a running answer counts as interrupted: it is stored every few seconds."""
SILENCE_WHEN_CANCELLED = timedelta(seconds=3 * HEARTBEAT_S)
"""The same for an answer that a user has cancelled: they wait for its end."""


def mark_interrupted(
    message: ConversationMessageModel, *, now: datetime, running: RunningAnswers
) -> ConversationMessageModel:
    """Return a message, as interrupted if it is recorded as running and its process has been silent.

    An answer that runs in this process is not interrupted, also if its parts cannot be stored.
    """
    silence = SILENCE_WHEN_CANCELLED if message.cancelled_by else SILENCE
    # A time in the future is that of a process before the clock was set back: the conversation must not wait for it.
    is_silent = abs(now - message.updated_at) >= silence
    if message.state is not AnswerState.RUNNING or not is_silent or running.find(message):
        return message
    return message.model_copy(
        update={
            "state": AnswerState.INTERRUPTED,
            "error": "the process of the answer ended; the tokens that were reserved for it still count",
            "ended_at": message.updated_at,
        }
    )
