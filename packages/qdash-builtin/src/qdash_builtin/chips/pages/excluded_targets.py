"""Excluded and dead targets of a chip, which flows do not measure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_builtin.chips.operations.chips import show_chip

if TYPE_CHECKING:
    from qdash_builtin.chips.views.chips import ChipDocument, CouplingState, QubitState
    from qdash_ui_streamlit.view import View


def load_excluded_targets(view: View, chip_id: str) -> dict[str, str]:
    """Return the excluded and dead targets of a chip: `excluded` or `dead` by target."""
    return list_excluded_targets(view.ask(show_chip, chip_id))


def list_excluded_targets(chip: ChipDocument) -> dict[str, str]:
    """Return the excluded and dead targets of a chip document, as `load_excluded_targets`."""
    targets: dict[str, QubitState | CouplingState] = {**(chip.qubits or {}), **(chip.couplings or {})}
    return {target: str(one.status) for target, one in targets.items() if one.status.set_aside}
