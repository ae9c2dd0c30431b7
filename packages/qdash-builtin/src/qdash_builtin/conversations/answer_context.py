"""Context of an answer: the earlier conversation, its project and chip, and the time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_core.hooks.assistants import Turn

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel, ConversationModel

_HISTORY_MESSAGES = 20
_HISTORY_CHARACTERS = 30_000
_LONGEST_TITLE = 80


def make_context(conversation: ConversationModel, *, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    """Return the ids of project and chip, and the time."""
    return {
        "project_id": conversation.project_id,
        "chip_id": conversation.chip_id or None,
        "now": now.isoformat(),
        "time_zone": str(zone),
    }


def make_history(earlier: Sequence[ConversationMessageModel]) -> list[Turn]:
    """Return the last questions that have answers, oldest first, limited in number and length."""
    turns: list[Turn] = []
    left = _HISTORY_CHARACTERS
    for one in reversed(earlier[-_HISTORY_MESSAGES:]):
        left -= len(one.question) + len(one.answer)
        if left < 0:
            break
        if one.answer:
            turns += [Turn("assistant", one.answer), Turn("user", one.question)]
    return turns[::-1]


def make_title(question: str) -> str:
    """Return the beginning of a question as a title: one line of printable characters."""
    line = " ".join("".join(one if one.isprintable() else " " for one in question).split())
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 1]}…"
