"""True pulse parameters at the settings in use: amplitudes, DRAG coefficients, angle errors."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from qdash_fake.physics.trains import compute_rotation_angle, find_true_amplitude, find_true_beta

if TYPE_CHECKING:
    from qdash_fake.physics.chip import QubitTruth
    from qdash_tasks.laboratory.pulses import Pulse
    from qdash_tasks.laboratory.settings import Settings

_ANGLES: dict[Literal["hpi", "pi"], float] = {"hpi": math.pi / 2, "pi": math.pi}


def compute_true_pulses(qubit: QubitTruth, settings: Settings) -> dict[str, tuple[float, str]]:
    """Return the true values of the outputs of pulse tasks, by output name, with units.

    An amplitude is true if the pulse in use rotates by exactly its angle at the drive frequency in use, a DRAG coefficient
    if it nulls the phase error at the amplitude in use. A DRAG pulse equal to the plain one is not calibrated: its
    coefficient is that at the true plain amplitude, its amplitude that at this coefficient, and it has no angle error.
    """
    found: dict[str, tuple[float, str]] = {}
    detuning_mhz = qubit.detuning_mhz(settings.drive_frequency_ghz)
    plain: dict[Literal["hpi", "pi"], Pulse] = {"hpi": settings.plain_x90, "pi": settings.plain_x180}
    with_drag: dict[Literal["hpi", "pi"], Pulse] = {"hpi": settings.x90, "pi": settings.x180}
    for name, angle in _ANGLES.items():
        right = find_true_amplitude(qubit, plain[name], angle_rad=angle, detuning_mhz=detuning_mhz)
        found[f"{name}_amplitude"] = (right, "a.u.")
        found[f"{name}_length"] = (plain[name].length_ns, "ns")
        error = compute_rotation_angle(qubit, plain[name], detuning_mhz=detuning_mhz) - angle
        found[f"{name}_angle_error"] = (error, "rad")
        played = with_drag[name]
        calibrated = played != plain[name]
        beta = find_true_beta(
            qubit, played if calibrated else replace(played, amplitude=right), detuning_mhz=detuning_mhz
        )
        in_use = played if calibrated else replace(played, beta_ns=beta)
        right = find_true_amplitude(qubit, in_use, angle_rad=angle, detuning_mhz=detuning_mhz)
        found[f"drag_{name}_amplitude"] = (right, "a.u.")
        found[f"drag_{name}_beta"] = (beta, "ns")
        if calibrated:
            error = compute_rotation_angle(qubit, in_use, detuning_mhz=detuning_mhz) - angle
            found[f"drag_{name}_angle_error"] = (error, "rad")
    return found
