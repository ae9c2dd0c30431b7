"""Omission of values of the original system for pulses that QDash plays differently.

In the original, qubex plays flat-top and Gaussian pulses where QDash plays raised cosines, and other tones: their
amplitudes do not become values of a chip. In results and daily copies they are imported unchanged, as a record.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdash_core.models.chip import ParameterModel
    from qdash_original.original_document import OriginalDocument

_PULSE_PARAMETERS = frozenset(
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
        "cancel_beta",
        "cancel_phase",
        "rotary_amplitude",
        "zx90_gate_time",
    }
)
_OTHER_PULSE = "it is calibrated for a pulse shape of qubex, and QDash plays another one: calibrate it again"
_OTHER_AMPLITUDE = "the original measured it at another amplitude than control_amplitude: calibrate it again"


def omit_pulse_values(
    document: OriginalDocument, name: str, found: dict[str, ParameterModel]
) -> dict[str, ParameterModel]:
    """Return the values of a chip without those of pulses that QDash plays differently, which are recorded.

    `name` is that of the field with the values.
    """
    reasons = dict.fromkeys(_PULSE_PARAMETERS, _OTHER_PULSE)
    if "control_amplitude" in found:
        reasons["rabi_frequency"] = _OTHER_AMPLITUDE
    for one in sorted(found.keys() & reasons.keys()):
        document.omit(f"{name}.{one}", reasons[one])
    return {one: value for one, value in found.items() if one not in reasons}
