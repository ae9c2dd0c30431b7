"""Feed lines that the resonators of a multiplexer share: each transmits through all of them."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from qdash_fake.physics.chip import ChipTruth


def share_feed_lines(chip: ChipTruth, groups: Iterable[tuple[str, ...]]) -> ChipTruth:
    """Return the chip with the qubits of each group on one feed line.

    A line transmits the product over its resonators. Qubits keep their own cables and amplifiers; the others stay in |0>.
    """
    qubits = dict(chip.qubits)
    for group in groups:
        for qid in group:
            others = tuple(chip.qubits[other].resonator for other in group if other != qid)
            qubits[qid] = replace(qubits[qid], resonator=replace(qubits[qid].resonator, beside=others))
    return replace(chip, qubits=MappingProxyType(qubits))
