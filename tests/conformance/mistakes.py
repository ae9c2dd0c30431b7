"""Mistakes of an adapter: changes to pulses on their way to the instrument, and to the order of answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from qdash_tasks.laboratory.program import Play, Program
    from qdash_tasks.laboratory.settings import Settings
    from qdash_tasks.laboratory.shots import Shots

_ROUNDING = 1e-6
_DRAWS = 5
"""Number of draws that represent random phases: steps of a turn in which no two pulses keep their difference.
"""


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """Mistakes of an adapter; none by default.

    Attributes
    ----------
    envelope, phase, tone
        -1 to mirror the envelope, the phase, or the phase of a tone.
    gap_ns
        Excess length of every gap.
    step_ns
        Grid to which gaps are rounded up.
    longest_us
        Longest possible gap; longer ones are cut.
    stretch
        Factor by which the whole microseconds of a gap are too long.
    step_mhz
        Grid to which frequencies are rounded.
    pad_ns
        Delay of the whole program.
    carrier_ghz
        Frequency of a continuous carrier, if the phase of the generator restarts with each pulse; None if it is continuous.
    incoherent
        Random phase of each pulse in every shot.
    independent
        Random initial phase of each generator frequency in every shot.
    adds
        Multiple of the phase of a pulse that is added to those after it.
    readout_mhz
        Rotation of the IQ plane with the start of a readout, in turns per microsecond.
    of_control
        Whether a tone has the phase of the control's generator.
    deaf
        Whether a tone is played at the frequency of the control.
    answers
        Order of the answers of each call.
    plane_rad
        Standard deviation of the rotation of the IQ plane between calls.
    interval_us
        Time between shots, independent of the request, or None to follow the request.
    resets
        Whether an active reset is played.
    copies
        Number of copies of each shot, with correspondingly fewer distinct shots.
    """

    envelope: int = 1
    phase: int = 1
    tone: int = 1
    gap_ns: float = 0.0
    step_ns: float = 0.0
    longest_us: float = np.inf
    stretch: float = 1.0
    step_mhz: float = 0.0
    pad_ns: float = 0.0
    carrier_ghz: float | None = None
    incoherent: bool = False
    independent: bool = False
    adds: int = 0
    readout_mhz: float = 0.0
    of_control: bool = False
    deaf: bool = False
    answers: Literal["asked", "backwards", "by length", "by pulses", "second for third"] = "asked"
    plane_rad: float = 0.0
    interval_us: float | None = None
    resets: bool = True
    copies: int = 1


def as_taken(shots: Shots, wrong: Mistakes) -> Shots:
    """Return the timing of the shots with the mistakes."""
    reset = shots.reset if wrong.resets else "passive"
    return replace(shots, reset=reset, interval_us=wrong.interval_us or shots.interval_us)


def answer_order(programs: Sequence[Program], wrong: Mistakes) -> list[int]:
    """Return the index of the program of each answer of a call, in the order of the answers."""
    places = list(range(len(programs)))
    if wrong.answers == "backwards":
        return places[::-1]
    if wrong.answers == "by length":
        return sorted(places, key=lambda place: programs[place].length_ns)
    if wrong.answers == "by pulses":
        return sorted(places, key=lambda place: len(programs[place].plays))
    if wrong.answers == "second for third" and len(places) > 2:
        places[1:3] = places[2], places[1]
    return places


def draws_of(wrong: Mistakes) -> int:
    """Return the number of draws of random phases that represent all shots."""
    return _DRAWS if wrong.incoherent or wrong.independent else 1


def played_gap_ns(gap_ns: float, wrong: Mistakes) -> float:
    """Return the length of a gap with the mistakes; a length of zero stays zero."""
    if gap_ns <= _ROUNDING:
        return gap_ns
    rounded = np.ceil(gap_ns / wrong.step_ns - _ROUNDING) * wrong.step_ns if wrong.step_ns else gap_ns
    extra_ns = (wrong.stretch - 1) * (rounded // 1e3) * 1e3
    return min(max(rounded + wrong.gap_ns + extra_ns, 0.0), 1e3 * wrong.longest_us)


def as_played(
    plays: Sequence[Play], wrong: Mistakes, settings: Mapping[str, Settings], *, draw: int
) -> list[Play]:
    """Return the plays with the mistakes.

    Parameters
    ----------
    settings
        Settings in use, by qubit.
    draw
        Number of the draw of random phases.
    """
    late_ns: dict[str, float] = {}
    before_rad: dict[str, float] = {}
    end_ns: dict[str, float] = {}
    order: dict[object, int] = {}
    found = []
    for play in sorted(plays, key=lambda one: one.start_ns):
        gap_ns = play.start_ns - end_ns.get(play.line, 0.0)
        late_ns[play.line] = late_ns.get(play.line, 0.0) + played_gap_ns(gap_ns, wrong) - gap_ns
        end_ns[play.line] = play.end_ns
        start_ns = play.start_ns + late_ns.get(play.line, 0.0) + wrong.pad_ns
        phase = wrong.phase * play.phase_rad * (wrong.tone if play.toward else 1)
        phase += wrong.adds * before_rad.get(play.line, 0.0)
        before_rad[play.line] = before_rad.get(play.line, 0.0) + play.phase_rad
        if wrong.carrier_ghz is not None:
            phase += 2 * np.pi * (play.frequency_ghz - wrong.carrier_ghz) * start_ns
        seen = play if wrong.incoherent else play.frequency_ghz
        if wrong.incoherent or wrong.independent:
            phase += 2 * np.pi * draw / _DRAWS * order.setdefault(seen, len(order))
        waveform = play.waveform if wrong.envelope == 1 else play.waveform.mirrored()
        frequency_ghz = play.frequency_ghz
        if wrong.step_mhz:
            frequency_ghz = round(1e3 * frequency_ghz / wrong.step_mhz) * 1e-3 * wrong.step_mhz
        if play.toward and wrong.of_control:
            phase += 2 * np.pi * (frequency_ghz - settings[play.line].drive_frequency_ghz) * start_ns
        if play.toward and wrong.deaf:
            frequency_ghz = settings[play.line].drive_frequency_ghz
        found.append(
            replace(play, start_ns=start_ns, phase_rad=phase, waveform=waveform, frequency_ghz=frequency_ghz)
        )
    return found
