"""From qubits to the couplings among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from qdash_core.flows.left_out import set_aside
from qdash_core.models.targets import qubits_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from qdash_core.chips.chip import Chip


class Narrowed(NamedTuple):
    """Couplings in the place of qubits."""

    asked: list[str]
    """Those among the qubits that were asked for."""
    left: list[str]
    """Those of them that go on."""
    left_out: Mapping[str, str]
    """The others, each with the reason."""


def has_qubits(targets: Iterable[str]) -> bool:
    """Whether there are qubits among targets."""
    return any("-" not in target for target in targets)


def narrowed(chip: Chip, asked: Sequence[str], left: Sequence[str], known: Mapping[str, str]) -> Narrowed:
    """Return the couplings among qubits: those of which both are left go on, unless a person has set them aside.

    Parameters
    ----------
    asked : sequence of str
        Qubits that were asked for.
    left : sequence of str
        Those of them that filters have left.
    known : mapping of str to str
        Why the others were left out, as far as that is known.
    """
    wanted, qubits = set(asked), set(left)
    every = [coupling for coupling in chip.couplings if wanted.issuperset(qubits_of(coupling))]
    aside = set_aside(every, chip)
    why: dict[str, str] = {}
    for coupling in every:
        if coupling in aside:
            why[coupling] = aside[coupling]
        elif missing := [qid for qid in qubits_of(coupling) if qid not in qubits]:
            why[coupling] = _left_out_before(missing, known)
    return Narrowed(every, [coupling for coupling in every if coupling not in why], why)


def _left_out_before(qids: Sequence[str], known: Mapping[str, str]) -> str:
    """Return `qubit 3 left out before: status failed`; those of one reason are named together."""
    alike: dict[str, list[str]] = {}
    for qid in qids:
        alike.setdefault(known.get(qid, ""), []).append(qid)
    return ", ".join(
        f"qubit {' and '.join(those)} left out before{f': {reason}' if reason else ''}"
        for reason, those in alike.items()
    )
