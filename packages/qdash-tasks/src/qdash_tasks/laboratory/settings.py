"""Settings in use: the current parameters of one qubit in the laboratory, right or wrong."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.pulses import Pulse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_tasks.laboratory.design import QubitDesign
    from qdash_tasks.laboratory.limits import Limits

USUAL_RABI_MHZ = 12.5
"""Rabi frequency at which a drive is calibrated: a period of 80 ns."""

_USUAL_CONTROL_AMPLITUDE = 0.1

_PARAMETERS = {
    "drive_frequency_ghz": ("qubit_frequency", "GHz"),
    "readout_frequency_ghz": ("readout_frequency", "GHz"),
    "readout_amplitude": ("readout_amplitude", "a.u."),
    "control_amplitude": ("control_amplitude", "a.u."),
    "rabi_frequency_mhz": ("rabi_frequency", "MHz"),
    "hpi_length_ns": ("hpi_length", "ns"),
    "pi_length_ns": ("pi_length", "ns"),
    "hpi_amplitude": ("hpi_amplitude", "a.u."),
    "pi_amplitude": ("pi_amplitude", "a.u."),
    "drag_hpi_amplitude": ("drag_hpi_amplitude", "a.u."),
    "drag_hpi_beta_ns": ("drag_hpi_beta", "ns"),
    "drag_pi_amplitude": ("drag_pi_amplitude", "a.u."),
    "drag_pi_beta_ns": ("drag_pi_beta", "ns"),
}
_SETTING_OF = {parameter: name for name, (parameter, _) in _PARAMETERS.items()}
_SIGNED = {"drag_hpi_beta_ns", "drag_pi_beta_ns"}


@dataclass(frozen=True, slots=True)
class Settings:
    """Drive and readout settings of one qubit.

    Attributes
    ----------
    drive_frequency_ghz, readout_frequency_ghz
        Frequencies of the two generators.
    readout_amplitude, control_amplitude
        Amplitudes in units of full scale.
    rabi_frequency_mhz
        Assumed Rabi frequency at `control_amplitude`. It implies the amplitude of pulses of any angle, so an
        error makes them over- or under-rotate.
    hpi_amplitude, pi_amplitude
        Peak amplitudes of separately calibrated pulses, or None if implied by the Rabi frequency.
    drag_hpi_amplitude, drag_hpi_beta_ns, drag_pi_amplitude, drag_pi_beta_ns
        The same pulses with DRAG, which are played instead once both numbers are known.
    parameters
        Name and unit of the chip's parameter for each setting that has one.
    """

    parameters: ClassVar[Mapping[str, tuple[str, str]]] = MappingProxyType(_PARAMETERS)

    drive_frequency_ghz: float
    readout_frequency_ghz: float
    readout_amplitude: float
    readout_length_ns: float
    control_amplitude: float = _USUAL_CONTROL_AMPLITUDE
    rabi_frequency_mhz: float = USUAL_RABI_MHZ
    hpi_length_ns: float = 40.0
    pi_length_ns: float = 40.0
    hpi_amplitude: float | None = None
    pi_amplitude: float | None = None
    drag_hpi_amplitude: float | None = None
    drag_hpi_beta_ns: float | None = None
    drag_pi_amplitude: float | None = None
    drag_pi_beta_ns: float | None = None

    @classmethod
    def from_design(cls, design: QubitDesign) -> Settings:
        """Return settings from the design; values that the design lacks get defaults.

        Raises
        ------
        InvalidInputError
            If the design lacks a frequency, or the amplitude or length of the readout, which have no default.
        """
        readout_ghz = design.readout_frequency_ghz or design.resonator_frequency_ghz
        needed = {
            "drive_frequency_ghz": design.qubit_frequency_ghz,
            "readout_frequency_ghz": readout_ghz,
            "readout_amplitude": design.readout_amplitude,
            "readout_length_ns": design.readout_length_ns,
        }
        usual = {
            "control_amplitude": design.control_amplitude,
            "hpi_length_ns": design.hpi_length_ns,
            "pi_length_ns": design.pi_length_ns,
        }
        known = {name: value for name, value in needed.items() if value is not None}
        if missing := sorted(needed.keys() - known.keys()):
            raise InvalidInputError(
                f"the design has no {', '.join(missing)}, so there are no initial settings (`qdash chip design` shows and sets design values)"
            )
        return cls(**known, **{name: value for name, value in usual.items() if value is not None})

    @property
    def x90(self) -> Pulse:
        """π/2 pulse in use, with DRAG once that is calibrated."""
        if self.drag_hpi_amplitude is not None and self.drag_hpi_beta_ns is not None:
            return Pulse(self.drag_hpi_amplitude, self.hpi_length_ns, self.drag_hpi_beta_ns)
        return self.plain_x90

    @property
    def x180(self) -> Pulse:
        """π pulse in use, with DRAG once that is calibrated."""
        if self.drag_pi_amplitude is not None and self.drag_pi_beta_ns is not None:
            return Pulse(self.drag_pi_amplitude, self.pi_length_ns, self.drag_pi_beta_ns)
        return self.plain_x180

    @property
    def plain_x90(self) -> Pulse:
        """π/2 pulse without DRAG."""
        return self._make_plain(self.hpi_amplitude, 0.25, self.hpi_length_ns)

    @property
    def plain_x180(self) -> Pulse:
        """π pulse without DRAG."""
        return self._make_plain(self.pi_amplitude, 0.5, self.pi_length_ns)

    def on_grid(self, limits: Limits, qid: str) -> Settings:
        """Return the settings with pulse lengths that the qubit's line can play."""
        return replace(
            self,
            hpi_length_ns=limits.pulse_on_grid(self.hpi_length_ns, qid),
            pi_length_ns=limits.pulse_on_grid(self.pi_length_ns, qid),
        )

    def as_note(self) -> dict[str, float | None]:
        """Return the settings as JSON values."""
        return asdict(self)

    def changed(self, values: Mapping[str, float | None]) -> Settings:
        """Return the settings with some of them replaced, by name.

        Raises
        ------
        InvalidInputError
            If a name is unknown or a value is not a positive finite number. None is allowed for optional
            pulse settings, and a DRAG coefficient may have either sign.
        """
        optional = {field.name for field in fields(self) if field.default is None}
        known = {field.name for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise InvalidInputError(f"{name!r} is not a setting (known: {', '.join(sorted(known))})")
            if value is None and name in optional:
                continue
            lowest = -math.inf if name in _SIGNED else 0
            if (
                isinstance(value, bool)
                or not isinstance(value, (int, float))
                or not lowest < value < math.inf
            ):
                raise InvalidInputError(f"{name}: {value!r} is not a positive finite number")
        return replace(self, **values)  # type: ignore[arg-type]  # None only for what a pulse may lack, as checked

    def applied(self, calibrated: Mapping[str, float]) -> Settings:
        """Return the settings with calibrated values applied; ignore names that are not settings. Raises as `changed`."""
        values: dict[str, float | None] = {
            name: calibrated[source] for source, name in _SETTING_OF.items() if source in calibrated
        }
        if "readout_frequency" not in calibrated and "resonator_frequency" in calibrated:
            # Until the best readout frequency is known, the resonance with the qubit in |0⟩ is the best
            # guess.
            values["readout_frequency_ghz"] = calibrated["resonator_frequency"]
        return self.changed(values)

    def as_parameters(self) -> dict[str, float]:
        """Return the settings in use by the names of the output parameters."""
        found = {source: getattr(self, name) for source, name in _SETTING_OF.items()}
        return {source: value for source, value in found.items() if value is not None}

    def _make_plain(self, calibrated: float | None, turns: float, length_ns: float) -> Pulse:
        """Return a pulse without DRAG, with the calibrated amplitude or else the one that the Rabi frequency implies."""
        if calibrated is not None:
            return Pulse(calibrated, length_ns)
        # A raised cosine has half the area of a rectangle of the same peak.
        wanted_mhz = 2 * turns / (length_ns * 1e-3)
        # The instrument clips at full scale.
        return Pulse(min(self.control_amplitude * wanted_mhz / self.rabi_frequency_mhz, 1.0), length_ns)
