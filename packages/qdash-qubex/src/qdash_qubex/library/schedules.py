"""Pulse programs as qubex measurement schedules: pulses share sampled waveforms and differ in gain and phase.

Phase and envelope have the signs of `qdash_tasks.laboratory.program`; what instruments want conjugated is conjugated below.
"""

from __future__ import annotations

import math
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np
from qubex.pulse import Arbitrary, Blank, PulseArray, PulseSchedule

from qdash_core import InvalidInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from qdash_tasks.laboratory import Play, Readout, Waveform

_ROUNDING = 1e-6
"""Rounding error of a time, in samples."""


class _SampledShape(Arbitrary):
    """Samples of a waveform, with cached hash and peak."""

    def __init__(self, samples: NDArray[np.complex128]) -> None:
        super().__init__(samples)
        self._known_hash = super().shape_hash
        self.peak = float(np.abs(samples).max(initial=0.0))

    @property
    def shape_values(self) -> NDArray[np.complex128]:
        """Return the samples without gain and phase."""
        return self._materialize_values()

    @property
    def shape_hash(self) -> str:
        """Return the hash of the samples."""
        return self._known_hash


class _Silence(Blank):
    """Silence without memory: qubex samples every wait, up to a million samples before a readout."""

    def _sample_values(self) -> NDArray[np.complex128]:
        return np.broadcast_to(np.complex128(0), self.length)


class _Sequence(PulseArray):
    """Pulses of a generator and the waits between them, as they are: qubex copies each at every reading."""

    def __init__(self, elements: Sequence[Arbitrary | Blank], length: int) -> None:
        super().__init__(elements)
        self._known_length = length

    @property
    def length(self) -> int:
        """Return the length in samples."""
        return self._known_length

    @property
    def flattened_elements(self) -> list[Any]:
        """Return the pulses and waits: the same objects, as long as the sequence is not scaled or shifted."""
        unchanged = self.scale == 1 and not self.phase and not self.detuning
        return self.elements if unchanged else super().flattened_elements


class Schedule:
    """Pulses of one program, by generator, on the grid of control lines and on that of readouts, a multiple of it."""

    def __init__(self, sample_ns: float, readout_ns: float) -> None:
        self._sample_ns = sample_ns
        self._readout_ns = readout_ns
        self._placed: dict[str, list[tuple[int, Arbitrary]]] = {}
        self._known_pulses: dict[tuple[Waveform, float, float], Arbitrary] = {}
        self._frequencies_ghz: dict[str, float] = {}

    def play(self, label: str, play: Play) -> None:
        """Add a pulse to a generator.

        Raises InvalidInputError if it is off the sample grid, exceeds full scale, or has another frequency than the
        generator's earlier pulses.
        """
        self._tune(label, play.frequency_ghz)
        try:
            start = _count_steps(play.start_ns, self._sample_ns, "begins")
            pulse = self._make_pulse(play)
        except InvalidInputError as error:
            raise InvalidInputError(f"{label}: a pulse at {play.start_ns:g} ns {error}") from None
        self._place(label, start, pulse)

    def read(self, label: str, readout: Readout) -> None:
        """Add a readout to a generator: a square pulse, captured for its whole length.

        Raises as `play`, of the grid of readouts.
        """
        self._tune(label, readout.frequency_ghz)
        try:
            _count_steps(readout.start_ns, self._readout_ns, "begins")
            _count_steps(readout.length_ns, self._readout_ns, f"of {readout.length_ns:g} ns ends")
            _require_scale(readout.amplitude)
        except InvalidInputError as error:
            raise InvalidInputError(f"{label}: a readout at {readout.start_ns:g} ns {error}") from None
        start = round(readout.start_ns / self._sample_ns)
        shape = _square(round(readout.length_ns / self._sample_ns), self._sample_ns)
        self._place(label, start, shape.scaled(readout.amplitude))

    def measurement(self, measurement: Any) -> Any:
        """Return the program as a `MeasurementSchedule`; raise InvalidInputError if pulses of one generator overlap."""
        end = max(start + pulse.length for placed in self._placed.values() for start, pulse in placed)
        schedule = PulseSchedule(list(self._placed))
        for label, placed in self._placed.items():
            filled = self._iter_filled(label, sorted(placed, key=itemgetter(0)), end)
            schedule.add(label, _Sequence(list(filled), end))
        schedule.set_frequencies(self._frequencies_ghz)
        return measurement.build_measurement_schedule(
            schedule, final_measurement=False, capture_placement="pulse_aligned"
        )

    def _iter_filled(
        self, label: str, placed: Sequence[tuple[int, Arbitrary]], end: int
    ) -> Iterator[Arbitrary | Blank]:
        """Yield the pulses of a generator with the gaps between them, up to the end of the program."""
        now = 0
        for start, pulse in placed:
            if start < now:
                raise InvalidInputError(
                    f"{label}: a pulse at {start * self._sample_ns:g} ns begins before the previous one has ended"
                )
            if start > now:
                yield _Silence((start - now) * self._sample_ns)
            yield pulse
            now = start + pulse.length
        if end > now:
            yield _Silence((end - now) * self._sample_ns)

    def _make_pulse(self, play: Play) -> Arbitrary:
        """Return the pulse of a play, the same object for equal ones."""
        key = play.waveform, play.amplitude, play.phase_rad
        known = self._known_pulses.get(key)
        if known is None:
            length_ns = play.waveform.length_ns
            _count_steps(length_ns, self._sample_ns, f"of {length_ns:g} ns ends")
            shape = _sample(play.waveform, self._sample_ns)
            _require_scale(play.amplitude * shape.peak)
            # Instruments know gains, which have no sign.
            turned = math.pi if play.amplitude < 0 else 0.0
            known = shape.scaled(abs(play.amplitude)).shifted(play.phase_rad + turned)
            self._known_pulses[key] = known
        return known

    def _place(self, label: str, start: int, pulse: Arbitrary) -> None:
        self._placed.setdefault(label, []).append((start, pulse))

    def _tune(self, label: str, frequency_ghz: float) -> None:
        known_ghz = self._frequencies_ghz.setdefault(label, frequency_ghz)
        if known_ghz != frequency_ghz:
            raise InvalidInputError(
                f"{label}: {known_ghz:.6f} and {frequency_ghz:.6f} GHz in one program: a generator has only one frequency"
            )


def _count_steps(time_ns: float, grid_ns: float, what: str) -> int:
    """Return a time in steps of a grid; raise InvalidInputError, which says what is off the grid."""
    steps = time_ns / grid_ns
    if abs(steps - round(steps)) > _ROUNDING or steps < -_ROUNDING:
        raise InvalidInputError(f"{what} off the grid of {grid_ns:g} ns")
    return round(steps)


def _require_scale(amplitude: float) -> None:
    if not abs(amplitude) <= 1 + _ROUNDING:
        raise InvalidInputError(f"has a peak of {abs(amplitude):.4g}, above the full scale of 1")


@lru_cache(maxsize=512)
def _sample(waveform: Waveform, sample_ns: float) -> _SampledShape:
    return _SampledShape(waveform.samples(sample_ns))


@lru_cache(maxsize=32)
def _square(count: int, sample_ns: float) -> _SampledShape:  # noqa: ARG001  shapes of another grid are others
    return _SampledShape(np.ones(count, dtype=np.complex128))
