"""Services of conversations with assistants."""

from __future__ import annotations

import logging
import re
from functools import partial
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any

from qdash_builtin.conversations.settings import ConversationSettings
from qdash_builtin.results.feature import RESULTS
from qdash_builtin.runs.feature import RUNS
from qdash_core.features.declarations import Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from qdash_builtin.conversations.answers import AnswerService
    from qdash_builtin.conversations.citation_resolver import CitationResolver
    from qdash_builtin.conversations.proposal_actions.measurement import MeasureAction
    from qdash_builtin.conversations.proposals import ProposalService
    from qdash_builtin.conversations.running_answers import RunningAnswers
    from qdash_builtin.conversations.service import ConversationService
    from qdash_builtin.proposals.action import ProposalAction
    from qdash_core.models.access import Access
    from qdash_core.runtime.application import QDash

logger = logging.getLogger(__name__)
_KIND = re.compile("[a-z][a-z0-9_]{0,40}")
"""Kind of proposals, which is in the name of a tool of the model."""
_RUNNING_ANSWERS: Service[RunningAnswers] = Service(f"{__name__}:open_running_answers")


def open_answers(qdash: QDash) -> AnswerService:
    """Open the service for the answers of assistants."""
    from qdash_builtin.conversations.answer_slots import AnswerSlots
    from qdash_builtin.conversations.answers import AnswerService
    from qdash_builtin.conversations.budgets import TokenBudgets
    from qdash_builtin.conversations.selection import AssistantSelection

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
    from qdash_builtin.conversations.running_answers import RunningAnswers

    return RunningAnswers()


def _find_cited(found_by: str, qdash: QDash, access: Access, name: str) -> tuple[str, str] | None:
    found: tuple[str, str] | None = resolve_name(found_by)(qdash, access, name)
    return found


def open_citations(qdash: QDash) -> CitationResolver:
    """Open the resolver of the citations in answers of assistants."""
    from qdash_builtin.conversations.citation_resolver import CitationResolver

    features = qdash.registry.features().values()
    finders = {
        kind.name: partial(_find_cited, kind.found_by, qdash) for one in features for kind in one.records
    }
    return CitationResolver(finders)


def open_proposals(qdash: QDash) -> ProposalService:
    """Open the service for the proposals of assistants, which users confirm."""
    from qdash_builtin.conversations.proposals import ProposalService

    return ProposalService(qdash.store, qdash.zone, _make_actions(qdash))


def _make_actions(qdash: QDash) -> Iterator[ProposalAction[Any]]:
    """Yield the actions of features; one that is faulty, or whose kind is taken, is left out."""
    from qdash_builtin.proposals.action import ProposalAction

    kinds = set[str]()
    for feature in qdash.registry.features().values():
        for name in feature.proposals:
            try:
                action = resolve_name(name)(qdash)
                if not isinstance(action, ProposalAction):
                    raise TypeError("it is no ProposalAction")  # noqa: TRY301  as an error of the plugin
                if not _KIND.fullmatch(action.kind) or action.kind in kinds:
                    raise ValueError(f"its kind {action.kind!r} is taken or is no name")  # noqa: TRY301  likewise
            except Exception as error:  # noqa: BLE001  code of a plugin
                logger.warning("feature %s: the action of %s is left out: %s", feature.name, name, error)
            else:
                kinds.add(action.kind)
                yield action


def make_measurement_action(qdash: QDash) -> MeasureAction:
    """Return the action that proposes measurements."""
    from qdash_builtin.conversations.proposal_actions.measurement import MeasureAction

    return MeasureAction(qdash.get(RESULTS), qdash.get(RUNS), qdash.registry)


def open_conversations(qdash: QDash) -> ConversationService:
    """Open the service for conversations with assistants."""
    from qdash_builtin.conversations.service import ConversationService

    return ConversationService(qdash.store, running=qdash.get(_RUNNING_ANSWERS))


def find_cited_section(_qdash: QDash, _access: Access, name: str) -> tuple[str, str]:
    """Return the name and the title of a cited section of the documentation."""
    from qdash_builtin.home.documentation import get_section

    section = get_section(name)
    return section.name, section.title
