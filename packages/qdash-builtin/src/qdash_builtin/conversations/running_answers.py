"""Running answers of this process."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_builtin.conversations.models.conversation import ConversationMessageModel
    from qdash_builtin.conversations.running_answer import RunningAnswer

    _Key = tuple[str, str, int]


class RunningAnswers:
    """Answers that this process is writing, by message. Safe for threads."""

    def __init__(self) -> None:
        self._answers: dict[_Key, RunningAnswer] = {}

    def add(self, answer: RunningAnswer) -> None:
        """Add an answer before it starts."""
        self._answers[_get_key(answer.asked)] = answer

    def remove(self, message: ConversationMessageModel) -> None:
        """Remove the answer of a message; no effect if there is none."""
        self._answers.pop(_get_key(message), None)

    def find(self, message: ConversationMessageModel) -> RunningAnswer | None:
        """Return the answer of a message, or None if this process does not write it."""
        return self._answers.get(_get_key(message))

    def list_answers(self) -> list[RunningAnswer]:
        """Return all of them."""
        return [*self._answers.values()]


def _get_key(message: ConversationMessageModel) -> _Key:
    return message.project_id, message.conversation_id, message.number
