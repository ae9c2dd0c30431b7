"""Drafts of proposals: the tool of an action, and its checked arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.conversations.models.proposal import ProposalDraft
from qdash_builtin.conversations.tool_arguments import parse_arguments
from qdash_core.models.project import ProjectRole

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_builtin.proposals.action import A, ProposalAction
    from qdash_core.models.access import Access


def name_tool(action: ProposalAction[Any]) -> str:
    """Return the name of the tool that drafts proposals of an action."""
    return f"propose_{action.kind}"


def parse_given(action: ProposalAction[A], given: Mapping[str, Any]) -> A:
    """Return checked arguments of an action; raise InvalidInputError with the first fault."""
    return parse_arguments(name_tool(action), action.arguments, given)


def make_draft(action: ProposalAction[Any], access: Access, given: Mapping[str, Any]) -> ProposalDraft:
    """Return a proposal that the record allows now. Nothing is written.

    Raises
    ------
    AccessDeniedError
        If the user may not write.
    QDashError
        If the record does not allow it.
    """
    access.require(ProjectRole.EDITOR)
    arguments = action.resolve(access, parse_given(action, given))
    summary, basis = action.describe(access, arguments)
    return ProposalDraft(
        kind=action.kind,
        arguments=arguments.model_dump(mode="json", exclude={"reason"}, exclude_defaults=True),
        summary=summary,
        reason=arguments.reason,
        basis=basis,
    )
