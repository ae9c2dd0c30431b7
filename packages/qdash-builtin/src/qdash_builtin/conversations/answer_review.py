"""Protocol of the tools of answers, and of the review of finished answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel, ConversationModel
    from qdash_core.hooks.assistants import AssistantTool
    from qdash_core.models.access import Access


class AnswerReview(Protocol):
    """Tools of the answers to a user, and the review of finished answers."""

    def make_tools(
        self, access: Access, conversation: ConversationModel, *, reads_pictures: bool
    ) -> Sequence[AssistantTool]:
        """Return the tools of an answer, which read with the rights of the user; pictures only for a model that reads them."""

    def review(
        self,
        access: Access,
        message: ConversationMessageModel,
        *,
        earlier: Sequence[ConversationMessageModel],
        results: Sequence[Mapping[str, Any]],
    ) -> ConversationMessageModel:
        """Return a finished message with its citations.

        Parameters
        ----------
        access : Access
            Access of the user who asked.
        message : ConversationMessageModel
            The message with the whole answer.
        results : sequence of mapping
            Results of the tools of this answer.
        """
