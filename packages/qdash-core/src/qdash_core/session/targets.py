"""Whether a task can be run on a target of a chip."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError, NotFoundError

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip
    from qdash_core.tasks.base import BaseTask


def check_target(task: type[BaseTask], qid: str, chip: Chip) -> None:
    """Refuse a target that the chip does not have or that the task does not run on.

    Raises
    ------
    NotFoundError, InvalidInputError
        Which of the two.
    """
    name = chip.header.chip_id
    match task.task_type:
        case "qubit":
            if qid not in chip.qubits:
                raise NotFoundError(f"chip {name} has no qubit {qid!r} ({_extent(chip)})")
        case "coupling":
            if qid not in chip.couplings:
                raise NotFoundError(f"chip {name} has no coupling {qid!r}")
        case "mux":
            if qid not in {str(site.mux) for site in chip.topology.qubits if site.mux is not None}:
                raise NotFoundError(f"chip {name} has no multiplexer {qid!r}")
        case "global" | "system":
            if qid:
                raise InvalidInputError(f"{task.name} runs on the whole chip, not on {qid!r}")


def _extent(chip: Chip) -> str:
    qids = list(chip.qubits)
    return f"it has {len(qids)}, {qids[0]} to {qids[-1]}" if qids else "it has none"
