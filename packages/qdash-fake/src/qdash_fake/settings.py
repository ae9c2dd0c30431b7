"""Settings in use: what a laboratory believes about one qubit, right or wrong."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from qdash_core.errors import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_fake.physics.chip import Design

USUAL_RABI_MHZ = 12.5
"""Rabi frequency for which pulse lengths are chosen: an X90 of 20 ns."""

_USUAL_CONTROL_AMPLITUDE = 0.1

_SETTING_OF = {
    "qubit_frequency": "drive_frequency_ghz",
    "readout_frequency": "readout_frequency_ghz",
    "readout_amplitude": "readout_amplitude",
    "control_amplitude": "control_amplitude",
    "rabi_frequency": "rabi_frequency_mhz",
    "hpi_length": "hpi_length_ns",
    "pi_length": "pi_length_ns",
    "hpi_amplitude": "hpi_amplitude",
    "pi_amplitude": "pi_amplitude",
}


@dataclass(slots=True)
class Settings:
    """What is played for one qubit.

    Attributes
    ----------
    drive_frequency_ghz, readout_frequency_ghz
        Frequencies of the two generators.
    readout_amplitude, control_amplitude
        In units of full scale.
    rabi_frequency_mhz
        What is believed to be the Rabi frequency at `control_amplitude`. Pulses of any angle are played with the
        amplitude that this implies, so a wrong belief turns the qubit too far or too little.
    hpi_length_ns, pi_length_ns
        Length of the X90 and of the X180.
    hpi_amplitude, pi_amplitude
        Amplitudes of pulses with a calibration of their own; None: implied by the Rabi frequency.
    """

    drive_frequency_ghz: float
    readout_frequency_ghz: float
    readout_amplitude: float
    readout_length_ns: float
    control_amplitude: float = _USUAL_CONTROL_AMPLITUDE
    rabi_frequency_mhz: float = USUAL_RABI_MHZ
    hpi_length_ns: float = 20.0
    pi_length_ns: float = 40.0
    hpi_amplitude: float | None = None
    pi_amplitude: float | None = None

    @classmethod
    def from_design(cls, design: Design) -> Settings:
        """Start from what was meant to be fabricated."""
        return cls(
            drive_frequency_ghz=design.qubit_frequency_ghz,
            readout_frequency_ghz=design.resonator_frequency_ghz,
            readout_amplitude=design.readout_amplitude,
            readout_length_ns=design.readout_length_ns,
        )

    @property
    def hpi_amplitude_in_use(self) -> float:
        """Amplitude of the X90 that is played."""
        return self._implied(0.25, self.hpi_length_ns) if self.hpi_amplitude is None else self.hpi_amplitude

    @property
    def pi_amplitude_in_use(self) -> float:
        """Amplitude of the X180 that is played."""
        return self._implied(0.5, self.pi_length_ns) if self.pi_amplitude is None else self.pi_amplitude

    def as_note(self) -> dict[str, float | None]:
        """Return the settings as JSON values."""
        return asdict(self)

    def update(self, values: Mapping[str, object]) -> None:
        """Set some of the settings by name.

        Raises
        ------
        InvalidInputError
            If a name is unknown or a value not a positive finite number (None is allowed for pulse amplitudes).
        """
        optional = {"hpi_amplitude", "pi_amplitude"}
        known = {field.name for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise InvalidInputError(f"{name!r} is not a setting (known: {', '.join(sorted(known))})")
            if value is None and name in optional:
                continue
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < math.inf:
                raise InvalidInputError(f"{name}: {value!r} is not a positive finite number")
        for name, value in values.items():
            setattr(self, name, value)

    def apply(self, calibrated: Mapping[str, float]) -> None:
        """Take over calibrated values by the names of the output parameters; those that set nothing are ignored."""
        values = {name: calibrated[source] for source, name in _SETTING_OF.items() if source in calibrated}
        if "readout_frequency" not in calibrated and "resonator_frequency" in calibrated:
            # Until the best probe is known, the resonance with the qubit in |0> is the best guess.
            values["readout_frequency_ghz"] = calibrated["resonator_frequency"]
        self.update(values)

    def as_parameters(self) -> dict[str, float]:
        """Return what is in use under the names of the output parameters."""
        found = {source: getattr(self, name) for source, name in _SETTING_OF.items()}
        return {source: value for source, value in found.items() if value is not None}

    def _implied(self, turns: float, length_ns: float) -> float:
        wanted_mhz = turns / (length_ns * 1e-3)
        # The instrument clips at full scale.
        return min(self.control_amplitude * wanted_mhz / self.rabi_frequency_mhz, 1.0)
