"""Limits of qubex's controllers, available without qubex."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from qdash_tasks.laboratory import Limits, LineLimits, ReadoutLimits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from qdash_qubex.library.lines import Lines
    from qdash_qubex.system_config import Kind

LIMITS = Limits(resets=frozenset({"passive"}))
"""Limits common to all systems: qubex keeps means or every shot, and supports passive reset only."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Time grids of a family of controllers, in ns.

    Attributes
    ----------
    sample
        Of control lines.
    readout
        Of starts and lengths of readouts.
    captured
        From one captured sample to the next.
    longest_pulse
        Of one waveform: a long square is played as several that are the same waveform again.
    guard
        Kept free before a readout. Of QuEL-1 one block of its generators, by which a capture may begin too early.
    """

    sample: float
    readout: float
    captured: float
    longest_pulse: float
    guard: float = 0.0


TIMINGS: Mapping[Kind, Timing] = MappingProxyType(
    {
        "quel1": Timing(sample=2.0, readout=8.0, captured=8.0, longest_pulse=10_240.0, guard=128.0),
        "quel3": Timing(sample=0.4, readout=0.8, captured=0.8, longest_pulse=10_240.0),
    }
)


def make_limits(lines: Lines, timing: Timing) -> Limits:
    """Return the limits of the generators of a session."""
    line = LineLimits(start_ns=timing.sample, longest_pulse_ns=timing.longest_pulse)
    return replace(
        LIMITS,
        lines={qid: replace(line, frequencies_ghz=lines.windows_ghz(qid)) for qid in lines.qids},
        usual_line=line,
        readout=ReadoutLimits(
            start_ns=timing.readout,
            frequencies_ghz=lines.readout_windows_ghz(),
            guard_ns=timing.guard,
        ),
        readout_ranges={qid: (lines.readouts[qid].window_ghz,) for qid in lines.qids},
    )
