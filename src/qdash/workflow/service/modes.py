"""Modes of one-qubit steps in the original, and the scheduling strategies that execute them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from qdash_core.errors import InvalidInputError
from qdash_core.models.strategies import StrategySelection, select_strategies
from qdash_core.parsing.similar_names import suggest

if TYPE_CHECKING:
    from qdash_core.chips.chip import Chip

Mode = Literal["scheduled", "synchronized", "serial", "simultaneous_spectroscopy"]

MODES: dict[str, str | None] = {
    "scheduled": "boxes",
    "synchronized": "synchronized",
    "serial": "serial",
    "simultaneous_spectroscopy": None,
}
"""Strategy of each mode; None measures all qubits at once, within the limits of the backend."""


def select_mode(mode: str, chip: Chip) -> StrategySelection:
    """Return the scheduling strategy of a mode. `synchronized` goes through the classes of boxes if the chip's wiring is known.

    Raises
    ------
    InvalidInputError
        If there is no such mode.
    """
    if mode not in MODES:
        raise InvalidInputError(
            f"there is no mode {mode!r}{suggest(mode, MODES)} (there are: {', '.join(MODES)})"
        )
    strategy = MODES[mode]
    if strategy is None:
        return StrategySelection()
    if mode == "synchronized" and chip.wiring is not None:
        strategy = "synchronized-boxes"
    return select_strategies(strategies=(strategy,))
