"""Outcome of a removal of old data, or of its preview."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from qdash_core.repositories.documents import encode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from qdash_builtin.home.pruning.keep_request import PrunedKind
    from qdash_builtin.results.model import ResultUse
    from qdash_core.repositories.store import Document


class PrunedItem(StrEnum):
    """Group of removed things."""

    RAW_FILES = "files of raw data"
    SHORTENED_RESULTS = "details of results"
    RESULTS = "results"
    EXECUTIONS = "executions"
    PROVENANCE = "records of provenance"
    CALIBRATION_NOTES = "calibration notes"
    EVENTS = "events"
    LOGS = "log lines"


@dataclass(slots=True)
class PrunedAmount:
    """Number of removed things and their size in bytes."""

    number: int = 0
    size: int = 0


@dataclass
class PruneOutcome:
    """Outcome of a removal, or of its preview.

    Parameters
    ----------
    before : mapping of PrunedKind to datetime
        Time by kind: older data are removed.
    applied : bool
        False for a preview.

    Attributes
    ----------
    removed : dict of PrunedItem to PrunedAmount
        What was or would be removed. The size of documents is that of their text.
    kept : Counter of ResultUse
        Number of old results that stay, by their use.
    failures : list of str
        Files that could not be removed, with the reasons. The next removal tries again.
    """

    before: Mapping[PrunedKind, datetime]
    applied: bool
    removed: dict[PrunedItem, PrunedAmount] = field(default_factory=dict)
    kept: Counter[ResultUse] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Size of everything that was or would be removed, in bytes."""
        return sum(one.size for one in self.removed.values())

    def add(self, item: PrunedItem, *, number: int, size: int) -> None:
        """Count removed things with their size in bytes."""
        if number:
            amount = self.removed.setdefault(item, PrunedAmount())
            amount.number += number
            amount.size += size

    def add_documents(self, item: PrunedItem, documents: Iterable[Document]) -> None:
        """Count removed documents."""
        for document in documents:
            self.add(item, number=1, size=measure_text(document))

    def __str__(self) -> str:
        """Return what was removed as one line of text."""
        parts = [f"{amount.number} {item}" for item, amount in self.removed.items()]
        return (
            f"removed {', '.join(parts)}: {self.size / 2**20:.1f} MiB"
            if parts
            else "nothing was to be removed"
        )


def measure_text(document: Document) -> int:
    """Return the size of a document as JSON, in bytes."""
    return len(encode(document).encode())
