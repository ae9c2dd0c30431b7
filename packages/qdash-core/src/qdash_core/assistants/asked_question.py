"""A question with everything that its answer and the review of it need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from qdash_core.assistants.answer_context import make_context, make_history

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_core.assistants.answer_review import AnswerReview
    from qdash_core.assistants.tool_observer import ToolObserver
    from qdash_core.hooks.assistants import AnswerLimits, Assistant, AssistantState
    from qdash_core.models.access import Access
    from qdash_core.models.conversation import ConversationMessageModel, ConversationModel


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """Question of a user to an assistant.

    Parameters
    ----------
    access : Access
        Access of the user.
    conversation, message, earlier
        The conversation, the message of the question, and the messages before it.
    assistant, state
        The assistant, and its state.
    review : AnswerReview
        Tools of the answer, and review of its text.
    """

    access: Access
    conversation: ConversationModel
    message: ConversationMessageModel
    earlier: Sequence[ConversationMessageModel]
    assistant: Assistant
    state: AssistantState
    review: AnswerReview

    def answer(
        self,
        observer: ToolObserver,
        limits: AnswerLimits,
        *,
        cancelled: Callable[[], bool],
        now: datetime,
        zone: ZoneInfo,
    ) -> Iterator[object]:
        """Return the parts of the assistant's answer, with tools that are observed."""
        tools = self.review.make_tools(
            self.access, self.conversation, reads_pictures=self.state.reads_pictures
        )
        return self.assistant.answer(
            self.message.question,
            history=make_history(self.earlier),
            context=make_context(self.conversation, now=now, zone=zone),
            tools=observer.observe(tools),
            limits=limits,
            cancelled=cancelled,
        )

    def review_answer(
        self, ended: ConversationMessageModel, observer: ToolObserver
    ) -> ConversationMessageModel:
        """Return the message with the whole answer and its citations."""
        return self.review.review(self.access, ended, earlier=self.earlier, results=observer.results)
