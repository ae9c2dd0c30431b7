"""References to records of a project."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RecordKind(StrEnum):
    """Kind of a record that evidence and answers refer to."""

    RESULT = "result"
    VALUE = "value"
    VALUE_CHANGE = "value-change"
    CHIP = "chip"
    EXECUTION = "execution"
    NOTE = "note"
    ISSUE = "issue"
    TASK = "task"
    DOC = "doc"


@dataclass(frozen=True, slots=True)
class Reference:
    """Reference to a record.

    Parameters
    ----------
    kind : RecordKind
        Kind of the record.
    id : str
        Its id: `CHIP/TARGET/PARAMETER` of a value, `CHIP/NUMBER` of a change of values, the number of the edit of a note, `PATH#ANCHOR` of
        documentation.
    """

    kind: RecordKind
    id: str

    def __str__(self) -> str:
        """Return the reference as an answer cites it: `[result:ID]`."""
        return f"[{self.kind}:{self.id}]"
