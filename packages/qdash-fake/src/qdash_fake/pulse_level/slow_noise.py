"""Quasi-static detunings: constant within a shot, refocused by echoes, and averaged over shots.

During a wait t the element of coherence order n - n' acquires the phase 2 pi (n - n') t per MHz of detuning. A state is
split into components by these accumulated times in us (extended phase graph: Hennig, Concepts in Magnetic Resonance 3,
125 (1991)), which are averaged after the last relevant wait. Pulses, tones and waits with a phase below `_LEAST_RAD`
are without detuning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from qdash_fake.pulse_level.idle_evolution import iter_orders

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from qdash_fake.physics.coherence import Coherence
    from qdash_fake.pulse_level.circuit import Circuit

    Floats = NDArray[np.float64]
    Complexes = NDArray[np.complex128]

_LEAST_RAD = 0.01
_SMALLEST = 1e-8
_MOST_COMPONENTS = 400
"""Largest number of components of a state. Beyond it they are averaged early: later detunings are then independent."""
_ROUNDING = 6
_LARGE_RAD = 40.0


def is_significant(coherences: tuple[Coherence, ...], time_us: float) -> bool:
    """Return whether quasi-static detunings are relevant in a wait."""
    slowest = max(max(one.jitter_mhz, abs(one.mismatch.parity_mhz)) for one in coherences)
    return 2 * math.pi * slowest * time_us > _LEAST_RAD


@dataclass(slots=True)
class PhaseComponents:
    """States of a program, split by accumulated phase times, shape (components, initial states, d, d)."""

    circuit: Circuit
    states: Complexes
    _gathered: list[tuple[float, ...]] = field(init=False)

    def __post_init__(self) -> None:
        """Initialise one component without accumulated time."""
        self._gathered = [(0.0,) * len(self.circuit.sizes)]

    def wait(self, time_us: float, *, last: bool) -> None:
        """Add the time of a wait to each component; average after the last relevant wait."""
        if last:
            self._average(time_us)
            return
        parts: dict[tuple[float, ...], Complexes] = {}
        for gathered, state in zip(self._gathered, self.states, strict=True):
            for order, mask in iter_orders(self.circuit):
                part = np.where(mask, state, 0.0)
                if np.abs(part).max() < _SMALLEST:
                    continue
                key = tuple(
                    round(had + number * time_us, _ROUNDING)
                    for had, number in zip(gathered, order, strict=True)
                )
                parts[key] = parts[key] + part if key in parts else part
        if len(parts) > _MOST_COMPONENTS:
            self._average(time_us)
            return
        self._gathered, self.states = list(parts), np.stack(list(parts.values()))

    def _average(self, time_us: float) -> None:
        numbers = self.circuit.dressed.numbers
        differences = numbers[:, :, None] - numbers[:, None, :]
        total = np.zeros_like(self.states[:1])
        for gathered, state in zip(self._gathered, self.states, strict=True):
            kept = np.ones(differences.shape[1:])
            for had, number, coherence in zip(gathered, differences, self.circuit.coherences, strict=True):
                kept = kept * average_decay(coherence, had + number * time_us)
            total[0] += kept * state
        self._gathered, self.states = [(0.0,) * len(self.circuit.sizes)], total


def average_decay(coherence: Coherence, gathered_us: Floats) -> Floats:
    """Return the factors of components with accumulated times (...) in us, averaged over shots, shape (...)."""
    turned = np.minimum(np.abs(2 * np.pi * coherence.jitter_mhz * gathered_us), _LARGE_RAD)
    return np.asarray(np.exp(-(turned**2) / 2) * coherence.mismatch.beating(gathered_us))
