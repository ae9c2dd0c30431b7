"""Interrupted answers, whose process died before it stored their end."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from qdash_core.models.conversation import AnswerState

if TYPE_CHECKING:
    from datetime import datetime

    from qdash_core.models.conversation import ConversationMessageModel

SILENCE = timedelta(seconds=30)
"""Silence after which a running answer counts as interrupted: it is stored every few seconds."""


def mark_interrupted(message: ConversationMessageModel, *, now: datetime) -> ConversationMessageModel:
    """Return a message, as interrupted if it is recorded as running and its process has been silent."""
    # A time in the future is that of a process before the clock was set back: the conversation must not wait for it.
    if message.state is not AnswerState.RUNNING or abs(now - message.updated_at) < SILENCE:
        return message
    return message.model_copy(
        update={
            "state": AnswerState.INTERRUPTED,
            "error": "the process of the answer ended; the tokens that were reserved for it still count",
            "ended_at": message.updated_at,
        }
    )
