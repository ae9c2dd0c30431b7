"""Citations in the answers of assistants, as they were found when the answer ended."""

from __future__ import annotations

from enum import StrEnum

from qdash_core.models.base import Value


class CitationKind(StrEnum):
    """Kind of a cited record."""

    RESULT = "result"
    VALUE = "value"
    CHIP = "chip"
    EXECUTION = "execution"
    NOTE = "note"
    ISSUE = "issue"
    TASK = "task"
    DOC = "doc"


class CitationState(StrEnum):
    """Outcome of looking for a cited record."""

    RESOLVED = "resolved"
    """The record exists, and a tool returned it in the conversation."""
    UNSEEN = "unseen"
    """The record exists, but no tool returned it in the conversation: the model cannot have read it."""
    UNRESOLVED = "unresolved"
    """The user who asked can see no such record."""


class Citation(Value):
    """Citation of a record in an answer, with its links."""

    kind: CitationKind
    name: str
    """Id of the record as the answer wrote it."""
    state: CitationState
    title: str = ""
    """Short description of the record; empty if it is unresolved."""
    route: str = ""
    """Path of the record on the host; empty if it has none."""
    page: str = ""
    """Path of its page in the dashboard, relative to the dashboard; empty if it has none."""

    @property
    def text(self) -> str:
        """The citation as the answer wrote it."""
        return f"[{self.kind}:{self.name}]"
