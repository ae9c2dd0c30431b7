"""Proposals of assistants: drafts of changes that a user confirms or discards."""

from __future__ import annotations

from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from pydantic import model_validator

from qdash_core.models.base import UtcDatetime, Value
from qdash_core.models.references import Reference  # noqa: TC001  pydantic reads the fields

_FORMER_ROUTES = {
    "chips": "chip",
    "executions": "execution",
    "issues": "issue",
    "task-results": "result",
}


class ProposalState(StrEnum):
    """State of a proposal."""

    DRAFTED = "drafted"
    CONFIRMING = "confirming"
    """A user confirmed it, and its outcome is not recorded yet."""
    CONFIRMED = "confirmed"
    DISCARDED = "discarded"
    EXPIRED = "expired"
    """The record changed since it was drafted, so that it is not performed any longer."""


class ProposalDraft(Value):
    """Proposed change, checked against the record.

    Nothing of it is performed before a user confirms it.
    """

    kind: str
    """Kind of the change, which names the action of a feature; that of a stored proposal may be absent."""
    arguments: dict[str, Any]
    summary: str
    """Effect of a confirmation, in words of QDash and not of the model."""
    reason: str
    """Reason in the words of the assistant."""
    basis: str
    """Digest of the records that it depends on; empty if it depends on none."""


class Proposal(ProposalDraft):
    """Proposal in a message of an assistant."""

    proposal_id: str
    """Number in the message, counted from 1."""
    state: ProposalState = ProposalState.DRAFTED
    decided_by: str = ""
    """User who confirmed or discarded it."""
    decided_at: UtcDatetime | None = None
    claims: int = 0
    """Attempts to confirm it by `decided_by` without a known end: those that run, and those whose process died."""
    outcome: str = ""
    """Effect of the confirmation, in one sentence."""
    record: Reference | None = None
    """The changed or created record."""
    error: str = ""
    """Reason why it expired."""

    @model_validator(mode="before")
    @classmethod
    def _read_former_links(cls, document: Any) -> Any:
        """Read a proposal that was stored with links instead of the record."""
        if not isinstance(document, dict) or "page" not in document:
            return document
        kept = {name: value for name, value in document.items() if name not in ("page", "route")}
        _, collection, name = document["route"].split("/") if document["route"] else ("", "", "")
        kind = _FORMER_ROUTES.get(collection)
        return {**kept, "record": {"kind": kind, "id": unquote(name)} if kind else None}
