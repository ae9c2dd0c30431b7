"""Citations in the answers of assistants, as they were found when the answer ended."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import model_validator

from qdash_core.models.base import Value
from qdash_core.models.references import Reference


class CitationState(StrEnum):
    """Outcome of looking for a cited record."""

    RESOLVED = "resolved"
    """The record exists, and a tool returned it in the conversation."""
    UNSEEN = "unseen"
    """The record exists, but no tool returned it in the conversation: the model cannot have read it."""
    UNRESOLVED = "unresolved"
    """The user who asked can see no such record."""

    @property
    def meaning(self) -> str:
        """Sentence that speaks against relying on the citation; empty if there is none."""
        return _MEANINGS[self]


_MEANINGS = {
    CitationState.RESOLVED: "",
    CitationState.UNSEEN: "the assistant has not read it in this conversation",
    CitationState.UNRESOLVED: "no such record, or the user who asked may not see it",
}


class Citation(Value):
    """Citation of a record in an answer."""

    kind: str
    name: str
    """Id of the record as the answer wrote it."""
    state: CitationState
    title: str = ""
    """Short description of the record; empty if it is unresolved."""
    record: Reference | None = None
    """The record by its full id; None if it is unresolved."""

    @model_validator(mode="before")
    @classmethod
    def _read_former_links(cls, document: Any) -> Any:
        """Read a citation that was stored with links instead of the record."""
        if not isinstance(document, dict) or "page" not in document:
            return document
        kept = {name: value for name, value in document.items() if name not in ("page", "route")}
        return {**kept, "record": {"kind": kept["kind"], "id": kept["name"]} if document["page"] else None}

    @property
    def text(self) -> str:
        """The citation as the answer wrote it."""
        return str(Reference(self.kind, self.name))
