"""Values of the original system that belong to pulses which QDash plays otherwise.

The original had qubex play them: flat tops and Gaussians where QDash has raised cosines, and other tones. Their amplitudes would
turn qubits by other angles here, so that no chip is given them to measure with. In results and daily copies they stay what
they are: a record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.models.chip import ParameterModel
    from qdash_original.original_document import OriginalDocument

_OF_PULSES = frozenset(
    {
        "hpi_amplitude",
        "pi_amplitude",
        "drag_hpi_amplitude",
        "drag_hpi_beta",
        "drag_pi_amplitude",
        "drag_pi_beta",
        "cr_amplitude",
        "cr_phase",
        "cancel_amplitude",
        "cancel_phase",
        "rotary_amplitude",
        "zx90_gate_time",
    }
)
_OTHER_PULSE = "it belongs to a pulse of qubex, and QDash would play another one with it: calibrate it anew"
_OTHER_AMPLITUDE = "the original measured it at another amplitude than the control_amplitude beside it, which is for the usual one"


def without_pulses(
    document: OriginalDocument, name: str, found: dict[str, ParameterModel]
) -> dict[str, ParameterModel]:
    """Return the values of a chip without those that QDash would play otherwise; they are noted as left out.

    Parameters
    ----------
    name
        Of the field in which they stand.
    """
    reasons = dict.fromkeys(_OF_PULSES, _OTHER_PULSE)
    if "control_amplitude" in found:
        reasons["rabi_frequency"] = _OTHER_AMPLITUDE
    for one in sorted(found.keys() & reasons.keys()):
        document.leave_out(f"{name}.{one}", reasons[one])
    return {one: value for one, value in found.items() if one not in reasons}
