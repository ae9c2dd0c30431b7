"""Tools of the answers of assistants, and the review of finished answers."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from qdash_builtin.conversations.citations import parse_references
from qdash_builtin.conversations.feature import CITATIONS, PROPOSALS
from qdash_builtin.conversations.models.proposal import Proposal, ProposalDraft
from qdash_builtin.conversations.proposal_drafts import make_draft, name_tool
from qdash_builtin.conversations.tool_arguments import make_schema
from qdash_builtin.conversations.tools.documentation_tools import DOCUMENTATION_TOOLS
from qdash_builtin.conversations.tools.figure_numbers import FIGURE_NUMBERS
from qdash_builtin.conversations.tools.figure_pictures import FIGURE_PICTURE
from qdash_builtin.conversations.tools.operation_answers import make_operation_tools
from qdash_builtin.conversations.tools.shown_references import find_shown_references
from qdash_core.errors import AssistantError
from qdash_core.hooks.assistants import AssistantTool, ToolResult

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel, ConversationModel
    from qdash_builtin.proposals.action import ProposalAction
    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash

MOST_PROPOSALS = 10
"""Maximum number of proposals of an answer; further ones are refused."""
MOST_SHOWN = 1000
"""Maximum number of shown records that an answer remembers."""
_FURTHER_TOOLS = (FIGURE_NUMBERS, *DOCUMENTATION_TOOLS, FIGURE_PICTURE)
_DRAFT = "proposal_draft"
_NEXT = "The user sees this draft below your answer and confirms or discards it. Nothing was changed."


class AnswerTools:
    """Reading tools and drafts of proposals for answers, and the review of answers; an `AnswerReview`."""

    def __init__(self, qdash: QDash) -> None:
        self._qdash = qdash

    def make_tools(
        self, access: Access, conversation: ConversationModel, *, reads_pictures: bool
    ) -> list[AssistantTool]:
        """Return the tools of an answer. A user who may not write gets no proposals, and only a model that accepts images gets pictures."""
        drafts = _Drafts(access)
        return [
            *make_operation_tools(self._qdash, access, conversation.chip_id),
            *(one.bind(self._qdash, access) for one in _FURTHER_TOOLS if reads_pictures or not one.draws),
            *map(drafts.make_tool, self._qdash.get(PROPOSALS).list_actions(access)),
        ]

    def review(
        self,
        access: Access,
        message: ConversationMessageModel,
        *,
        earlier: Sequence[ConversationMessageModel],
        results: Sequence[Mapping[str, Any]],
    ) -> ConversationMessageModel:
        """Return a finished message with its citations, uncited statements and proposals."""
        shown = dict.fromkeys(one for result in results for one in find_shown_references(result))
        before = {one for other in earlier for text in other.shown for one in parse_references(text)}
        checked = self._qdash.get(CITATIONS).check_answer(access, message.answer, {*shown, *before})
        return message.model_copy(
            update={
                "citations": checked.citations,
                "uncited": checked.uncited,
                "shown": [str(one) for one in shown][:MOST_SHOWN],
                "proposals": [
                    Proposal(**dict(draft), proposal_id=str(number))
                    for number, draft in enumerate(_find_drafts(results), 1)
                ],
            }
        )


class _Drafts:
    """Drafts of one answer: each counts once, and their number is limited."""

    def __init__(self, access: Access) -> None:
        self._access, self._lock = access, Lock()
        self._known: list[object] = []

    def make_tool(self, action: ProposalAction[Any]) -> AssistantTool:
        """Return the tool that drafts one kind of proposals."""

        def call(arguments: Mapping[str, Any]) -> ToolResult:
            draft = make_draft(action, self._access, arguments)
            self._count(draft)
            return ToolResult({_DRAFT: draft.model_dump(mode="json"), "next": _NEXT})

        return AssistantTool(
            name_tool(action),
            f"{action.description} You only draft it: a user confirms or discards it.",
            make_schema(action.arguments),
            call,
        )

    def _count(self, draft: ProposalDraft) -> None:
        """Count a draft; raise AssistantError if it is one too many."""
        with self._lock:
            if _identify(draft) in self._known:
                return
            if len(self._known) == MOST_PROPOSALS:
                raise AssistantError(
                    f"this answer has reached its limit of {MOST_PROPOSALS} proposals, and the user does not see this one: name it in your text"
                )
            self._known.append(_identify(draft))


def _identify(draft: ProposalDraft) -> object:
    """Return what distinguishes drafts of an answer."""
    return draft.kind, draft.arguments


def _find_drafts(results: Sequence[Mapping[str, Any]]) -> Iterator[ProposalDraft]:
    """Yield the drafts among the results of tools, each once. No reading tool returns such a field."""
    known = []
    for result in results:
        if isinstance(draft := result.get(_DRAFT), dict):
            made = ProposalDraft.model_validate(draft)
            if _identify(made) not in known:
                known.append(_identify(made))
                yield made
