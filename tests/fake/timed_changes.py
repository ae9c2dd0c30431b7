"""Changes of a qubit by a timed fault, from the text of an option."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_fake.fault_effects import FAULT_EFFECTS
from qdash_fake.fault_kinds import FAULT_KINDS
from qdash_fake.physics.timed_changes import TimedChange

if TYPE_CHECKING:
    from qdash_fake.physics import ChipTruth


def make_change(name: str, text: str, chip: ChipTruth, qid: str = "0") -> TimedChange:
    """Return the change of a qubit by the fault of that kind and text."""
    kind = FAULT_KINDS[name]
    return TimedChange(qid, kind, FAULT_EFFECTS[name], kind.parse(text), chip)
