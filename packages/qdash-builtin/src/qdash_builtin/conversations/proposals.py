"""Service for proposals of assistants: a user confirms or discards each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qdash_builtin.conversations.conversation_access import require_readable
from qdash_builtin.conversations.models.proposal import Proposal, ProposalState
from qdash_builtin.conversations.proposal_drafts import parse_given
from qdash_builtin.conversations.repository import ConversationMessageRepository
from qdash_builtin.proposals.action import Confirmation
from qdash_core.errors import (
    ConflictError,
    InvalidInputError,
    MissingInputError,
    NotFoundError,
    QDashError,
    StaleError,
    StoreError,
)
from qdash_core.models.project import ProjectRole
from qdash_core.models.times import format_time
from qdash_core.process.cancellation import AbandonedError
from qdash_core.process.clock import utc_now
from qdash_core.repositories.idempotency import IdempotencyRepository
from qdash_core.repositories.repositories import Repositories

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from qdash_builtin.conversations.models.conversation import ConversationMessageModel
    from qdash_builtin.proposals.action import Outcome, ProposalAction
    from qdash_core.models.access import Access
    from qdash_core.repositories.store import Store

_CHANGED = (ConflictError, InvalidInputError, MissingInputError, NotFoundError, StaleError)
"""Errors by which the record refuses an action that it allowed when it was drafted."""
_DECIDED = {
    ProposalState.CONFIRMING: "is being confirmed",
    ProposalState.CONFIRMED: "was confirmed",
    ProposalState.DISCARDED: "was discarded",
    ProposalState.EXPIRED: "expired",
}


class ProposalService:
    """Proposals in the messages of one store, with an action for each kind."""

    def __init__(
        self,
        store: Store,
        zone: ZoneInfo,
        actions: Iterable[ProposalAction[Any]],
        *,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._zone = zone
        self._actions = {action.kind: action for action in actions}
        self._clock = clock

    def list_actions(self, access: Access) -> list[ProposalAction[Any]]:
        """Return the actions that can be proposed to a user; none to one who may not write."""
        return [*self._actions.values()] if access.role.includes(ProjectRole.EDITOR) else []

    def describe_drafter(self, access: Access, conversation_id: str, message: int, proposal_id: str) -> str:
        """Return the assistant that drafted a proposal, with its model, conversation and question.

        Raises
        ------
        NotFoundError
            If there is no such conversation, message or proposal that the user can see.
        """
        with self._store.read() as snapshot:
            found, _ = _require_proposal(
                Repositories(snapshot), access, conversation_id, message, proposal_id
            )
        return _describe_author(found)

    def confirm(self, access: Access, conversation_id: str, message: int, proposal_id: str) -> Proposal:
        """Perform a proposal with the rights of the user who confirms it, once; return it with its outcome.

        A repeated confirmation by the same user returns the same outcome. Its author, the assistant, is named in the record: in the reason of
        the value event, in the request of the run, in the note, or in the issue.

        Parameters
        ----------
        access : Access
            Access of an editor who may read the conversation.

        Raises
        ------
        NotFoundError
            If there is no such conversation, message or proposal that the user can see.
        ConflictError
            If it was discarded, expired, or was confirmed by another user; if the feature of its kind is not active; or if the record changed since it
            was drafted, by which it expires.
        QDashError, AbandonedError
            If the action fails for another reason, or the client has left. It can be confirmed again.
        """
        access.require(ProjectRole.EDITOR)
        found, drafted_by = self._claim(access, conversation_id, message, proposal_id)
        if found.state is ProposalState.CONFIRMED:
            return found
        where = (access, conversation_id, message)
        key = f"proposal:{conversation_id}:{message}:{proposal_id}"
        try:
            outcome = self._perform(access, found, Confirmation(drafted_by, key))
        except _CHANGED as error:
            stored = self._end_attempt(*where, found, state=ProposalState.EXPIRED, error=str(error))
            if stored.state is ProposalState.CONFIRMED:
                return stored  # by the same request, which was sent twice
            raise ConflictError(f"the proposal expired, since the record has changed: {error}") from error
        except StoreError:
            raise  # it may have been performed: only the same user may confirm it again
        except (QDashError, AbandonedError):  # work is abandoned only before it writes
            stored = self._end_attempt(
                *where, found, state=ProposalState.DRAFTED, decided_by="", decided_at=None
            )
            if stored.state is ProposalState.CONFIRMED:
                return stored
            raise
        return self._end_attempt(
            *where,
            found,
            state=ProposalState.CONFIRMED,
            error="",
            outcome=outcome.text,
            record=outcome.record,
        )

    def discard(self, access: Access, conversation_id: str, message: int, proposal_id: str) -> Proposal:
        """Discard a proposal, so that nobody can confirm it.

        Raises
        ------
        NotFoundError
            If there is no such conversation, message or proposal that the user can see.
        ConflictError
            If it was confirmed.
        """
        access.require(ProjectRole.EDITOR)
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            _, proposal = _require_proposal(repositories, access, conversation_id, message, proposal_id)
            if proposal.state in (ProposalState.DISCARDED, ProposalState.EXPIRED):
                return proposal
            if proposal.state is not ProposalState.DRAFTED:
                raise ConflictError(self._describe_decision(proposal))
            return self._put(
                repositories,
                access,
                conversation_id,
                message,
                self._decide(access, proposal, ProposalState.DISCARDED),
            )

    def _claim(
        self, access: Access, conversation_id: str, message: int, proposal_id: str
    ) -> tuple[Proposal, str]:
        """Reserve a proposal for an attempt of one user, who may repeat it meanwhile; return it and its author."""
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            found, proposal = _require_proposal(repositories, access, conversation_id, message, proposal_id)
            author = f"drafted by {_describe_author(found)}"
            own = proposal.decided_by == access.username
            if own and proposal.state is ProposalState.CONFIRMED:
                return proposal, author
            if proposal.state is not ProposalState.DRAFTED and not (
                own and proposal.state is ProposalState.CONFIRMING
            ):
                raise ConflictError(self._describe_decision(proposal))
            if proposal.kind not in self._actions:
                raise ConflictError(
                    f"proposal {proposal.proposal_id} needs the action {proposal.kind!r}, whose feature is not active: "
                    "`qdash plugins list` says why; confirm the proposal again when it is"
                )
            claimed = self._decide(access, proposal, ProposalState.CONFIRMING).model_copy(
                update={"claims": proposal.claims + 1}
            )
            return self._put(repositories, access, conversation_id, message, claimed), author

    def _perform(self, access: Access, proposal: Proposal, by: Confirmation) -> Outcome:
        action = self._actions[proposal.kind]
        given = {**proposal.arguments, "reason": proposal.reason}
        arguments = parse_given(action, given)
        try:
            _, basis = action.describe(access, arguments)
            if basis != proposal.basis:
                drafted = proposal.summary.rstrip(".")
                raise ConflictError(f"it would no longer do what was drafted ({drafted}): ask again")
        except QDashError:  # perhaps since an earlier confirmation by the same user has performed it
            if not self._is_performed(access, arguments, action, by):
                raise
        return action.perform(access, arguments, proposal.basis, by)

    def _is_performed(
        self, access: Access, arguments: Any, action: ProposalAction[Any], by: Confirmation
    ) -> bool:
        """Return whether an earlier confirmation by the same user has performed the action."""
        with self._store.read() as snapshot:
            found = (
                Repositories(snapshot)
                .of(IdempotencyRepository)
                .find(access.project_id, access.username, by.key)
            )
        return found is not None or action.is_performed(access, arguments, by)

    def _decide(self, access: Access, proposal: Proposal, state: ProposalState) -> Proposal:
        return proposal.model_copy(
            update={"state": state, "decided_by": access.username, "decided_at": self._clock()}
        )

    def _end_attempt(
        self, access: Access, conversation_id: str, message: int, proposal: Proposal, **changes: object
    ) -> Proposal:
        """Store the end of an attempt to confirm a proposal, and return the proposal as it is stored.

        Another attempt by the same user may still run, or have performed the proposal before its process died. A failed attempt therefore makes
        the proposal a draft again, which others may confirm, only if there is no other attempt. Expiry is recorded at once, since it lets nobody
        confirm the proposal; an attempt that succeeds nevertheless corrects it.
        """
        with self._store.transaction() as transaction:
            repositories = Repositories(transaction)
            found = repositories.of(ConversationMessageRepository).find(
                access.project_id, conversation_id, message
            )
            known = {} if found is None else {one.proposal_id: one for one in found.proposals}
            stored = known.get(proposal.proposal_id, proposal)
            if stored.state is ProposalState.CONFIRMED:
                return stored
            claims = stored.claims - 1
            if changes["state"] is ProposalState.DRAFTED and (
                claims or stored.state is ProposalState.EXPIRED
            ):
                changes = {}
            changed = stored.model_copy(update={**changes, "claims": claims})
            return self._put(repositories, access, conversation_id, message, changed)

    def _put(
        self,
        repositories: Repositories,
        access: Access,
        conversation_id: str,
        message: int,
        proposal: Proposal,
    ) -> Proposal:
        """Store a changed proposal, unless its conversation was deleted meanwhile."""
        found = repositories.of(ConversationMessageRepository).find(
            access.project_id, conversation_id, message
        )
        if found is not None:
            proposals = [
                proposal if one.proposal_id == proposal.proposal_id else one for one in found.proposals
            ]
            repositories.of(ConversationMessageRepository).put(
                found.with_changes(now=self._clock(), proposals=proposals)
            )
        return proposal

    def _describe_decision(self, proposal: Proposal) -> str:
        done = _DECIDED[proposal.state]
        by = f" by {proposal.decided_by}" if proposal.decided_by else ""
        at = "" if proposal.decided_at is None else f" at {format_time(proposal.decided_at, self._zone)}"
        after = f": {proposal.outcome or proposal.error}" if proposal.outcome or proposal.error else ""
        return f"proposal {proposal.proposal_id} {done}{by}{at}{after}"


def _require_proposal(
    repositories: Repositories, access: Access, conversation_id: str, message: int, proposal_id: str
) -> tuple[ConversationMessageModel, Proposal]:
    require_readable(repositories, access, conversation_id)
    found = repositories.of(ConversationMessageRepository).find(access.project_id, conversation_id, message)
    proposals = [] if found is None else found.proposals
    for proposal in proposals:
        if found is not None and proposal.proposal_id == proposal_id:
            return found, proposal
    known = ", ".join(one.proposal_id for one in proposals) or "none"
    raise NotFoundError(
        f"question {message} of conversation {conversation_id} has no proposal {proposal_id!r} (known: {known})"
    )


def _describe_author(message: ConversationMessageModel) -> str:
    model = f" with {message.model}" if message.model else ""
    return f"assistant {message.assistant}{model}, conversation {message.conversation_id}, question {message.number}"
