"""Services of conversations with assistants."""

from __future__ import annotations

from pkgutil import resolve_name
from typing import TYPE_CHECKING

from qdash_core.assistants.settings import ConversationSettings
from qdash_core.chips.feature import CHIPS, TARGETS
from qdash_core.features import Service
from qdash_core.issues.feature import ISSUES
from qdash_core.notes.feature import NOTES
from qdash_core.results.feature import RESULTS
from qdash_core.runs.feature import EXECUTIONS
from qdash_core.values.feature import VALUES

if TYPE_CHECKING:
    from qdash_core.application import QDash
    from qdash_core.assistants.answers import AnswerService
    from qdash_core.assistants.citation_resolver import CitationResolver
    from qdash_core.assistants.proposals import ProposalService
    from qdash_core.assistants.running_answers import RunningAnswers
    from qdash_core.assistants.service import ConversationService


_RUNNING_ANSWERS: Service[RunningAnswers] = Service(f"{__name__}:open_running_answers")


def open_answers(qdash: QDash) -> AnswerService:
    """Open the service for the answers of assistants."""
    from qdash_core.assistants.answer_slots import AnswerSlots
    from qdash_core.assistants.answers import AnswerService
    from qdash_core.assistants.budgets import TokenBudgets
    from qdash_core.assistants.selection import AssistantSelection

    settings = qdash.settings.of(ConversationSettings)
    return AnswerService(
        qdash.store,
        qdash.zone,
        AssistantSelection(qdash.registry.assistants, settings.assistant),
        budgets=TokenBudgets(
            settings.assistant_tokens_per_question,
            settings.assistant_tokens_per_user_day,
            settings.assistant_tokens_per_day,
        ),
        slots=AnswerSlots(settings.assistant_answers, settings.assistant_answers_per_user),
        running=qdash.get(_RUNNING_ANSWERS),
        most_tool_calls=settings.assistant_tool_calls,
        longest_s=settings.assistant_answer_s,
    )


def open_running_answers(_qdash: QDash) -> RunningAnswers:
    """Open the register of the answers that this process writes."""
    from qdash_core.assistants.running_answers import RunningAnswers

    return RunningAnswers()


def open_citations(qdash: QDash) -> CitationResolver:
    """Open the resolver of the citations in answers of assistants."""
    from qdash_core.assistants.citation_resolver import CitationResolver

    return CitationResolver(
        chips=qdash.get(CHIPS),
        results=qdash.get(RESULTS),
        executions=qdash.get(EXECUTIONS),
        targets=qdash.get(TARGETS),
        values=qdash.get(VALUES),
        notes=qdash.get(NOTES),
        issues=qdash.get(ISSUES),
        registry=qdash.registry,
    )


def open_proposals(qdash: QDash) -> ProposalService:
    """Open the service for the proposals of assistants, which users confirm."""
    from qdash_core.assistants.proposals import ProposalService

    features = qdash.registry.features().values()
    actions = [resolve_name(name)(qdash) for feature in features for name in feature.proposals]
    return ProposalService(qdash.store, qdash.zone, actions)


def open_conversations(qdash: QDash) -> ConversationService:
    """Open the service for conversations with assistants."""
    from qdash_core.assistants.service import ConversationService

    return ConversationService(qdash.store, running=qdash.get(_RUNNING_ANSWERS))
