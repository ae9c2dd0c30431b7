"""The targets of a chip that flows do not measure, because somebody said so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qdash_client.generated.api.chips import show_chip

if TYPE_CHECKING:
    from qdash_core.documents.chips import ChipDocument, CouplingState, QubitState
    from qdash_ui_streamlit.view import View


def set_aside_on(view: View, chip_id: str) -> dict[str, str]:
    """Return the targets of a chip that are set aside: `excluded` or `dead` by target."""
    return set_aside_of(view.ask(show_chip, chip_id))


def set_aside_of(chip: ChipDocument) -> dict[str, str]:
    """Return the targets of a chip that are set aside, as `set_aside_on`."""
    targets: dict[str, QubitState | CouplingState] = {**(chip.qubits or {}), **(chip.couplings or {})}
    return {target: str(one.status) for target, one in targets.items() if one.status.set_aside}
