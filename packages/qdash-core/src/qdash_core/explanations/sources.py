"""Sources: the records that evidence is based on."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SourceKind(StrEnum):
    """Kind of the records that an observation is based on."""

    RESULT = "result"
    NOTE = "note"
    ISSUE = "issue"
    VALUE_CHANGE = "value-change"


@dataclass(frozen=True, slots=True)
class Source:
    """A record that an observation is based on."""

    kind: SourceKind
    id: str
