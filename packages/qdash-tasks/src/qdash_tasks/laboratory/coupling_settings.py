"""Settings in use of a coupling: the tone on two lines and the gate made of it."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from qdash_core.errors import InvalidInputError
from qdash_tasks.laboratory.pulses import RISE_NS, ZX90, CrossResonanceTone

if TYPE_CHECKING:
    from collections.abc import Mapping

_CALIBRATED = {
    "cr_amplitude": "a.u.",
    "cr_phase": "rad",
    "cancel_amplitude": "a.u.",
    "cancel_phase": "rad",
    "rotary_amplitude": "a.u.",
    "zx90_gate_time": "ns",
}
"""Units of the calibrated settings."""
_SIGNED = {"cr_phase", "cancel_phase", "rotary_amplitude"}


@dataclass(frozen=True, slots=True)
class CouplingSettings:
    """Settings of one coupling, by the names of the output parameters; None if not yet calibrated.

    Attributes
    ----------
    cr_amplitude, cr_phase
        On the line of the control, a.u. and rad.
    cancel_amplitude, cancel_phase, rotary_amplitude
        On the line of the target, a.u., rad and a.u.; without them nothing is played there.
    zx90_gate_time
        Whole gate in ns, the π pulses of the control included.
    rise_ns
        Length of each edge of the tone; chosen, not calibrated.
    """

    parameters: ClassVar[Mapping[str, tuple[str, str]]] = MappingProxyType(
        {name: (name, unit) for name, unit in _CALIBRATED.items()}
    )

    cr_amplitude: float | None = None
    cr_phase: float | None = None
    cancel_amplitude: float | None = None
    cancel_phase: float | None = None
    rotary_amplitude: float | None = None
    zx90_gate_time: float | None = None
    rise_ns: float = RISE_NS

    @property
    def pure_tone(self) -> CrossResonanceTone | None:
        """The tone in use without its rotary part, or None without an amplitude."""
        if self.cr_amplitude is None:
            return None
        return CrossResonanceTone(
            amplitude=self.cr_amplitude,
            phase_rad=self.cr_phase or 0.0,
            cancel_amplitude=self.cancel_amplitude or 0.0,
            cancel_phase_rad=self.cancel_phase or 0.0,
            rise_ns=self.rise_ns,
        )

    @property
    def tone(self) -> CrossResonanceTone | None:
        """The tone in use, or None without an amplitude."""
        pure = self.pure_tone
        return None if pure is None else replace(pure, rotary_amplitude=self.rotary_amplitude or 0.0)

    def gate(self, x180_ns: float) -> ZX90 | None:
        """Return the gate in use, given the length of the control's X180, or None if it is not calibrated.

        Raises `InvalidInputError` if the two X180 pulses take up the whole gate.
        """
        tone = self.tone
        if tone is None or self.zx90_gate_time is None:
            return None
        tone_ns = self.zx90_gate_time / 2 - x180_ns
        if tone_ns <= 0:
            raise InvalidInputError(
                f"zx90_gate_time: {self.zx90_gate_time:g}\N{NO-BREAK SPACE}ns is too short for two X180 of {x180_ns:g}\N{NO-BREAK SPACE}ns "
                f"and the tones: calibrate the gate again (CreateZX90)"
            )
        return ZX90(tone, tone_ns)

    @property
    def known(self) -> bool:
        """True if anything is calibrated."""
        return bool(self.as_parameters())

    def as_note(self) -> dict[str, float | None]:
        """Return the settings as JSON values; edges of the usual length are omitted."""
        note = asdict(self)
        if self.rise_ns == RISE_NS:
            del note["rise_ns"]
        return note

    def as_parameters(self) -> dict[str, float]:
        """Return the calibrated settings by the names of the output parameters."""
        calibrated = {name: getattr(self, name) for name in _CALIBRATED}
        return {name: value for name, value in calibrated.items() if value is not None}

    def applied(self, calibrated: Mapping[str, float]) -> CouplingSettings:
        """Return the settings with calibrated values applied; ignore names that are not settings. Raises as `changed`."""
        return self.changed({name: calibrated[name] for name in _CALIBRATED if name in calibrated})

    def changed(self, values: Mapping[str, float | None]) -> CouplingSettings:
        """Return the settings with some of them replaced, by name.

        Raises
        ------
        InvalidInputError
            If a name is unknown, or a value is neither None nor finite and non-negative. Phases and the rotary
            amplitude may have any sign; edges have a length.
        """
        known = {field.name for field in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise InvalidInputError(
                    f"{name!r} is not a setting of a coupling (known: {', '.join(sorted(known))})"
                )
            if value is None and name in _CALIBRATED:
                continue
            lowest = -math.inf if name in _SIGNED else 0.0
            if (
                isinstance(value, bool)
                or not isinstance(value, (int, float))
                or not math.isfinite(value)
                or value < lowest
            ):
                sign = "" if name in _SIGNED else " non-negative"
                raise InvalidInputError(f"{name}: {value!r} is not a finite{sign} number")
        return replace(self, **values)  # type: ignore[arg-type]  # None only for what may be missing, as checked
