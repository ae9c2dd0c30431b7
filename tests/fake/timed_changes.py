"""Changes of a qubit by a timed fault, from the text of an option."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_fake.fault_kinds import FAULT_KINDS
from qdash_fake.timed_changes import QubitFaultKind, TimedChange

if TYPE_CHECKING:
    from qdash_fake.physics.chip import ChipTruth, QubitTruth


def make_change(name: str, text: str, chip: ChipTruth, qid: str = "0") -> TimedChange[QubitTruth]:
    """Return the change of a qubit by the fault of that kind and text."""
    kind = FAULT_KINDS[name]
    assert isinstance(kind, QubitFaultKind)
    return TimedChange(qid, kind, kind.parse(text), chip)
