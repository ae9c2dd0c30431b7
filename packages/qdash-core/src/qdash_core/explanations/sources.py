"""Sources: the records on which evidence stands."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """Kind of the records on which an observation stands."""

    RESULT = "result"
    NOTE = "note"
    ISSUE = "issue"
    VALUE_CHANGE = "value-change"


@dataclass(frozen=True, slots=True)
class Source:
    """A record on which an observation stands."""

    kind: SourceKind
    id: str
