"""Qubits and couplings that a schedule is of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.models.targets import by_number, parse_coupling_id, parse_qubit_id, split_coupling

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from qdash_core.chips.chip import Chip


def select_couplings(
    chip: Chip, couplings: Sequence[str] | None = None, exclude: Collection[str] = ()
) -> list[str]:
    """Return the couplings to schedule, in numerical order.

    Parameters
    ----------
    couplings : sequence of str or None
        Couplings, or None for all that are not set aside, nor a qubit of theirs.
    exclude : collection of str
        Qubits whose couplings are excluded.

    Raises
    ------
    NotFoundError
        If the chip does not have one of them.
    """
    known = chip.topology.couplings
    left_out = {chip.topology.site(parse_qubit_id(qid)).id for qid in exclude}
    if couplings is None:
        wanted = [coupling for coupling in known if chip.is_usable(coupling)]
    else:
        wanted = list(dict.fromkeys(map(parse_coupling_id, couplings)))
        chip.require_targets(wanted)
    return sorted((one for one in wanted if not left_out & set(split_coupling(one))), key=by_number)


def select_qubits(chip: Chip, qids: Sequence[str] | None = None, exclude: Collection[str] = ()) -> list[str]:
    """Return the qubits to schedule, by number.

    Raises
    ------
    NotFoundError
        If the chip does not have one of them.
    """
    left_out = {chip.topology.site(parse_qubit_id(qid)).id for qid in exclude}
    if qids is None:
        wanted = [qid for qid, qubit in chip.qubits.items() if not qubit.status.set_aside]
    else:
        wanted = list(dict.fromkeys(map(parse_qubit_id, qids)))
        chip.require_targets(wanted)
    return sorted((qid for qid in wanted if qid not in left_out), key=by_number)
